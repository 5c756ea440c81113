using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>Compares the types of two versions of the typology.</summary>
internal static class Correspondences
{
    /// <summary>Smallest share of a type for a split or a merge. A few moved sites do not count.</summary>
    private const double Notable = .2;

    public static readonly Column[] Columns = [Column.Of("from"), Column.Of("to"), Column.Of("count"), Column.Of("siteIds")];

    public static Correspondence Make(SqliteConnection connection, string from, string to)
    {
        var (before, after) = (Types(connection, from), Types(connection, to));
        var cells = before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
            .Select(site => (Site: site, From: before.GetValueOrDefault(site), To: after.GetValueOrDefault(site)))
            .GroupBy(site => (site.From, site.To), site => site.Site)
            .OrderBy(cell => cell.Key.From ?? "~", StringComparer.Ordinal).ThenBy(cell => cell.Key.To ?? "~", StringComparer.Ordinal)
            .Select(cell => new CorrespondenceCell { From = cell.Key.From, To = cell.Key.To, Count = cell.Count(), SiteIds = [.. cell] }).ToList();
        var both = before.Keys.Where(site => before[site] is not null && after.GetValueOrDefault(site) is not null).Order(StringComparer.Ordinal).ToList();
        return new Correspondence
        {
            From = from,
            To = to,
            Cells = cells,
            Types = Fates(TypeQueries.Keys(connection, from), TypeQueries.Keys(connection, to), cells),
            Declared = TypologyQueries.Find(connection, to) is { Predecessor: { } predecessor } row && predecessor == from ? row.Input.Correspondence : [],
            Moved = cells.Where(cell => cell.From != cell.To).Sum(cell => cell.Count),
            AdjustedRandIndex = both.Count == 0 ? null : Rounded.Of(Agreement.AdjustedRandIndex(Numbers(both, before), Numbers(both, after))),
            Self = Addresses.Of($"{TypologyMapping.Path(from)}/correspondences/{to}"),
        };
    }

    /// <summary>For each type of both versions: the types that received a notable part of it, and the types that it came from.</summary>
    private static List<TypeFate> Fates(List<string> before, List<string> after, List<CorrespondenceCell> cells)
    {
        var fates = new List<TypeFate>();
        foreach (var key in before)
        {
            var size = cells.Where(cell => cell.From == key).Sum(cell => cell.Count);
            var into = cells.Where(cell => cell.From == key && cell.To is not null && cell.Count >= Notable * size).Select(cell => cell.To!).ToList();
            var relation = into switch
            {
                [] => CorrespondenceRelation.Retired,
                [_, _, ..] => CorrespondenceRelation.Split,
                [var one] when Sources(one).Count > 1 => CorrespondenceRelation.Merged,
                [var one] when one == key => CorrespondenceRelation.Same,
                _ => CorrespondenceRelation.Moved,
            };
            fates.Add(new TypeFate { From = [key], To = into, Relation = relation });
        }

        fates.AddRange(after.Where(key => !fates.Exists(fate => fate.To.Contains(key))).Select(key => new TypeFate { From = [], To = [key], Relation = CorrespondenceRelation.New }));
        return fates;

        List<string> Sources(string key)
        {
            var size = cells.Where(cell => cell.To == key).Sum(cell => cell.Count);
            return [.. cells.Where(cell => cell.To == key && cell.From is not null && cell.Count >= Notable * size).Select(cell => cell.From!)];
        }
    }

    private static Dictionary<string, string?> Types(SqliteConnection connection, string version) =>
        TypologyQueries.AllMemberships(connection, version).ToDictionary(row => row.SiteId, row => row.Type);

    private static int[] Numbers(List<string> sites, Dictionary<string, string?> types)
    {
        var keys = types.Values.OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        return [.. sites.Select(site => keys.IndexOf(types[site]!))];
    }
}
