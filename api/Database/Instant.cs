using System.Globalization;

namespace AnkerOrte.Api.Database;

/// <summary>Instants as text that sorts: 2026-11-01T00:00:00.000Z.</summary>
internal static class Instant
{
    public static string Write(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset? ReadOptional(string? text) => text is null ? null : Read(text);

    public static DateTimeOffset Read(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
