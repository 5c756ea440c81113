using AnkerOrte.Tests.Privacy;
using Dapper;

namespace AnkerOrte.Tests.Evidence;

/// <summary>A released passage becomes evidence; what rests on it follows it, also out of sight.</summary>
public sealed class CascadeTests : IDisposable
{
    private const string Finding = "/v1/findings/f-problem-zuerst";
    private const string Advice = "/v1/recommendations/r-problem-und-nutzen-zuerst";
    private readonly ApiFixture api = new();
    private readonly HttpClient editor;

    public CascadeTests() => editor = api.As("editor", "owner-e");

    private async Task<(string Talk, string Passage)> ReleasedAsync(string state = "released")
    {
        var talk = Talks.Add(api, "interview", participants: ["p-anna"], text: "p-anna: Erst das Problem, dann der Raum.", passages: [("p-anna", "Erst das Problem", state)]);
        await Talks.GiveAsync(api.As("researcher"), talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        return (talk, talk + "-0");
    }

    private async Task<JsonElement> RateAsync(string level, string concern) => await editor.SendAsync(
        "PUT", Finding + "/confidence", new { level, methodologicalLimitations = concern, coherence = concern, adequacy = concern, relevance = concern, reason = "Gesprochen." }, await editor.TagAsync(Finding)).ShouldBeAsync(HttpStatusCode.OK);

    private async Task<string> StrengthAsync() => (await api.GetAsync(Advice)).GetProperty("strength").GetString()!;

    [Fact]
    public async Task The_chain_goes_from_a_recommendation_to_the_sentence_and_back()
    {
        var (_, passage) = await ReleasedAsync();

        var linked = await editor.SendAsync("POST", Finding + "/passages", new { passage, relation = "contradicts" }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(("Erst das Problem", "contradicts"), (linked.GetProperty("passages")[0].GetProperty("quote").GetString(), linked.GetProperty("passages")[0].GetProperty("relation").GetString()));
        Assert.Equal(("dissonance", "silence"), (linked.GetProperty("triangulation").GetProperty("interview").GetString(), linked.GetProperty("triangulation").GetProperty("focusGroup").GetString()));
        var down = await api.GetAsync(Advice + "/evidence");
        var node = down.GetProperty("nodes").EnumerateArray().Single(each => each.GetProperty("kind").GetString() == "passage");
        Assert.Equal((passage, "Erst das Problem"), (node.GetProperty("id").GetString(), node.GetProperty("text").GetString()));
        Assert.Contains(down.GetProperty("links").EnumerateArray(), link =>
            (link.GetProperty("from").GetString(), link.GetProperty("relation").GetString(), link.GetProperty("to").GetString()) == (passage, "contradicts", "f-problem-zuerst"));
        Assert.Contains("- „Erst das Problem“ ([Aus einem Interview](<http://localhost/v1/passages/" + passage + ">))\n", await api.Client.GetStringAsync(Advice + "/evidence?format=markdown"), StringComparison.Ordinal);
        var up = await api.GetAsync($"/v1/passages/{passage}/impact");
        Assert.Equal((passage, "passage"), (up.GetProperty("root").GetString(), up.GetProperty("nodes")[0].GetProperty("kind").GetString()));
        Assert.Contains(up.GetProperty("nodes").EnumerateArray(), each => each.GetProperty("id").GetString() == "r-problem-und-nutzen-zuerst");
    }

    [Theory]
    [InlineData("draft")]
    [InlineData("under-review")]
    [InlineData("rejected")]
    public async Task What_is_not_released_is_no_evidence_and_answers_as_if_it_did_not_exist(string state)
    {
        var (_, passage) = await ReleasedAsync(state);

        var hidden = Assert.Single(await editor.SendAsync("POST", Finding + "/passages", new { passage, relation = "supports" }).ShouldBeProblemAsync(422, "unprocessable"));
        var missing = Assert.Single(await editor.SendAsync("POST", Finding + "/passages", new { passage = "nowhere", relation = "supports" }).ShouldBeProblemAsync(422, "unprocessable"));

        Assert.Equal(missing.GetRawText(), hidden.GetRawText());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync($"/v1/passages/{passage}/impact")).StatusCode);
    }

    [Fact]
    public async Task The_strength_of_a_recommendation_follows_its_weakest_finding_both_ways()
    {
        var meant = await StrengthAsync();
        await RateAsync("low", "moderate");
        Assert.Equal("conditional", await StrengthAsync());
        await RateAsync("very-low", "serious");
        Assert.Equal("experience", await StrengthAsync());
        var (_, passage) = await ReleasedAsync();
        await editor.SendAsync("POST", Finding + "/passages", new { passage, relation = "supports" }).ShouldBeAsync(HttpStatusCode.OK);

        var rated = await RateAsync("high", "none");

        Assert.Equal("high", rated.GetProperty("confidence").GetProperty("level").GetString());
        Assert.Equal(meant, await StrengthAsync());
        Assert.Equal("strong", meant);
    }

