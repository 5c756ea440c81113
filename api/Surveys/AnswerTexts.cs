using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AnkerOrte.Api.Surveys;

/// <summary>Small questions about texts in UTF-8.</summary>
internal static class AnswerTexts
{
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
        if (text.Length is not (4 or 7 or 10) || (text.Length > 4 && text[4] != '-') || (text.Length > 7 && text[7] != '-')
            || !TryReadDigits(text[..4], out var year) || year == 0)
        {
            return false;
        }

        if (text.Length == 4)
        {
            return true;
        }

        if (!TryReadDigits(text.Slice(5, 2), out var month) || month is < 1 or > 12)
        {
            return false;
        }

        return text.Length == 7 || (TryReadDigits(text.Slice(8, 2), out var day) && day >= 1 && day <= DateTime.DaysInMonth(year, month));
    }

    public static bool IsUrl(ReadOnlySpan<byte> text) =>
        (text.StartsWith("https://"u8) || text.StartsWith("http://"u8))
        && !text.ContainsAny(NotInUrl)
        && Uri.TryCreate(Encoding.UTF8.GetString(text), UriKind.Absolute, out var uri) && uri.Host.Length > 0;

    private static bool TryReadDigits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (var value in text)
        {
            if (value is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = 10 * number + value - '0';
        }

        return true;
    }
}
