namespace AnkerOrte.Api.Analysis;

/// <summary>A record that is left out of a computation, and why.</summary>
internal sealed record LeftOut(string Id, double Coverage, string Reason);

/// <summary>
/// Which records can be compared: those of which enough is known, and of them so many that every pair shares a known dimension.
/// What is missing is never made up.
/// </summary>
internal static class Comparable
{
    public const string LowCoverage = "low-coverage";
    public const string NotComparable = "not-comparable";

    /// <param name="table">All records.</param>
    /// <param name="minCoverage">The least share of the weight that must be known; 0: all records count that can be compared at all.</param>
    public static (DataTable Table, Dissimilarities Distances, IReadOnlyList<LeftOut> LeftOut) Choose(DataTable table, double minCoverage, CancellationToken cancel = default)
    {
        var enough = Enumerable.Range(0, table.Count).Where(row => table.Coverage(row) >= minCoverage - KMedoids.Epsilon).ToList();
        var left = Enumerable.Range(0, table.Count).Except(enough).Select(row => new LeftOut(table.Ids[row], table.Coverage(row), LowCoverage)).ToList();
        var part = enough.Count == table.Count ? table : table.Select(enough);
        var d = Gower.Compute(part, cancel);
        var missing = Missing(d, cancel);
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

        return (kept.Count == part.Count ? part : part.Select(kept), kept.Count == part.Count ? d : d.Select(kept),
            [.. left.OrderBy(record => record.Id, StringComparer.Ordinal)]);
    }

    private static int[] Missing(Dissimilarities d, CancellationToken cancel)
    {
        var missing = new int[d.Count];
        Parallel.For(0, d.Count, new ParallelOptions { CancellationToken = cancel }, () => new double[d.Count], (i, _, scratch) =>
        {
            foreach (var x in d.Row(i, scratch))
            {
                missing[i] += double.IsNaN(x) ? 1 : 0;
            }

            return scratch;
        }, _ => { });
        return missing;
    }
}
