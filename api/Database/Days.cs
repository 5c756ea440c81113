using System.Globalization;

namespace AnkerOrte.Api.Database;

/// <summary>Days as text that sorts: 2026-11-01.</summary>
internal static class Days
{
    public static string Write(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly Read(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly? ReadOptional(string? day) => day is null ? null : Read(day);

    /// <summary>The day of an instant.</summary>
    public static DateOnly Of(string at) => Read(at[..10]);
}
