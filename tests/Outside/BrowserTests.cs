namespace AnkerOrte.Tests.Outside;

/// <summary>What a visitor sees in a real browser. ANKERORTE_SCREENSHOTS=folder keeps pictures of it.</summary>
[Collection(OneRunningService.Name)]
public sealed class BrowserTests(RunningService service, SeenPages pages) : IClassFixture<SeenPages>
{
    [ToolFact("node", "chromium")]
    public async Task Swagger_ui_shows_every_operation_and_executes_one()
    {
        var page = await pages.SwaggerUiAsync();
        var seen = await SwaggerUiAsync("getAnchorSite");

        Assert.StartsWith("AnkerOrte", page.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal(ContractDocument.Operations.Count(), page.GetProperty("operations").GetInt32());
        ShouldBeQuiet(page, exceptFor: "status of 404");
        Assert.Equal("probierladen-jena", seen.GetProperty("filled").GetProperty("id").GetString());
        Assert.Equal(200, seen.GetProperty("status").GetInt32());
        Assert.Equal("ProbierLaden Jena", JsonDocument.Parse(seen.GetProperty("body").GetString()!).RootElement.GetProperty("name").GetString());
    }

    [ToolFact("node", "chromium")]
    public async Task A_filter_added_in_swagger_ui_begins_with_a_code_that_exists()
    {
        var seen = await SwaggerUiAsync("listAnchorSites");

        Assert.Equal(200, seen.GetProperty("status").GetInt32());
        Assert.Equal("/v1/anchor-sites?goals=participation&municipality=16053000", new Uri(seen.GetProperty("url").GetString()!).PathAndQuery);
    }

    [ToolFact("node", "chromium")]
    public async Task A_wrong_value_in_swagger_ui_leads_to_an_explanation()
    {
        var seen = await SwaggerUiAsync("getMunicipality");

        Assert.Equal(404, seen.GetProperty("status").GetInt32());
        Assert.Contains("/problems/not-found", seen.GetProperty("body").GetString(), StringComparison.Ordinal);
    }

    [ToolTheory("node", "chromium")]
    [InlineData("/", "de", "light")]
    [InlineData("/", "de", "dark")]
    [InlineData("/en", "en", "light")]
    [InlineData("/en", "en", "dark")]
    [InlineData("/confirm", "en", "light")]
    [InlineData("/confirm", "en", "dark")]
    [InlineData("/guide", "en", "light")]
    [InlineData("/guide", "en", "dark")]
    [InlineData("/docs", "en", "light")]
    [InlineData("/docs", "en", "dark")]
    [InlineData("/docs/configuration", "en", "light")]
    [InlineData("/docs/interviews", "en", "dark")]
    [InlineData("/problems/not-found", "en", "light")]
    [InlineData("/problems/not-found", "en", "dark")]
    public async Task A_page_is_accessible(string path, string language, string colorScheme)
    {
        var seen = (await pages.AccessibleAsync()).GetProperty($"{path} {colorScheme}");

        Assert.Empty(Texts(seen, "violations"));
        Assert.True(seen.GetProperty("passes").GetInt32() > 10);
        Assert.False(seen.GetProperty("sideways").GetBoolean());
        Assert.Equal(language, seen.GetProperty("language").GetString());
        ShouldBeQuiet(seen);
    }

    [ToolFact("node", "chromium")]
    public async Task The_guide_is_answered_by_keyboard_alone_and_its_link_shows_the_same()
    {
        var seen = (await Tools.NodeAsync("guide.mjs", Tools.Find("chromium"), service.Url)).ShouldSucceed().Json;

        Assert.Equal(["Step 1 of 4", "Step 2 of 4", "Step 3 of 4", "Step 4 of 4"], Texts(seen, "steps"));
        Assert.StartsWith("Known: City (100,000 and more). 111191 inhabitants", seen.GetProperty("known").GetString(), StringComparison.Ordinal);
        Assert.True(seen.GetProperty("area").GetBoolean());
        Assert.Equal("verdict-title", seen.GetProperty("focus").GetString());
        Assert.Equal(8, Texts(seen, "types").Distinct().Count());
        Assert.Equal("City lab / participation lab", Texts(seen, "types")[0]);
        // Goals, target groups, formats, and the area that is known.
        Assert.Equal((4, 3, 3), (seen.GetProperty("rows").GetInt32(), seen.GetProperty("near").GetInt32(), seen.GetProperty("marks").GetInt32()));
        Assert.Empty(Texts(seen, "violations"));
        Assert.False(seen.GetProperty("sideways").GetBoolean() || seen.GetProperty("sidewaysNarrow").GetBoolean());
        Assert.Equal(seen.GetProperty("verdict").GetString(), seen.GetProperty("again").GetString());
        Assert.Equal(("Welcher Ankerort passt zu uns?", 8), (seen.GetProperty("german").GetString(), seen.GetProperty("germanTypes").GetInt32()));
        ShouldBeQuiet(seen);
    }

    [ToolFact("node", "chromium")]
    public async Task The_operator_of_a_site_confirms_its_entry_and_proposes_corrections()
    {
        using var editor = new HttpClient { BaseAddress = new Uri(service.Url), DefaultRequestHeaders = { Authorization = new("Bearer", await service.CreateKeyAsync()) } };
        var link = await editor.SendAsync("POST", "/v1/anchor-sites/probierladen-jena/confirm-links", new { }).ShouldBeAsync(HttpStatusCode.Created);

        var seen = (await Tools.NodeAsync("confirm.mjs", Tools.Find("chromium"), service.Url, link.GetProperty("url").GetString()!)).ShouldSucceed().Json;

        Assert.Equal(service.Url + "/confirm", seen.GetProperty("address").GetString());
        Assert.Equal(("ProbierLaden Jena", "en"), (seen.GetProperty("name").GetString(), seen.GetProperty("language").GetString()));
        Assert.StartsWith("Status\noperating\n", seen.GetProperty("facts").GetString(), StringComparison.Ordinal);
        Assert.Equal("You have changed nothing and written no remark.", seen.GetProperty("nothing").GetString());
        var error = Assert.Single(seen.GetProperty("errors").EnumerateObject());
        Assert.Equal(("website-error", "website-error", "website"), (error.Name, seen.GetProperty("described").GetString(), seen.GetProperty("focus").GetString()));
        Assert.Equal("Please enter the whole address, starting with https://.", error.Value.GetString());
        Assert.Empty(Texts(seen, "violations"));
        Assert.Equal("Thank you! The editors have received your proposal.", seen.GetProperty("proposed").GetString());
        Assert.Empty(seen.GetProperty("errorsAfterwards").EnumerateObject());
        Assert.Equal("Stimmt dieser Eintrag noch?", seen.GetProperty("german").GetString());
        Assert.Equal("Danke! Der Eintrag gilt ab heute als bestätigt.", seen.GetProperty("confirmed").GetString());
        Assert.True(seen.GetProperty("hidden").GetBoolean());
        // The wrong website and the wrong link, which the browser reports itself.
        Assert.Equal([400, 401], Texts(seen, "complaints").Select(complaint => complaint.Contains("400", StringComparison.Ordinal) ? 400 : complaint.Contains("401", StringComparison.Ordinal) ? 401 : 0));
        Assert.Empty(Texts(seen, "foreign"));
        var proposal = Assert.Single((await editor.SendAsync("GET", "/v1/proposals?anchorSite=probierladen-jena").ShouldBeAsync(HttpStatusCode.OK)).Items());
        Assert.Equal("Seit Mai", proposal.GetProperty("comment").GetString());
        Assert.Equal(
            ["/facts/openingHours <b>Mo–Do</b> 10–16 Uhr", "/status paused", "/website https://example.org/laden"],
            proposal.GetProperty("changes").EnumerateArray().Select(change => $"{change.GetProperty("pointer").GetString()} {change.GetProperty("after").GetString()}").Order());
    }

    [ToolFact("node", "chromium")]
    public async Task Who_took_part_decides_on_own_words_over_a_one_time_link()
    {
        using var researcher = new HttpClient { BaseAddress = new Uri(service.Url), DefaultRequestHeaders = { Authorization = new("Bearer", await service.CreateKeyAsync()) } };
        const string text = "p-anna: Es <b>geht</b>. Nie wieder! p-bert: Nein";
        var talk = (await researcher.SendAsync("POST", "/v1/focus-groups", new { project = "jena", heldOn = "2026-05-12", participants = new[] { "p-anna", "p-bert" }, types = new[] { "makerspace" } })
            .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!;
        var hash = (await researcher.SendAsync("PUT", $"/v1/focus-groups/{talk}/transcript", new { text }).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("textSha256").GetString()!;
        var ids = new List<string>();
        foreach (var (quote, pseudonym) in new[] { ("Es <b>geht</b>.", "p-anna"), ("Nie wieder!", "p-anna"), ("Nein", "p-bert") })
        {
            var start = text.IndexOf(quote, StringComparison.Ordinal);
            ids.Add((await researcher.SendAsync("POST", $"/v1/focus-groups/{talk}/passages", new { start, end = start + quote.Length, quote, pseudonym }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!);
            await researcher.SendAsync("POST", $"/v1/passages/{ids[^1]}/submit", new { textSha256 = hash }).ShouldBeAsync(HttpStatusCode.OK);
        }

        await Privacy.Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        var link = await researcher.SendAsync("POST", $"/v1/focus-groups/{talk}/release-links", new { pseudonym = "p-anna" }).ShouldBeAsync(HttpStatusCode.Created);

        var seen = (await Tools.NodeAsync("release.mjs", Tools.Find("chromium"), service.Url, link.GetProperty("url").GetString()!)).ShouldSucceed().Json;

        Assert.Equal(service.Url + "/release", seen.GetProperty("address").GetString());
        Assert.Equal(["Es <b>geht</b>.", "Nie wieder!"], Texts(seen, "quotes").Order());
        Assert.Equal("You have not decided anything yet.", seen.GetProperty("nothing").GetString());
        Assert.Empty(Texts(seen, "violations"));
        Assert.Equal(("Was darf von Ihren Worten erscheinen?", true), (seen.GetProperty("german").GetString(), seen.GetProperty("kept").GetBoolean()));
        Assert.Equal("Danke! Ihre Entscheidung gilt ab sofort.", seen.GetProperty("done").GetString());
        Assert.True(seen.GetProperty("hidden").GetBoolean() && seen.GetProperty("again").GetBoolean());
        // The used link, which the browser reports itself.
        Assert.Contains("401", Assert.Single(Texts(seen, "complaints")), StringComparison.Ordinal);
        Assert.Empty(Texts(seen, "foreign"));
        var first = Texts(seen, "quotes")[0] == "Nie wieder!" ? ids[1] : ids[0];
        using var anonymous = new HttpClient { BaseAddress = new Uri(service.Url) };
        Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync("/v1/passages/" + first)).StatusCode);
        Assert.All(ids.Where(id => id != first), id => Assert.Equal(HttpStatusCode.NotFound, anonymous.GetAsync("/v1/passages/" + id).GetAwaiter().GetResult().StatusCode));
    }

    private async Task<JsonElement> SwaggerUiAsync(string operation)
    {
        var seen = (await pages.SwaggerUiAsync()).GetProperty("answers").GetProperty(operation);
        // The browser itself reports a 4xx answer, which is what was asked for.
        ShouldBeQuiet(seen, exceptFor: seen.GetProperty("status").GetInt32() < 400 ? null : "status of " + seen.GetProperty("status").GetInt32());
        return seen;
    }

    internal static void ShouldBeQuiet(JsonElement seen, string? exceptFor = null)
    {
        Assert.DoesNotContain(Texts(seen, "complaints"), complaint => exceptFor is null || !complaint.Contains(exceptFor, StringComparison.Ordinal));
        Assert.Empty(Texts(seen, "foreign"));
    }

    private static List<string> Texts(JsonElement seen, string member) => [.. seen.GetProperty(member).EnumerateArray().Select(text => text.GetString()!)];
}

/// <summary>What one browser saw that several tests ask for: to start one and to load Swagger UI takes longest.</summary>
public sealed class SeenPages(RunningService service)
{
    private Task<ToolResult>? swaggerUi;
    private Task<ToolResult>? accessible;

    /// <summary>Swagger UI with a filter added and a wrong value among the requests.</summary>
    internal async Task<JsonElement> SwaggerUiAsync() => (await (swaggerUi ??= Tools.NodeAsync(
        "swagger-ui.mjs", Tools.Find("chromium"), service.Url,
        "getAnchorSite", "listAnchorSites goals+ municipality+", "getMunicipality key=99999999"))).ShouldSucceed().Json;

    internal async Task<JsonElement> AccessibleAsync() => (await (accessible ??= Tools.NodeAsync(
        "accessible.mjs", Tools.Find("chromium"), service.Url, "/", "/en", "/confirm", "/guide", "/docs", "/docs/configuration",
        "/docs/interviews", "/problems/not-found"))).ShouldSucceed().Json;
}
