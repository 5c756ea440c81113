using System.Security.Cryptography;
using System.Text;

namespace AnkerOrte.Api.Conversations;

/// <summary>
/// Blacks out what somebody said in a transcript. Every code point but the line feed becomes one █, so that the positions
/// of what others said stay right.
/// </summary>
internal static class Redaction
{
    private const string Block = "█";

    public static string Whole(string text)
    {
        var black = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            black.Append(rune.Value == '\n' ? "\n" : Block);
        }

        return black.ToString();
    }

    /// <summary>The turns of one speaker: from a line that begins with "name:" to the next line that begins with a speaker.</summary>
    public static string Turns(string text, string speaker) => string.Join('\n', Lines(text, speaker).Select(line => line.IsTheirs ? Whole(line.Text) : line.Text));

    /// <summary>What a speaker said, turn by turn.</summary>
    public static List<string> Said(string text, string speaker)
    {
        var turns = new List<string>();
        foreach (var (line, isTheirs, isBegin) in Lines(text, speaker))
        {
            if (isTheirs && isBegin)
            {
                turns.Add(line);
            }
            else if (isTheirs)
            {
                turns[^1] += "\n" + line;
            }
        }

        return turns;
    }

    /// <summary>A part of a text by code points, half open; null if it is not inside.</summary>
    public static string? Part(string text, int start, int end)
    {
        var runes = text.EnumerateRunes().Skip(start).Take(end - start).ToList();
        return runes.Count == end - start ? string.Concat(runes) : null;
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static IEnumerable<(string Text, bool IsTheirs, bool IsBegin)> Lines(string text, string speaker)
    {
        var isTheirs = false;
        foreach (var line in text.Split('\n'))
        {
            var isBegin = IsTurn(line, out var name);
            isTheirs = isBegin ? name.Equals(speaker, StringComparison.OrdinalIgnoreCase) : isTheirs;
            yield return (line, isTheirs, isBegin);
        }
    }

    /// <summary>A speaker is one short word before a colon: "p-3f9c:", "I:", "Moderation:".</summary>
    private static bool IsTurn(string line, out string name)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        name = colon > 0 ? line[..colon].Trim() : "";
        return name.Length is > 0 and <= 60 && name.All(character => char.IsLetterOrDigit(character) || character is '-' or '_' or '.');
    }
}
