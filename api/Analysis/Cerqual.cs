namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Confidence in a finding, after GRADE-CERQual (S. Lewin et al., Implement. Sci. 13 Suppl. 1, 2018). CERQual is a judgement, so this
/// only suggests a level. People confirm it, or change it and give a reason.
/// </summary>
internal static class Cerqual
{
    public static readonly IReadOnlyList<string> Levels = ["high", "moderate", "low", "very-low"];

    /// <param name="concerns">Methodological limitations, coherence, adequacy, relevance: none, minor, moderate or serious.</param>
    /// <returns>
    /// The level of confidence. It starts at high and drops one level for each moderate concern, two for each serious one, and one if
    /// at least three concerns are minor.
    /// </returns>
    public static string Suggest(params IReadOnlyList<string> concerns)
    {
        var points = concerns.Sum(concern => concern switch { "moderate" => 1, "serious" => 2, _ => 0 }) + (concerns.Count(concern => concern == "minor") >= 3 ? 1 : 0);
        return Levels[Math.Min(points, Levels.Count - 1)];
    }
}
