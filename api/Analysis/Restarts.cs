namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Start medoids for further searches. With few records they are random. With many records a search in a random sample finds them,
/// because most searches in all records would find the same result at a much higher cost.
/// </summary>
internal static class Restarts
{
    /// <summary>Above this number of records, samples are searched.</summary>
    public const int LargestAtRandom = 1_000;

    private const int SampleSize = 500;
    private const int RecordsEach = 10;

    /// <summary>Number of sample results that are used as starts: those with the smallest objective in all records.</summary>
    private const int Promising = 4;

    /// <param name="d">Dissimilarities of all pairs, without NaN.</param>
    /// <param name="k">Number of clusters: more than 1, fewer than the records.</param>
    /// <param name="restarts">Number of searches.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    public static IReadOnlyList<int[]> Starts(Dissimilarities d, int k, int restarts, ulong seed, CancellationToken cancel)
    {
        var random = new SplitMix64(seed);
        var size = Math.Max(SampleSize, RecordsEach * k);
        if (d.Count <= LargestAtRandom || size > d.Count / 2)
        {
            return [.. Enumerable.Range(0, restarts).Select(_ => random.Sample(d.Count, k))];
        }

        var ends = new List<Clustering>();
        for (var restart = 0; restart < restarts; restart++)
        {
            cancel.ThrowIfCancellationRequested();
            var sample = random.Sample(d.Count, size);
            Array.Sort(sample);
            var found = KMedoids.FasterPam(d.Select(sample), random.Sample(size, k), cancel: cancel).Result;
            ends.Add(KMedoids.Assign(d, [.. found.Medoids.Select(medoid => sample[medoid]).Order()]));
        }

        return [.. ends.OrderBy(end => Math.Round(end.Objective, 9)).DistinctBy(end => string.Join(' ', end.Medoids)).Take(Promising).Select(end => end.Medoids)];
    }
}
