namespace AnkerOrte.Api.Http;

/// <summary>The beginning of a text.</summary>
internal static class Excerpt
{
    /// <summary>
    /// A text of at most <paramref name="most"/> characters as it is. A longer one ends at its last space within the limit, followed
    /// by " …". If there is no space, as in a long web address, it ends at the limit, but never inside a surrogate pair.
    /// </summary>
    public static string Of(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        var end = text.LastIndexOf(' ', most);
        if (end <= 0)
        {
            end = char.IsLowSurrogate(text[most]) && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        }

        return text[..end] + " …";
    }
}
