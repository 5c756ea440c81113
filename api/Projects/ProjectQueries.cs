using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Projects;

internal sealed class ProjectQueries(Database.Database database)
{
    public static readonly RecordDescriptor Record = new(RecordKind.Project, id => "/v1/projects/" + id)
    {
        Find = (connection, id) => RecordDescriptor.Write(Find(connection, id)),
        Touch = (connection, id, at) => connection.Execute("update projects set updated_at = @at where id = @id", new { id, at }),
    };

    private const string Columns =
        """
        p.id, p.name, p.cohort, p.state, l.name as state_name, p.kind, p.programme_category, p.note, p.updated_at,
        (select json_group_array(t.state order by t.position) from project_states t where t.project_id = p.id) as states,
        (select json_group_array(json_object('key', b.key, 'name', b.name, 'population', b.population, 'populationDate', b.population_date,
            'latitude', b.latitude, 'longitude', b.longitude) order by b.position) from project_members b where b.project_id = p.id) as members,
        (select json_group_array(u.url order by u.position) from project_sources u where u.project_id = p.id) as sources,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by s.id) from published_sites s where s.project_id = p.id) as anchor_sites
        """;

    public static readonly ListSource List = new()
    {
        Name = "projects",
        From = "projects p",
        UniqueKey = "p.id",
        SortKeys = new Dictionary<string, SortKey> { ["id"] = new("p.id"), ["name"] = new("p.name_key"), ["cohort"] = new("p.cohort") },
        Items = Items,
        Columns =
        [
            Column.Of("id"), Column.Of("name"), Column.Of("cohort"), Column.Of("state"), Column.Of("stateName"), Column.Of("states"),
            Column.Of("kind"), Column.Of("programmeCategory"), Column.Of("memberKeys", "members.key"), Column.Of("memberNames", "members.name"),
            Column.Of("note"), Column.Of("anchorSites", "anchorSites.id"), Column.Of("sources"), Column.Of("updatedAt"), Column.Of("self"), Column.Of("citation"),
        ],
    };

    public Project? Find(string id)
    {
        using var connection = database.Open();
        return Find(connection, id);
    }

    public static Project? Find(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<ProjectRow>(
            $"""
            select {Columns}
            from projects p
            join states l on l.code = p.state
            where p.id = @id
            """, new { id })?.To<Project>();

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<ProjectRow>(
        $"""
        select {Columns}, {window.Place} as place
        from projects p
        join states l on l.code = p.state
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.To<Project>()), row.Place!));
}
