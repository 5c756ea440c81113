using System.Globalization;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Conversations;

/// <summary>Whether a passage stands where it is said to stand. Positions are Unicode code points, half open.</summary>
internal static class PassagePosition
{
    public static List<ProblemError> Check(string text, PassageInput input)
    {
        if (input.End <= input.Start)
        {
            return [ProblemError.At("/end", "end-before-start", new("Muss größer als „start“ sein.", "Must be greater than `start`."))];
        }

        var there = Redaction.Part(text, input.Start, input.End);
        if (there == input.Quote)
        {
            return [];
        }

        if (input.End <= text.Length && text[input.Start..input.End] == input.Quote)
        {
            var start = CodePoints(text[..input.Start]);
            return [At("/start", "positions-in-utf16", start, CodePoints(input.Quote), "Die Positionen zählen UTF-16-Einheiten.", "The positions count UTF-16 units.")];
        }

        var index = text.IndexOf(input.Quote, StringComparison.Ordinal);
        var suggestion = index >= 0 && text.IndexOf(input.Quote, index + 1, StringComparison.Ordinal) < 0 ? CodePoints(text[..index]) : (int?)null;
        return there is null
            ? [At("/end", "outside", suggestion, CodePoints(input.Quote), $"Der Text hat {CodePoints(text)} Codepunkte.", $"The text has {CodePoints(text)} code points.")]
            : [At("/quote", "quote-mismatch", suggestion, CodePoints(input.Quote), "An dieser Stelle steht etwas anderes.", "Something else stands at this place.")];
    }

    private static ProblemError At(string pointer, string code, int? start, int length, string de, string en) => ProblemError.At(
        pointer, code, new(de, en), start is null ? null : string.Create(CultureInfo.InvariantCulture, $"{{\"start\":{start},\"end\":{start + length}}}"));

    private static int CodePoints(string text) => text.EnumerateRunes().Count();
}
