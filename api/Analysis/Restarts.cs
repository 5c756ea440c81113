namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Where a search for medoids begins again: at random, and with many records where a search in a random sample ends, because most
/// searches in all of them would only find the same again at many times the cost.
/// </summary>
internal static class Restarts
{
    /// <summary>Above this many records samples are searched.</summary>
    public const int LargestAtRandom = 1_000;

    private const int SampleSize = 500;
    private const int RecordsEach = 10;

    /// <summary>Ends of searches in samples from which the search goes on in all records: those with the smallest objective there.</summary>
    private const int Promising = 4;

    /// <param name="d">Known of all pairs.</param>
    /// <param name="k">More than 1 and fewer than the records.</param>
    /// <param name="restarts">How many.</param>
    /// <param name="seed">Of the random numbers.</param>
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
