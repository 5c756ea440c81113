namespace AnkerOrte.Tests.Sources;

public sealed class SourceTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task All_sources_say_what_the_shipped_file_says()
    {
        var answers = (await api.WalkAsync("/v1/sources?limit=200")).ToDictionary(source => source.GetProperty("id").GetString()!);

        Assert.Equal(443, answers.Count);
        foreach (var shipped in Repository.Shipped("sources.json").EnumerateArray())
        {
            var answer = answers[shipped.GetProperty("id").GetString()!];
            foreach (var name in new[] { "url", "title", "publisher", "kind" })
            {
                Assert.Equal(shipped.GetProperty(name).GetString(), answer.GetProperty(name).GetString());
            }

            Assert.Equal(shipped.GetProperty("date").GetString(), answer.TryGetProperty("date", out var date) ? date.GetString() : null);
        }
    }

    [Theory]
    [InlineData("kind=study", 19)]
    [InlineData("kind=study&kind=council-paper", 28)]
    [InlineData("anchorSite=probierladen-jena", 5)]
    public async Task Filters_count_what_the_shipped_file_holds(string query, int expected) =>
        Assert.Equal(expected, (await api.GetAsync("/v1/sources?" + query)).Total());

    [Fact]
    public async Task A_source_names_the_sites_that_cite_it()
    {
        var source = await api.GetAsync("/v1/sources/src-0367");

        var expected = Repository.Shipped("anchor-sites.json").EnumerateArray()
            .Where(site => site.GetProperty("sourceIds").EnumerateArray().Any(id => id.GetString() == "src-0367")).Texts("id").Order(StringComparer.Ordinal);
        Assert.Equal(expected, source.GetProperty("anchorSites").EnumerateArray().ToList().Texts("id"));
    }

    [Fact]
    public async Task Sources_without_a_date_come_last()
    {
        var dates = (await api.WalkAsync("/v1/sources?sort=-date&limit=200")).Select(source => source.TryGetProperty("date", out var date) ? date.GetString() : null).ToList();

        Assert.Equal(138, dates.TakeWhile(date => date is not null).Count());
        Assert.Equal(443, dates.Count);
    }
}
