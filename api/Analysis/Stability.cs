namespace AnkerOrte.Api.Analysis;

/// <summary>The stability of one cluster.</summary>
/// <param name="Mean">Mean over the replicates of the highest Jaccard similarity with a cluster; null if no replicate has a member.</param>
/// <param name="Replicates">Number of replicates with a member.</param>
/// <param name="Dissolved">Number of replicates in which the highest similarity is .5 or less.</param>
/// <param name="Recovered">Number of replicates in which it is above .75.</param>
internal sealed record ClusterStability(double? Mean, int Replicates, int Dissolved, int Recovered);

/// <summary>
/// Stability of clusters under resampling, by Jaccard similarity (C. Hennig, "Cluster-wise assessment of cluster stability",
/// Comput. Stat. Data Anal. 52, 2007). At least .85: highly stable; at least .75: valid; below .60: do not trust the cluster.
/// </summary>
internal static class Stability
{
    /// <summary>
    /// Bootstrap: draws as many records as there are, with replacement, and clusters the distinct ones. Each replicate starts from BUILD
    /// only.
    /// </summary>
    /// <param name="d">Dissimilarities of all pairs, without NaN.</param>
    /// <param name="found">The clustering whose stability is measured.</param>
    /// <param name="replicates">Number of replicates.</param>
    /// <param name="seed">Seed of the samples.</param>
    /// <param name="progress">Called with the share that is done, 0 to 1.</param>
    public static IReadOnlyList<ClusterStability> Bootstrap(Dissimilarities d, Clustering found, int replicates, ulong seed, Action<double>? progress = null, CancellationToken cancel = default) =>
        Bootstrap(d, found, replicates, seed, null, progress, cancel);

    /// <param name="together">Gets the clusters of each replicate, unless null.</param>
    public static IReadOnlyList<ClusterStability> Bootstrap(
        Dissimilarities d, Clustering found, int replicates, ulong seed, CoAssignment? together, Action<double>? progress = null, CancellationToken cancel = default)
    {
        var random = new SplitMix64(seed);
        return Measure(d, found, replicates, _ => [.. Enumerable.Range(0, d.Count).Select(_ => random.Below(d.Count)).Distinct().Order()], 0, together, progress, cancel);
    }

    /// <summary>
    /// Jackknife: leaves out one record at a time. Its values are much higher than those of the bootstrap, so the thresholds do not apply.
    /// </summary>
    public static IReadOnlyList<ClusterStability> Jackknife(
        Dissimilarities d, Clustering found, int restarts, CoAssignment? together = null, Action<double>? progress = null, CancellationToken cancel = default) =>
        Measure(d, found, d.Count > 1 ? d.Count : 0, left => [.. Enumerable.Range(0, d.Count).Where(i => i != left)], restarts, together, progress, cancel);

    private static IReadOnlyList<ClusterStability> Measure(
        Dissimilarities d, Clustering found, int replicates, Func<int, int[]> draw, int restarts, CoAssignment? together, Action<double>? progress, CancellationToken cancel)
    {
        var overlaps = Enumerable.Range(0, found.K).Select(_ => new List<double>()).ToArray();
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            cancel.ThrowIfCancellationRequested();
            var sample = draw(replicate);
            var again = KMedoids.Best(d.Select(sample), Math.Min(found.K, sample.Length), restarts, 1, cancel: cancel);
            Overlap(found, again, sample, overlaps);
            together?.Add(sample, again.Labels);
            progress?.Invoke((replicate + 1.0) / replicates);
        }

        return [.. overlaps.Select(values => new ClusterStability(
            values.Count == 0 ? null : values.Average(), values.Count, values.Count(value => value <= .5), values.Count(value => value > .75)))];
    }

    private static void Overlap(Clustering found, Clustering again, int[] sample, List<double>[] overlaps)
    {
        var shared = new int[found.K, again.K];
        var size = new int[found.K];
        for (var i = 0; i < sample.Length; i++)
        {
            size[found.Labels[sample[i]]]++;
            shared[found.Labels[sample[i]], again.Labels[i]]++;
        }

        for (var c = 0; c < found.K; c++)
        {
            if (size[c] > 0)
            {
                overlaps[c].Add(Enumerable.Range(0, again.K).Max(other => (double)shared[c, other] / (size[c] + again.Sizes[other] - shared[c, other])));
            }
        }
    }
}
