namespace AnkerOrte.Api.Analysis;

/// <summary>Hit rates of a ranking, with confidence intervals and baselines.</summary>
internal static class HitRates
{
    private const double Z95 = 1.959963984540054;

    /// <summary>95 % Wilson interval of a share (E. B. Wilson, 1927); null without cases.</summary>
    public static (double Low, double High)? Wilson(int hits, int of)
    {
        if (of == 0)
        {
            return null;
        }

        var share = (double)hits / of;
        var z2 = Z95 * Z95;
        var middle = (share + z2 / (2 * of)) / (1 + z2 / of);
        var half = Z95 / (1 + z2 / of) * Math.Sqrt(share * (1 - share) / of + z2 / (4.0 * of * of));
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }

    /// <summary>Mean of 1/rank; a missing rank counts 0. Null without ranks.</summary>
    public static double? MeanReciprocalRank(IReadOnlyCollection<int?> ranks) => ranks.Count == 0 ? null : ranks.Sum(rank => rank is { } found ? 1.0 / found : 0) / ranks.Count;

    public static int Within(IEnumerable<int?> ranks, int places) => ranks.Count(rank => rank <= places);

    /// <summary>Baseline: random order of k groups. Expected share in rank 1, in ranks 1 to 3, and mean reciprocal rank.</summary>
    public static (double Top1, double Top3, double Mrr) Random(int k) => (1.0 / k, Math.Min(3, k) / (double)k, Enumerable.Range(1, k).Sum(rank => 1.0 / rank) / k);

    /// <summary>Baseline: the groups always in descending order of size.</summary>
    public static (double Top1, double Top3, double Mrr) Majority(IEnumerable<int> sizes)
    {
        var ordered = sizes.OrderDescending().ToList();
        double of = ordered.Sum();
        return (ordered[0] / of, ordered.Take(3).Sum() / of, ordered.Select((size, i) => size / (i + 1.0)).Sum() / of);
    }
}
