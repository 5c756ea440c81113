namespace AnkerOrte.Api.Analysis;

/// <summary>A number of clusters that might be suggested.</summary>
/// <param name="K">Number of clusters.</param>
/// <param name="AverageSilhouette">Null for one cluster.</param>
/// <param name="Sizes">Records in each cluster.</param>
/// <param name="LeastStability">Bootstrap mean of the least stable cluster; null where stability was not computed.</param>
internal sealed record Candidate(int K, double? AverageSilhouette, IReadOnlyList<int> Sizes, double? LeastStability);

/// <param name="K">Null: none can be suggested.</param>
/// <param name="Refusals">Why not, for each candidate that cannot be suggested.</param>
/// <param name="KnowsStability">Whether stability had a say; without it the suggestion is weaker.</param>
internal sealed record Suggested(int? K, IReadOnlyList<(int K, IReadOnlyList<string> Reasons)> Refusals, bool KnowsStability);

/// <summary>
/// Which number of clusters to look at first: of those with clusters that are large and stable enough the one with the
/// largest average silhouette. Medoid silhouettes and gap go on rising with small clusters and do not decide. A hint for people, who choose.
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

    /// <param name="count">Records that were clustered.</param>
    /// <param name="candidates">In any order.</param>
    public static Suggested Choose(int count, IReadOnlyList<Candidate> candidates)
    {
        var judged = candidates.OrderBy(candidate => candidate.K).Select(candidate => (Candidate: candidate, Reasons: Reasons(count, candidate))).ToList();
        var best = judged.Where(row => row.Reasons.Count == 0).Select(row => row.Candidate)
            .Aggregate((Candidate?)null, (best, next) => best is null || next.AverageSilhouette > best.AverageSilhouette + KMedoids.Epsilon ? next : best);
        return new(best?.K, [.. judged.Where(row => row.Reasons.Count > 0).Select(row => (row.Candidate.K, row.Reasons))],
            candidates.Count > 0 && candidates.All(candidate => candidate.LeastStability is not null));
    }

    /// <summary>The largest k that is looked at unless somebody asks for others.</summary>
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
