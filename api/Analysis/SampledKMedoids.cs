namespace AnkerOrte.Api.Analysis;

/// <summary>
/// k-medoids for tables whose square matrix of dissimilarities would not fit into memory. FasterPAM runs on random samples, each with
/// the best medoids so far added. All records judge the result (after CLARA of Kaufman and Rousseeuw, 1990).
/// </summary>
internal static class SampledKMedoids
{
    /// <summary>Above this number of records, samples are used.</summary>
    public const int LargestWhole = 10_000;

    public const int SampleSize = 5_000;
    public const int Samples = 10;

    /// <param name="table">The records. Pairs that cannot be compared get dissimilarity 1.</param>
    /// <param name="k">From 1 to the number of records.</param>
    /// <param name="seed">Seed of the samples.</param>
    /// <param name="progress">Called with the share that is done, 0 to 1.</param>
    /// <returns>The clusters in the order of their medoids.</returns>
    public static Clustering Best(DataTable table, int k, ulong seed, Action<double>? progress = null, CancellationToken cancel = default) =>
        Best(table, k, seed, SampleSize, progress, cancel);

    /// <param name="size">Records in a sample, the best medoids so far included.</param>
    public static Clustering Best(DataTable table, int k, ulong seed, int size, Action<double>? progress = null, CancellationToken cancel = default)
    {
        var random = new SplitMix64(seed);
        Clustering? best = null;
        for (var s = 0; s < Samples; s++)
        {
            cancel.ThrowIfCancellationRequested();
            var sample = random.Sample(table.Count, Math.Min(table.Count, size - k)).Concat(best?.Medoids ?? []).Distinct().Order().ToArray();
            var d = Gower.Compute(table.Select(sample), cancel: cancel);
            d.Fill(1);
            var found = KMedoids.FasterPam(d, KMedoids.Build(d, k, cancel: cancel), cancel: cancel).Result;
            var all = Assign(table, [.. found.Medoids.Select(medoid => sample[medoid]).Order()]);
            best = best is null || all.Objective < best.Objective - 1e-9 ? all : best;
            progress?.Invoke((s + 1.0) / Samples);
        }

        return best!;
    }

    /// <summary>Assigns each record to its nearest medoid. A medoid belongs to itself.</summary>
    public static Clustering Assign(DataTable table, int[] medoids)
    {
        var rows = Gower.Rows(table, medoids);
        var labels = new int[table.Count];
        var objective = 0.0;
        for (var o = 0; o < table.Count; o++)
        {
            var least = double.PositiveInfinity;
            for (var m = 0; m < medoids.Length; m++)
            {
                var x = medoids[m] == o ? -1 : double.IsNaN(rows[m][o]) ? 1 : rows[m][o];
                if (x < least - KMedoids.Epsilon)
                {
                    (labels[o], least) = (m, x);
                }
            }

            objective += Math.Max(0, least);
        }

        return new Clustering(medoids.Length, objective, medoids, labels);
    }
}
