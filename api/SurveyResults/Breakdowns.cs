using AnkerOrte.Api.Analysis;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>
/// The fixed list of breakdowns of results, and the groups of each response. It shows the inventory at the time of a release.
/// </summary>
internal sealed class Breakdowns
{
    public static readonly IReadOnlyList<string> Names = ["state", "populationClass", "cohort", "type"];

    private readonly Dictionary<string, (string State, string SizeClass, string? Cohort)> municipalities;
    private readonly Dictionary<string, (string? Ags, string State, string? Cohort, string? Type)> sites;

    /// <param name="places">AGS and site of each response, as far as they were answered.</param>
    public Breakdowns(SqliteConnection connection, IEnumerable<(string? Ags, string? Site)> places)
    {
        var (keys, ids) = (new HashSet<string>(), new HashSet<string>());
        foreach (var (ags, site) in places)
        {
            _ = ags is not null && keys.Add(ags);
            _ = site is not null && ids.Add(site);
        }

        sites = Batches(ids).SelectMany(batch => connection.Query<(string Id, string? Ags, string State, string? Cohort, string? Type)>(
            """
            select s.id, s.ags, s.state, cast(p.cohort as text), t.type
            from published_sites s
            left join projects p on p.id = s.project_id
            left join site_types t on t.site_id = s.id
            where s.id in @batch
            """, new { batch })).ToDictionary(site => site.Id, site => (site.Ags, site.State, site.Cohort, site.Type));
        keys.UnionWith(sites.Values.Select(site => site.Ags).OfType<string>());
        municipalities = Batches(keys).SelectMany(batch => connection.Query<(string Ags, string State, string SizeClass, string? Cohort)>(
            """
            select m.ags, m.state, m.size_class,
                   (select cast(min(p.cohort) as text)
                    from project_members b
                    join projects p on p.id = b.project_id
                    where b.key in (m.ags, m.county_key)) as cohort
            from municipalities m
            where m.ags in @batch
            """, new { batch })).ToDictionary(place => place.Ags, place => (place.State, place.SizeClass, place.Cohort));
        Keys = new(
        [
            new("state", Groups(connection, "select code from states order by code")),
            new("populationClass", ["large-city", "medium-town", "small-town", "rural-municipality"]),
            new("cohort", Groups(connection, "select distinct cast(cohort as text) from projects order by 1")),
            new("type", Groups(connection, "select distinct type from site_types order by type")),
        ]);
    }

    public CubeKeys Keys { get; }

    /// <summary>The AGS of the municipality that a response is about; null if it names neither municipality nor site.</summary>
    public string? Municipality(string? ags, string? siteId) => ags ?? (sites.TryGetValue(siteId ?? "", out var site) ? site.Ags : null);

    /// <summary>The numbers of the groups of one response; -1 where it is unknown.</summary>
    public int[] Of(string? ags, string? siteId)
    {
        var isSite = sites.TryGetValue(siteId ?? "", out var site);
        var isPlace = municipalities.TryGetValue(ags ?? site.Ags ?? "", out var place);
        return
        [
            Number(0, isPlace ? place.State : isSite ? site.State : null),
            Number(1, isPlace ? place.SizeClass : null),
            Number(2, isSite && site.Cohort is not null ? site.Cohort : isPlace ? place.Cohort : null),
            Number(3, isSite ? site.Type : null),
        ];
    }

    private int Number(int breakdown, string? key)
    {
        var groups = Keys.Breakdowns[breakdown].Groups;
        for (var i = 0; i < groups.Count; i++)
        {
            if (groups[i] == key)
            {
                return i;
            }
        }

        return -1;
    }

    private static List<string> Groups(SqliteConnection connection, string sql) => connection.Query<string>(sql).ToList();

    private static IEnumerable<string[]> Batches(IEnumerable<string> keys) => keys.Order(StringComparer.Ordinal).Chunk(1000);
}
