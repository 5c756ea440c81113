namespace AnkerOrte.Tests.Assessments;

/// <summary>What cannot be assessed is told place by place, in the reader's language.</summary>
public sealed class BadAssessmentTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("""{"answers":{}}""", "/answers", "no-answers")]
    [InlineData("""{"answers":{"goals":null,"area":"dont-know","formats":[]}}""", "/answers", "only-dont-know")]
    [InlineData("""{"answers":{"staff-fte":2}}""", "/answers", "nothing-scored")]
    [InlineData("""{"answers":{"goals":["community"]},"weights":{"goals":0}}""", "/answers", "nothing-scored")]
    [InlineData("""{"answers":{"goals":["community"]},"weights":{"goals":0,"target-groups":0,"formats":0,"contents":0,"area":0,"setting":0,"operators":0,"funding-after":0}}""", "/weights", "no-weight")]
    [InlineData("""{"answers":{"goals":["village"]}}""", "/answers/goals/0", "option-of-another-question")]
    [InlineData("""{"answers":{"goals":["comunity"]}}""", "/answers/goals/0", "unknown-value")]
    [InlineData("""{"answers":{"gaols":["community"]}}""", "/answers/gaols", "unknown-value")]
    [InlineData("""{"answers":{"goals":5}}""", "/answers/goals", "type")]
    [InlineData("""{"answers":{"area":6}}""", "/answers/area", "type")]
    [InlineData("""{"answers":{"goals":["community"],"staff-fte":-1}}""", "/answers/staff-fte", "range")]
    [InlineData("""{"answers":{"goals":["community"],"existing-offers":["none","library"]}}""", "/answers/existing-offers", "contradiction")]
    [InlineData("""{"answers":{"goals":["community"]},"weights":{"colour":1}}""", "/weights/colour", "unknown-value")]
    [InlineData("""{"answers":{"goals":["community"]},"mustHaves":[{"question":"operators","value":"municipality"},{"question":"operators","value":"association"}]}""", "/mustHaves/1", "contradiction")]
    [InlineData("""{"answers":{"goals":["community"],"budget-per-year":5},"mustHaves":[{"question":"budget-per-year","value":6}]}""", "/mustHaves/0/value", "contradiction")]
    [InlineData("""{"answers":{"operators":["association"]},"mustHaves":[{"question":"operators","value":"municipality"}]}""", "/mustHaves/0/value", "contradiction")]
    [InlineData("""{"answers":{"goals":["community"]},"mustHaves":[{"question":"goals","value":"community"}]}""", "/mustHaves/0/question", "no-must-have")]
    [InlineData("""{"answers":{"goals":["community"]},"mustHaves":[{"question":"staff-fte"}]}""", "/mustHaves/0/value", "missing")]
    [InlineData("""{"answers":{"goals":["community"]},"ags":"01999999"}""", "/ags", "unknown-value")]
    [InlineData("""{"answers":{"goals":["community"]},"typology":"77"}""", "/typology", "unknown-value")]
    public async Task What_does_not_fit_the_guide_is_named(string body, string place, string code)
    {
        var error = Assert.Single(await api.Client.SendAsync("POST", "/v1/assessments", body).ShouldBeProblemAsync(422, "unprocessable"));

        Assert.Equal((place, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("""{"answers":{"goals":["community"]},"weights":{"goals":-1}}""", "/weights/goals", "range")]
    [InlineData("""{"answers":{"goals":["community"]},"weights":{"goals":3.1}}""", "/weights/goals", "range")]
    [InlineData("""{"answers":{"goals":["community"]},"phase":"later"}""", "/phase", "unknown-value")]
    [InlineData("""{"answers":{"goals":["community"]},"ags":"1605300"}""", "/ags", "pattern")]
    [InlineData("""{}""", "/answers", "missing")]
    public async Task What_does_not_fit_the_contract_is_named(string body, string place, string code)
    {
        var error = Assert.Single(await api.Client.SendAsync("POST", "/v1/assessments", body).ShouldBeProblemAsync(400, "invalid-request"));

        Assert.Equal((place, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_draft_of_the_typology_is_no_typology_yet()
    {
        var draft = await api.As("editor").SendAsync("POST", "/v1/typologies", new { basedOn = "1" }).ShouldBeAsync(HttpStatusCode.Created);

        var errors = await api.Client.SendAsync("POST", "/v1/assessments", new { answers = new { goals = new[] { "community" } }, typology = draft.GetProperty("version").GetString() }).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal("/typology", errors[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_megabyte_of_answers_is_refused_and_less_is_told_in_bounds()
    {
        var many = string.Join(',', Enumerable.Range(0, 45_000).Select(i => $"\"q{i}\":\"community\""));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await api.Client.SendAsync("POST", "/v1/assessments", $"{{\"answers\":{{{many},{many}}}}}")).StatusCode);

        var errors = await api.Client.SendAsync("POST", "/v1/assessments", $"{{\"answers\":{{{many}}}}}").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(200, errors.Count);

        var codes = string.Join(',', Enumerable.Repeat("\"community\"", 70_000));
        Assert.Equal("count", Assert.Single(await api.Client.SendAsync("POST", "/v1/assessments", $"{{\"answers\":{{\"goals\":[{codes}]}}}}").ShouldBeProblemAsync(422, "unprocessable")).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("de", "Ohne Antwort gibt es keine Rangfolge.")]
    [InlineData("en", "Without an answer there is no ranking.")]
    public async Task Problems_speak_the_language_of_the_reader(string language, string begin)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/assessments") { Content = new StringContent("""{"answers":{}}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("Accept-Language", language);

        var errors = await api.Client.SendAsync(request).ShouldBeProblemAsync(422, "unprocessable");

        Assert.StartsWith(begin, errors[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("as-AAAAAAAAAAAAAAAAAAAAAA", 404, "not-found")]
    [InlineData("1", 400, "invalid-request")]
    public async Task A_guessed_id_opens_nothing(string id, int status, string code)
    {
        await api.Client.GetAsync("/v1/assessments/" + id).ShouldBeProblemAsync(status, code);
        await api.Client.GetAsync($"/v1/assessments/{id}/rerun").ShouldBeProblemAsync(status, code);
        await api.Client.SendAsync("DELETE", "/v1/assessments/" + id).ShouldBeProblemAsync(status, code);
    }

    [Fact]
    public async Task Storing_is_limited_by_address()
    {
        using var limited = new ApiFixture(new Dictionary<string, string?> { ["RateLimiting:AssessmentsPerMinute"] = "2" });
        var body = new { answers = new { goals = new[] { "community" } } };

        await limited.Client.SendAsync("POST", "/v1/assessments", body).ShouldBeAsync(HttpStatusCode.Created);
        await limited.Client.SendAsync("POST", "/v1/assessments", body).ShouldBeAsync(HttpStatusCode.Created);
        await limited.Client.SendAsync("POST", "/v1/assessments", body).ShouldBeProblemAsync(429, "too-many-requests");
        await limited.GetAsync("/v1/decision-guide");
    }
}
