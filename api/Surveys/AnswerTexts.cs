using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AnkerOrte.Api.Surveys;

/// <summary>Small questions about texts in UTF-8.</summary>
internal static class AnswerTexts
{
    private static readonly string[] PartialDates = ["yyyy", "yyyy-MM", "yyyy-MM-dd"];

    private static readonly SearchValues<byte> NotInUrl = SearchValues.Create(" \t\r\n<>\""u8);

    private static readonly SearchValues<byte> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 32).Except([9, 10, 13]).Select(value => (byte)value), 127]);

    /// <summary>Half a surrogate pair is JSON, but no text.</summary>
    public static bool IsWhole(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return true;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            reader.CopyString(buffer);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static bool HasControlCharacter(ReadOnlySpan<byte> text) => text.ContainsAny(ControlCharacters);

    /// <summary>Unicode characters, as JSON Schema counts them.</summary>
    public static int CountLetters(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var value in text)
        {
            count += (value & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether there is nothing in it but blanks, of whatever kind.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (text[0] is > 0x20 and < 0x80)
            {
                return false;
            }

            Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (!Rune.IsWhiteSpace(rune))
            {
                return false;
            }

            text = text[length..];
        }

        return true;
    }

    /// <summary>YYYY, YYYY-MM or YYYY-MM-DD, and a date that exists.</summary>
    public static bool IsPartialDate(ReadOnlySpan<byte> text)
    {
        Span<char> letters = stackalloc char[10];
        return text.Length <= letters.Length
            && DateOnly.TryParseExact(
                letters[..Encoding.UTF8.GetChars(text, letters)], PartialDates, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    public static bool IsUrl(ReadOnlySpan<byte> text) =>
        (text.StartsWith("https://"u8) || text.StartsWith("http://"u8))
        && !text.ContainsAny(NotInUrl)
        && Uri.TryCreate(Encoding.UTF8.GetString(text), UriKind.Absolute, out var uri) && uri.Host.Length > 0;
}
