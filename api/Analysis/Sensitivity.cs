namespace AnkerOrte.Api.Analysis;

/// <summary>How little it takes to make another alternative lead.</summary>
internal static class Sensitivity
{
    /// <summary>
    /// Change of one weight that brings two alternatives level, the other weights giving way in proportion. Null: no change of this weight does.
    /// </summary>
    /// <param name="weights">With sum 1.</param>
    /// <param name="gaps">By criterion: fit of the leader less fit of the other.</param>
    /// <param name="criterion">Whose weight changes.</param>
    public static double? Flip(IReadOnlyList<double> weights, IReadOnlyList<double> gaps, int criterion)
    {
        var lead = Lead(weights, gaps);
        var (weight, gap) = (weights[criterion], gaps[criterion]);
        if (gap == 0 || weight >= 1)
        {
            return null;
        }

        var slope = gap - (lead - weight * gap) / (1 - weight);
        var change = -lead / slope;
        // Weights stay between 0 and 1; at 1 nothing would be left for the others.
        return slope != 0 && change >= -weight && change < 1 - weight ? change : null;
    }

    /// <summary>Least change of all weights together (Euclidean, with the sum kept) that brings two alternatives level; null: none does.</summary>
    public static double? SmallestShift(IReadOnlyList<double> weights, IReadOnlyList<double> gaps)
    {
        var mean = gaps.Sum() / gaps.Count;
        var length = Math.Sqrt(gaps.Sum(gap => (gap - mean) * (gap - mean)));
        return length > 1e-12 ? Lead(weights, gaps) / length : null;
    }

    public static double Lead(IReadOnlyList<double> weights, IReadOnlyList<double> gaps)
    {
        var sum = 0.0;
        for (var i = 0; i < weights.Count; i++)
        {
            sum += weights[i] * gaps[i];
        }

        return sum;
    }
}
