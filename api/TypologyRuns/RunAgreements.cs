using AnkerOrte.Api.Analysis;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>A computed grouping against the curated types of the same rows.</summary>
internal static class RunAgreements
{
    public static RunAgreement? Make(DataTable table, Clustering found, Silhouette? silhouette, CuratedTypes curated)
    {
        var keys = curated.Types.Values.Distinct().Order(StringComparer.Ordinal).ToList();
        var both = Both(table, curated);
        if (both.Count == 0)
        {
            return null;
        }

        var confusion = new int[keys.Count, found.K];
        foreach (var row in both)
        {
            confusion[keys.IndexOf(curated.Types[table.Ids[row]]), found.Labels[row]]++;
        }

        var matched = Agreement.Match(confusion);
        var types = Enumerable.Range(0, found.K).Select(cluster => Array.IndexOf(matched, cluster)).ToArray();
        var labels = table.Ids.Select(id => curated.Types.TryGetValue(id, out var type) ? keys.IndexOf(type) : -1).ToArray();
        var distances = GroupDistances.Of(table, labels, keys.Count);
        return new RunAgreement
        {
            Typology = curated.Typology,
            K = found.K,
            AdjustedRandIndex = RandIndex(table, found, curated)!.Value,
            Kappa = Kappa(confusion, matched),
            Compared = both.Count,
            Confusion = [.. from type in Enumerable.Range(0, keys.Count)
                            from cluster in Enumerable.Range(0, found.K)
                            where confusion[type, cluster] > 0
                            select new RunConfusion { Type = keys[type], Cluster = cluster + 1, Count = confusion[type, cluster] }],
            Matches = [.. keys.Select((key, type) => new RunMatch { Type = key, Cluster = matched[type] < 0 ? null : matched[type] + 1 })],
            Disagreements = [.. both.Where(row => matched[labels[row]] != found.Labels[row]).Select(row =>
                Explain(table, curated, keys, row, labels[row], found.Labels[row], types[found.Labels[row]], distances.Means[row], silhouette?.Values[row]))],
        };
    }

    public static double? RandIndex(DataTable table, Clustering found, CuratedTypes curated)
    {
        var both = Both(table, curated);
        var keys = curated.Types.Values.Distinct().Order(StringComparer.Ordinal).ToList();
        return both.Count == 0 ? null
            : Agreement.AdjustedRandIndex([.. both.Select(row => found.Labels[row])], [.. both.Select(row => keys.IndexOf(curated.Types[table.Ids[row]]))]);
    }

    private static List<int> Both(DataTable table, CuratedTypes curated) => [.. Enumerable.Range(0, table.Count).Where(row => curated.Types.ContainsKey(table.Ids[row]))];

    /// <summary>Types and clusters that have no counterpart agree with nothing.</summary>
    private static double? Kappa(int[,] confusion, int[] matched)
    {
        var (types, clusters) = (confusion.GetLength(0), confusion.GetLength(1));
        var place = Enumerable.Repeat(-1, clusters).ToArray();
        for (var type = 0; type < types; type++)
        {
            if (matched[type] >= 0)
            {
                place[matched[type]] = type;
            }
        }

        var next = types;
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            place[cluster] = place[cluster] < 0 ? next++ : place[cluster];
        }

        var square = new int[next, next];
        for (var type = 0; type < types; type++)
        {
            for (var cluster = 0; cluster < clusters; cluster++)
            {
                square[type, place[cluster]] += confusion[type, cluster];
            }
        }

        return Agreement.Cohen(square);
    }

    private static RunDisagreement Explain(
        DataTable table, CuratedTypes curated, List<string> keys, int row, int type, int cluster, int other, IReadOnlyList<double?> means, double? silhouette)
    {
        var (own, matched) = (means[type], other < 0 ? null : means[other]);
        var unsure = silhouette < .1;
        string Name(int key, bool german) => german ? curated.Labels[keys[key]].De : curated.Labels[keys[key]].En ?? curated.Labels[keys[key]].De;
        var why = other < 0
            ? new LocalizedText { De = "Die Gruppe entspricht keinem Typ.", En = "The cluster corresponds to no type." }
            : own is null || matched is null ? new LocalizedText { De = "Zu wenig ist bekannt.", En = "Too little is known." }
            : matched < own ? new LocalizedText
            {
                De = $"In den verglichenen Merkmalen liegt der Ort den Orten von „{Name(other, true)}“ näher als denen seines Typs „{Name(type, true)}“.{(unsure ? " Auch dort liegt er am Rand." : "")}",
                En = $"In the attributes compared the site is nearer to those of “{Name(other, false)}” than to those of its type “{Name(type, false)}”.{(unsure ? " There, too, it lies at the edge." : "")}",
            }
            : new LocalizedText
            {
                De = $"Der Ort liegt seinem Typ „{Name(type, true)}“ näher; die Berechnung zieht die Grenze anders.{(unsure ? " Er liegt am Rand seiner Gruppe." : "")}",
                En = $"The site is nearer to its type “{Name(type, false)}”; the computation draws the line elsewhere.{(unsure ? " It lies at the edge of its cluster." : "")}",
            };
        return new RunDisagreement
        {
            Id = table.Ids[row],
            Type = keys[type],
            Cluster = cluster + 1,
            MatchedType = other < 0 ? null : keys[other],
            DistanceToType = own,
            DistanceToMatched = matched,
            Why = why,
        };
    }
}
