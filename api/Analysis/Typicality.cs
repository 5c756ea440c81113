namespace AnkerOrte.Api.Analysis;

/// <summary>Typicality and membership of a record for each group of a partition.</summary>
/// <param name="Typicality">For each group 1 minus the mean dissimilarity to its other members; null if none can be compared.</param>
/// <param name="Membership">Fuzzy membership in each group, with sum 1; null if it cannot be computed.</param>
internal sealed record Standing(double?[] Typicality, double[]? Membership);

/// <summary>Typicality of records for groups.</summary>
internal static class Typicalities
{
    /// <summary>Fuzzifier of the memberships.</summary>
    public const double Fuzzifier = 1.5;

    /// <summary>A record is a hybrid if the difference of its two largest memberships, or its medoid silhouette, is below this.</summary>
    public const double HybridBelow = .15;

    /// <summary>A record is an outlier if its typicality is below this for all groups.</summary>
    public const double OutlierBelow = .30;

    /// <summary>Smallest coverage of a prototype.</summary>
    public const double PrototypeCoverage = .8;

    /// <summary>
    /// Memberships from mean dissimilarities to groups: proportional to dissimilarity to the power -1/(m-1), with sum 1. Groups at
    /// distance 0 share the whole membership. A group without a mean gets 0. Null if no group has a mean.
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

    /// <summary>The most typical members with enough coverage, most typical first.</summary>
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