    [Fact]
    public async Task Whoever_differs_from_the_suggestion_says_why_and_nobody_overwrites_unseen()
    {
        var body = new { level = "high", methodologicalLimitations = "serious", coherence = "serious", adequacy = "none", relevance = "none" };
        var error = Assert.Single(await editor.SendAsync("PUT", Finding + "/confidence", body, await editor.TagAsync(Finding)).ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("/reason", error.GetProperty("pointer").GetString());
        await editor.SendAsync("PUT", Finding + "/confidence", body).ShouldBeProblemAsync(428, "precondition-required");
        var tag = await editor.TagAsync(Finding);
        await RateAsync("low", "moderate");
        await editor.SendAsync("PUT", Finding + "/confidence", body, tag).ShouldBeProblemAsync(412, "precondition-failed");
    }

    [Fact]
    public async Task A_withdrawal_takes_the_passage_the_finding_and_the_recommendation_out_of_sight()
    {
        var (talk, passage) = await ReleasedAsync();
        await editor.SendAsync("POST", Finding + "/passages", new { passage, relation = "supports" }).ShouldBeAsync(HttpStatusCode.OK);

        var report = (await api.As("privacy-officer").SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "quotation-pseudonymous" } })
            .ShouldBeAsync(HttpStatusCode.OK)).GetProperty("consequences");

        Assert.Equal([passage], Ids(report, "passages"));
        Assert.Equal(["f-problem-zuerst"], Ids(report, "findings"));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync(Finding)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync($"/v1/passages/{passage}/impact")).StatusCode);
        var waiting = await editor.SendAsync("GET", Finding).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(("under-review", 0), (waiting.GetProperty("status").GetString(), waiting.GetProperty("passages").GetArrayLength()));
        foreach (var id in Ids(report, "recommendations"))
        {
            Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/recommendations/" + id)).StatusCode);
        }

        var last = (await api.GetAsync("/v1/changes?limit=200")).GetRawText();
        Assert.DoesNotContain("Erst das Problem", last, StringComparison.Ordinal);
        // Looked at again it holds, with what is left.
        await editor.SendAsync("POST", Finding + "/approve").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("approved", (await api.GetAsync(Finding)).GetProperty("status").GetString());
        await api.GetAsync(Advice);
        await editor.SendAsync("POST", Finding + "/approve").ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task A_finding_is_not_approved_without_two_voices_not_even_in_the_database()
    {
        await editor.SendAsync("POST", Finding + "/review").ShouldBeAsync(HttpStatusCode.OK);
        api.Write(connection => connection.Execute("delete from site_experiences where finding_id = 'f-problem-zuerst'; delete from evidence where finding_id = 'f-problem-zuerst'; update findings set single_finding = 0 where id = 'f-problem-zuerst'"));

        Assert.Equal("too-little-evidence", Assert.Single(await editor.SendAsync("POST", Finding + "/approve").ShouldBeProblemAsync(422, "unprocessable")).GetProperty("code").GetString());
        Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => api.Write(connection => connection.Execute("update findings set status = 'approved' where id = 'f-problem-zuerst'")));

        // Two conversations are two voices, two passages of one are one.
        var (_, first) = await ReleasedAsync();
        await editor.SendAsync("POST", Finding + "/passages", new { passage = first, relation = "supports" }).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", Finding + "/approve").ShouldBeProblemAsync(422, "unprocessable");
        var (_, second) = await ReleasedAsync();
        await editor.SendAsync("POST", Finding + "/passages", new { passage = second, relation = "supports" }).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", Finding + "/approve").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(2, (await api.GetAsync(Finding)).GetProperty("passages").GetArrayLength());
    }

    [Fact]
    public async Task A_source_that_is_removed_takes_findings_into_review_and_says_which()
    {
        var source = Talks.Read(api, connection => connection.QueryFirst<string>(
            "select e.source_id from evidence e where e.source_id not in (select source_id from site_sources) and e.source_id not in (select source_id from site_experiences) order by e.source_id"));
        var resting = Talks.Read(api, connection => connection.Query<string>("select distinct finding_id from evidence where source_id = @source order by finding_id", new { source }).ToList());

        var report = await editor.SendAsync("DELETE", "/v1/sources/" + source, ifMatch: await editor.TagAsync("/v1/sources/" + source)).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(resting, Ids(report, "findings"));
        Assert.All(resting, id => Assert.Equal(HttpStatusCode.NotFound, api.Client.GetAsync("/v1/findings/" + id).Result.StatusCode));
        var left = await editor.SendAsync("GET", "/v1/findings/" + resting[0]).ShouldBeAsync(HttpStatusCode.OK);
        Assert.DoesNotContain(left.GetProperty("evidence").EnumerateArray(), entry => entry.GetProperty("source").GetProperty("id").GetString() == source);
    }

    private static List<string> Ids(JsonElement report, string name) => [.. report.GetProperty(name).EnumerateArray().Select(id => id.GetString()!)];

    public void Dispose() => api.Dispose();
}
