namespace AnkerOrte.Api.Analysis;

/// <summary>Rules for suppressing a number: too few respondents, or one respondent contributes too much.</summary>
internal static class Suppression
{
    /// <summary>Largest share of one respondent in a published sum. Above it, the sum nearly reveals the contribution.</summary>
    public const double LargestShare = 0.85;

    public static bool IsSmall(double count, int k) => count > 0 && count < k;

    /// <summary>Whether a sum may be shown, or a mean together with the number of answers.</summary>
    public static bool MayShowSum(int n, double sum, double largest, int k) => n >= k && largest <= LargestShare * sum;

    /// <summary>A copy of the tables in which all numbers of some tables are suppressed.</summary>
    public static T?[][] Without<T>(this T?[][] tables, IReadOnlySet<int> suppressed)
        where T : struct => [.. tables.Select((numbers, table) => suppressed.Contains(table) ? new T?[numbers.Length] : numbers)];
}
