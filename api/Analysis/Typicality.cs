namespace AnkerOrte.Api.Analysis;

/// <summary>How a record stands among the groups of a partition.</summary>
/// <param name="Typicality">For each group 1 minus the mean dissimilarity to its other members; null where there are none that can be compared.</param>
/// <param name="Membership">Fuzzy membership in each group, adding up to 1; null where it cannot be told.</param>
internal sealed record Standing(double?[] Typicality, double[]? Membership);

/// <summary>How typical records are of groups.</summary>
internal static class Typicalities
{
    /// <summary>Fuzzifier of the memberships.</summary>
    public const double Fuzzifier = 1.5;

    /// <summary>Below this difference of the two largest memberships, or this medoid silhouette, a record is a hybrid.</summary>
    public const double HybridBelow = .15;

    /// <summary>Typical of nothing at least this much, a record is an outlier.</summary>
    public const double OutlierBelow = .30;

    /// <summary>What a prototype must have known.</summary>
    public const double PrototypeCoverage = .8;

    /// <summary>
    /// Memberships from mean dissimilarities to groups: inversely as their power 1/(m-1), adding up to 1. At distance 0 they are crisp, shared
    /// among several. A group without a mean gets 0; null if no group has one.
    /// </summary>
    public static double[]? Memberships(IReadOnlyList<double?> means, double m)
    {
        if (means.All(mean => mean is null))
        {
            return null;
        }

        var zeros = means.Count(mean => mean == 0);
        var weights = means.Select(mean => mean switch
        {
            null => 0,
            0 => 1.0 / zeros,
            _ => zeros > 0 ? 0 : Math.Pow(mean.Value, -1 / (m - 1)),
        }).ToArray();
        var total = weights.Sum();
        return [.. weights.Select(weight => weight / total)];
    }

    /// <summary>The most typical members with enough known, most typical first.</summary>
    public static IReadOnlyList<int> Prototypes(DataTable table, IReadOnlyList<Standing> standings, int[] labels, int group, int most) =>
    [.. Enumerable.Range(0, labels.Length)
        .Where(i => labels[i] == group && standings[i].Typicality[group] is not null && table.Coverage(i) >= PrototypeCoverage - KMedoids.Epsilon)
        .OrderByDescending(i => Math.Round(standings[i].Typicality[group]!.Value, 12)).ThenBy(i => i).Take(most)];

    public static bool IsHybrid(Standing standing, double? medoidSilhouette)
    {
        var two = standing.Membership?.OrderDescending().Take(2).ToArray();
        return two is [var first, var second] && (first - second < HybridBelow || medoidSilhouette < HybridBelow);
    }

    public static bool IsOutlier(Standing standing) => standing.Typicality.Max() < OutlierBelow;
}
