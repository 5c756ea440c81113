using System.Globalization;
using System.Text.RegularExpressions;

namespace AnkerOrte.Api.Http;

/// <summary>Readable ids made from names: "Café Müller" is cafe-mueller.</summary>
internal static partial class Slugs
{
    private const int Longest = 80;

    public static string Free(string name, Func<string, bool> isTaken)
    {
        var slug = Of(name);
        return Enumerable.Range(1, int.MaxValue).Select(i => i == 1 ? slug : string.Create(CultureInfo.InvariantCulture, $"{slug}-{i}")).First(id => !isTaken(id));
    }

    public static string Of(string name)
    {
        var german = name.ToLowerInvariant().Replace("ä", "ae", StringComparison.Ordinal).Replace("ö", "oe", StringComparison.Ordinal).Replace("ü", "ue", StringComparison.Ordinal);
        var slug = NotALetter().Replace(Database.GermanText.SortKey(german), "-").Trim('-');
        slug = slug.Length > Longest ? slug[..Longest].TrimEnd('-') : slug;
        return slug.Length >= 3 ? slug : "ort-" + slug;
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotALetter();
}
