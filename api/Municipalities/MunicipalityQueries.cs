using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Municipalities;

internal sealed class MunicipalityQueries(Database.Database database)
{
    public static readonly RecordDescriptor Record = new(RecordKind.Municipality, id => "/v1/municipalities/" + id)
    {
        Find = (connection, ags) => RecordDescriptor.Write(Find(connection, ags)),
        Touch = (connection, id, at) => connection.Execute("update municipalities set updated_at = @at where ags = @id", new { id, at }),
    };

    private static readonly Dictionary<string, SortKey> SortKeys = new()
    {
        ["ags"] = new("m.ags"),
        ["name"] = new("m.sort_key"),
        ["population"] = new("m.population"),
        ["distance"] = new(Nearness.Distance("m")),
        // The name or its first words, then its beginning, then any word; larger ones first.
        ["relevance"] = new(
            """
            case when m.name_key = @name or m.name_key like @name || ' %' then 0 when m.name_key like @name || '%' then 1 else 2 end
            * 1000000000 - m.population
            """),
        ["similarity"] = new(
            """
            case when exists (select 1 from published_sites s where s.ags = m.ags) then 0 else 1000 end
            + round(abs(ln(max(m.population, 1) / cast(max(@population, 1) as real))), 6)
            """),
    };

    private const string Columns =
        """
        m.ags, m.ars, m.name, m.short_name, m.state, t.name as state_name, m.county_key, m.county, m.population, m.population_date, m.area_km2,
        m.size_class, m.latitude, m.longitude, m.updated_at,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by s.id) from published_sites s where s.ags = m.ags) as anchor_sites,
        (select json_group_array(json_object('id', p.id, 'name', p.name, 'cohort', p.cohort, 'kind', p.kind) order by p.id)
         from project_members b join projects p on p.id = b.project_id where b.key in (m.ags, m.county_key)) as projects
        """;

    public Municipality? Find(string key)
    {
        using var connection = database.Open();
        return Find(connection, key);
    }

    /// <summary>By AGS or ARS.</summary>
    public static Municipality? Find(SqliteConnection connection, string key) =>
        connection.QuerySingleOrDefault<MunicipalityRow>(
            $"""
            select {Columns}
            from municipalities m
            join states t on t.code = m.state
            where {(key.Length == 12 ? "m.ars" : "m.ags")} = @key
            """, new { key })?.To<Municipality>();

    public static ListSource Source(string name, string? near) => new()
    {
        Name = name,
        From = "municipalities m",
        UniqueKey = "m.ags",
        SortKeys = SortKeys,
        Items = window => Items(window, near is not null),
        Columns = near is null ? CsvColumns : [.. CsvColumns, Column.Of("distanceKm")],
    };

    private static IEnumerable<ListItem> Items(Window window, bool isNear) => window.Connection.Query<MunicipalityRow>(
        $"""
        select {Columns}, {window.Place} as place, {(isNear ? Nearness.Distance("m") : "null")} as distance_km
        from municipalities m
        join states t on t.code = m.state
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.To<Municipality>()), row.Place!));

    private static readonly Column[] CsvColumns =
    [
        Column.Of("ags"), Column.Of("ars"), Column.Of("name"), Column.Of("shortName"), Column.Of("state"), Column.Of("stateName"),
        Column.Of("countyKey"), Column.Of("county"), Column.Of("population"), Column.Of("populationDate"), Column.Of("areaKm2"), Column.Of("sizeClass"),
        Column.Of("latitude", "location.latitude"), Column.Of("longitude", "location.longitude"),
        Column.Of("anchorSites", "anchorSites.id"), Column.Of("projects", "projects.id"), Column.Of("updatedAt"), Column.Of("self"), Column.Of("citation"),
    ];
}
