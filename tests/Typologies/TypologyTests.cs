namespace AnkerOrte.Tests.Typologies;

/// <summary>What is published, as portals and researchers read it.</summary>
public sealed class TypologyTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly JsonElement Shipped = Repository.Shipped("typology.json");

    [Fact]
    public async Task The_shipped_typology_is_version_1_and_says_what_it_is_not()
    {
        var response = await api.Client.GetAsync("/v1/typologies/1");

        var typology = await response.JsonAsync();
        Assert.Equal(("1", "published", "shipped"), (Text(typology, "version"), Text(typology, "status"), Text(typology, "origin")));
        Assert.Equal(Shipped.GetProperty("note").GetProperty("de").GetString(), typology.GetProperty("note").GetProperty("de").GetString());
        Assert.Equal(Shipped.GetProperty("types").EnumerateArray().ToList().Texts("key"), typology.GetProperty("types").EnumerateArray().ToList().Texts("key"));
        Assert.Equal((110, 0), (typology.GetProperty("members").GetInt32(), typology.GetProperty("notClassified").GetInt32()));
        Assert.Contains("<http://localhost/v1/typologies/1>; rel=\"latest-version\"", response.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.EndsWith("http://localhost/v1/typologies/1 (CC BY 4.0)", Text(typology, "citation"), StringComparison.Ordinal);
        Assert.Equal(["1"], (await api.GetAsync("/v1/typologies")).Items().Texts("version"));
    }

    [Fact]
    public async Task Its_gates_say_which_it_does_not_pass()
    {
        var gates = (await api.GetAsync("/v1/typologies/1")).GetProperty("gates").EnumerateArray().ToDictionary(gate => Text(gate, "gate"), gate => gate);

        Assert.True(gates["every-site-assigned"].GetProperty("passed").GetBoolean());
        Assert.True(gates["type-size"].GetProperty("passed").GetBoolean());
        Assert.False(gates["reduction-steps"].GetProperty("passed").GetBoolean());
        Assert.Equal("reductionSteps", gates["reduction-steps"].GetProperty("places")[0].GetString());
        Assert.Equal([1, 2, 3, 4], gates.Values.Select(gate => gate.GetProperty("stage").GetInt32()).Distinct().Order());
    }

    [Fact]
    public async Task Every_membership_is_served_with_its_reason_also_as_a_table()
    {
        var memberships = await api.WalkAsync("/v1/typologies/1/memberships?limit=50");

        var expected = Shipped.GetProperty("memberships").EnumerateArray().OrderBy(membership => Text(membership, "siteId"), StringComparer.Ordinal)
            .Select(membership => (Text(membership, "siteId"), Text(membership, "type"), Text(membership, "degree"), Text(membership, "rationale"), Text(membership, "confidence")));
        Assert.Equal(expected, memberships.Select(membership => (Text(membership, "siteId"), Text(membership, "type"), Text(membership, "degree"), Text(membership, "rationale"), Text(membership, "confidence"))));
        Assert.Equal(10, (await api.GetAsync("/v1/typologies/1/memberships?type=showroom")).Total());
        Assert.Equal(0, (await api.GetAsync("/v1/typologies/1/memberships?type=none")).Total());
        var lines = (await api.Client.GetStringAsync("/v1/typologies/1/memberships?format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("typology,siteId,siteName,type,degree,secondaryType,confidence,rationale", lines[0], StringComparison.Ordinal);
        Assert.True(lines.Length >= 111);
    }

    [Theory]
    [InlineData("/v1/typologies/7")]
    [InlineData("/v1/typologies/7/memberships")]
    [InlineData("/v1/typologies/1/correspondences/7")]
    [InlineData("/v1/typologies/7/map.svg")]
    [InlineData("/v1/types?typology=7")]
    [InlineData("/v1/types/makerspace?typology=7")]
    [InlineData("/v1/types/maker")]
    [InlineData("/v1/types/maker/profile")]
    [InlineData("/v1/types/maker/profile.svg")]
    [InlineData("/v1/types/maker/anchor-sites")]
    [InlineData("/v1/anchor-sites/nowhere/type")]
    public async Task What_is_not_there_is_a_404(string address) => await (await api.Client.GetAsync(address)).ShouldBeProblemAsync(404, "not-found");

    [Theory]
    [InlineData("/v1/typologies/0", "/path/version")]
    [InlineData("/v1/typologies/1/memberships?type=shworoom", "/query/type")]
    [InlineData("/v1/types/makerspace/profile.svg?lang=fr", "/query/lang")]
    [InlineData("/v1/property-space?dimensions=goals", "/query/dimensions")]
    [InlineData("/v1/property-space?dimensions=goals,goals", "/query/dimensions")]
    [InlineData("/v1/property-space?dimensions=goals,colour", "/query/dimensions")]
    [InlineData("/v1/property-space", "/query/dimensions")]
    public async Task A_wrong_request_is_told_where(string address, string place) =>
        Assert.Equal(place, Assert.Single(await (await api.Client.GetAsync(address)).ShouldBeProblemAsync(400, "invalid-request")).GetProperty("pointer").GetString());

    [Fact]
    public async Task The_map_shows_every_site_and_speaks_both_languages()
    {
        var response = await api.Client.GetAsync("/v1/typologies/1/map.svg?lang=de");
        var picture = System.Xml.Linq.XDocument.Parse(await response.Content.ReadAsStringAsync());
        System.Xml.Linq.XNamespace svg = "http://www.w3.org/2000/svg";

        Assert.Equal("image/svg+xml", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("img", picture.Root!.Attribute("role")!.Value);
        Assert.Equal(110, picture.Descendants(svg + "title").Count() - 1);
        Assert.StartsWith("Ankerorte nach Ähnlichkeit", picture.Root.Element(svg + "title")!.Value, StringComparison.Ordinal);
        Assert.StartsWith("Sites by similarity", System.Xml.Linq.XDocument.Parse(await api.Client.GetStringAsync("/v1/typologies/1/map.svg")).Root!.Element(svg + "title")!.Value, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, (await Again("/v1/typologies/1/map.svg?lang=de", response)).StatusCode);
        await (await Ask("/v1/typologies/1/map.svg", "application/json")).ShouldBeProblemAsync(406, "not-acceptable");
    }

    private Task<HttpResponseMessage> Again(string address, HttpResponseMessage response)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        return api.Client.SendAsync(request);
    }

    private Task<HttpResponseMessage> Ask(string address, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(accept);
        return api.Client.SendAsync(request);
    }

    internal static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
