using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>From an accepted response to a changed site, with an editor in between.</summary>
public sealed class ProposalTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task An_accepted_response_becomes_a_proposal_that_an_editor_accepts()
    {
        using var sender = api.As("contributor");
        using var researcher = api.As("researcher");
        using var editor = api.As("editor");
        var answers = Answers("paused", "inclusion", "culture").With("site", "probierladen-jena").With("consent", "named").With("visitors", 5120).With("openedOn", "2024-09").With("tips", "nur für die Forschung");
        await sender.PutAsync("v-1", Response(answers)).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", $"{Survey}/responses/v-1/proposal").ShouldBeProblemAsync(409, "conflict");
        await researcher.SendAsync("POST", $"{Survey}/responses/v-1/review", new { decision = "accepted" }).ShouldBeAsync(HttpStatusCode.OK);

        var made = await researcher.SendAsync("POST", $"{Survey}/responses/v-1/proposal");
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);

        var proposal = await (await editor.GetAsync(made.Headers.Location)).JsonAsync();
        var changes = proposal.GetProperty("changes").EnumerateArray().ToDictionary(change => change.GetProperty("pointer").GetString()!);
        Assert.Equal(("operating", "paused"), (changes["/status"].GetProperty("before").GetString(), changes["/status"].GetProperty("after").GetString()));
        Assert.Equal((3900, 5120), (changes["/facts/visitorsPerYear"].GetProperty("before").GetInt32(), changes["/facts/visitorsPerYear"].GetProperty("after").GetInt32()));
        Assert.Equal(["inclusion", "culture"], changes["/characteristics/goals"].GetProperty("after").EnumerateArray().Select(code => code.GetString()!).OrderDescending());
        Assert.Equal("umsetzende-kommunen/v-1", proposal.GetProperty("evidence").GetString());
        Assert.DoesNotContain("nur für die Forschung", proposal.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("operating", (await api.GetAsync("/v1/anchor-sites/probierladen-jena")).GetProperty("status").GetString());

        await editor.SendAsync("POST", made.Headers.Location!.PathAndQuery + "/decision", new { decision = "accepted" }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("paused", (await api.GetAsync("/v1/anchor-sites/probierladen-jena")).GetProperty("status").GetString());
        Assert.Equal("editor", (await api.GetAsync("/v1/anchor-sites/probierladen-jena/history")).Items()[^1].GetProperty("role").GetString());
    }

    [Theory]
    [InlineData("aggregate-only", "probierladen-jena", 409)]
    [InlineData("named", "gibt-es-nicht", 422)]
    [InlineData("named", null, 422)]
    public async Task Without_consent_or_a_site_nothing_is_proposed(string consent, string? site, int status)
    {
        using var sender = api.As("contributor");
        using var researcher = api.As("researcher");
        var id = $"w-{consent}-{site}".TrimEnd('-');
        var answers = Answers().With("consent", consent);
        await sender.PutAsync(id, Response(site is null ? answers : answers.With("site", site))).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", $"{Survey}/responses/{id}/review", new { decision = "accepted" }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(status, (int)(await researcher.SendAsync("POST", $"{Survey}/responses/{id}/proposal")).StatusCode);
    }
}
