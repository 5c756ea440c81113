using AnkerOrte.Api.Database;

namespace AnkerOrte.Api.Http;

/// <summary>Full text as a condition and as an order, for the search and for the `q` of every list.</summary>
internal static class Words
{
    /// <summary>Each word costs a search of its own.</summary>
    private const int Most = 16;

    /// <summary>The records of one kind that carry every word.</summary>
    /// <param name="kind">A constant of this program.</param>
    /// <param name="key">The column that holds the key of the record.</param>
    public static void AddWords(this Filter filter, string kind, string key, string? words, List<ProblemError> errors) =>
        filter.Add(words, key, Keys(kind, "words"), errors);

    /// <summary>The records of any kind that carry every word, by their number.</summary>
    public static void AddWords(this Filter filter, string number, string? words, List<ProblemError> errors) =>
        filter.Add(words, number, Numbers("words"), errors);

    /// <summary>
    /// Hits in the title before hits in keywords before hits in the text. Unlike bm25 this depends on the record alone,
    /// so a walk through the pages stays exact while other records change.
    /// </summary>
    public static SortKey Relevance(string kind, string key) => Rank(key, words => Keys(kind, words));

    public static SortKey Relevance(string number) => Rank(number, Numbers);

    private static SortKey Rank(string column, Func<string, string> found) =>
        new($"case when {column} in ({found("words_title")}) then 0 when {column} in ({found("words_keywords")}) then 1 else 2 end");

    private static string Numbers(string words) => $"select rowid from search_words where search_words match @{words}";

    private static string Keys(string kind, string words) =>
        $"select e.key from search_words w join search_entries e on e.number = w.rowid where search_words match @{words} and e.kind = '{kind}'";

    private static void Add(this Filter filter, string? words, string column, string select, List<ProblemError> errors)
    {
        if (words is null)
        {
            return;
        }

        var distinct = GermanText.DistinctWords(words);
        if (distinct.Count == 0)
        {
            errors.Add(Checks.NoWord());
        }
        else if (distinct.Count > Most)
        {
            errors.Add(new(
                "/query/q", "q", "count",
                new($"Höchstens {Most} verschiedene Wörter, nicht {distinct.Count}.",
                $"At most {Most} different words, not {distinct.Count}.")));
        }
        else
        {
            var match = GermanText.Match(distinct);
            filter.AddFound("q", column, select, ("words", match), ("words_title", "{title} : (" + match + ")"),
                ("words_keywords", "{title keywords} : (" + match + ")"));
        }
    }
}
