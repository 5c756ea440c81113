using System.Net.Http.Headers;

namespace AnkerOrte.Tests.Http;

/// <summary>Whatever is wrong is named, all of it at once, with what would be right.</summary>
public sealed class BadInputTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("/v1/anchor-sites?gaols=participation", "gaols", "unknown-parameter", "goals")]
    [InlineData("/v1/anchor-sites?Limit=5", "Limit", "unknown-parameter", "limit")]
    [InlineData("/v1?limit=5", "limit", "unknown-parameter", null)]
    [InlineData("/v1/projects/jena?format=json", "format", "unknown-parameter", null)]
    [InlineData("/v1/anchor-sites?goals=particpation", "goals", "unknown-value", "participation")]
    [InlineData("/v1/anchor-sites?state=TH", "state", "unknown-value", null)]
    [InlineData("/v1/anchor-sites?state=DE-XX", "state", "unknown-value", "DE-BB")]
    [InlineData("/v1/anchor-sites?status=open", "status", "unknown-value", null)]
    [InlineData("/v1/anchor-sites?project=jenna", "project", "unknown-value", "jena")]
    [InlineData("/v1/anchor-sites?municipality=16053", "municipality", "pattern", null)]
    [InlineData("/v1/anchor-sites?municipality=16053001", "municipality", "unknown-value", "16053000")]
    [InlineData("/v1/municipalities?county=99999", "county", "unknown-value", null)]
    [InlineData("/v1/sources?anchorSite=probierladen", "anchorSite", "unknown-value", null)]
    [InlineData("/v1/anchor-sites?limit=0", "limit", "range", null)]
    [InlineData("/v1/anchor-sites?limit=201", "limit", "range", null)]
    [InlineData("/v1/anchor-sites?limit=abc", "limit", "type", null)]
    [InlineData("/v1/anchor-sites?limit=99999999999", "limit", "type", null)]
    [InlineData("/v1/anchor-sites?limit=", "limit", "type", null)]
    [InlineData("/v1/anchor-sites?limit=5&limit=6", "limit", "repeated", null)]
    [InlineData("/v1/anchor-sites?bbox=12.7,51.7,9.8,50.2", "bbox", "order", null)]
    [InlineData("/v1/anchor-sites?bbox=50.2,9.8,51.7,12.7", "bbox", "swapped", null)]
    [InlineData("/v1/anchor-sites?bbox=9.8,50.2,12.7", "bbox", "count", null)]
    [InlineData("/v1/anchor-sites?bbox=9.8,50.2,12.7,abc", "bbox", "type", null)]
    [InlineData("/v1/anchor-sites?bbox=9.8,50.2,12.7,91", "bbox", "range", null)]
    [InlineData("/v1/anchor-sites?near=11.59,50.93", "near", "swapped", null)]
    [InlineData("/v1/anchor-sites?near=50.93,11.59&radiusKm=0", "radiusKm", "range", null)]
    [InlineData("/v1/anchor-sites?near=50.93,11.59&radiusKm=NaN", "radiusKm", "type", null)]
    [InlineData("/v1/anchor-sites?radiusKm=5", "radiusKm", "needs-parameter", null)]
    [InlineData("/v1/anchor-sites?sort=distance", "sort", "needs-parameter", null)]
    [InlineData("/v1/anchor-sites?sort=relevance", "sort", "needs-parameter", null)]
    [InlineData("/v1/anchor-sites?sort=nam", "sort", "unknown-value", "name")]
    [InlineData("/v1/anchor-sites?sort=name,-name", "sort", "repeated", null)]
    [InlineData("/v1/municipalities?sort=name,-name", "sort", "repeated", null)]
    [InlineData("/v1/municipalities?sort=distance", "sort", "needs-parameter", null)]
    [InlineData("/v1/municipalities?sort=-relevance", "sort", "needs-parameter", null)]
    [InlineData("/v1/anchor-sites?fields=id,distanceKm", "fields", "needs-parameter", null)]
    [InlineData("/v1/anchor-sites?fields=id,sources&format=csv", "fields", "other-format", null)]
    [InlineData("/v1/codebook?fields=weight&format=csv", "fields", "other-format", null)]
    [InlineData("/v1/anchor-sites?openedFrom=2021-02-30", "openedFrom", "date", null)]
    [InlineData("/v1/anchor-sites?updatedSince=2026-06-30T23:59:60Z", "updatedSince", "type", null)]
    [InlineData("/v1/anchor-sites?fields=id,nmae", "fields", "unknown-value", "name")]
    [InlineData("/v1/anchor-sites?facets=goal", "facets", "unknown-value", "goals")]
    [InlineData("/v1/anchor-sites?facets=goals&format=csv", "facets", "other-format", null)]
    [InlineData("/v1/anchor-sites?bom=true", "bom", "other-format", null)]
    [InlineData("/v1/anchor-sites?wide=true", "wide", "other-format", null)]
    [InlineData("/v1/anchor-sites?hasLocation=yes", "hasLocation", "type", null)]
    [InlineData("/v1/anchor-sites?openedFrom=2021-13", "openedFrom", "pattern", null)]
    [InlineData("/v1/anchor-sites?openedFrom=2022&openedTo=2021", "openedFrom", "order", null)]
    [InlineData("/v1/anchor-sites?updatedSince=yesterday", "updatedSince", "type", null)]
    [InlineData("/v1/anchor-sites?updatedSince=2026-11-01", "updatedSince", "type", null)]
    [InlineData("/v1/anchor-sites?updatedSince=2026-11-01T00:00:00+01:00", "updatedSince", "type", null)]
    [InlineData("/v1/anchor-sites?q=", "q", "length", null)]
    [InlineData("/v1/anchor-sites?q=***", "q", "no-word", null)]
    [InlineData("/v1/anchor-sites?q=a%00b", "q", "control-character", null)]
    [InlineData("/v1/anchor-sites?delimiter=%00&format=csv", "delimiter", "control-character", null)]
    [InlineData("/v1/search", "q", "missing", null)]
    [InlineData("/v1/comparisons?sites=probierladen-jena", "sites", "count", null)]
    [InlineData("/v1/comparisons?sites=probierladen-jena,probierladen-jena", "sites", "repeated", null)]
    [InlineData("/v1/comparisons?sites=probierladen-jena,probierladen-jenna", "sites", "unknown-value", "probierladen-jena")]
    [InlineData("/v1/municipalities/1605300", "key", "pattern", null)]
    [InlineData("/v1/municipalities/16053000/similar?within=europe", "within", "unknown-value", null)]
    [InlineData("/v1/municipalities?populationMin=100&populationMax=50", "populationMin", "order", null)]
    [InlineData("/v1/municipalities?populationMin=-1", "populationMin", "range", null)]
    [InlineData("/v1/municipalities?q=%C3%A4", "q", "length", null)]
    [InlineData("/v1/projects?cohort=2018", "cohort", "range", null)]
    public async Task A_wrong_parameter_is_named(string url, string parameter, string code, string? suggestion)
    {
        var response = await api.Client.GetAsync(url);

        var errors = await response.ShouldBeProblemAsync(400, code == "unknown-parameter" ? "unknown-parameter" : "invalid-request");
        var error = Assert.Single(errors);
        Assert.Equal(parameter, error.GetProperty("parameter").GetString());
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal($"/{(parameter == "key" ? "path" : "query")}/{parameter}", error.GetProperty("pointer").GetString());
        if (suggestion is not null)
        {
            Assert.Equal(suggestion, error.GetProperty("suggestion").GetString());
        }
    }

    [Fact]
    public async Task A_client_that_repeats_instead_of_using_commas_is_understood()
    {
        var commas = await api.GetAsync("/v1/anchor-sites?fields=id,name&sort=-updatedAt,name&bbox=9.8,50.2,12.7,51.7&facets=state,goals");
        var repeated = await api.GetAsync("/v1/anchor-sites?fields=id&fields=name&sort=-updatedAt&sort=name&bbox=9.8&bbox=50.2&bbox=12.7&bbox=51.7&facets=state&facets=goals");

        Assert.True(JsonElement.DeepEquals(commas, repeated));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_said_at_once()
    {
        var errors = await (await api.Client.GetAsync("/v1/anchor-sites?limit=0&stat=DE-TH&bbox=1,2&status=open")).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal(["bbox", "limit", "stat", "status"], errors.Texts("parameter").Order());
    }

    [Fact]
    public async Task A_flood_of_mistakes_is_not_answered_with_a_flood()
    {
        var response = await api.Client.GetAsync("/v1/anchor-sites?" + string.Join('&', Enumerable.Range(0, 500).Select(n => $"x{n}=1")));

        Assert.Equal(20, (await response.ShouldBeProblemAsync(400, "unknown-parameter")).Count);
    }

    [Fact]
    public async Task Several_wrong_codes_are_each_named()
    {
        var errors = await (await api.Client.GetAsync("/v1/anchor-sites?goals=particpation&goals=comunity&formats=workshop")).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal(["participation", "community", "workshops"], errors.Texts("suggestion"));
    }

    [Theory]
    [InlineData("/v1/anchor-sites/no-such-site")]
    [InlineData("/v1/anchor-sites/PROBIERLADEN-JENA")]
    [InlineData("/v1/anchor-sites/%27%20or%201=1--")]
    [InlineData("/v1/projects/nope")]
    [InlineData("/v1/sources/src-9999")]
    [InlineData("/v1/codebook/nope")]
    [InlineData("/v1/municipalities/99999999")]
    [InlineData("/v1/municipalities/999999999999")]
    [InlineData("/v1/municipalities/99999999/similar")]
    [InlineData("/problems/nope")]
    [InlineData("/v1/nope")]
    [InlineData("/v2")]
    public async Task What_does_not_exist_is_a_404(string url) => await (await api.Client.GetAsync(url)).ShouldBeProblemAsync(404, "not-found");

    [Theory]
    [InlineData("jena\" OR \"x")]
    [InlineData("jena OR NOT AND NEAR(")]
    [InlineData("title:jena*")]
    [InlineData("{title} : jena")]
    [InlineData("-jena ^jena")]
    [InlineData("'; drop table anchor_sites; --")]
    [InlineData("%")]
    [InlineData("100%_")]
    public async Task Operators_in_a_search_are_only_words(string q)
    {
        foreach (var url in new[] { "/v1/anchor-sites?q=", "/v1/search?q=", "/v1/municipalities?q=" })
        {
            var response = await api.Client.GetAsync(url + Uri.EscapeDataString(q));
            Assert.Contains(response.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.BadRequest });
        }

        Assert.Equal(110, (await api.GetAsync("/v1/anchor-sites")).Total());
    }

    [Fact]
    public async Task An_over_long_search_is_refused()
    {
        await (await api.Client.GetAsync("/v1/anchor-sites?q=" + new string('a', 200))).JsonAsync();
        var errors = await (await api.Client.GetAsync("/v1/anchor-sites?q=" + new string('a', 201))).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal("length", errors.Texts("code").Single());
    }

    [Fact]
    public async Task Ten_megabytes_on_a_get_are_refused_also_where_the_answer_is_kept()
    {
        await api.GetAsync("/v1/anchor-sites");
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/anchor-sites") { Content = new ByteArrayContent(new byte[10_000_000]) };

        await (await api.Client.SendAsync(request)).ShouldBeProblemAsync(413, "body-too-large");
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task A_wrong_method_is_a_405_that_names_the_right_one(string method)
    {
        var response = await api.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), "/v1/projects"));

        await response.ShouldBeProblemAsync(405, "method-not-allowed");
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/v1/anchor-sites", "image/png")]
    [InlineData("/v1/anchor-sites", "application/json;q=0")]
    [InlineData("/v1/projects", "application/geo+json")]
    [InlineData("/v1/anchor-sites/probierladen-jena", "text/csv")]
    [InlineData("/v1/comparisons?sites=probierladen-jena,jedi-jena", "image/png")]
    [InlineData("/v1", "text/csv")]
    public async Task A_format_that_is_not_offered_is_a_406_that_lists_those_that_are(string url, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));

        var response = await api.Client.SendAsync(request);

        await response.ShouldBeProblemAsync(406, "not-acceptable");
        Assert.Contains("application/json", (await response.JsonAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("de", "de", "Unbekannter Parameter")]
    [InlineData("de-AT,en;q=0.5", "de", "Unbekannter Parameter")]
    [InlineData("fr, en;q=0.4, de;q=0.3", "en", "Unknown parameter")]
    [InlineData("fr", "en", "Unknown parameter")]
    [InlineData("de;q=0, en", "en", "Unknown parameter")]
    public async Task Problems_speak_the_language_of_the_reader(string accept, string language, string title)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/anchor-sites?x=1");
        request.Headers.Add("Accept-Language", accept);

        var response = await api.Client.SendAsync(request);

        Assert.Equal(title, (await response.JsonAsync()).GetProperty("title").GetString());
        Assert.Equal(language, Assert.Single(response.Content.Headers.ContentLanguage));
    }

    [Fact]
    public async Task The_type_of_a_problem_leads_to_its_page()
    {
        var type = (await (await api.Client.GetAsync("/v1/anchor-sites?x=1")).JsonAsync()).GetProperty("type").GetString();

        var page = await api.Client.GetAsync(type);

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Unknown parameter", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_internal_error_says_nothing_internal()
    {
        using var broken = new ApiFixture(new Dictionary<string, string?>());
        broken.Write(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "drop table site_documents";
            command.ExecuteNonQuery();
        });

        var response = await broken.Client.GetAsync("/v1/anchor-sites/probierladen-jena");

        await response.ShouldBeProblemAsync(500, "internal-error");
        var problem = await response.JsonAsync();
        Assert.Equal(["detail", "status", "title", "traceId", "type"], problem.EnumerateObject().Select(member => member.Name).Order());
        Assert.DoesNotContain("site_documents", problem.GetRawText(), StringComparison.Ordinal);
    }
}
