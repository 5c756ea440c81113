namespace AnkerOrte.Api.Analysis;

/// <summary>A clustering whose number of clusters may be suggested.</summary>
/// <param name="K">Number of clusters.</param>
/// <param name="AverageSilhouette">Average silhouette; null for one cluster.</param>
/// <param name="Sizes">Number of records in each cluster.</param>
/// <param name="LeastStability">Bootstrap mean of the least stable cluster; null if stability was not computed.</param>
internal sealed record Candidate(int K, double? AverageSilhouette, IReadOnlyList<int> Sizes, double? LeastStability);

/// <param name="K">Suggested number of clusters; null if none can be suggested.</param>
/// <param name="Refusals">The reasons against each candidate that cannot be suggested.</param>
/// <param name="KnowsStability">Whether stability was computed. Without it the suggestion is weaker.</param>
internal sealed record Suggested(int? K, IReadOnlyList<(int K, IReadOnlyList<string> Reasons)> Refusals, bool KnowsStability);

/// <summary>
/// Suggests the number of clusters that people should look at first. Of the candidates whose clusters are large and stable enough, it
/// is the one with the largest average silhouette. Medoid silhouettes and gap are not used, because they rise with small clusters.
/// </summary>
internal static class Suggestion
{
    public const int LargestK = 8;
    public const int RecordsEach = 5;
    public const int SmallestType = 3;
    public const int FewestRecords = 10;
    public const double LeastStability = .60;

    public const string OutOfRange = "out-of-range";
    public const string TooFewRecords = "too-few-records";
    public const string TooSmall = "cluster-too-small";
    public const string Unstable = "unstable";

    /// <param name="count">Number of clustered records.</param>
    /// <param name="candidates">The candidates in any order.</param>
    public static Suggested Choose(int count, IReadOnlyList<Candidate> candidates)
    {
        var judged = candidates.OrderBy(candidate => candidate.K).Select(candidate => (Candidate: candidate, Reasons: Reasons(count, candidate))).ToList();
        var best = judged.Where(row => row.Reasons.Count == 0).Select(row => row.Candidate)
            .Aggregate((Candidate?)null, (best, next) => best is null || next.AverageSilhouette > best.AverageSilhouette + KMedoids.Epsilon ? next : best);
        return new(best?.K, [.. judged.Where(row => row.Reasons.Count > 0).Select(row => (row.Candidate.K, row.Reasons))],
            candidates.Count > 0 && candidates.All(candidate => candidate.LeastStability is not null));
    }

    /// <summary>The largest number of clusters that can be suggested.</summary>
    public static int DefaultMost(int count) => Math.Max(2, Math.Min(LargestK, count / RecordsEach));

    private static IReadOnlyList<string> Reasons(int count, Candidate candidate)
    {
        var reasons = new List<string>();
        if (candidate.AverageSilhouette is null || candidate.K > DefaultMost(count))
        {
            reasons.Add(OutOfRange);
        }

        if (count < Math.Max(FewestRecords, 3 * candidate.K))
        {
            reasons.Add(TooFewRecords);
        }

        if (candidate.Sizes.Any(size => size < SmallestType))
        {
            reasons.Add(TooSmall);
        }

        if (candidate.LeastStability < LeastStability)
        {
            reasons.Add(Unstable);
        }

        return reasons;
    }
}
