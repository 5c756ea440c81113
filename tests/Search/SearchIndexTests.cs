using System.Text;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Tests.Privacy;
using Dapper;

namespace AnkerOrte.Tests.Search;

/// <summary>The texts of the search index: with words of any length, and with any characters.</summary>
public sealed class SearchIndexTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly string LongWord = "https://example.org/" + new string('x', 250);

    [Theory]
    [InlineData("eins zwei", 9, "eins zwei")]
    [InlineData("eins zwei drei", 9, "eins zwei …")]
    [InlineData("eins zwei drei", 8, "eins …")]
    [InlineData("einszweidrei", 4, "eins …")]
    [InlineData(" einszweidrei", 4, " ein …")]
    [InlineData("abc🎈de", 4, "abc …")]
    [InlineData("abc🎈de", 5, "abc🎈 …")]
    [InlineData("", 0, "")]
    public void An_excerpt_ends_between_words_or_else_at_the_limit(string text, int most, string expected) =>
        Assert.Equal(expected, Excerpt.Of(text, most));

    [Fact]
    public async Task A_word_longer_than_a_teaser_can_be_stored_and_is_found()
    {
        var editor = api.As("editor");
        await editor.SendAsync("POST", "/v1/codebook/goals/codes", new
        {
            key = "long-word",
            label = new { de = "Langes Wort", en = "Long word" },
            definition = new { de = LongWord, en = LongWord },
            neighbours = new[] { "goals.inclusion" },
        }).ShouldBeAsync(HttpStatusCode.Created);
        var talk = Talks.Add(
            api, "interview", participants: ["p-anna"], text: "p-anna: " + LongWord, passages: [("p-anna", LongWord, "under-review")]);
        await Talks.GiveAsync(api.As("researcher"), talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        var hash = Talks.Read(
            api, connection =>
            connection.ExecuteScalar<string>("select sha256 from transcripts where conversation_id = @talk", new { talk }));
        await api.As("releaser").SendAsync("POST", $"/v1/passages/{talk}-0/release", new { textSha256 = hash })
            .ShouldBeAsync(HttpStatusCode.OK);

        var found = (await api.GetAsync("/v1/search?q=" + new string('x', 100))).Items();

        Assert.Equal(["goals.long-word", talk + "-0"], found.Texts("id").Order());
    }

    [Fact]
    public async Task An_experience_of_one_long_word_has_a_label_in_the_evidence()
    {
        var (site, finding) = Talks.Read(
            api, connection =>
            connection.QueryFirst<(string, string)>(
            "select site_id, finding_id from site_experiences where site_id = 'probierladen-jena' limit 1"));
        var experiences = (await api.GetAsync("/v1/anchor-sites/" + site)).GetProperty("experiences").EnumerateArray()
            .Select(experience => new
            {
                id = experience.GetProperty("id").GetString(),
                kind = experience.GetProperty("kind").GetString(),
                text = LongWord,
                findingId = experience.GetProperty("findingId").GetString(),
                relation = experience.GetProperty("relation").GetString(),
                sourceId = experience.GetProperty("sourceId").GetString(),
            });
        await api.As("editor").SendAsync("PATCH", "/v1/anchor-sites/" + site, new { experiences }, "*").ShouldBeAsync(HttpStatusCode.OK);

        var nodes = (await api.GetAsync($"/v1/findings/{finding}/evidence")).GetProperty("nodes").EnumerateArray();

        Assert.Contains(
            nodes, node => node.GetProperty("label").GetString()!.EndsWith(": " + LongWord[..90] + " …", StringComparison.Ordinal));
    }

    [Fact]
    public void Any_text_can_be_indexed_and_asked_for_and_is_found_by_its_German_words()
    {
        var random = new Random(20261201);
        var texts = Enumerable.Range(0, 3_000).Select(_ => (Text: Any(random), Word: Letters(random, random.Next(1, 400)))).ToList();
        foreach (var (text, _) in texts)
        {
            Assert.True(Excerpt.Of(text, 240).Length <= 242);
            Assert.DoesNotContain('�', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Excerpt.Of(WithoutHalves(text), 240))));
            Assert.InRange(NearestName.Distance(GermanText.Fold(text), "jena"), 0, Math.Max(4, GermanText.Fold(text).Length));
        }

        api.Write(connection =>
        {
            connection.Execute("savepoint fuzz");
            SearchIndex.Put(
                connection, texts.Select(
                (text, i) =>
                new SearchEntry(
                "fuzz", $"{i}", text.Text, text.Text)
                { Keywords = [text.Text, null], Text = [text.Text + " " + text.Word] }));
            foreach (var ((text, word), i) in texts.Select((text, i) => (text, i)))
            {
                Assert.Contains($"{i}", Find(connection, GermanText.Match(GermanText.DistinctWords(word))));
                if (GermanText.DistinctWords(text) is { Count: > 0 } words)
                {
                    Find(connection, GermanText.Match(words));
                }
            }

            connection.Execute("rollback to fuzz; release fuzz");
        });
    }

    private static List<string> Find(Microsoft.Data.Sqlite.SqliteConnection connection, string match) => connection.Query<string>(
        "select e.key from search_words w join search_entries e on e.number = w.rowid where search_words match @match and e.kind = 'fuzz'",
            new { match }).AsList();

    /// <summary>Words, operators of FTS5, control characters, marks, halves of surrogate pairs, in any mixture.</summary>
    private static string Any(Random random)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(0, 12); parts > 0; parts--)
        {
            text.Append(random.Next(8) switch
            {
                0 => Letters(random, random.Next(1, 400)),
                1 => ((string[])["\"", "*", " AND ", " OR ", "NEAR(", ")", "{title} : ", "^", "-", "'", "\\", "%", "_"])[random.Next(13)],
                2 => ((char)random.Next(0, 0x10000)).ToString(),
                3 => char.ConvertFromUtf32(random.Next(0x10000, 0x110000)),
                4 => new string(' ', random.Next(1, 5)),
                5 => ((char)random.Next(0, 0x20)).ToString(),
                6 => "\u0308",
                _ => Letters(random, random.Next(1, 12)) + " ",
            });
        }

        return text.ToString();
    }

    private static string Letters(Random random, int length) =>
        new([.. Enumerable.Range(0, length).Select(_ => "abcdefghijklmnopqrstuvwxyzäöüßÄÖÜ"[random.Next(33)])]);

    private static string WithoutHalves(string text) => new([.. text.Where((c, i) => c != '�' && (!char.IsSurrogate(c)
        || (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            || (char.IsLowSurrogate(c) && i > 0 && char.IsHighSurrogate(text[i - 1]))))]);
}
