using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Sources;

internal sealed class SourceQueries(Database.Database database)
{
    public static readonly RecordDescriptor Record = new(RecordKind.Source, id => "/v1/sources/" + id)
    {
        Find = (connection, id) => RecordDescriptor.Write(Find(connection, id).Source),
        Touch = (connection, id, at) => connection.Execute("update sources set updated_at = @at where id = @id", new { id, at }),
    };

    private const string Columns =
        """
        c.id, c.url, c.title, c.publisher, c.date, c.kind, c.updated_at, c.deleted_at,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by s.id)
         from site_sources u join published_sites s on s.id = u.site_id where u.source_id = c.id) as anchor_sites
        """;

    public static readonly ListSource List = new()
    {
        Name = "sources",
        From = "sources c",
        UniqueKey = "c.id",
        SortKeys = new Dictionary<string, SortKey>
        {
            ["id"] = new("c.id"),
            ["title"] = new("c.title_key"),
            ["publisher"] = new("c.publisher_key"),
            ["date"] = new("c.date_ascending", "c.date_descending"),
            ["updatedAt"] = new("c.updated_at"),
        },
        Items = Items,
        Columns =
        [
            Column.Of("id"), Column.Of("title"), Column.Of("publisher"), Column.Of("date"), Column.Of("kind"), Column.Of("url"),
            Column.Of("anchorSites", "anchorSites.id"), Column.Of("updatedAt"), Column.Of("deletedAt"), Column.Of("self"), Column.Of("citation"),
        ],
    };

    public (Source? Source, string? DeletedAt) Find(string id)
    {
        using var connection = database.Open();
        return Find(connection, id);
    }

    /// <summary>The source; of a removed one, when it was removed; of none, neither.</summary>
    public static (Source? Source, string? DeletedAt) Find(SqliteConnection connection, string id)
    {
        var row = connection.QuerySingleOrDefault<SourceRow>(
            $"""
            select {Columns}
            from sources c
            where c.id = @id
            """, new { id });
        return (row?.DeletedAt is null ? row?.To<Source>() : null, row?.DeletedAt);
    }

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<SourceRow>(
        $"""
        select {Columns}, {window.Place} as place
        from sources c
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(
            row.DeletedAt is null ? WireJson.Write(row.To<Source>()) : WireJson.Write(new RemovedRecord(row.Id, row.UpdatedAt, row.DeletedAt, SourceMapping.Address(row.Id))), row.Place!));
}
