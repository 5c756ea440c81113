using AnkerOrte.Tests.Typologies;

namespace AnkerOrte.Tests.Types;

public sealed class TypeTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly List<JsonElement> Sites = [.. Repository.Shipped("anchor-sites.json").EnumerateArray()];

    private static readonly Dictionary<string, string> TypeOf = Repository.Shipped("typology.json").GetProperty("memberships").EnumerateArray()
        .ToDictionary(membership => Text(membership, "siteId"), membership => Text(membership, "type"));

    [Fact]
    public async Task Types_come_with_what_makes_them_and_their_size()
    {
        var types = (await api.GetAsync("/v1/types")).Items();

        Assert.Equal(8, types.Count);
        var shipped = Repository.Shipped("typology.json").GetProperty("types");
        Assert.All(types.Zip(shipped.EnumerateArray()), pair =>
        {
            Assert.Equal(Text(pair.Second, "key"), Text(pair.First, "key"));
            Assert.Equal(TypeOf.Values.Count(type => type == Text(pair.Second, "key")), pair.First.GetProperty("size").GetProperty("members").GetInt32());
            Assert.Equal(pair.Second.GetProperty("typicalRisks")[0].GetString(), Text(pair.First.GetProperty("typicalRisks")[0], "de"));
            Assert.Equal(pair.Second.GetProperty("findings").GetArrayLength(), pair.First.GetProperty("findings").GetArrayLength());
        });
        var single = await api.GetAsync("/v1/types/makerspace");
        Assert.Equal(types.Single(type => Text(type, "key") == "makerspace").GetRawText(), single.GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(Text(single, "self"))).StatusCode);
        Assert.Equal(8, (await api.Client.GetStringAsync("/v1/types?format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith("1,", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_prototype_is_the_most_typical_member_that_is_well_known_and_a_contrast_belongs_elsewhere()
    {
        foreach (var type in (await api.GetAsync("/v1/types")).Items())
        {
            var key = Text(type, "key");
            var members = (await api.GetAsync($"/v1/types/{key}/anchor-sites?limit=200")).Items();
            Assert.Equal(TypeOf.Where(pair => pair.Value == key).Select(pair => pair.Key).Order(StringComparer.Ordinal), members.Select(member => Text(member.GetProperty("site"), "id")));
            var known = members.Where(member => Known(Text(member.GetProperty("site"), "id")) >= .8 * 8).OrderByDescending(member => member.GetProperty("typicality").GetDouble());
            Assert.Equal(known.Take(3).Select(member => Text(member.GetProperty("site"), "id")), type.GetProperty("prototypes").EnumerateArray().ToList().Texts("id"));
            Assert.All(type.GetProperty("contrasts").EnumerateArray(), contrast => Assert.NotEqual(key, Text(contrast, "type")));
        }

        static int Known(string id) => Sites.Single(site => Text(site, "id") == id).GetProperty("characteristics").EnumerateObject().Count();
    }

    [Fact]
    public async Task A_profile_counts_only_sites_of_which_the_dimension_is_known()
    {
        var profile = await api.GetAsync("/v1/types/makerspace/profile");

        Assert.All(profile.GetProperty("rows").EnumerateArray(), row =>
        {
            var (dimension, code) = (Text(row, "dimension"), Text(row, "code"));
            var known = Sites.Where(site => site.GetProperty("characteristics").TryGetProperty(dimension, out _)).ToList();
            var members = known.Where(site => TypeOf[Text(site, "id")] == "makerspace").ToList();
            bool Has(JsonElement site) => site.GetProperty("characteristics").GetProperty(dimension).EnumerateArray().Any(value => value.GetString() == code);
            Assert.Equal(members.Count(Has), row.GetProperty("count").GetInt32());
            var (share, rate) = (members.Count(Has) / (double)members.Count, known.Count(Has) / (double)known.Count);
            Assert.Equal(share, row.GetProperty("share").GetDouble(), 1e-6);
            Assert.Equal(rate, row.GetProperty("baseRate").GetDouble(), 1e-6);
            Assert.Equal(share / rate, row.GetProperty("lift").GetDouble(), 1e-5);
            Assert.False(row.TryGetProperty("p", out _));
            Assert.Equal(dimension is not ("operators" or "funding"), row.GetProperty("active").GetBoolean());
        });
        var core = profile.GetProperty("rows").EnumerateArray().Single(row => Text(row, "dimension") == "contents" && Text(row, "code") == "making");
        Assert.Equal("core", Text(core, "role"));
        Assert.All(profile.GetProperty("illustrative").EnumerateArray(), row => Assert.True(row.GetProperty("adjustedP").GetDouble() >= row.GetProperty("p").GetDouble()));
        Assert.Equal(["cohort", "sizeClass", "state"], profile.GetProperty("illustrative").EnumerateArray().ToList().Texts("variable").Distinct().Order());
        var table = await api.Client.GetStringAsync("/v1/types/makerspace/profile?format=csv");
        Assert.Equal(1 + profile.GetProperty("rows").GetArrayLength() + profile.GetProperty("illustrative").GetArrayLength(), table.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_site_says_why_it_belongs_to_its_type_and_how_near_the_next_is()
    {
        var type = await api.GetAsync("/v1/anchor-sites/probierladen-jena/type");

        Assert.Equal(TypeOf["probierladen-jena"], Text(type, "type"));
        var standings = type.GetProperty("standings").EnumerateArray().ToList();
        Assert.Equal(8, standings.Count);
        Assert.Equal(1, standings.Sum(standing => standing.GetProperty("membership").GetDouble()), 1e-5);
        Assert.Equal(standings.Select(standing => standing.GetProperty("typicality").GetDouble()).OrderDescending(), standings.Select(standing => standing.GetProperty("typicality").GetDouble()));
        Assert.All(type.GetProperty("featuresFor").EnumerateArray(), feature => Assert.True(feature.GetProperty("has").GetBoolean()));
        var site = Sites.Single(site => Text(site, "id") == "probierladen-jena").GetProperty("characteristics");
        Assert.All(type.GetProperty("featuresAgainst").EnumerateArray(), feature =>
        {
            Assert.True(site.TryGetProperty(Text(feature, "dimension"), out var codes));
            Assert.Equal(codes.EnumerateArray().Any(code => code.GetString() == Text(feature, "code")), feature.GetProperty("has").GetBoolean());
        });
        var document = await api.GetAsync("/v1/anchor-sites/probierladen-jena");
        Assert.Equal(TypeOf["probierladen-jena"], Text(document.GetProperty("membership"), "type"));
        Assert.Equal(23, (await api.GetAsync("/v1/anchor-sites?type=city-lab")).Total());
        Assert.Equal(23, (await api.GetAsync("/v1/anchor-sites?facets=type&limit=1")).GetProperty("facets").GetProperty("type").EnumerateArray().Single(count => Text(count, "code") == "city-lab").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Each_site_lies_in_one_cell_of_the_property_space_and_unknown_is_a_value()
    {
        var space = await api.GetAsync("/v1/property-space?dimensions=setting,type");

        var cells = space.GetProperty("cells").EnumerateArray().ToList();
        Assert.Equal(Sites.Select(site => Text(site, "id")).Order(StringComparer.Ordinal),
            cells.SelectMany(cell => cell.GetProperty("sites").EnumerateArray().Select(site => site.GetString()!)).Order(StringComparer.Ordinal));
        var unknown = Sites.Count(site => !site.GetProperty("characteristics").TryGetProperty("setting", out _));
        Assert.Equal(unknown, cells.Where(cell => cell.GetProperty("values")[0].GetString() == "unknown").Sum(cell => cell.GetProperty("n").GetInt32()));
        Assert.Equal(11 * 8, space.GetProperty("possibleCells").GetInt32());
        Assert.Equal(88 - cells.Count(cell => cell.GetProperty("values")[0].GetString() is not ("unknown" or "none")), space.GetProperty("emptyCells").GetInt32());
        Assert.Equal(cells.Take(5).Sum(cell => cell.GetProperty("n").GetInt32()) / 110.0, space.GetProperty("shareOfLargestFive").GetDouble(), 1e-6);
        Assert.Equal(cells.Count + 1, (await api.Client.GetStringAsync("/v1/property-space?dimensions=setting,type&format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Explicitly_none_is_another_cell_than_unknown()
    {
        using var own = new ApiFixture();
        using var editor = own.As("editor");
        var site = NewSite.Named("Ohne Lage");
        site["characteristics"]!["setting"] = new System.Text.Json.Nodes.JsonArray();
        var id = Text(await editor.SendAsync("POST", "/v1/anchor-sites", site).ShouldBeAsync(HttpStatusCode.Created), "id");

        var cells = (await own.GetAsync("/v1/property-space?dimensions=setting,type")).GetProperty("cells").EnumerateArray();

        var cell = cells.Single(cell => cell.GetProperty("sites").EnumerateArray().Any(other => other.GetString() == id));
        Assert.Equal(["none", "unknown"], cell.GetProperty("values").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task The_picture_of_a_profile_shows_its_longest_bars_and_tells_them()
    {
        var picture = System.Xml.Linq.XDocument.Parse(await api.Client.GetStringAsync("/v1/types/makerspace/profile.svg?lang=de"));
        System.Xml.Linq.XNamespace svg = "http://www.w3.org/2000/svg";

        Assert.Equal($"Merkmale des Typs „{Repository.Shipped("typology.json").GetProperty("types").EnumerateArray().Single(type => Text(type, "key") == "makerspace").GetProperty("label").GetProperty("de").GetString()}“", picture.Root!.Element(svg + "title")!.Value);
        var bars = picture.Descendants(svg + "rect").Where(rect => rect.Attribute("class")!.Value == "bar").Select(rect => double.Parse(rect.Attribute("width")!.Value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(bars.Count, 3, 14);
        Assert.Equal(bars.OrderDescending(), bars);
        Assert.Equal(bars.Count, picture.Root.Element(svg + "desc")!.Value.Split(';').Length);
    }

    private static string Text(JsonElement element, string member) => TypologyTests.Text(element, member);
}
