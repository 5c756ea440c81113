namespace AnkerOrte.Tests.Municipalities;

public sealed class MunicipalityTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("16053000")]
    [InlineData("160530000000")]
    public async Task Jena_is_found_by_ags_and_ars_with_its_sites_and_project(string key)
    {
        var jena = await api.GetAsync("/v1/municipalities/" + key);

        Assert.Equal("Jena, Stadt", jena.GetProperty("name").GetString());
        Assert.Equal("Jena", jena.GetProperty("shortName").GetString());
        Assert.Equal("DE-TH", jena.GetProperty("state").GetString());
        Assert.Equal(111191, jena.GetProperty("population").GetInt32());
        Assert.Equal(["jedi-jena", "probierladen-jena", "telemedizinraum-jena-lobeda"], jena.GetProperty("anchorSites").EnumerateArray().ToList().Texts("id"));
        Assert.Equal(["jena"], jena.GetProperty("projects").EnumerateArray().ToList().Texts("id"));
        Assert.Contains("Destatis", jena.GetProperty("attribution").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_are_there() => Assert.Equal(10981, (await api.GetAsync("/v1/municipalities?limit=1")).Total());

    [Theory]
    [InlineData("Muehlhausen")]
    [InlineData("M%C3%BChlhausen")]
    [InlineData("M%C3%BChlhausn")]
    [InlineData("Muhlhuasen")]
    [InlineData("m%C3%BChlh")]
    public async Task A_name_is_found_in_spite_of_umlauts_and_typing_errors(string q)
    {
        var items = (await api.GetAsync("/v1/municipalities?q=" + q)).Items();

        Assert.Equal("Mühlhausen/Thüringen, Stadt", items[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Whole_words_come_before_beginnings_and_larger_towns_first()
    {
        var names = (await api.GetAsync("/v1/municipalities?q=Halle")).Items().Texts("shortName");

        Assert.Equal(["Halle (Saale)", "Halle (Westf.)"], names.Take(2));
        Assert.True(names.IndexOf("Hallerndorf") > names.IndexOf("Halle"));
    }

    [Fact]
    public async Task Nothing_similar_is_an_empty_list() => Assert.Equal(0, (await api.GetAsync("/v1/municipalities?q=Xqzwvkjp")).Total());

    [Fact]
    public async Task Filters_combine()
    {
        var items = await api.WalkAsync("/v1/municipalities?state=DE-TH&populationMin=20000&populationMax=100000&sort=-population&limit=5");

        var populations = items.Select(item => item.GetProperty("population").GetInt32()).ToList();
        Assert.All(items, item => Assert.Equal("DE-TH", item.GetProperty("state").GetString()));
        Assert.All(populations, population => Assert.InRange(population, 20_000, 100_000));
        Assert.Equal(populations.OrderDescending(), populations);
        var shipped = (await File.ReadAllLinesAsync(Repository.File("api", "KnowledgeBase", "municipalities.csv"))).Count(line =>
            line.Contains(",Thüringen,", StringComparison.Ordinal) && int.Parse(line.Split(',')[^4], System.Globalization.CultureInfo.InvariantCulture) is >= 20_000 and <= 100_000);
        Assert.Equal(shipped, items.Count);
    }

    [Fact]
    public async Task The_nearest_come_first_with_their_distance()
    {
        var items = (await api.GetAsync("/v1/municipalities?near=50.93006,11.59184&radiusKm=20&limit=3")).Items();

        Assert.Equal("16053000", items[0].GetProperty("ags").GetString());
        var distances = items.Select(item => item.GetProperty("distanceKm").GetDouble()).ToList();
        Assert.Equal(distances.Order(), distances);
    }

    [Fact]
    public async Task Municipalities_with_sites_can_be_picked()
    {
        var with = await api.WalkAsync("/v1/municipalities?hasSites=true&limit=200");

        var expected = Repository.Shipped("anchor-sites.json").EnumerateArray().Where(site => site.TryGetProperty("ags", out _)).ToList().Texts("ags").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(expected, with.Texts("ags"));
        Assert.Equal(10981 - with.Count, (await api.GetAsync("/v1/municipalities?hasSites=false&limit=1")).Total());
    }

    [Fact]
    public async Task Similar_ones_are_of_the_same_size_class_and_state_and_those_with_sites_lead()
    {
        var items = (await api.GetAsync("/v1/municipalities/16053000/similar")).Items();

        // Thuringia's cities from 100,000: Erfurt and Jena.
        Assert.Equal(["16051000"], items.Texts("ags"));
        var everywhere = await api.WalkAsync("/v1/municipalities/16053000/similar?within=germany&limit=20");
        Assert.All(everywhere, item => Assert.Equal("large-city", item.GetProperty("sizeClass").GetString()));
        Assert.DoesNotContain("16053000", everywhere.Texts("ags"));
        var withSites = everywhere.Select(item => item.GetProperty("anchorSites").GetArrayLength() > 0).ToList();
        Assert.Equal(withSites.OrderDescending(), withSites);
        var ratios = everywhere.Take(withSites.Count(has => has)).Select(item => Math.Abs(Math.Log(item.GetProperty("population").GetInt32() / 111191.0))).ToList();
        Assert.Equal(ratios.Order(), ratios);
    }

    [Theory]
    [InlineData("01053105")]
    [InlineData("03153504")]
    public async Task An_uninhabited_area_has_no_peers(string ags)
    {
        Assert.Equal(0, (await api.GetAsync("/v1/municipalities/" + ags)).GetProperty("population").GetInt32());
        Assert.Equal(0, (await api.GetAsync($"/v1/municipalities/{ags}/similar?within=germany")).Total());
    }

    [Theory]
    [InlineData("16053000", "large-city")]
    [InlineData("16064046", "medium-town")]
    public async Task The_size_class_follows_the_population(string ags, string expected) =>
        Assert.Equal(expected, (await api.GetAsync("/v1/municipalities/" + ags)).GetProperty("sizeClass").GetString());

    [Fact]
    public async Task A_municipality_without_a_centre_has_no_location()
    {
        Assert.False((await api.GetAsync("/v1/municipalities/16063105")).TryGetProperty("location", out _));
        var feature = (await api.GetAsync("/v1/municipalities?q=Eisenach&state=DE-TH&format=geojson")).GetProperty("features")[0];
        Assert.Equal(JsonValueKind.Null, feature.GetProperty("geometry").ValueKind);
    }
}
