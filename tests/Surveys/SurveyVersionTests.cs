using System.Text.Json.Nodes;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>From draft to published to closed.</summary>
public sealed class SurveyVersionTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient researcher = api.As("researcher");

    [Fact]
    public async Task The_shipped_questionnaire_is_published_and_told_item_by_item()
    {
        var survey = await api.GetAsync(Survey);
        Assert.Equal(("open", 1), (survey.GetProperty("state").GetString(), survey.GetProperty("currentVersion").GetInt32()));

        var version = await api.GetAsync(Survey + "/versions/1");

        var goals = version.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("code").GetString() == "goals");
        Assert.Equal("multiChoice", goals.GetProperty("kind").GetString());
        Assert.True(goals.GetProperty("required").GetBoolean());
        // What the author left out is said, but stays out of the definition.
        var site = version.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("code").GetString() == "site");
        Assert.Equal((false, "aggregate", 0), (site.GetProperty("required").GetBoolean(), site.GetProperty("privacy").GetString(), site.GetProperty("options").GetArrayLength()));
        var written = (await api.GetAsync(Survey + "/versions/1/definition")).GetProperty("items").EnumerateArray().Single(item => item.GetProperty("code").GetString() == "site");
        Assert.False(written.TryGetProperty("required", out _));
        var dimension = await api.GetAsync("/v1/codebook/goals");
        Assert.Equal(dimension.GetProperty("codes").EnumerateArray().ToList().Texts("key").Order(), goals.GetProperty("options").EnumerateArray().ToList().Texts("code").Order());
        Assert.Contains("umsetzende-kommunen", (await api.GetAsync("/v1/surveys")).Items().Texts("id"));
        Assert.Contains("survey", (await api.GetAsync("/v1/changes?kind=survey")).Items().Texts("kind"));
    }

    [Fact]
    public async Task A_draft_is_invisible_until_it_is_published_and_never_changes_after()
    {
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "probe", title = new { de = "Probe", en = "Trial" } }).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "probe", title = new { de = "Probe", en = "Trial" } }).ShouldBeProblemAsync(409, "conflict");
        await api.Client.GetAsync("/v1/surveys/probe").ShouldBeProblemAsync(404, "not-found");

        var draft = await researcher.SendAsync("POST", "/v1/surveys/probe/versions", Definition("Frage eins"));
        Assert.Equal(HttpStatusCode.Created, draft.StatusCode);
        await api.Client.GetAsync("/v1/surveys/probe/versions/1").ShouldBeProblemAsync(404, "not-found");
        Assert.Equal("draft", (await (await researcher.GetAsync("/v1/surveys/probe/versions/1")).JsonAsync()).GetProperty("state").GetString());
        await api.Client.GetAsync("/v1/surveys/probe/results").ShouldBeProblemAsync(404, "not-found");
        Assert.DoesNotContain("probe", (await api.GetAsync("/v1/surveys")).Items().Texts("id"));
        await researcher.SendAsync("POST", "/v1/surveys/probe/versions", Definition("Zwei Entwürfe")).ShouldBeProblemAsync(409, "conflict");
        await researcher.SendAsync("PUT", "/v1/surveys/probe/versions/1", Definition("Frage 1")).ShouldBeProblemAsync(428, "precondition-required");
        await researcher.SendAsync("PUT", "/v1/surveys/probe/versions/1", Definition("Frage 1"), draft.Headers.ETag!.Tag).ShouldBeAsync(HttpStatusCode.OK);

        await researcher.SendAsync("POST", "/v1/surveys/probe/versions/1/publish").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("Frage 1", (await api.GetAsync("/v1/surveys/probe/versions/1")).GetProperty("items")[0].GetProperty("label").GetProperty("de").GetString());
        await researcher.SendAsync("PUT", "/v1/surveys/probe/versions/1", Definition("Frage 2"), "*").ShouldBeProblemAsync(409, "conflict");
        await researcher.SendAsync("POST", "/v1/surveys/probe/versions/1/publish").ShouldBeProblemAsync(409, "conflict");
        // The definition comes out as it can go in again.
        var definition = await api.Client.GetStringAsync("/v1/surveys/probe/versions/1/definition");
        await researcher.SendAsync("POST", "/v1/surveys/probe/versions", definition).ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_new_version_closes_the_old_one_and_keeps_every_meaning()
    {
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "zwei", title = new { de = "Zwei", en = "Two" } }).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", "/v1/surveys/zwei/versions", Definition("Frage")).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", "/v1/surveys/zwei/versions/1/publish").ShouldBeAsync(HttpStatusCode.OK);
        using var sender = api.As("contributor");
        await sender.SendAsync("PUT", "/v1/surveys/zwei/responses/z-1", new { version = 1, submit = true, answers = new { frage = "ja" } }).ShouldBeAsync(HttpStatusCode.Created);
        var changed = Definition("Frage");
        changed["items"]![0]!["kind"] = "yesNo";
        changed["items"]![0]!.AsObject().Remove("options");
        var tag = (await researcher.SendAsync("POST", "/v1/surveys/zwei/versions", changed)).Headers.ETag!.Tag;

        var errors = await researcher.SendAsync("POST", "/v1/surveys/zwei/versions/2/publish").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Contains("/items/0/kind", errors.Texts("pointer"));

        var more = Definition("Frage");
        more["items"]![0]!["options"]!.AsArray().Add(JsonNode.Parse("""{"code":"vielleicht","label":{"de":"Vielleicht","en":"Maybe"}}"""));
        await researcher.SendAsync("PUT", "/v1/surveys/zwei/versions/2", more, tag).ShouldBeAsync(HttpStatusCode.OK);
        await researcher.SendAsync("POST", "/v1/surveys/zwei/versions/2/publish").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(["closed", "published"], (await api.GetAsync("/v1/surveys/zwei")).GetProperty("versions").EnumerateArray().ToList().Texts("state"));
        var old = await sender.SendAsync("PUT", "/v1/surveys/zwei/responses/z-2", new { version = 1, answers = new { frage = "ja" } }).ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(("/version", "2"), (old[0].GetProperty("pointer").GetString(), old[0].GetProperty("suggestion").GetString()));
        // A repetition of what was taken then is still a success.
        await sender.SendAsync("PUT", "/v1/surveys/zwei/responses/z-1", new { version = 1, submit = true, answers = new { frage = "ja" } }).ShouldBeAsync(HttpStatusCode.OK);
        await sender.SendAsync("PUT", "/v1/surveys/zwei/responses/z-3", new { version = 2, submit = true, answers = new { frage = "vielleicht" } }).ShouldBeAsync(HttpStatusCode.Created);
        var table = await researcher.GetStringAsync("/v1/surveys/zwei/responses?format=csv");
        Assert.Equal("id,version,submit,frage\r\nz-1,1,1,ja\r\nz-3,2,1,vielleicht\r\n", table);
        await api.As("publisher").SendAsync("POST", "/v1/surveys/zwei/versions/2/close").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("closed", (await api.GetAsync("/v1/surveys/zwei")).GetProperty("state").GetString());
        await sender.SendAsync("PUT", "/v1/surveys/zwei/responses/z-4", new { version = 2, answers = new { } }).ShouldBeProblemAsync(422, "unprocessable");
    }

    [Fact]
    public async Task Ten_thousand_options_and_broken_rules_are_named()
    {
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "gross", title = new { de = "Groß", en = "Large" } }).ShouldBeAsync(HttpStatusCode.Created);
        var large = Definition("Frage");
        large["items"]![0]!["options"] = new JsonArray([.. Enumerable.Range(0, 10_000).Select(number => JsonNode.Parse($$$"""{"code":"o{{{number}}}","label":{"de":"x","en":"x"}}"""))]);
        Assert.Equal(["/items/0/options"], (await researcher.SendAsync("POST", "/v1/surveys/gross/versions", large).ShouldBeProblemAsync(400, "invalid-request")).Texts("pointer"));

        var broken = Definition("Frage");
        broken["items"]!.AsArray().Add(JsonNode.Parse("""{"code":"Frage","kind":"integer","label":{"de":"x","en":"x"},"visibleIf":{"item":"spaeter","answered":true}}"""));
        var errors = await researcher.SendAsync("POST", "/v1/surveys/gross/versions", broken).ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(["/items/1/code", "/items/1/visibleIf"], errors.Texts("pointer").Select(pointer => pointer.Length > 18 ? pointer[..18] : pointer).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_codebook_of_a_survey_explains_every_column_of_its_table()
    {
        var columns = (await api.GetAsync(Survey + "/codebook")).GetProperty("columns").EnumerateArray().ToList();
        var header = (await researcher.GetStringAsync(Survey + "/responses?format=csv")).Split("\r\n")[0].Split(',');

        Assert.Equal(header, columns.Texts("column"));
        var inclusion = columns.Single(column => column.GetProperty("column").GetString() == "goals.inclusion");
        Assert.Equal(("goals", "inclusion", "goals.inclusion"), (inclusion.GetProperty("item").GetString(), inclusion.GetProperty("option").GetString(), inclusion.GetProperty("mapsTo").GetString()));
        Assert.Equal(header.Length + 2, (await api.Client.GetStringAsync(Survey + "/codebook?format=csv")).Split("\r\n").Length);
    }

    private static JsonObject Definition(string label) => JsonNode.Parse($$$"""
        {"title":{"de":"Probe","en":"Trial"},"items":[{"code":"frage","kind":"singleChoice","label":{"de":"{{{label}}}","en":"Question"},
        "options":[{"code":"ja","label":{"de":"Ja","en":"Yes"}},{"code":"nein","label":{"de":"Nein","en":"No"}}]}]}
        """)!.AsObject();
}
