namespace AnkerOrte.Tests.AnchorSites;

public sealed class GetAnchorSiteTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    /// <summary>What the file says under the same name; `state` is a code in the contract.</summary>
    private static readonly string[] Unchanged =
        ["id", "name", "selfDesignation", "summary", "projectId", "ags", "countyKey", "place", "address", "website", "status", "openedOn", "closedOn", "mpscFunded", "location", "sourceIds"];

    [Fact]
    public async Task Every_site_says_what_the_shipped_file_says()
    {
        var answers = (await api.WalkAsync("/v1/anchor-sites?limit=200")).ToDictionary(site => site.GetProperty("id").GetString()!);
        foreach (var shipped in Repository.Shipped("anchor-sites.json").EnumerateArray())
        {
            var answer = answers[shipped.GetProperty("id").GetString()!];
            foreach (var name in Unchanged)
            {
                Assert.Equal(shipped.TryGetProperty(name, out var expected), answer.TryGetProperty(name, out var actual));
                Assert.True(expected.ValueKind == JsonValueKind.Undefined || JsonElement.DeepEquals(expected, actual), $"{answer.GetProperty("id")}.{name}");
            }

            Assert.Equal(shipped.GetProperty("state").GetString(), answer.GetProperty("stateName").GetString());
            Assert.True(JsonElement.DeepEquals(shipped.TryGetProperty("facts", out var facts) ? facts : JsonDocument.Parse("{}").RootElement, answer.GetProperty("facts")));
            var dimensions = shipped.GetProperty("characteristics").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.EnumerateArray().Select(code => code.GetString()).Order(StringComparer.Ordinal));
            var answered = answer.GetProperty("characteristics").EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.EnumerateArray().Select(code => code.GetString()));
            Assert.Equal(dimensions.Keys.Order(), answered.Keys.Order());
            Assert.All(dimensions, pair => Assert.Equal(pair.Value, answered[pair.Key]));
            var experiences = answer.GetProperty("experiences").EnumerateArray().ToList();
            Assert.Equal(shipped.GetProperty("experiences").EnumerateArray().ToList().Texts("text"), experiences.Texts("text"));
            Assert.Equal(Enumerable.Range(1, experiences.Count).Select(n => $"x-{answer.GetProperty("id")}-{n}"), experiences.Texts("id"));
        }
    }

    [Fact]
    public async Task One_call_resolves_project_municipality_and_sources()
    {
        var site = await api.GetAsync("/v1/anchor-sites/probierladen-jena");

        Assert.Equal("DE-TH", site.GetProperty("state").GetString());
        Assert.Equal("Jena", site.GetProperty("project").GetProperty("name").GetString());
        Assert.Equal("160530000000", site.GetProperty("municipality").GetProperty("ars").GetString());
        Assert.Equal(["src-0195", "src-0086", "src-0171", "src-0367", "src-0196"], site.GetProperty("sources").EnumerateArray().ToList().Texts("id"));
        Assert.Equal("Smart City Jena", site.GetProperty("sources")[0].GetProperty("publisher").GetString());
        Assert.Equal("f-mobil-erreicht-andere", site.GetProperty("experiences")[0].GetProperty("findingId").GetString());
        Assert.Equal("2026-11-01T00:00:00.000Z", site.GetProperty("createdAt").GetString());
        Assert.Equal("AnkerOrte (2026): ProbierLaden Jena. http://localhost/v1/anchor-sites/probierladen-jena (CC BY 4.0)", site.GetProperty("citation").GetString());
    }

    [Fact]
    public async Task Every_address_in_a_site_leads_somewhere()
    {
        var site = await api.GetAsync("/v1/anchor-sites/probierladen-jena");

        foreach (var self in new[] { site, site.GetProperty("project"), site.GetProperty("municipality"), site.GetProperty("sources")[0] })
        {
            Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(self.GetProperty("self").GetString())).StatusCode);
        }
    }

    [Fact]
    public async Task A_county_wide_site_names_its_county_and_has_no_location()
    {
        var site = await api.GetAsync("/v1/anchor-sites/meer-seen-mobil");

        Assert.Equal("13075", site.GetProperty("countyKey").GetString());
        Assert.Equal("Vorpommern-Greifswald", site.GetProperty("county").GetString());
        Assert.False(site.TryGetProperty("municipality", out _));
        Assert.False(site.TryGetProperty("location", out _));
    }

    [Fact]
    public async Task Explicitly_none_is_an_empty_list_and_unknown_is_absent()
    {
        using var own = new ApiFixture();
        own.Write(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "delete from site_codes where site_id = 'probierladen-jena' and dimension in ('spaces', 'contents'); delete from site_dimensions where site_id = 'probierladen-jena' and dimension = 'contents'";
            command.ExecuteNonQuery();
            Api.AnchorSites.AnchorSiteDocuments.Rebuild(connection, ["probierladen-jena"]);
        });

        var characteristics = (await own.GetAsync("/v1/anchor-sites/probierladen-jena")).GetProperty("characteristics");

        Assert.Equal(0, characteristics.GetProperty("spaces").GetArrayLength());
        Assert.False(characteristics.TryGetProperty("contents", out _));
    }
}
