using System.Globalization;
using System.Text;

namespace AnkerOrte.Api.Database;

/// <summary>
/// Normalises GermanText text for comparison. Writing and querying the index use the same functions.
/// </summary>
internal static class GermanText
{
    /// <summary>
    /// Lower case without diacritics: ä, ö, ü become a, o, u (DIN 5007-1). ae, oe, ue become a, o, u as well, except after q or a
    /// vowel ("Quelle", "neue", "Bauen"), where they do not stand for an umlaut. Other characters become one space.
    /// </summary>
    public static string Fold(string text) => Fold(text, joinsUmlauts: true);

    /// <summary>The sort key of a name: like <see cref="Fold(string)"/>, but ae, oe, ue stay as in "Goethe" (DIN 5007-1).</summary>
    public static string SortKey(string text) => Fold(text, joinsUmlauts: false);

    private static string Fold(string text, bool joinsUmlauts)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var written in text.ToLowerInvariant().Replace("ß", "ss", StringComparison.Ordinal))
        {
            var c = WithoutMark(written);
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark)
            {
                continue;
            }

            var last = folded.Length > 0 ? folded[^1] : ' ';
            var letter = char.IsLetterOrDigit(c) ? c : ' ';
            var writesUmlaut = joinsUmlauts && letter == 'e' && (last is 'a' or 'o' or 'u') && !IsVowelOrQ(folded.Length > 1 ? folded[^2] : ' ');
            if (!writesUmlaut && (letter != ' ' || last != ' '))
            {
                folded.Append(letter);
            }
        }

        return folded.ToString().Trim();
    }

    /// <summary>
    /// Stem of a folded word, without plural, case and comparison endings, as in J. Savoy's light stemmer for German
    /// ("Light stemming approaches for the French, Portuguese, GermanText and Hungarian languages", SAC 2006).
    /// </summary>
    public static string Stem(string word)
    {
        var stem = word switch
        {
            { Length: > 5 } when word.EndsWith("ern", StringComparison.Ordinal) => word[..^3],
            { Length: > 4 } when word[^2] == 'e' && (word[^1] is 'm' or 'n' or 'r' or 's') => word[..^2],
            { Length: > 3 } when word[^1] == 'e' => word[..^1],
            { Length: > 3 } when word[^1] == 's' && MayPrecedeS(word[^2]) => word[..^1],
            _ => word,
        };
        return stem switch
        {
            { Length: > 5 } when stem.EndsWith("est", StringComparison.Ordinal) => stem[..^3],
            { Length: > 4 } when stem.EndsWith("er", StringComparison.Ordinal) || stem.EndsWith("en", StringComparison.Ordinal) => stem[..^2],
            { Length: > 4 } when stem.EndsWith("st", StringComparison.Ordinal) && MayPrecedeS(stem[^3]) => stem[..^2],
            _ => stem,
        };
    }

    /// <summary>The words of some texts as the index stores them: stemmed, separated by spaces.</summary>
    public static string Words(params IEnumerable<string?> texts) =>
        string.Join(' ', texts.Where(text => text is not null).SelectMany(text => Fold(text!).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(Stem));

    /// <summary>The different words of a text, folded.</summary>
    public static IReadOnlyList<string> DistinctWords(string text) =>
        [.. Fold(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// An FTS5 expression that matches records with all words, each as a stem or as the beginning of a word.
    /// </summary>
    /// <param name="words">Folded, so letters and digits only. User input cannot contain an FTS5 operator.</param>
    public static string Match(IEnumerable<string> words) =>
        string.Join(" AND ", words.Select(word => $"(\"{Stem(word)}\" OR \"{word}\"*)"));

    /// <summary>
    /// Removes diacritics from letters of Latin-1 and Latin Extended-A and from two Romanian letters. `string.Normalize` needs ICU:
    /// with `InvariantGlobalization` it returns its input unchanged.
    /// </summary>
    private static char WithoutMark(char c) => c switch
    {
        'à' or 'á' or 'â' or 'ã' or 'ä' or 'å' or 'ā' or 'ă' or 'ą' => 'a',
        'ç' or 'ć' or 'ĉ' or 'ċ' or 'č' => 'c',
        'ď' => 'd',
        'è' or 'é' or 'ê' or 'ë' or 'ē' or 'ĕ' or 'ė' or 'ę' or 'ě' => 'e',
        'ĝ' or 'ğ' or 'ġ' or 'ģ' => 'g',
        'ĥ' => 'h',
        'ì' or 'í' or 'î' or 'ï' or 'ĩ' or 'ī' or 'ĭ' or 'į' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' or 'ļ' or 'ľ' => 'l',
        'ñ' or 'ń' or 'ņ' or 'ň' => 'n',
        'ò' or 'ó' or 'ô' or 'õ' or 'ö' or 'ō' or 'ŏ' or 'ő' => 'o',
        'ŕ' or 'ŗ' or 'ř' => 'r',
        'ś' or 'ŝ' or 'ş' or 'š' or 'ș' => 's',
        'ţ' or 'ť' or 'ț' => 't',
        'ù' or 'ú' or 'û' or 'ü' or 'ũ' or 'ū' or 'ŭ' or 'ů' or 'ű' or 'ų' => 'u',
        'ŵ' => 'w',
        'ý' or 'ÿ' or 'ŷ' => 'y',
        'ź' or 'ż' or 'ž' => 'z',
        _ => c,
    };

    private static bool IsVowelOrQ(char c) => c is 'a' or 'e' or 'i' or 'o' or 'u' or 'y' or 'q';

    // Without r, because "Kurs" and "Kurse" must have the same stem. With p for loanwords ("Workshops").
    private static bool MayPrecedeS(char c) => c is 'b' or 'd' or 'f' or 'g' or 'h' or 'k' or 'l' or 'm' or 'n' or 'p' or 't';
}
