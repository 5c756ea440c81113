namespace AnkerOrte.Tests.AnchorSites;

public sealed class ListAnchorSitesTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly JsonElement[] Shipped = [.. Repository.Shipped("anchor-sites.json").EnumerateArray()];

    [Fact]
    public async Task All_sites_are_there_in_the_order_of_their_ids()
    {
        var items = await api.WalkAsync("/v1/anchor-sites?limit=40");

        Assert.Equal(Shipped.Texts("id").Order(StringComparer.Ordinal), items.Texts("id"));
        Assert.Equal(110, (await api.GetAsync("/v1/anchor-sites")).Total());
    }

    [Theory]
    [InlineData("goals=participation", 58)]
    [InlineData("state=DE-TH", 6)]
    [InlineData("state=DE-TH&state=DE-HH", 7)]
    [InlineData("status=closed", 7)]
    [InlineData("mpscFunded=not-documented", 30)]
    [InlineData("hasLocation=false", 3)]
    [InlineData("hasLocation=true", 107)]
    [InlineData("municipality=16053000", 3)]
    [InlineData("municipality=160530000000", 3)]
    [InlineData("project=jena", 3)]
    [InlineData("openedFrom=1900&openedTo=2100", 64)]
    public async Task Filters_count_what_the_shipped_file_holds(string query, int expected)
    {
        var page = await api.GetAsync("/v1/anchor-sites?limit=200&" + query);

        Assert.Equal(expected, page.Total());
        Assert.Equal(expected, page.Items().Count);
    }

    [Theory]
    [InlineData("goals")]
    [InlineData("contents")]
    [InlineData("targetGroups")]
    [InlineData("formats")]
    [InlineData("spaces")]
    [InlineData("operators")]
    [InlineData("funding")]
    [InlineData("setting")]
    public async Task Every_dimension_filters_with_or_inside_and_and_across(string dimension)
    {
        var codes = (await api.GetAsync("/v1/codebook/" + dimension)).GetProperty("codes").EnumerateArray().ToList().Texts("key").Take(2).ToList();

        var either = await api.GetAsync($"/v1/anchor-sites?limit=200&{dimension}={codes[0]}&{dimension}={codes[1]}&state=DE-NW");

        var expected = Shipped.Where(site => site.GetProperty("state").GetString() == "Nordrhein-Westfalen"
            && site.GetProperty("characteristics").TryGetProperty(dimension, out var values)
            && values.EnumerateArray().Any(value => codes.Contains(value.GetString()!))).Texts("id").Order(StringComparer.Ordinal);
        Assert.Equal(expected, either.Items().Texts("id"));
    }

    [Theory]
    [InlineData("2021-06", "2021-06")]
    [InlineData("2021", "2021")]
    [InlineData("2023-09-29", "2023-10")]
    [InlineData("2025-07", "2030")]
    public async Task Partial_dates_are_compared_by_overlap(string from, string to)
    {
        var page = await api.GetAsync($"/v1/anchor-sites?limit=200&openedFrom={from}&openedTo={to}");

        // The dates are compared as spans of days, computed here in another way than in SQL.
        var expected = Shipped.Where(site => site.TryGetProperty("openedOn", out var opened)
            && Span(opened.GetString()!) is var (first, last) && last >= Span(from).First && first <= Span(to).Last).Texts("id").Order(StringComparer.Ordinal);
        Assert.Equal(expected, page.Items().Texts("id"));
        Assert.NotEmpty(page.Items());
    }

    [Fact]
    public async Task Nearby_sites_come_with_their_distance_and_sort_by_it()
    {
        // Jena's centre; Gera lies about 35 km to the east.
        var items = (await api.GetAsync("/v1/anchor-sites?near=50.93006,11.59184&radiusKm=60&sort=distance")).Items();

        Assert.Equal(["jedi-jena", "probierladen-jena", "telemedizinraum-jena-lobeda", "smart-city-studio-gera"], items.Texts("id"));
        Assert.Equal(0, items[0].GetProperty("distanceKm").GetDouble());
        Assert.InRange(items[3].GetProperty("distanceKm").GetDouble(), 33, 37);
    }

    [Fact]
    public async Task The_radius_keeps_exactly_those_within_it()
    {
        var all = await api.WalkAsync("/v1/anchor-sites?near=51.5,9.9&sort=distance&limit=50");
        var within = await api.WalkAsync("/v1/anchor-sites?near=51.5,9.9&radiusKm=150&sort=distance&limit=7");

        Assert.Equal(107, all.Count);
        Assert.Equal(all.Where(site => site.GetProperty("distanceKm").GetDouble() <= 150).Texts("id"), within.Texts("id"));
        Assert.All(all, site => Assert.Equal(CentralAngleKm(51.5, 9.9, site.GetProperty("location")), site.GetProperty("distanceKm").GetDouble(), 0.001));
    }

    [Fact]
    public async Task A_box_holds_exactly_the_sites_inside()
    {
        var page = await api.GetAsync("/v1/anchor-sites?bbox=9.8,50.2,12.7,51.7&limit=200");

        var expected = Shipped.Where(site => site.TryGetProperty("location", out var at)
            && at.GetProperty("longitude").GetDouble() is >= 9.8 and <= 12.7 && at.GetProperty("latitude").GetDouble() is >= 50.2 and <= 51.7);
        Assert.Equal(expected.Texts("id").Order(StringComparer.Ordinal), page.Items().Texts("id"));
    }

    [Fact]
    public async Task A_plural_finds_sites_that_only_have_the_singular()
    {
        var items = (await api.GetAsync("/v1/anchor-sites?q=Werkst%C3%A4tten&limit=200")).Items();

        Assert.Contains(items, site => !site.GetRawText().Contains("Werkstätten", StringComparison.OrdinalIgnoreCase)
            && site.GetRawText().Contains("Werkstatt", StringComparison.Ordinal));
        Assert.Contains("stadt-werkstatt-muehlhausen", items.Texts("id"));
    }

    [Theory]
    [InlineData("M%C3%BChlhausen")]
    [InlineData("Muehlhausen")]
    [InlineData("muhlhausen")]
    [InlineData("M%C3%BChlhaus")]
    public async Task Umlauts_and_their_spellings_find_the_same(string q)
    {
        var items = (await api.GetAsync("/v1/anchor-sites?q=" + q)).Items();

        Assert.Equal(["frei-handel-muehlhausen", "stadt-werkstatt-muehlhausen"], items.Texts("id"));
    }

    [Fact]
    public async Task All_words_must_occur()
    {
        var both = (await api.GetAsync("/v1/anchor-sites?q=Jena+Telemedizin")).Items();

        Assert.Equal(["telemedizinraum-jena-lobeda"], both.Texts("id"));
    }

    [Fact]
    public async Task By_relevance_hits_in_the_name_come_first()
    {
        var items = (await api.GetAsync("/v1/anchor-sites?q=Werkstatt&sort=relevance&limit=200")).Items();

        var expected = Shipped.Texts("name").Where(name => System.Text.RegularExpressions.Regex.IsMatch(name, @"\bWerkst[aä]tt", System.Text.RegularExpressions.RegexOptions.IgnoreCase)).ToHashSet();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, items.Texts("name").Take(expected.Count).ToHashSet());
    }

    [Fact]
    public async Task Facets_count_without_their_own_filter()
    {
        var page = await api.GetAsync("/v1/anchor-sites?goals=participation&state=DE-NW&facets=state,goals&limit=1");

        var states = page.GetProperty("facets").GetProperty("state").EnumerateArray().ToDictionary(facet => facet.GetProperty("code").GetString()!, facet => facet.GetProperty("count").GetInt32());
        var goals = page.GetProperty("facets").GetProperty("goals").EnumerateArray().ToDictionary(facet => facet.GetProperty("code").GetString()!, facet => facet.GetProperty("count").GetInt32());
        Assert.Equal(58, states.Values.Sum());
        Assert.Equal(page.Total(), states["DE-NW"]);
        Assert.Equal(page.Total(), goals["participation"]);
        foreach (var (code, count) in goals)
        {
            Assert.Equal((await api.GetAsync($"/v1/anchor-sites?state=DE-NW&goals={code}")).Total(), count);
        }
    }

    [Fact]
    public async Task Fields_make_items_sparse()
    {
        var item = (await api.GetAsync("/v1/anchor-sites?fields=name,id&limit=1")).Items().Single();

        Assert.Equal(["id", "name"], item.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Updated_since_is_inclusive()
    {
        var at = (await api.GetAsync("/v1/anchor-sites/probierladen-jena")).GetProperty("updatedAt").GetString()!;

        Assert.Equal(110, (await api.GetAsync("/v1/anchor-sites?updatedSince=" + at)).Total());
        Assert.Equal(110, (await api.GetAsync("/v1/anchor-sites?updatedSince=2026-11-01T01:00:00%2B01:00")).Total());
        Assert.Equal(0, (await api.GetAsync("/v1/anchor-sites?updatedSince=2026-11-01T00:00:00.001Z")).Total());
    }

    [Fact]
    public async Task Names_sort_as_in_a_dictionary()
    {
        var names = (await api.WalkAsync("/v1/anchor-sites?sort=name&limit=33")).Texts("name");

        var descending = (await api.WalkAsync("/v1/anchor-sites?sort=-name&limit=33")).Texts("name");
        Assert.Equal(110, names.Count);
        Assert.Equal(names.AsEnumerable().Reverse(), descending);
        // DIN 5007-1: ä sorts as a, so "Öffentliches" stands among the O, not behind Z.
        Assert.StartsWith("Zukunfts", names[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openedOn")]
    [InlineData("-openedOn")]
    public async Task Sites_without_a_date_come_last_in_either_direction(string sort)
    {
        var dates = (await api.WalkAsync($"/v1/anchor-sites?sort={sort}&limit=9")).Select(site => site.TryGetProperty("openedOn", out var date) ? date.GetString() : null).ToList();

        Assert.Equal(110, dates.Count);
        Assert.Equal(64, dates.TakeWhile(date => date is not null).Count());
        var known = dates.Take(64).ToList();
        Assert.Equal(sort[0] == '-' ? known.OrderByDescending(date => date, StringComparer.Ordinal) : known.Order(StringComparer.Ordinal), known);
    }

    [Fact]
    public async Task Several_sort_keys_walk_completely()
    {
        var items = await api.WalkAsync("/v1/anchor-sites?sort=-updatedAt,name&limit=7");

        Assert.Equal(110, items.Texts("id").Distinct().Count());
        Assert.Equal((await api.WalkAsync("/v1/anchor-sites?sort=name&limit=200")).Texts("id"), items.Texts("id"));
    }

    private static (DateOnly First, DateOnly Last) Span(string date)
    {
        var parts = date.Split('-').Select(int.Parse).ToArray();
        return parts.Length switch
        {
            1 => (new(parts[0], 1, 1), new(parts[0], 12, 31)),
            2 => (new(parts[0], parts[1], 1), new DateOnly(parts[0], parts[1], 1).AddMonths(1).AddDays(-1)),
            _ => (new(parts[0], parts[1], parts[2]), new(parts[0], parts[1], parts[2])),
        };
    }

    /// <summary>By the spherical law of cosines, another formula than the service's.</summary>
    private static double CentralAngleKm(double latitude, double longitude, JsonElement at)
    {
        double Radians(double degrees) => degrees * Math.PI / 180;
        var (a, b) = (Radians(latitude), Radians(at.GetProperty("latitude").GetDouble()));
        var turn = Radians(at.GetProperty("longitude").GetDouble() - longitude);
        return 6371.0088 * Math.Acos((Math.Sin(a) * Math.Sin(b)) + (Math.Cos(a) * Math.Cos(b) * Math.Cos(turn)));
    }
}
