namespace AnkerOrte.Tests.Search;

public sealed class SearchTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Every_kind_of_record_is_found()
    {
        var hits = await api.WalkAsync("/v1/search?q=Jena&limit=200");

        Assert.Equal(["anchor-site", "finding", "municipality", "project", "source", "type"], hits.Texts("kind").Distinct().Order());
        Assert.Contains(hits, hit => hit.GetProperty("self").GetString() == "http://localhost/v1/municipalities/16053000");
        Assert.Contains((await api.GetAsync("/v1/search?q=Reparieren")).Items(), hit => hit.GetProperty("id").GetString() == "contents.repair");
    }

    [Fact]
    public async Task Hits_in_the_title_come_first()
    {
        var titles = (await api.GetAsync("/v1/search?q=Makerspace&limit=200")).Items().Texts("title").Select(title => title.Contains("maker", StringComparison.OrdinalIgnoreCase)).ToList();

        var inTitle = titles.Count(hit => hit);
        Assert.True(inTitle > 10);
        Assert.All(titles.Take(inTitle - 5), Assert.True);
    }

    [Fact]
    public async Task Among_equals_sites_come_first()
    {
        var hits = (await api.GetAsync("/v1/search?q=Werkstatt&limit=200")).Items();

        Assert.Equal("anchor-site", hits[0].GetProperty("kind").GetString());
        Assert.Contains("Werkstatt", hits[0].GetProperty("title").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Kinds_can_be_chosen()
    {
        var hits = (await api.GetAsync("/v1/search?q=Jena&kind=project&kind=anchor-site")).Items();

        Assert.Equal(["anchor-site", "project"], hits.Texts("kind").Distinct().Order());
    }

    [Fact]
    public async Task Every_hit_leads_to_its_record()
    {
        foreach (var hit in (await api.GetAsync("/v1/search?q=digital&limit=30")).Items())
        {
            Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(hit.GetProperty("self").GetString())).StatusCode);
        }
    }
}
