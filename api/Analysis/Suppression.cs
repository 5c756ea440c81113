namespace AnkerOrte.Api.Analysis;

/// <summary>When a number is too small to be published, or too much one party's own.</summary>
internal static class Suppression
{
    /// <summary>The share of a sum from which its largest part is as good as known.</summary>
    public const double LargestShare = 0.85;

    public static bool IsSmall(double count, int k) => count > 0 && count < k;

    /// <summary>Whether a sum, or a mean beside a known number, may be shown.</summary>
    public static bool MayShowSum(int n, double sum, double largest, int k) => n >= k && largest <= LargestShare * sum;

    /// <summary>The tables, all numbers of some suppressed.</summary>
    public static T?[][] Without<T>(this T?[][] tables, IReadOnlySet<int> suppressed)
        where T : struct => [.. tables.Select((numbers, table) => suppressed.Contains(table) ? new T?[numbers.Length] : numbers)];
}
