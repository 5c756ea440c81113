namespace AnkerOrte.Api.Analysis;

/// <param name="K">Number of clusters.</param>
/// <param name="LogWithin">Logarithm of the pooled dissimilarity within clusters; negative infinity if there is none.</param>
/// <param name="Gap">How much lower that is than in permuted data.</param>
/// <param name="Error">Simulation error s_k.</param>
internal sealed record GapRow(int K, double LogWithin, double Gap, double Error);

/// <summary>
/// The gap statistic (R. Tibshirani, G. Walther and T. Hastie, J. R. Stat. Soc. B 63, 2001) in its form for dissimilarities.
/// Under the null each dimension is permuted by itself, which keeps margins and missing values.
/// </summary>
internal static class GapStatistic
{
    /// <param name="d">Known of all pairs.</param>
    /// <param name="found">A clustering of the same records.</param>
    public static double LogWithin(Dissimilarities d, Clustering found)
    {
        var sums = new double[found.K];
        for (var i = 0; i < d.Count; i++)
        {
            for (var j = 0; j < d.Count; j++)
            {
                sums[found.Labels[i]] += found.Labels[i] == found.Labels[j] ? d[i, j] : 0;
            }
        }

        var within = 0.0;
        for (var c = 0; c < found.K; c++)
        {
            within += sums[c] / (2 * found.Sizes[c]);
        }

        return Math.Log(within);
    }

    /// <param name="table">The records.</param>
    /// <param name="d">Their dissimilarities, known of all pairs.</param>
    /// <param name="found">One clustering for each k, ascending.</param>
    /// <param name="replicates">How many tables are permuted.</param>
    /// <param name="restarts">Of the search in each of them: as many as for <paramref name="found"/>, else the gap is too large.</param>
    /// <param name="seed">Of permutations and restarts.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    public static IReadOnlyList<GapRow> Scan(
        DataTable table, Dissimilarities d, IReadOnlyList<Clustering> found, int replicates, int restarts, ulong seed,
        Action<double>? progress = null, CancellationToken cancel = default)
    {
        var random = new SplitMix64(seed);
        var permuted = new double[found.Count][];
        Array.Fill(permuted, []);
        for (var b = 0; b < replicates; b++)
        {
            // A permutation may leave pairs without a shared dimension; in the null they count as far as can be.
            var reference = Gower.Compute(table.Permute(random), cancel: cancel);
            reference.Fill(1);
            for (var k = 0; k < found.Count; k++)
            {
                var before = b + (double)k / found.Count;
                var best = KMedoids.Best(
                    reference, found[k].K, restarts, seed, share => progress?.Invoke((before + share / found.Count) / replicates), cancel);
                permuted[k] = [.. permuted[k], LogWithin(reference, best)];
            }
        }

        return [.. found.Select((clustering, k) =>
        {
            var mean = permuted[k].Average();
            var deviation = Math.Sqrt(permuted[k].Average(value => (value - mean) * (value - mean)));
            var log = LogWithin(d, clustering);
            return new GapRow(clustering.K, log, mean - log, deviation * Math.Sqrt(1 + 1.0 / replicates));
        })];
    }

    /// <summary>The smallest k whose gap is not below that of the next by more than its error; null if none is.</summary>
    public static int? Choose(IReadOnlyList<GapRow> rows) =>
        rows.Zip(rows.Skip(1)).Where(pair => pair.First.Gap >= pair.Second.Gap - pair.Second.Error).Select(pair => (int?)pair.First.K).FirstOrDefault();
}
