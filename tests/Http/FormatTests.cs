using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Dapper;

namespace AnkerOrte.Tests.Http;

/// <summary>CSV and GeoJSON, as other programs read them.</summary>
public sealed class FormatTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Csv_holds_all_sites_with_umlauts_and_the_same_filters()
    {
        var all = await ReadAsync("/v1/anchor-sites?format=csv");
        var some = await ReadAsync("/v1/anchor-sites?format=csv&goals=participation");

        Assert.Equal(110, all.Count);
        Assert.Equal(58, some.Count);
        var bamberg = all.Single(row => row["id"] == "buergerlabor-bamberg-smart-city");
        Assert.Equal("Bürgersprechstunde Smart City im Bürgerlabor Bamberg", bamberg["name"]);
        Assert.Equal("09461000", bamberg["ags"]);
        Assert.Equal("participation|smart-city-experience", bamberg["goals"]);
        Assert.Equal("49.89339", bamberg["latitude"]);
        Assert.Equal("", bamberg["contents"]);
        Assert.Contains("Destatis", bamberg["attribution"], StringComparison.Ordinal);
        Assert.Contains("http://localhost/v1/anchor-sites/buergerlabor-bamberg-smart-city", bamberg["citation"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_end_as_RFC_4180_says_and_a_mark_comes_on_request()
    {
        var plain = await api.Client.GetByteArrayAsync("/v1/projects?format=csv");
        var marked = await api.Client.GetByteArrayAsync("/v1/projects?format=csv&bom=true");

        Assert.Equal((byte)'i', plain[0]);
        Assert.Equal([0xEF, 0xBB, 0xBF, .. plain], marked);
        Assert.EndsWith("\r\n", Encoding.UTF8.GetString(plain), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%3B", ";")]
    [InlineData("tab", "\t")]
    [InlineData(",", ",")]
    public async Task The_delimiter_can_be_chosen(string parameter, string delimiter)
    {
        var rows = await ReadAsync($"/v1/sources?format=csv&delimiter={parameter}", delimiter);

        Assert.Equal(443, rows.Count);
        Assert.Equal("src-0001", rows[0]["id"]);
    }

    [Fact]
    public async Task Wide_csv_tells_unknown_from_not_coded()
    {
        var rows = await ReadAsync("/v1/anchor-sites?format=csv&wide=true");
        var site = rows.Single(row => row["id"] == "buergerlabor-bamberg-smart-city");

        Assert.Equal("1", site["goals.participation"]);
        Assert.Equal("0", site["goals.community"]);
        Assert.Equal("", site["contents.making"]);
        Assert.Equal(58, rows.Count(row => row["goals.participation"] == "1"));
        Assert.Equal(96, rows[0].Keys.Count(name => name.Contains('.', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Wide_csv_keeps_the_distance()
    {
        var row = (await ReadAsync("/v1/anchor-sites?format=csv&wide=true&near=50.93006,11.59184&sort=distance&limit=1")).Single();

        Assert.Equal("0", row["distanceKm"]);
        Assert.Equal("1", row["goals.smart-city-experience"]);
    }

    [Fact]
    public async Task Fields_choose_columns()
    {
        var rows = await ReadAsync("/v1/anchor-sites?format=csv&fields=id,location&limit=2");

        Assert.Equal(["id", "latitude", "longitude", "locationPrecision", "attribution"], rows[0].Keys);
        Assert.Equal(2, rows.Count);
    }

    [Fact]
    public async Task With_a_limit_csv_is_paged_and_links_to_the_next_page()
    {
        var ids = new List<string>();
        for (var next = "/v1/anchor-sites?format=csv&limit=40"; next is not null;)
        {
            var response = await api.Client.GetAsync(next);
            ids.AddRange(Parse(await response.Content.ReadAsStringAsync()).Select(row => row["id"]));
            next = response.Headers.GetValues("Link").Single().Split(", ").Where(link => link.EndsWith("rel=\"next\"", StringComparison.Ordinal)).Select(link => link.Split('<', '>')[1]).SingleOrDefault();
        }

        Assert.Equal(110, ids.Distinct().Count());
        Assert.Equal(110, ids.Count);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("@SUM(A1)")]
    [InlineData("+49 3641")]
    [InlineData("-2+3")]
    [InlineData("\tx")]
    public async Task Cells_that_a_spreadsheet_would_run_are_neutralised(string name)
    {
        using var own = new ApiFixture();
        own.Write(connection =>
        {
            connection.Execute("update anchor_sites set name = @name where id = 'probierladen-jena'", new { name });
            Api.AnchorSites.AnchorSiteDocuments.Rebuild(connection, ["probierladen-jena"]);
        });

        var row = Parse(await own.Client.GetStringAsync("/v1/anchor-sites?format=csv&q=Jena")).Single(row => row["id"] == "probierladen-jena");

        Assert.Equal("'" + name, row["name"]);
    }

    [Fact]
    public async Task The_codebook_has_a_row_per_code()
    {
        var rows = await ReadAsync("/v1/codebook?format=csv");

        Assert.Equal(96, rows.Count);
        var code = rows.Single(row => row["dimension"] == "goals" && row["code"] == "participation");
        Assert.Equal("Beteiligung und Mitgestaltung", code["labelDe"]);
        Assert.Equal("58", code["count"]);
        Assert.Equal("goals.smart-city-experience|formats.participation-formats", code["neighbours"]);
    }

    [Fact]
    public async Task Every_municipality_is_in_the_csv_with_its_leading_zeros()
    {
        var rows = await ReadAsync("/v1/municipalities?format=csv");

        var shipped = Parse(await File.ReadAllTextAsync(Repository.File("api", "KnowledgeBase", "municipalities.csv")));
        Assert.Equal(10981, rows.Count);
        Assert.Equal(shipped.Select(row => (row["ags"], row["ars"], row["name"], row["population"])), rows.Select(row => (row["ags"], row["ars"], row["name"], row["population"])));
    }

    [Fact]
    public async Task Geojson_keeps_sites_without_a_location()
    {
        var collection = await api.GetAsync("/v1/anchor-sites?format=geojson");
        var features = collection.GetProperty("features").EnumerateArray().ToList();

        Assert.Equal(110, features.Count);
        Assert.Equal(
            ["digital-mobil-landkreis-giessen", "infomobil-smart-wendeler-land", "meer-seen-mobil"],
            features.Where(feature => feature.GetProperty("geometry").ValueKind == JsonValueKind.Null).Texts("id"));
        var jena = features.Single(feature => feature.GetProperty("id").GetString() == "probierladen-jena");
        Assert.Equal([11.59184, 50.93006], jena.GetProperty("geometry").GetProperty("coordinates").EnumerateArray().Select(number => number.GetDouble()));
        Assert.Equal("Jena, Stadt", jena.GetProperty("properties").GetProperty("municipalityName").GetString());
        Assert.Equal(["community", "digital-skills", "inclusion"], jena.GetProperty("properties").GetProperty("goals").EnumerateArray().Select(code => code.GetString()));
    }

    [Theory]
    [InlineData("text/csv", "text/csv")]
    [InlineData("application/geo+json", "application/geo+json")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json")]
    [InlineData("application/json;q=0.2,text/csv;q=0.9", "text/csv")]
    [InlineData("text/*", "text/csv")]
    [InlineData("*/*", "application/json")]
    public async Task Accept_chooses_the_format(string accept, string expected)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/anchor-sites?state=DE-TH");
        request.Headers.TryAddWithoutValidation("Accept", accept);

        Assert.Equal(expected, (await api.Client.SendAsync(request)).Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Format_wins_over_accept()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/anchor-sites?format=csv");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");

        Assert.Equal("text/csv", (await api.Client.SendAsync(request)).Content.Headers.ContentType!.MediaType);
    }

    private async Task<List<Dictionary<string, string>>> ReadAsync(string url, string delimiter = ",") => Parse(await api.Client.GetStringAsync(url), delimiter);

    private static List<Dictionary<string, string>> Parse(string text, string delimiter = ",")
    {
        using var csv = new CsvReader(new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = delimiter });
        csv.Read();
        csv.ReadHeader();
        var rows = new List<Dictionary<string, string>>();
        while (csv.Read())
        {
            rows.Add(csv.HeaderRecord!.ToDictionary(name => name, name => csv.GetField(name)!));
        }

        return rows;
    }
}
