namespace AnkerOrte.Tests.Codebook;

public sealed class WriteCodeTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient editor = api.As("editor");

    private static object Code(string? key, string label) => new { key, label = new { de = label, en = label }, definition = new { de = "Wann zu codieren ist.", en = "When to code it." }, neighbours = new[] { "goals.inclusion" } };

    [Fact]
    public async Task A_code_is_added_relabelled_and_used()
    {
        var response = await editor.SendAsync("POST", "/v1/codebook/goals/codes", Code("digital-volunteering", "Digitales Ehrenamt"));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        const string address = "/v1/codebook/goals/codes/digital-volunteering";
        Assert.EndsWith(address, response.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(await api.Client.TagAsync(address), response.Headers.ETag!.Tag);

        await editor.SendAsync("PATCH", address, new { label = new { de = "Digitale Freiwillige" } }, response.Headers.ETag.Tag).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("PATCH", address, new { label = new { de = "Anders" } }, response.Headers.ETag.Tag).ShouldBeProblemAsync(412, "precondition-failed");
        await editor.SendAsync("PATCH", "/v1/anchor-sites/jedi-jena", new { characteristics = new { goals = new[] { "digital-volunteering" } } }, "*").ShouldBeAsync(HttpStatusCode.OK);

        var dimension = await api.GetAsync("/v1/codebook/goals");
        var code = dimension.GetProperty("codes").EnumerateArray().Single(code => code.GetProperty("key").GetString() == "digital-volunteering");
        Assert.Equal(("Digitale Freiwillige", 1), (code.GetProperty("label").GetProperty("de").GetString(), code.GetProperty("count").GetInt32()));
        Assert.Equal(["jedi-jena"], (await api.GetAsync("/v1/anchor-sites?goals=digital-volunteering")).Items().Texts("id"));
        // Sites are found by the labels of their codes, also after a new one.
        Assert.Contains("jedi-jena", (await api.GetAsync("/v1/anchor-sites?q=Freiwillige")).Items().Texts("id"));
        Assert.Contains("goals.digital-volunteering", (await api.Client.GetStringAsync("/v1/anchor-sites?format=csv&wide=true&limit=1")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_retired_code_stays_resolvable_and_is_given_to_no_further_site()
    {
        const string address = "/v1/codebook/formats/codes/hackathons";
        var carrier = (await api.GetAsync("/v1/anchor-sites?formats=hackathons&limit=1")).Items()[0];
        var carrierAddress = "/v1/anchor-sites/" + carrier.GetProperty("id").GetString();
        await editor.SendAsync("DELETE", address + "?replacedBy=nonsense", ifMatch: "*").ShouldBeProblemAsync(422, "unprocessable");

        var retired = await editor.SendAsync("DELETE", address + "?replacedBy=events", ifMatch: "*", reason: "Zu selten").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("events", retired.GetProperty("replacedBy").GetString());
        Assert.True((await api.GetAsync(address)).TryGetProperty("retiredAt", out _));
        Assert.NotEmpty((await api.GetAsync("/v1/anchor-sites?formats=hackathons")).Items());
        // Who carries it may be edited; nobody else gets it.
        await editor.SendAsync("PATCH", carrierAddress, new { place = "Am Markt" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        var errors = await editor.SendAsync("PATCH", "/v1/anchor-sites/probierladen-jena", new { characteristics = new { formats = new[] { "hackathons" } } }, "*").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(("retired-code", "events"), (errors[0].GetProperty("code").GetString(), errors[0].GetProperty("suggestion").GetString()));
        await editor.SendAsync("DELETE", address, ifMatch: "*").ShouldBeProblemAsync(409, "conflict");
        var taken = await editor.SendAsync("POST", "/v1/codebook/formats/codes", Code("hackathons", "Neu")).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal(["/key"], taken.Texts("pointer"));

        await editor.SendAsync("POST", address + "/restore").ShouldBeAsync(HttpStatusCode.OK);
        Assert.False((await api.GetAsync(address)).TryGetProperty("retiredAt", out _));
        Assert.Equal(["created", "deleted", "restored"], (await api.GetAsync(address + "/history")).Items().Texts("action"));
    }

    [Fact]
    public async Task What_is_wrong_is_named()
    {
        await editor.SendAsync("POST", "/v1/codebook/nowhere/codes", Code("x-1", "X")).ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(["/key"], (await editor.SendAsync("POST", "/v1/codebook/goals/codes", Code(null, "X")).ShouldBeProblemAsync(422, "unprocessable")).Texts("pointer"));
        Assert.Equal(["/key"], (await editor.SendAsync("POST", "/v1/codebook/goals/codes", Code("Groß Schreibung", "X")).ShouldBeProblemAsync(400, "invalid-request")).Texts("pointer"));
        Assert.Equal(["/key"], (await editor.SendAsync("PUT", "/v1/codebook/goals/codes/inclusion", Code("exclusion", "X"), "*").ShouldBeProblemAsync(422, "unprocessable")).Texts("pointer"));
        Assert.Equal(["/label/en"], (await editor.SendAsync("PATCH", "/v1/codebook/goals/codes/inclusion", new { label = new { en = (string?)null } }, "*").ShouldBeProblemAsync(400, "invalid-request")).Texts("pointer"));
        var errors = await editor.SendAsync("PATCH", "/v1/codebook/goals/codes/inclusion", new { neighbours = new[] { "goals.comunity", "goals.inclusion" }, anchorExample = "nirgends" }, "*").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(["/anchorExample", "/neighbours/0", "/neighbours/1"], errors.Texts("pointer").Order(StringComparer.Ordinal));
    }
}
