namespace AnkerOrte.Api.Analysis;

/// <summary>The score of one alternative.</summary>
/// <param name="Contributions">By criterion; 0 if unanswered. Their sum is the score.</param>
/// <param name="Coverage">Share of the weight of answered criteria.</param>
/// <param name="Low">Score if all unanswered criteria had fit 0.</param>
/// <param name="High">Score if all unanswered criteria had fit 1.</param>
internal sealed record Match(double Score, double[] Contributions, double Coverage, double Low, double High);

/// <summary>
/// Additive weighted score. The score of an alternative depends on its own fits only. Therefore a further alternative never changes
/// the order of the others, which methods with an ideal point or pairwise comparisons do not guarantee.
/// </summary>
internal static class WeightedMatch
{
    /// <param name="weights">Weights of 0 or more. At least one answered criterion has a positive weight.</param>
    /// <param name="fits">Fit by criterion, 0 to 1; null: unanswered.</param>
    public static Match Score(IReadOnlyList<double> weights, IReadOnlyList<double?> fits)
    {
        double total = 0, answered = 0, sum = 0;
        for (var i = 0; i < weights.Count; i++)
        {
            total += weights[i];
            answered += fits[i] is null ? 0 : weights[i];
            sum += weights[i] * (fits[i] ?? 0);
        }

        var contributions = new double[weights.Count];
        var score = 0.0;
        for (var i = 0; i < weights.Count; i++)
        {
            contributions[i] = weights[i] * (fits[i] ?? 0) / answered;
            score += contributions[i];
        }

        return new Match(score, contributions, answered / total, sum / total, (sum + total - answered) / total);
    }

    /// <summary>Positions in descending order of score; equal scores stay in the order given.</summary>
    public static int[] Order(IReadOnlyList<double> scores) =>
        [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => Math.Round(scores[i], 12)).ThenBy(i => i)];
}
