namespace AnkerOrte.Tests.Codebook;

public sealed class CodebookTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Dimensions_and_codes_are_those_of_the_shipped_file_in_its_order()
    {
        var answer = (await api.GetAsync("/v1/codebook")).Items();
        var shipped = Repository.Shipped("codebook.json").GetProperty("dimensions").EnumerateArray().ToList();

        Assert.Equal(shipped.Texts("key"), answer.Texts("key"));
        foreach (var (expected, actual) in shipped.Zip(answer))
        {
            Assert.True(JsonElement.DeepEquals(expected.GetProperty("label"), actual.GetProperty("label")));
            foreach (var (code, answered) in expected.GetProperty("codes").EnumerateArray().Zip(actual.GetProperty("codes").EnumerateArray()))
            {
                foreach (var name in new[] { "key", "label", "definition", "anchorExample", "neighbours" })
                {
                    Assert.True(code.GetProperty(name).ValueKind == JsonValueKind.Null ? !answered.TryGetProperty(name, out _) : JsonElement.DeepEquals(code.GetProperty(name), answered.GetProperty(name)), $"{code.GetProperty("key")}.{name}");
                }
            }
        }
    }

    [Fact]
    public async Task Coverage_and_counts_follow_from_the_sites()
    {
        var sites = Repository.Shipped("anchor-sites.json").EnumerateArray().Select(site => site.GetProperty("characteristics")).ToList();
        foreach (var dimension in (await api.GetAsync("/v1/codebook")).Items())
        {
            var key = dimension.GetProperty("key").GetString()!;
            Assert.Equal(sites.Count(site => site.TryGetProperty(key, out _)), dimension.GetProperty("coverage").GetProperty("known").GetInt32());
            Assert.Equal(110, dimension.GetProperty("coverage").GetProperty("total").GetInt32());
            foreach (var code in dimension.GetProperty("codes").EnumerateArray())
            {
                var expected = sites.Count(site => site.TryGetProperty(key, out var codes) && codes.EnumerateArray().Any(value => value.GetString() == code.GetProperty("key").GetString()));
                Assert.Equal(expected, code.GetProperty("count").GetInt32());
            }
        }
    }
}
