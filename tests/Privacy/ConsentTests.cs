using AnkerOrte.Api.Conversations;
using Dapper;

namespace AnkerOrte.Tests.Privacy;

/// <summary>Consent is separable by purpose, and withdrawing is as easy as giving.</summary>
public sealed class ConsentTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient researcher = api.As("researcher");

    [Fact]
    public async Task Purposes_are_given_one_by_one_and_stand_until_they_are_withdrawn()
    {
        var talk = Talks.Add(api);
        var given = await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        var again = await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "archiving");

        Assert.Equal(["quotation-pseudonymous", "transcript-use"], given.GetProperty("consents").EnumerateArray().ToList().Texts("purpose"));
        // What stands stays as it was recorded.
        Assert.Equal(3, again.GetProperty("consents").GetArrayLength());
        Assert.True(Talks.Read(api, connection => Consents.Allow(connection, talk, "p-anna", "archiving")));
        Assert.False(Talks.Read(api, connection => Consents.Allow(connection, talk, "p-bert", "archiving")));
        Assert.False(Talks.Read(api, connection => Consents.Allow(connection, talk, "p-anna", "recording")));

        await WithdrawAsync(talk, "p-anna", "archiving").ShouldBeAsync(HttpStatusCode.OK);

        Assert.False(Talks.Read(api, connection => Consents.Allow(connection, talk, "p-anna", "archiving")));
        var listed = (await (await researcher.GetAsync($"/v1/consents?conversation={talk}&pseudonym=p-anna&state=withdrawn")).JsonAsync()).Items();
        Assert.Equal(["archiving"], listed.Texts("purpose"));
        Assert.Equal("2026-02-01", listed[0].GetProperty("givenOn").GetString());
        Assert.True(listed[0].TryGetProperty("withdrawnOn", out _));
        Assert.Equal(2, (await (await researcher.GetAsync($"/v1/consents?conversation={talk}&state=standing&purpose=transcript-use&purpose=quotation-pseudonymous")).JsonAsync()).Total());
        // And it can be given again.
        Assert.Equal(4, (await Talks.GiveAsync(researcher, talk, "p-anna", "archiving")).GetProperty("consents").GetArrayLength());
    }

    [Theory]
    [InlineData("transcript-use")]
    [InlineData("quotation-pseudonymous")]
    public async Task Withdrawing_hides_what_was_released_at_once_and_says_so(string purpose)
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Mit einem Café 🎈 im Rathaus.", "released"), ("p-anna", "Das war 2021.", "draft"), ("p-bert", "Wir waren skeptisch.", "released")]);
        await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        await Talks.GiveAsync(researcher, talk, "p-bert", "transcript-use", "quotation-pseudonymous");

        var report = await WithdrawAsync(talk, "p-anna", purpose).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal([purpose], report.GetProperty("withdrawn").EnumerateArray().Select(name => name.GetString()));
        var expected = purpose == "transcript-use" ? new[] { talk + "-0", talk + "-1" } : [talk + "-0"];
        Assert.Equal(expected, report.GetProperty("consequences").GetProperty("passages").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal(["withdrawn", purpose == "transcript-use" ? "withdrawn" : "draft", "released"], Talks.Passages(api, talk).Select(passage => passage.State));
        Assert.Equal(["Wir waren skeptisch."], Talks.Public(api, talk));
    }

    [Fact]
    public async Task Research_no_longer_reads_what_somebody_has_withdrawn()
    {
        var talk = Talks.Add(api, passages: [("p-bert", "Wir waren skeptisch.\nM: Und heute?\np-anna: Heute", "released"), ("p-bert", "Wir waren skeptisch.", "released")]);
        await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        await Talks.GiveAsync(researcher, talk, "p-bert", "transcript-use", "quotation-pseudonymous");
        string Read() => Talks.Read(api, connection => Transcripts.ForResearch(connection, talk, "focus-group", Talks.Text));
        Assert.Equal(Talks.Text, Read());

        await WithdrawAsync(talk, "p-anna", "transcript-use").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(Redaction.Turns(Talks.Text, "p-anna"), Read());
        // Another's passage that reaches into it is hidden as well.
        Assert.Equal(["Wir waren skeptisch."], Talks.Public(api, talk));
        await WithdrawAsync(talk, "p-bert", "transcript-use").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("withdrawn", Talks.Read(api, connection => connection.QuerySingle<string>("select state from conversations where id = @talk", new { talk })));
        Assert.Empty(Talks.Public(api, talk));
    }

    [Fact]
    public async Task An_interview_is_withdrawn_with_its_one_voice_whoever_a_passage_names()
    {
        var talk = Talks.Add(api, kind: "interview", participants: ["p-anna"], passages: [("p-anna", "Das war 2021.", "released")]);
        api.Write(connection => connection.Execute("update passages set pseudonym = null where conversation_id = @talk", new { talk }));
        await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-named");
        Assert.Single(Talks.Public(api, talk));

        var report = await WithdrawAsync(talk, "p-anna", "transcript-use").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Single(report.GetProperty("consequences").GetProperty("passages").EnumerateArray());
        Assert.Empty(Talks.Public(api, talk));
        Assert.Equal("withdrawn", Talks.Read(api, connection => connection.QuerySingle<string>("select state from conversations where id = @talk", new { talk })));
    }

    [Fact]
    public async Task Two_who_withdraw_at_once_get_one_answer_and_one_conflict()
    {
        var talk = Talks.Add(api);
        await Talks.GiveAsync(researcher, talk, "p-anna", "recording");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => WithdrawAsync(talk, "p-anna", "recording")));

        Assert.Equal([HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.Conflict, 5)], answers.Select(answer => answer.StatusCode).Order());
    }

    [Fact]
    public async Task What_another_purpose_still_covers_stays()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "released")]);
        await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-pseudonymous", "quotation-named", "recording");

        var report = await WithdrawAsync(talk, "p-anna", "quotation-named", "recording").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Empty(report.GetProperty("consequences").GetProperty("passages").EnumerateArray());
        Assert.Equal(["released"], Talks.Passages(api, talk).Select(passage => passage.State));
    }

    [Fact]
    public async Task Withdrawing_twice_is_a_conflict_and_nothing_is_half_done()
    {
        var talk = Talks.Add(api);
        await Talks.GiveAsync(researcher, talk, "p-anna", "recording", "archiving");
        await WithdrawAsync(talk, "p-anna", "archiving").ShouldBeAsync(HttpStatusCode.OK);

        var errors = await WithdrawAsync(talk, "p-anna", "recording", "archiving", "contact").ShouldBeProblemAsync(409, "conflict");

        Assert.Equal([("/purposes/1", "not-standing"), ("/purposes/2", "not-standing")], errors.Select(error => (error.GetProperty("pointer").GetString()!, error.GetProperty("code").GetString()!)));
        Assert.True(Talks.Read(api, connection => Consents.Allow(connection, talk, "p-anna", "recording")));
        // Nothing of this was about the text.
        Assert.Equal("partly", Talks.Read(api, connection => connection.QuerySingle<string>("select state from conversations where id = @talk", new { talk })));
    }

    [Fact]
    public async Task A_repetition_with_the_same_key_is_answered_as_before()
    {
        var talk = Talks.Add(api);
        await Talks.GiveAsync(researcher, talk, "p-anna", "recording");
        var body = new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "recording" } };

        var first = await researcher.SendAsync("POST", "/v1/consents/withdrawals", body, key: "w-" + talk);
        var second = await researcher.SendAsync("POST", "/v1/consents/withdrawals", body, key: "w-" + talk);

        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task What_does_not_fit_is_named_and_what_is_not_there_is_not_there()
    {
        var talk = Talks.Add(api);
        object Body(string conversation, string pseudonym, string purpose, string on) => new { conversation, pseudonym, purposes = new[] { purpose }, textVersion = "1", on };

        Assert.Equal(["/purposes/0"], (await researcher.SendAsync("POST", "/v1/consents", Body(talk, "p-anna", "everything", "2026-01-01")).ShouldBeProblemAsync(400, "invalid-request")).Texts("pointer"));
        Assert.Equal(["/on"], (await researcher.SendAsync("POST", "/v1/consents", Body(talk, "p-anna", "recording", "2999-01-01")).ShouldBeProblemAsync(422, "unprocessable")).Texts("pointer"));
        await researcher.SendAsync("POST", "/v1/consents", Body(talk, "p-nobody", "recording", "2026-01-01")).ShouldBeProblemAsync(404, "not-found");
        await researcher.SendAsync("POST", "/v1/consents", Body("talk-none", "p-anna", "recording", "2026-01-01")).ShouldBeProblemAsync(404, "not-found");
        await researcher.SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talk, pseudonym = "p-anna", purposes = Array.Empty<string>() }).ShouldBeProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_researcher_of_another_project_sees_and_changes_nothing()
    {
        var talk = Talks.Add(api);
        await Talks.GiveAsync(researcher, talk, "p-anna", "recording");
        var (other, own) = (api.As("researcher", null, "project:ulm"), api.As("researcher", null, "project:jena"));

        Assert.Equal(0, (await (await other.GetAsync($"/v1/consents?conversation={talk}")).JsonAsync()).Total());
        Assert.Equal(1, (await (await own.GetAsync($"/v1/consents?conversation={talk}")).JsonAsync()).Total());
        await other.SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "recording" } }).ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(1, (await (await api.As("privacy-officer").GetAsync($"/v1/consents?conversation={talk}")).JsonAsync()).Total());
        await (await api.As("editor").GetAsync("/v1/consents")).ShouldBeProblemAsync(403, "forbidden");
        await (await api.Client.GetAsync("/v1/consents")).ShouldBeProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task A_dry_run_withdraws_nothing()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "released")]);
        await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-pseudonymous");

        var report = await researcher.SendAsync("POST", "/v1/consents/withdrawals?dryRun=true", new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "transcript-use" } }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Single(report.GetProperty("consequences").GetProperty("passages").EnumerateArray());
        Assert.Equal(["released"], Talks.Passages(api, talk).Select(passage => passage.State));
    }

    private Task<HttpResponseMessage> WithdrawAsync(string conversation, string pseudonym, params string[] purposes) =>
        researcher.SendAsync("POST", "/v1/consents/withdrawals", new { conversation, pseudonym, purposes });
}
