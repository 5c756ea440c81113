using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Privacy;

/// <summary>Access, restriction and erasure, end to end.</summary>
public sealed class ErasureTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient officer = api.As("privacy-officer");

    [Fact]
    public async Task Erasing_leaves_ids_a_date_and_a_reason_and_nothing_else()
    {
        var talk = Talks.Add(api, text: "M: Und?\np-anna: Das Zitat Wolkenkratzer 🎈 gehört mir.\np-bert: Bleibt stehen.", passages: [("p-anna", "Wolkenkratzer 🎈 gehört", "released"), ("p-bert", "Bleibt stehen.", "released")]);
        await Talks.GiveAsync(officer, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        await Talks.GiveAsync(officer, talk, "p-bert", "transcript-use", "quotation-pseudonymous");
        var (id, address) = await AddAsync("Anna Löschname", talk, key: "erase-me");

        var report = await officer.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("request", report.GetProperty("reason").GetString());
        Assert.Equal([talk + "-0"], report.GetProperty("consequences").GetProperty("passages").EnumerateArray().Select(passage => passage.GetString()!));
        Assert.Equal([talk], report.GetProperty("transcripts").EnumerateArray().Select(transcript => transcript.GetString()!));
        Assert.Equal([("erased", ""), ("released", "Bleibt stehen.")], Talks.Passages(api, talk));
        var (text, hash) = Talks.Read(api, connection => connection.QuerySingle<(string, string)>("select text, sha256 from transcripts where conversation_id = @talk", new { talk }));
        Assert.Equal($"M: Und?\n{Redaction.Whole("p-anna: Das Zitat Wolkenkratzer 🎈 gehört mir.")}\np-bert: Bleibt stehen.", text);
        Assert.Equal(Redaction.Hash(text), hash);
        // What the other said is still where it was, and bound to the text.
        var (start, end, bound) = Talks.Read(api, connection => connection.QuerySingle<(int, int, string)>("select start_at, end_at, text_sha256 from passages where id = @id", new { id = talk + "-1" }));
        Assert.Equal(("Bleibt stehen.", hash), (Redaction.Part(text, start, end), bound));

        await (await officer.GetAsync(address)).ShouldBeProblemAsync(410, "gone");
        await officer.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeProblemAsync(410, "gone");
        await (await api.As("privacy-officer", null, "project:jena").GetAsync(address)).ShouldBeProblemAsync(404, "not-found");
        await officer.SendAsync("POST", "/v1/persons", Body("Anna Löschname", talk), key: "erase-me").ShouldBeProblemAsync(409, "response-deleted");
        Assert.Equal(["erased"], (await officer.SendAsync("POST", "/v1/persons", Body("Wieder da", talk)).ShouldBeProblemAsync(422, "unprocessable")).Texts("code"));
        await officer.SendAsync("POST", "/v1/consents", new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "recording" }, textVersion = "1", on = "2026-01-01" }).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal((id, "request"), Talks.Read(api, connection => connection.QuerySingle<(string, string)>("select id, reason from tombstones where kind = 'person' and id = @id", new { id })));
        var bytes = await Files.ReadAsync(api);
        Assert.DoesNotContain("Löschname", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("Wolkenkratzer", bytes, StringComparison.Ordinal);
        Assert.Contains(id, await File.ReadAllTextAsync(api.DatabaseFile + ".erasures"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erasure_says_that_a_reader_keeps_old_words_and_the_log_says_when_they_are_gone()
    {
        var (id, address) = await AddAsync("Anna Vorgestern", Talks.Add(api));
        JsonElement report;
        using (api.Services.GetRequiredService<Database>().Read())
        {
            report = await officer.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK);
            Assert.False(report.GetProperty("overwritten").GetBoolean());
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await (await officer.GetAsync("/v1/audit-log?action=overwrite%20erased")).JsonAsync()).Items().Texts("object")
            .All(path => path != "/v1/persons/" + id))
        {
            await Task.Delay(50, patience.Token);
        }

        Assert.DoesNotContain("Anna Vorgestern", await Files.ReadAsync(api), StringComparison.Ordinal);
        // What nobody keeps is gone with the answer.
        (_, address) = await AddAsync("Anna Gestern", Talks.Add(api));
        Assert.True((await officer.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK))
            .GetProperty("overwritten").GetBoolean());
        Assert.False(
            (await (await officer.SendAsync(
            "POST", (await AddAsync("Anna Probe", Talks.Add(api))).Item2 + "/erasure?dryRun=true", new { reason = "request" })).JsonAsync())
            .TryGetProperty("overwritten", out _));
    }

    [Fact]
    public async Task No_word_of_an_erased_passage_is_left_in_the_search_index()
    {
        var talk = Talks.Add(
            api, text: "p-anna: Zeisigkauzrathaus steht hier.\np-bert: Ja.",
            passages: [("p-anna", "Zeisigkauzrathaus steht hier.", "under-review")]);
        await Talks.GiveAsync(officer, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        await api.As("releaser")
            .SendAsync("POST", $"/v1/passages/{talk}-0/release",
            new { textSha256 = Redaction.Hash("p-anna: Zeisigkauzrathaus steht hier.\np-bert: Ja.") }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Single((await api.GetAsync("/v1/search?q=Zeisigkauzrathaus")).Items());
        Assert.Contains("sigkauzrat", await Files.ReadAsync(api), StringComparison.OrdinalIgnoreCase);

        var (_, address) = await AddAsync("Anna Index", talk);
        Assert.True((await officer.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK))
            .GetProperty("overwritten").GetBoolean());

        // The index stores stems, without what a word shares with the one before it.
        Assert.DoesNotContain("sigkauzrat", await Files.ReadAsync(api), StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty((await api.GetAsync("/v1/search?q=Jena")).Items());
    }

    [Fact]
    public async Task An_interview_belongs_to_the_one_who_was_asked()
    {
        var talk = Talks.Add(api, kind: "interview", participants: ["p-anna"], text: "Frage: Wie?\nAntwort ohne Kürzel.");
        var (_, address) = await AddAsync("Anna Interview", talk);

        await officer.SendAsync("POST", address + "/erasure", new { reason = "consent-withdrawn" }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("███████████\n████████████████████", Talks.Read(api, connection => connection.QuerySingle<string>("select text from transcripts where conversation_id = @talk", new { talk })));
    }

    [Fact]
    public async Task A_passage_that_reaches_into_what_was_erased_is_hidden()
    {
        var talk = Talks.Add(api, passages: [("p-bert", "Wir waren skeptisch.\nM: Und heute?\np-anna: Heute", "released")]);
        await Talks.GiveAsync(officer, talk, "p-bert", "transcript-use", "quotation-pseudonymous");
        var (_, address) = await AddAsync("Anna Überlappung", talk);

        await officer.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal([("withdrawn", "Wir waren skeptisch.\nM: Und heute?\n█████████████")], Talks.Passages(api, talk));
    }

    [Fact]
    public async Task A_legal_hold_keeps_and_a_dry_run_erases_nothing()
    {
        var talk = Talks.Add(api);
        var (_, address) = await AddAsync("Anna Sperre", talk);
        await officer.SendAsync("POST", address + "/erasure?dryRun=true", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK);
        await officer.SendAsync("PATCH", address, new { legalHold = true }, ifMatch: await officer.TagAsync(address), mediaType: "application/merge-patch+json").ShouldBeAsync(HttpStatusCode.OK);

        await officer.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeProblemAsync(409, "conflict");
        await officer.SendAsync("POST", address + "/erasure", new { reason = "because" }).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal("Anna Sperre", (await (await officer.GetAsync(address)).JsonAsync()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Restriction_makes_a_conversation_one_for_the_privacy_officer_until_it_is_lifted()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "released")]);
        await Talks.GiveAsync(officer, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        var (_, anna) = await AddAsync("Anna Einschränkung", talk);
        var (_, bert) = await AddAsync("Bert Einschränkung", talk, "p-bert");
        bool IsRestricted() => Talks.Read(api, connection => connection.QuerySingle<bool>("select restricted from conversations where id = @talk", new { talk }));

        var report = await officer.SendAsync("PUT", anna + "/restriction", new { restricted = true }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal([talk + "-0"], report.GetProperty("consequences").GetProperty("passages").EnumerateArray().Select(passage => passage.GetString()!));
        Assert.True(IsRestricted());
        Assert.Empty(Talks.Public(api, talk));
        await officer.SendAsync("PUT", bert + "/restriction", new { restricted = true }).ShouldBeAsync(HttpStatusCode.OK);
        await officer.SendAsync("PUT", anna + "/restriction", new { restricted = false }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.True(IsRestricted());
        await officer.SendAsync("POST", bert + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.False(IsRestricted());
        Assert.Equal(["Das war 2021."], Talks.Public(api, talk));
    }

    [Fact]
    public async Task The_export_has_all_of_one_person_and_nothing_of_others()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "released"), ("p-bert", "Wir waren skeptisch.", "draft")]);
        await Talks.GiveAsync(officer, talk, "p-anna", "recording");
        var (id, address) = await AddAsync("Anna *Auskunft*", talk);
        await officer.SendAsync("POST", "/v1/data-subject-requests", new { person = id, kind = "access", receivedOn = "2026-11-01" }).ShouldBeAsync(HttpStatusCode.OK);

        var response = await officer.GetAsync(address + "/export");
        var export = await response.JsonAsync();

        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal("Anna *Auskunft*", export.GetProperty("person").GetProperty("name").GetString());
        var conversation = Assert.Single(export.GetProperty("conversations").EnumerateArray());
        Assert.Equal(["p-anna: Mit einem Café 🎈 im Rathaus.\nDas war 2021.", "p-anna: Heute ist es voll."], conversation.GetProperty("turns").EnumerateArray().Select(turn => turn.GetString()!));
        Assert.Equal(["Das war 2021."], conversation.GetProperty("passages").EnumerateArray().ToList().Texts("quote"));
        Assert.Equal(["recording"], export.GetProperty("consents").EnumerateArray().ToList().Texts("purpose"));
        Assert.Equal(["access"], export.GetProperty("requests").EnumerateArray().ToList().Texts("kind"));
        Assert.DoesNotContain("skeptisch", export.GetRawText(), StringComparison.Ordinal);

        var page = await officer.GetAsync(address + "/export?format=md");
        Assert.Equal("text/markdown", page.Content.Headers.ContentType!.MediaType);
        var text = await page.Content.ReadAsStringAsync();
        Assert.Contains(@"- Name: Anna \*Auskunft\*", text, StringComparison.Ordinal);
        Assert.Contains("> p-anna: Heute ist es voll.", text, StringComparison.Ordinal);
        // The first look is in what the second one tells.
        Assert.Contains("privacy-officer: exportPerson", text, StringComparison.Ordinal);
        await (await officer.GetAsync(address + "/export?format=csv")).ShouldBeProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("update passages set quote = 'Etwas anderes.' where id = @id", "a passage differs from its transcript")]
    [InlineData("update passages set state = 'erased' where id = @id", "an erased passage still has text")]
    [InlineData("update consents set withdrawn_on = '2026-03-01', withdrawn_at = '2026-03-01T00:00:00.000Z' where purpose = 'transcript-use'", "a passage is public without consent")]
    [InlineData("insert into tombstones (kind, id, at, reason, participants) select 'person', id, '2026-03-01T00:00:00.000Z', 'request', '[]' from persons", "an erased person is in the vault")]
    public async Task Check_finds_what_should_not_be_there_any_more(string change, string finding)
    {
        using var own = new ApiFixture();
        var talk = Talks.Add(own, passages: [("p-anna", "Café 🎈 im", "released")]);
        await Talks.GiveAsync(own.As("researcher"), talk, "p-anna", "transcript-use", "quotation-named");
        await own.As("privacy-officer").SendAsync("POST", "/v1/persons", Body("Anna", talk)).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Empty(AnkerOrte.Api.Commands.IntegrityCheck.Run(own.DatabaseFile));

        own.Write(connection => connection.Execute(change, new { id = talk + "-0" }));

        Assert.StartsWith(finding + ": ", Assert.Single(AnkerOrte.Api.Commands.IntegrityCheck.Run(own.DatabaseFile)), StringComparison.Ordinal);
    }

    private async Task<(string Id, string Address)> AddAsync(string name, string talk, string pseudonym = "p-anna", string? key = null)
    {
        var made = await officer.SendAsync("POST", "/v1/persons", Body(name, talk, pseudonym), key: key).ShouldBeAsync(HttpStatusCode.Created);
        return (made.GetProperty("id").GetString()!, "/v1/persons/" + made.GetProperty("id").GetString());
    }

    private static object Body(string name, string talk, string pseudonym = "p-anna") =>
        new { name, project = "jena", deleteAfter = "2099-01-01", pseudonyms = new[] { new { conversation = talk, pseudonym } } };
}
