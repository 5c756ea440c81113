using System.Text;

namespace AnkerOrte.Api.Http;

/// <summary>What a client sent, short enough to stand in a message.</summary>
internal static class ShortQuote
{
    private const int Most = 60;

    public static string Short(string text) => text.Length <= Most ? text : text[..Most] + "…";

    public static string Short(ReadOnlySpan<byte> text) => Short(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 4 * Most)]));
}

internal static class Pointer
{
    /// <summary>One part of a JSON pointer (RFC 6901).</summary>
    public static string Escape(string name) => ShortQuote.Short(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
