namespace AnkerOrte.Api.Analysis;

/// <summary>A record that is left out of a computation, and why.</summary>
internal sealed record LeftOut(string Id, double Coverage, string Reason);

/// <param name="Table">The records that count.</param>
/// <param name="Distances">Known of all their pairs.</param>
/// <param name="LeftOut">The others, by id.</param>
/// <param name="AssumedPairs">Pairs that share no known dimension and count as 1; only where all records count.</param>
/// <param name="Unknown">Records that share no known dimension with any other and count all the same, by id.</param>
internal sealed record ComparableRecords(DataTable Table, Dissimilarities Distances, IReadOnlyList<LeftOut> LeftOut, int AssumedPairs, IReadOnlyList<string> Unknown);

/// <summary>
/// Which records can be compared: those of which enough is known, and of them so many that every pair shares a known dimension.
/// Only if all records are to count, whatever is known of them, a pair that shares nothing is taken to be as unlike as can be;
/// how many pairs that were is told.
/// </summary>
internal static class Comparable
{
    public const string LowCoverage = "low-coverage";
    public const string NotComparable = "not-comparable";

    /// <param name="table">All records.</param>
    /// <param name="minCoverage">The least share of the weight that must be known; 0: all records count.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
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
            // Of those with most unknown pairs the one with the highest id.
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

    /// <summary>Those of which enough is known by themselves, whatever they share: where there are too many for all pairs.</summary>
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
