using AnkerOrte.Tests.Privacy;

namespace AnkerOrte.Tests.Conversations;

/// <summary>From a transcript to a passage that everybody may quote, and back to nothing.</summary>
public sealed class ConversationTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Text = "M: Wie begann es?\r\np-anna: Mit einem Café 🎈 im Rathaus 😀. Zeisigwort.\r\nM: Und heute?\rp-anna: Heute ist es voll.";
    private const string Both = "p-anna: Es geht.\np-bert: Nein, gar nicht.";
    private readonly HttpClient researcher = api.As("researcher", "owner-r");
    private readonly HttpClient releaser = api.As("releaser", "owner-l");

    private sealed record Talk(string Id, string Path, string Hash);

    private async Task<Talk> RecordAsync(string kind = "interviews", string project = "jena", string text = Text)
    {
        var made = await researcher.SendAsync("POST", "/v1/" + kind, new
        {
            project,
            heldOn = "2026-05-12",
            guideVersion = "1",
            participants = kind == "interviews" ? new[] { "p-anna" } : ["p-anna", "p-bert"],
            sites = new[] { "probierladen-jena" },
            types = new[] { "makerspace" },
        }).ShouldBeAsync(HttpStatusCode.Created);
        var path = new Uri(made.GetProperty("self").GetString()!).AbsolutePath;
        Assert.Equal("draft", made.GetProperty("state").GetString());
        var stored = await researcher.SendAsync("PUT", path + "/transcript", new { text }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("transcribed", stored.GetProperty("state").GetString());
        return new(made.GetProperty("id").GetString()!, path, stored.GetProperty("textSha256").GetString()!);
    }

    private async Task<string> MarkAsync(Talk talk, string quote, string text = Text)
    {
        var before = text.ReplaceLineEndings("\n");
        var start = before[..before.IndexOf(quote, StringComparison.Ordinal)].EnumerateRunes().Count();
        var end = start + quote.EnumerateRunes().Count();
        var passage = await researcher.SendAsync("POST", talk.Path + "/passages", new { start, end, quote }).ShouldBeAsync(HttpStatusCode.Created);
        var id = passage.GetProperty("id").GetString()!;
        await researcher.SendAsync("POST", $"/v1/passages/{id}/submit", new { textSha256 = talk.Hash }).ShouldBeAsync(HttpStatusCode.OK);
        return id;
    }

    private Task<HttpResponseMessage> ReleaseAsync(Talk talk, string passage, HttpClient? by = null) =>
        (by ?? releaser).SendAsync("POST", $"/v1/passages/{passage}/release", new { textSha256 = talk.Hash });

    [Fact]
    public async Task A_transcript_is_stored_once_with_line_feeds_and_counted_in_code_points()
    {
        var talk = await RecordAsync();

        var text = await researcher.SendAsync("GET", talk.Path + "/transcript").ShouldBeAsync(HttpStatusCode.OK);

        var expected = Text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        Assert.Equal((expected, 109), (text.GetProperty("text").GetString(), text.GetProperty("codePoints").GetInt32()));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(expected))), text.GetProperty("sha256").GetString());
        await researcher.SendAsync("PUT", talk.Path + "/transcript", new { text = expected }).ShouldBeAsync(HttpStatusCode.OK);
        await researcher.SendAsync("PUT", talk.Path + "/transcript", new { text = expected + "!" }).ShouldBeProblemAsync(409, "conflict");
    }

    [Theory]
    [InlineData(26, 26, "M", "/end", "end-before-start", null)]
    [InlineData(30, 20, "M", "/end", "end-before-start", null)]
    [InlineData(90, 400, "Heute ist es voll.", "/end", "outside", """{"start":91,"end":109}""")]
    [InlineData(47, 54, "Rathaus", "/start", "positions-in-utf16", """{"start":46,"end":53}""")]
    [InlineData(26, 33, "Rathaus", "/quote", "quote-mismatch", """{"start":46,"end":53}""")]
    [InlineData(26, 33, "Nirgends", "/quote", "quote-mismatch", null)]
    public async Task A_passage_must_stand_where_it_is_said_to(int start, int end, string quote, string place, string code, string? suggestion)
    {
        var talk = await RecordAsync();

        var error = Assert.Single(await researcher.SendAsync("POST", talk.Path + "/passages", new { start, end, quote }).ShouldBeProblemAsync(422, "unprocessable"));

        Assert.Equal((place, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal(suggestion, error.TryGetProperty("suggestion", out var right) ? right.GetString() : null);
        Assert.Equal(0, (await researcher.SendAsync("GET", talk.Path + "/passages").ShouldBeAsync(HttpStatusCode.OK)).GetProperty("page").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_released_passage_is_public_and_vanishes_with_the_consent()
    {
        var talk = await RecordAsync();
        var passage = await MarkAsync(talk, "Mit einem Café 🎈 im Rathaus 😀. Zeisigwort");
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync(talk.Path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/passages/" + passage)).StatusCode);
        // Without consent nothing is released.
        await ReleaseAsync(talk, passage).ShouldBeProblemAsync(409, "conflict");
        await Talks.GiveAsync(researcher, talk.Id, "p-anna", "transcript-use", "quotation-pseudonymous");

        await ReleaseAsync(talk, passage).ShouldBeAsync(HttpStatusCode.OK);

        var shown = await api.GetAsync("/v1/passages/" + passage);
        Assert.Equal("Mit einem Café 🎈 im Rathaus 😀. Zeisigwort", shown.GetProperty("quote").GetString());
        Assert.Equal(("interview", "2026-05", "makerspace"), (shown.GetProperty("kind").GetString(), shown.GetProperty("month").GetString(), shown.GetProperty("types")[0].GetString()));
        Assert.Empty(shown.GetProperty("sites").EnumerateArray());
        Assert.False(shown.TryGetProperty("pseudonym", out _) || shown.TryGetProperty("state", out _) || shown.TryGetProperty("start", out _));
        var seen = await api.GetAsync(talk.Path);
        Assert.Equal(1, seen.GetProperty("releasedPassages").GetInt32());
        Assert.False(seen.TryGetProperty("participants", out _) || seen.TryGetProperty("project", out _) || seen.TryGetProperty("heldOn", out _));
        Assert.Equal("released", (await researcher.SendAsync("GET", talk.Path).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("state").GetString());
        Assert.Equal(passage, Assert.Single((await api.GetAsync("/v1/search?q=Zeisigwort")).Items()).GetProperty("id").GetString());
        Assert.Equal(passage, Assert.Single((await api.GetAsync("/v1/passages?q=Zeisigwort&type=makerspace")).Items()).GetProperty("id").GetString());
        // The site is told once everybody in it agrees.
        await Talks.GiveAsync(researcher, talk.Id, "p-anna", "site-named");
        Assert.Equal("probierladen-jena", (await api.GetAsync(talk.Path)).GetProperty("sites")[0].GetProperty("id").GetString());

        var report = await researcher.SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talk.Id, pseudonym = "p-anna", purposes = new[] { "transcript-use" } }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(passage, report.GetProperty("consequences").GetProperty("passages")[0].GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/passages/" + passage)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync(talk.Path)).StatusCode);
        Assert.Empty((await api.GetAsync("/v1/search?q=Zeisigwort")).Items());
        Assert.Empty((await api.GetAsync("/v1/passages?q=Zeisigwort")).Items());
        await researcher.SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talk.Id, pseudonym = "p-anna", purposes = new[] { "transcript-use" } }).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal("withdrawn", (await researcher.SendAsync("GET", talk.Path).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("state").GetString());
        Assert.Equal(["created", "updated", "deleted"], Talks.Read(api, connection => Dapper.SqlMapper.Query<string>(connection, "select action from changes where kind = 'passage' and key = @passage order by number", new { passage }).ToList()));
    }

    [Fact]
    public async Task Nobody_releases_what_they_recorded_or_marked_nor_a_changed_text_nor_twice()
    {
        var talk = await RecordAsync();
        var passage = await MarkAsync(talk, "Mit ");
        await Talks.GiveAsync(researcher, talk.Id, "p-anna", "transcript-use", "quotation-pseudonymous");

        await ReleaseAsync(talk, passage, api.As("releaser", "owner-r")).ShouldBeProblemAsync(403, "forbidden");
        await ReleaseAsync(talk, passage, researcher).ShouldBeProblemAsync(403, "forbidden");
        var changed = Assert.Single(await releaser.SendAsync("POST", $"/v1/passages/{passage}/release", new { textSha256 = new string('0', 64) }).ShouldBeProblemAsync(409, "conflict"));
        Assert.Equal(("/textSha256", "text-changed"), (changed.GetProperty("pointer").GetString(), changed.GetProperty("code").GetString()));
        await researcher.SendAsync("POST", $"/v1/passages/{passage}/submit", new { textSha256 = talk.Hash }).ShouldBeProblemAsync(409, "conflict");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReleaseAsync(talk, passage)));

        Assert.Equal([200, 409, 409, 409], answers.Select(answer => (int)answer.StatusCode).Order());
    }

    [Fact]
    public async Task What_a_key_does_not_reach_does_not_exist_for_it()
    {
        var talk = await RecordAsync();
        var passage = await MarkAsync(talk, "Mit ");
        var other = api.As("researcher", "owner-x", "project:gera");
        foreach (var path in new[] { talk.Path, talk.Path + "/transcript", talk.Path + "/passages", "/v1/passages/" + passage })
        {
            var (here, nowhere) = (await other.GetAsync(path), await other.GetAsync(path.Replace(talk.Id, "talk-0", StringComparison.Ordinal).Replace(passage, "passage-0", StringComparison.Ordinal)));
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (here.StatusCode, nowhere.StatusCode));
        }

        await other.SendAsync("POST", talk.Path + "/passages", new { start = 0, end = 1, quote = "M" }).ShouldBeProblemAsync(404, "not-found");
        await ReleaseAsync(talk, passage, api.As("releaser", "owner-y", "project:gera")).ShouldBeProblemAsync(404, "not-found");
        Assert.DoesNotContain((await other.SendAsync("GET", "/v1/interviews").ShouldBeAsync(HttpStatusCode.OK)).Items(), item => item.GetProperty("id").GetString() == talk.Id);
        Assert.Equal(talk.Id, (await api.As("researcher", "owner-z", "project:jena").SendAsync("GET", talk.Path).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("id").GetString());
        await other.SendAsync("POST", "/v1/interviews", new { project = "jena", heldOn = "2026-05-12" }).ShouldBeProblemAsync(403, "forbidden");
        Assert.Equal(HttpStatusCode.Forbidden, (await api.As("admin").GetAsync(talk.Path + "/transcript")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.As("admin").GetAsync(talk.Path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await researcher.GetAsync(talk.Path.Replace("interviews", "focus-groups", StringComparison.Ordinal))).StatusCode);
    }

    [Fact]
    public async Task In_a_focus_group_everybody_who_speaks_in_a_passage_must_agree()
    {
        var talk = await RecordAsync("focus-groups", text: Both);
        var both = await MarkAsync(talk, "geht.\np-bert: Nein", Both);
        var one = await MarkAsync(talk, "Es geht.", Both);
        await Talks.GiveAsync(researcher, talk.Id, "p-anna", "transcript-use", "quotation-pseudonymous");

        await ReleaseAsync(talk, both).ShouldBeProblemAsync(409, "conflict");
        await ReleaseAsync(talk, one).ShouldBeAsync(HttpStatusCode.OK);
        await releaser.SendAsync("POST", $"/v1/passages/{both}/reject", new { textSha256 = talk.Hash }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("partly", (await researcher.SendAsync("GET", talk.Path).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("state").GetString());
        Assert.Equal(1, (await api.GetAsync(talk.Path)).GetProperty("releasedPassages").GetInt32());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/passages/" + both)).StatusCode);
    }

    [Fact]
    public async Task A_one_time_link_shows_only_own_passages_and_is_used_once()
    {
        var talk = await RecordAsync("focus-groups", text: Both);
        var mine = (await researcher.SendAsync("POST", talk.Path + "/passages", new { start = 8, end = 16, quote = "Es geht.", pseudonym = "p-anna" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!;
        var theirs = (await researcher.SendAsync("POST", talk.Path + "/passages", new { start = 25, end = 29, quote = "Nein", pseudonym = "p-bert" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!;
        foreach (var passage in new[] { mine, theirs })
        {
            await researcher.SendAsync("POST", $"/v1/passages/{passage}/submit", new { textSha256 = talk.Hash }).ShouldBeAsync(HttpStatusCode.OK);
        }

        await Talks.GiveAsync(researcher, talk.Id, "p-anna", "transcript-use", "quotation-pseudonymous");
        var anna = api.With((await researcher.SendAsync("POST", talk.Path + "/release-links", new { pseudonym = "p-anna" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!);

        var offer = await anna.SendAsync("GET", "/v1/release").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(mine, Assert.Single(offer.GetProperty("passages").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await anna.GetAsync(talk.Path + "/transcript")).StatusCode);
        // Half of it is wrong, so nothing is done and the link still holds.
        var error = Assert.Single(await anna.SendAsync("POST", "/v1/release", new { decisions = new[] { new { passage = mine, release = true, textSha256 = talk.Hash }, new { passage = theirs, release = true, textSha256 = talk.Hash } } })
            .ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("/decisions/1/passage", error.GetProperty("pointer").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/passages/" + mine)).StatusCode);

        await anna.SendAsync("POST", "/v1/release", new { decisions = new[] { new { passage = mine, release = true, textSha256 = talk.Hash } } }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("Es geht.", (await api.GetAsync("/v1/passages/" + mine)).GetProperty("quote").GetString());
        await anna.SendAsync("GET", "/v1/release").ShouldBeProblemAsync(401, "unauthorized");
        await anna.SendAsync("POST", "/v1/release", new { withdraw = true }).ShouldBeProblemAsync(401, "unauthorized");
        // Another link, to withdraw; and one that has expired.
        var again = api.With((await researcher.SendAsync("POST", talk.Path + "/release-links", new { pseudonym = "p-anna" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!);
        Assert.Equal(mine, (await again.SendAsync("POST", "/v1/release", new { withdraw = true }).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("passages")[0].GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/passages/" + mine)).StatusCode);
        var late = api.With((await researcher.SendAsync("POST", talk.Path + "/release-links", new { pseudonym = "p-bert", days = 1 }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!);
        api.Write(connection => Dapper.SqlMapper.Execute(connection, "update release_links set expires_at = '2026-01-01T00:00:00.000Z' where answered_at is null"));
        await late.SendAsync("GET", "/v1/release").ShouldBeProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task What_does_not_exist_is_named_all_at_once()
    {
        var errors = await researcher.SendAsync("POST", "/v1/focus-groups", new
        {
            project = "nirgends",
            heldOn = "2099-01-01",
            participants = new[] { "p-anna" },
            sites = new[] { "probierladen-jena", "kein-ort" },
            types = new[] { "kein-typ" },
        }).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(["/heldOn", "/participants", "/project", "/sites/1", "/types/0"], errors.Select(error => error.GetProperty("pointer").GetString()!).Order(StringComparer.Ordinal));
    }
}
