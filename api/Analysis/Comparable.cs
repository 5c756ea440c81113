namespace AnkerOrte.Api.Analysis;

/// <summary>A record that is left out of a computation, and the reason.</summary>
internal sealed record LeftOut(string Id, double Coverage, string Reason);

/// <param name="Table">The records that are used.</param>
/// <param name="Distances">Dissimilarities of all pairs of these records.</param>
/// <param name="LeftOut">The other records, by id.</param>
/// <param name="AssumedPairs">Pairs that share no known dimension and get dissimilarity 1. Only if all records are used.</param>
/// <param name="Unknown">Records that share no known dimension with any other but are used, by id.</param>
internal sealed record ComparableRecords(DataTable Table, Dissimilarities Distances, IReadOnlyList<LeftOut> LeftOut, int AssumedPairs, IReadOnlyList<string> Unknown);

/// <summary>
/// Chooses the records that can be compared: enough is known of each, and each pair shares a known dimension. If all records must
/// be used, a pair that shares no known dimension gets the largest dissimilarity, and the number of such pairs is reported.
/// </summary>
internal static class Comparable
{
    public const string LowCoverage = "low-coverage";
    public const string NotComparable = "not-comparable";

    /// <param name="table">All records.</param>
    /// <param name="minCoverage">Smallest share of the weight that must be known. 0: all records are used.</param>
    /// <param name="progress">Called with the share that is done, 0 to 1.</param>
    public static ComparableRecords Choose(DataTable table, double minCoverage, Action<double>? progress = null, CancellationToken cancel = default)
    {
        var (part, left) = Known(table, minCoverage);
        var d = Gower.Compute(part, progress, cancel);
        var missing = Missing(d, cancel);
        if (minCoverage <= 0)
        {
            var unknown = part.Count == 1 ? [] : Enumerable.Range(0, part.Count).Where(row => missing[row] == part.Count - 1).Select(row => part.Ids[row]).ToList();
            return new(part, d, left, d.Fill(1), unknown);
        }

        var kept = Enumerable.Range(0, part.Count).ToList();
        while (kept.Count > 0 && kept.Max(row => missing[row]) > 0)
        {
            // The record with the most unknown pairs is left out. Of several, the one with the highest id.
            var worst = kept.Aggregate((a, b) => missing[b] >= missing[a] ? b : a);
            kept.Remove(worst);
            foreach (var row in kept)
            {
                missing[row] -= double.IsNaN(d[worst, row]) ? 1 : 0;
            }

            left.Add(new LeftOut(part.Ids[worst], part.Coverage(worst), NotComparable));
        }

        return new(kept.Count == part.Count ? part : part.Select(kept), kept.Count == part.Count ? d : d.Select(kept),
            [.. left.OrderBy(record => record.Id, StringComparer.Ordinal)], 0, []);
    }

    /// <summary>Chooses by coverage alone, without comparing pairs. For tables with too many records for all pairs.</summary>
    public static (DataTable Table, List<LeftOut> LeftOut) Known(DataTable table, double minCoverage)
    {
        var enough = Enumerable.Range(0, table.Count).Where(row => table.Coverage(row) >= minCoverage - KMedoids.Epsilon).ToList();
        return enough.Count == table.Count ? (table, [])
            : (table.Select(enough), [.. Enumerable.Range(0, table.Count).Except(enough).Select(row => new LeftOut(table.Ids[row], table.Coverage(row), LowCoverage))]);
    }

    private static int[] Missing(Dissimilarities d, CancellationToken cancel)
    {
        var missing = new int[d.Count];
        RowLoop.Each(d.Count, d.Scratch, (i, scratch) =>
        {
            foreach (var x in d.Row(i, scratch))
            {
                missing[i] += double.IsNaN(x) ? 1 : 0;
            }
        }, cancel);
        return missing;
    }
}
