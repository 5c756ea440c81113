using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>All SQL of the guide.</summary>
internal static class GuideQueries
{
    /// <summary>Level of the area of each published site. Sites with an unknown level are absent.</summary>
    public static IReadOnlyDictionary<string, int> Levels(SqliteConnection connection) => connection.Query<(string Id, long? Population)>(
        """
        select s.id, m.population
        from published_sites s left join municipalities m on m.ags = s.ags
        where m.ags is not null or s.county_key is not null
        """).ToDictionary(site => site.Id, site => site.Population is { } population ? Guide.Level(population) : 1);

    /// <summary>Whether the record of a site states a floor area or a cost.</summary>
    public static IReadOnlyDictionary<string, (bool FloorArea, bool Cost)> Figures(SqliteConnection connection) => connection.Query<(string Id, bool FloorArea, bool Cost)>(
        "select id, floor_area_sqm is not null, annual_cost_eur is not null from published_sites").ToDictionary(site => site.Id, site => (site.FloorArea, site.Cost));

    public static IReadOnlyDictionary<string, string> Names(SqliteConnection connection) =>
        connection.Query<(string Id, string Name)>("select id, name from published_sites").ToDictionary(site => site.Id, site => site.Name);

    /// <summary>A municipality by its AGS, or a county by its five digits.</summary>
    public static (GuideMunicipality Place, string Date)? Place(SqliteConnection connection, string key) =>
        connection.QuerySingleOrDefault<(string Key, string Name, int Population, string Date)?>(key.Length == 8
            ? "select ags, short_name, population, population_date from municipalities where ags = @key"
            : "select county_key, min(county), sum(population), min(population_date) from municipalities where county_key = @key group by county_key", new { key }) is { } place
        ? (new GuideMunicipality { Key = place.Key, Name = place.Name, Population = place.Population }, place.Date) : null;
}
