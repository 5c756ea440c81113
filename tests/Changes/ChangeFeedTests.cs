using System.Collections.Concurrent;

namespace AnkerOrte.Tests.Changes;

public sealed class ChangeFeedTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly (string Kind, string List, string Key)[] Lists =
    [
        ("anchor-site", "/v1/anchor-sites", "id"), ("source", "/v1/sources", "id"), ("project", "/v1/projects", "id"), ("dimension", "/v1/codebook", "key"),
    ];

    [Fact]
    public async Task The_feed_begins_with_everything_that_is_published_and_counts_without_gaps()
    {
        var (changes, _) = await ReadAsync("", 200);

        Assert.Equal(Enumerable.Range(1, changes.Count).Select(number => (long)number), changes.Select(change => change.GetProperty("number").GetInt64()));
        var copy = new Dictionary<(string, string), string>();
        Apply(copy, changes);
        await ShouldBeThePublishedStateAsync(copy);
        Assert.Equal(10_981, copy.Keys.Count(record => record.Item1 == "municipality"));
    }

    [Fact]
    public async Task Whoever_pages_the_feed_while_others_write_ends_with_the_published_state()
    {
        using var editor = api.As("editor");
        var copy = new ConcurrentDictionary<(string, string), string>();
        var (all, cursor) = await ReadAsync("", 200);
        Apply(copy, all);
        var done = new CancellationTokenSource();

        var reader = Task.Run(async () =>
        {
            // In small steps, so that writes fall between the pages.
            while (!done.IsCancellationRequested)
            {
                var (changes, next) = await ReadAsync(cursor, 3);
                Apply(copy, changes);
                cursor = next;
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => WriteAsync(editor, writer)));
        await done.CancelAsync();
        await reader;
        var (last, _) = await ReadAsync(cursor, 200);
        Apply(copy, last);

        await ShouldBeThePublishedStateAsync(copy);
        var (again, _) = await ReadAsync("", 200);
        Assert.Equal(Enumerable.Range(1, again.Count).Select(number => (long)number), again.Select(change => change.GetProperty("number").GetInt64()));
    }

    [Fact]
    public async Task A_record_that_only_shows_another_one_is_in_the_feed_as_well()
    {
        using var editor = api.As("editor");
        var cursor = (await api.GetAsync("/v1/changes?from=end")).GetProperty("cursor").GetString()!;

        await editor.SendAsync("PATCH", "/v1/sources/src-0195", new { title = "Ein Jahr ProbierLaden" }, "*").ShouldBeAsync(HttpStatusCode.OK);

        var (changes, _) = await ReadAsync(cursor, 50);
        Assert.Equal(("source", "src-0195"), (changes[0].GetProperty("kind").GetString(), changes[0].GetProperty("id").GetString()));
        var site = changes.Single(change => change.GetProperty("id").GetString() == "probierladen-jena");
        Assert.Equal("Ein Jahr ProbierLaden", site.GetProperty("record").GetProperty("sources").EnumerateArray().First(source => source.GetProperty("id").GetString() == "src-0195").GetProperty("title").GetString());
        var updated = site.GetProperty("record").GetProperty("updatedAt").GetString();
        Assert.Contains("probierladen-jena", (await api.GetAsync($"/v1/anchor-sites?updatedSince={updated}")).Items().Texts("id"));
        var cited = await editor.SendAsync("PATCH", "/v1/anchor-sites/jedi-jena", new { characteristics = new { setting = new[] { "mobile" } }, sourceIds = new[] { "src-0195" }, experiences = Array.Empty<object>() }, "*").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Contains("jedi-jena", (await api.GetAsync($"/v1/sources?updatedSince={cited.GetProperty("updatedAt").GetString()}")).Items().Single(source => source.GetProperty("id").GetString() == "src-0195").GetProperty("anchorSites").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("setting", (await api.GetAsync($"/v1/codebook?updatedSince={cited.GetProperty("updatedAt").GetString()}")).Items().Texts("key"));
    }

    [Fact]
    public async Task A_cursor_of_another_history_is_told_to_begin_again()
    {
        using var editor = api.As("editor");
        var before = (await api.GetAsync("/v1/changes?from=end")).GetProperty("cursor").GetString()!;
        var number = long.Parse(before.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

        // As after a restore of an older backup: the number is not reached yet, or it was something else.
        await api.Client.GetAsync($"/v1/changes?after={number + 1000}.{before.Split('.')[1]}").ShouldBeProblemAsync(410, "changes-start-again");
        await api.Client.GetAsync($"/v1/changes?after={number}.AAAAAAAA").ShouldBeProblemAsync(410, "changes-start-again");
        await api.Client.GetAsync("/v1/changes?after=nonsense").ShouldBeProblemAsync(400, "invalid-request");
        await api.Client.GetAsync($"/v1/changes?after={before}&from=end").ShouldBeProblemAsync(400, "invalid-request");
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync($"/v1/changes?after={before}")).StatusCode);
    }

    [Fact]
    public async Task A_kind_can_be_followed_alone()
    {
        using var editor = api.As("editor");
        var page = await api.GetAsync("/v1/changes?kind=anchor-site&kind=project&limit=200");

        Assert.Equal(["anchor-site", "project"], page.Items().Texts("kind").Distinct().Order());
        var end = (await api.GetAsync("/v1/changes?from=end&kind=project")).GetProperty("cursor").GetString();
        await editor.SendAsync("PATCH", "/v1/sources/src-0001", new { date = "2025" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        Assert.DoesNotContain("source", (await api.GetAsync($"/v1/changes?kind=anchor-site&after={end}")).Items().Texts("kind"));
        Assert.Contains("source", (await api.GetAsync($"/v1/changes?after={end}")).Items().Texts("kind"));
    }

    private static async Task WriteAsync(HttpClient editor, int writer)
    {
        for (var i = 0; i < 8; i++)
        {
            var id = $"feed-{writer}-{i}";
            await editor.SendAsync("POST", "/v1/anchor-sites", new
            {
                id,
                name = $"Feedort {writer} {i}",
                selfDesignation = "Labor",
                summary = "Ein Ort, den es nur in den Tests gibt.",
                status = "operating",
                mpscFunded = "not-documented",
                ags = "16053000",
                state = "DE-TH",
                characteristics = new { goals = new[] { "inclusion" } },
                sourceIds = new[] { "src-0195" },
            }).ShouldBeAsync(HttpStatusCode.Created);
            await editor.SendAsync("PATCH", $"/v1/anchor-sites/{id}", new { name = $"Feedort {writer} {i} neu" }, "*").ShouldBeAsync(HttpStatusCode.OK);
            if (i % 2 == 0)
            {
                await editor.SendAsync("DELETE", $"/v1/anchor-sites/{id}", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
            }

            if (i % 4 == 0)
            {
                await editor.SendAsync("POST", $"/v1/anchor-sites/{id}/restore").ShouldBeAsync(HttpStatusCode.OK);
            }
        }
    }

    private async Task<(List<JsonElement> Changes, string Cursor)> ReadAsync(string cursor, int limit)
    {
        var changes = new List<JsonElement>();
        while (true)
        {
            var page = await api.GetAsync($"/v1/changes?limit={limit}{(cursor.Length == 0 ? "" : "&after=" + cursor)}");
            changes.AddRange(page.Items());
            cursor = page.GetProperty("cursor").GetString()!;
            if (!page.GetProperty("more").GetBoolean())
            {
                return (changes, cursor);
            }
        }
    }

    /// <summary>What a portal does with each change.</summary>
    private static void Apply(IDictionary<(string, string), string> copy, List<JsonElement> changes)
    {
        foreach (var change in changes)
        {
            var record = (change.GetProperty("kind").GetString()!, change.GetProperty("id").GetString()!);
            if (change.TryGetProperty("record", out var document))
            {
                copy[record] = document.GetRawText();
            }
            else
            {
                copy.Remove(record);
            }
        }
    }

    private async Task ShouldBeThePublishedStateAsync(IDictionary<(string Kind, string Id), string> copy)
    {
        foreach (var (kind, list, key) in Lists)
        {
            var published = (await api.WalkAsync($"{list}?limit=200")).ToDictionary(record => record.GetProperty(key).GetString()!, record => record.GetRawText());
            var copied = copy.Where(record => record.Key.Kind == kind).ToDictionary(record => record.Key.Id, record => record.Value);
            Assert.Equal(published.OrderBy(record => record.Key, StringComparer.Ordinal), copied.OrderBy(record => record.Key, StringComparer.Ordinal));
        }

        var municipality = await api.GetAsync("/v1/municipalities/16053000");
        Assert.Equal(municipality.GetRawText(), copy[("municipality", "16053000")]);
    }
}
