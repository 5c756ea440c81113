using System.Text.Json;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Codebook;

internal sealed class CodebookQueries(Database.Database database)
{
    public static readonly RecordDescriptor Record = new(RecordKind.Dimension, id => "/v1/codebook/" + id)
    {
        Find = (connection, key) => RecordDescriptor.Write(Find(connection, key)),
        Touch = (connection, id, at) => connection.Execute("update dimensions set updated_at = @at where key = @id", new { id, at }),
    };

    /// <summary>A code is part of its dimension; its id is "dimension.code".</summary>
    public static readonly RecordDescriptor Code = new(RecordKind.Code, id => "/v1/codebook/" + id.Split('.')[0]);

    private const string Columns =
        """
        d.key, d.label_de, d.label_en, d.definition_de, d.definition_en, d.kind, d.weight, d.updated_at,
        (select count(*) from site_dimensions k where k.dimension = d.key) as known,
        (select count(*) from published_sites) as total,
        (select json_group_array(json_object('key', c.key, 'labelDe', c.label_de, 'labelEn', c.label_en,
            'definitionDe', c.definition_de, 'definitionEn', c.definition_en, 'anchorExample', c.anchor_example, 'neighbours', json(c.neighbours),
            'count', (select count(*) from site_codes u where u.dimension = c.dimension and u.code = c.key),
            'retiredAt', c.retired_at, 'replacedBy', c.replaced_by) order by c.position, c.key)
         from codes c where c.dimension = d.key) as codes
        """;

    public static readonly ListSource Source = new()
    {
        Name = "codebook",
        From = "dimensions d",
        UniqueKey = "d.position",
        SortKeys = new Dictionary<string, SortKey>(),
        Items = Items,
        Rows = CodeRows,
        Columns =
        [
            new Column("dimension", "key", row => row.GetProperty("dimension").GetProperty("key").GetString()),
            new Column("dimensionLabelDe", "label", row => row.GetProperty("dimension").GetProperty("label").GetProperty("de").GetString()),
            new Column("dimensionLabelEn", "label", row => row.GetProperty("dimension").GetProperty("label").GetProperty("en").GetString()),
            CodeColumn("code", "code.key"), CodeColumn("labelDe", "code.label.de"), CodeColumn("labelEn", "code.label.en"),
            CodeColumn("definitionDe", "code.definition.de"), CodeColumn("definitionEn", "code.definition.en"),
            CodeColumn("anchorExample", "code.anchorExample"), CodeColumn("neighbours", "code.neighbours"), CodeColumn("count", "code.count"), CodeColumn("retiredAt", "code.retiredAt"), CodeColumn("replacedBy", "code.replacedBy"),
            new Column("known", "coverage", row => row.GetProperty("dimension").GetProperty("coverage").GetProperty("known")),
            new Column("total", "coverage", row => row.GetProperty("dimension").GetProperty("coverage").GetProperty("total")),
        ],
    };

    public IReadOnlyList<Dimension> List()
    {
        using var connection = database.Open();
        return [.. connection.Query<DimensionRow>(
            $"""
            select {Columns}
            from dimensions d
            order by d.position
            """).Select(row => row.To<Dimension>())];
    }

    public Dimension? Find(string key)
    {
        using var connection = database.Open();
        return Find(connection, key);
    }

    public static Dimension? Find(SqliteConnection connection, string key) =>
        connection.QuerySingleOrDefault<DimensionRow>(
            $"""
            select {Columns}
            from dimensions d
            where d.key = @key
            """, new { key })?.To<Dimension>();

    public SingleCode? FindCode(string dimension, string key)
    {
        using var connection = database.Open();
        return FindCode(connection, dimension, key);
    }

    public static SingleCode? FindCode(SqliteConnection connection, string dimension, string key) => connection.QuerySingleOrDefault<SingleCodeRow>(
        """
        select c.dimension, c.key, c.label_de, c.label_en, c.definition_de, c.definition_en, c.anchor_example, c.neighbours,
               (select count(*) from site_codes u where u.dimension = c.dimension and u.code = c.key) as count, c.retired_at, c.replaced_by, c.updated_at
        from codes c
        where c.dimension = @dimension and c.key = @key
        """, new { dimension, key })?.To<SingleCode>();

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<DimensionRow>(
        $"""
        select {Columns}, {window.Place} as place
        from dimensions d
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.To<Dimension>()), row.Place!));

    /// <summary>One CSV row per code, with its dimension beside it.</summary>
    private static IEnumerable<JsonElement> CodeRows(JsonElement dimension) =>
        dimension.GetProperty("codes").EnumerateArray().Select(code => JsonSerializer.SerializeToElement(new { dimension, code }));

    private static Column CodeColumn(string name, string path) => Column.Of(name, path) with { Field = "codes" };
}
