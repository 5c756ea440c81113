using AnkerOrte.Api.Analysis;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>Agreement of a computed clustering with the curated types of the same rows.</summary>
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

    /// <summary>Cohen's kappa after matching types and clusters. Those without a counterpart count as disagreement.</summary>
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
            : own is null || matched is null ? new LocalizedText
            {
                De = "Über den Ankerort ist zu wenig bekannt.",
                En = "Too little is known about the site.",
            }
            : matched < own ? new LocalizedText
            {
                De = $"In den verglichenen Merkmalen ist der Ankerort dem Typ „{Name(other, true)}“ ähnlicher als seinem eigenen Typ "
                    + $"„{Name(type, true)}“.{(unsure ? " Er liegt auch dort am Rand." : "")}",
                En = $"In the compared attributes, the site is more similar to the type “{Name(other, false)}” than to its own type "
                    + $"“{Name(type, false)}”.{(unsure ? " It is a borderline case there, too." : "")}",
            }
            : new LocalizedText
            {
                De = $"Der Ankerort ist seinem Typ „{Name(type, true)}“ ähnlicher als dem Typ „{Name(other, true)}“. Die Berechnung ordnet "
                    + $"ihn trotzdem dessen Gruppe zu.{(unsure ? " Er liegt am Rand dieser Gruppe." : "")}",
                En = $"The site is more similar to its type “{Name(type, false)}” than to the type “{Name(other, false)}”. The computation "
                    + $"still assigns it to the cluster of the latter.{(unsure ? " It is a borderline case in that cluster." : "")}",
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
