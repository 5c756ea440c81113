namespace AnkerOrte.Api.Analysis;

/// <summary>The score of one alternative.</summary>
/// <param name="Contributions">By criterion, 0 where unanswered; their sum is the score.</param>
/// <param name="Coverage">Share of the weight that was answered.</param>
/// <param name="Low">Score if what is missing fitted not at all.</param>
/// <param name="High">Score if it fitted entirely.</param>
internal sealed record Match(double Score, double[] Contributions, double Coverage, double Low, double High);

/// <summary>
/// Additive weighted match. The score of an alternative follows from its own fits alone, so that a further alternative never
/// reorders the others; that is why it is this and not a method that compares with an ideal or in pairs.
/// </summary>
internal static class WeightedMatch
{
    /// <param name="weights">Not negative; at least one answered criterion weighs something.</param>
    /// <param name="fits">0 to 1; null: unanswered.</param>
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

    /// <summary>Positions from the best on; equal scores in the order given.</summary>
    public static int[] Order(IReadOnlyList<double> scores) =>
        [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => Math.Round(scores[i], 12)).ThenBy(i => i)];
}
