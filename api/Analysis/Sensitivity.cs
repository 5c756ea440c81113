namespace AnkerOrte.Api.Analysis;

/// <summary>The smallest changes of weights that make another alternative lead.</summary>
internal static class Sensitivity
{
    /// <summary>
    /// Change of one weight at which two alternatives have equal scores. The other weights change in proportion, so that the sum stays 1.
    /// Null: no possible change of this weight does that.
    /// </summary>
    /// <param name="weights">Weights with sum 1.</param>
    /// <param name="gaps">By criterion: fit of the leader minus fit of the other alternative.</param>
    /// <param name="criterion">The criterion whose weight changes.</param>
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
        // A weight must stay at least 0 and below 1, because the other weights need a share.
        return slope != 0 && change >= -weight && change < 1 - weight ? change : null;
    }

    /// <summary>
    /// Smallest Euclidean change of all weights, with the same sum, at which two alternatives have equal scores; null if there is none.
    /// </summary>
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
