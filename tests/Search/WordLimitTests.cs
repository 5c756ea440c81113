namespace AnkerOrte.Tests.Search;

/// <summary>What a search may cost: each word counts once, and there are at most 16.</summary>
public sealed class WordLimitTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("/v1/search?q=")]
    [InlineData("/v1/anchor-sites?facets=goals,state&q=")]
    [InlineData("/v1/projects?q=")]
    [InlineData("/v1/sources?q=")]
    [InlineData("/v1/findings?q=")]
    [InlineData("/v1/recommendations?q=")]
    [InlineData("/v1/passages?q=")]
    public async Task Seventeen_different_words_are_refused_and_repeated_ones_count_once(string url)
    {
        var words = Enumerable.Range(0, 17).Select(i => (char)('a' + i)).ToList();

        var error = Assert.Single(await api.Client.GetAsync(url + string.Join('+', words)).ShouldBeProblemAsync(400, "invalid-request"));

        Assert.Equal(("/query/q", "count", "At most 16 different words, not 17."),
            (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString(), error.GetProperty("detail").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(url + string.Join('+', words.Take(16)))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(url + string.Join('+', Enumerable.Repeat("Stadt", 30)))).StatusCode);
    }

    [Fact]
    public async Task Repeating_a_word_changes_nothing()
    {
        var once = await api.GetAsync("/v1/search?q=Werkstatt+Jena&limit=200");
        var often = await api.GetAsync("/v1/search?q=Werkstatt+Jena+werkstatt+JENA+Werkstatt&limit=200");

        Assert.NotEqual(0, once.GetProperty("page").GetProperty("total").GetInt32());
        Assert.Equal(once.GetProperty("items").GetRawText(), often.GetProperty("items").GetRawText());
    }

    [Fact]
    public async Task Facets_of_nothing_are_empty()
    {
        // No other test has these conditions, so this is the first answer to their SQL.
        var page = await api.GetAsync(
            "/v1/anchor-sites?q=xyzzy&openedFrom=1999&openedTo=2001&hasLocation=true&facets=goals,state,type,status,project");

        Assert.Equal(0, page.GetProperty("page").GetProperty("total").GetInt32());
        Assert.All(page.GetProperty("facets").EnumerateObject(), facet => Assert.Equal(0, facet.Value.GetArrayLength()));
    }
}
