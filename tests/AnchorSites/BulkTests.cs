using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace AnkerOrte.Tests.AnchorSites;

public sealed class BulkTests : IDisposable
{
    private const string Address = "/v1/anchor-sites/bulk";

    private readonly ApiFixture api = new();
    private readonly HttpClient editor;

    public BulkTests() => editor = api.As("editor");

    public void Dispose() => api.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("&bom=true&delimiter=%3B")]
    [InlineData("&delimiter=tab")]
    public async Task What_was_exported_comes_back_unchanged(string how)
    {
        // Things that a table tends to lose.
        await ChangeAsync("jedi-jena", new { summary = "Erste Zeile; mit \"Zitat\", Komma\nund zweiter Zeile.", address = "'=1+1", place = "-Hinterhof \"links\"", characteristics = new { goals = Array.Empty<string>(), funding = (object?)null } });
        await ChangeAsync("probierladen-jena", new { place = "=SUMME(A1)", address = "''@x", facts = new { floorAreaSqm = 120.5, openingHours = "+49 3641; täglich", visitorsPerYear = 12 } });
        var csv = await api.Client.GetStringAsync("/v1/anchor-sites?format=csv" + how);

        var report = await PutCsvAsync(csv);

        Assert.Equal((0, 0, 110, 0), Counts(report));
        Assert.All(Rows(report), row => Assert.Equal("unchanged", row.GetProperty("status").GetString()));
        Assert.Equal(csv, await api.Client.GetStringAsync("/v1/anchor-sites?format=csv" + how));
    }

    [Fact]
    public async Task What_shows_many_of_the_new_sites_is_told_of_once()
    {
        var cursor = (await api.GetAsync("/v1/changes?from=end")).GetProperty("cursor").GetString();
        var sites = Enumerable.Range(1, 20).Select(number => new
        {
            id = $"viele-{number}",
            name = $"Einer von vielen {number}",
            selfDesignation = "Labor",
            summary = "Ein Ort, den es nur in den Tests gibt.",
            status = "operating",
            mpscFunded = "not-documented",
            ags = "16053000",
            state = "DE-TH",
            characteristics = new { goals = new[] { "inclusion" } },
            sourceIds = new[] { "src-0195" },
        });

        await editor.SendAsync("POST", Address, sites).ShouldBeAsync(HttpStatusCode.OK);

        var changes = (await api.GetAsync($"/v1/changes?limit=200&after={cursor}")).Items();
        // 20 sites, their municipality, their source, and the eight dimensions that count them.
        Assert.Equal(30, changes.Count);
        Assert.Equal(30, changes.Select(change => (change.GetProperty("kind").GetString(), change.GetProperty("id").GetString())).Distinct().Count());
        var source = changes.Single(change => change.GetProperty("kind").GetString() == "source").GetProperty("record");
        Assert.Equal((await api.GetAsync("/v1/sources/src-0195")).GetRawText(), source.GetRawText());
        Assert.Contains("viele-20", source.GetProperty("anchorSites").EnumerateArray().ToList().Texts("id"));
    }

    [Fact]
    public async Task One_changed_cell_replaces_one_site_and_keeps_its_experiences()
    {
        var csv = await api.Client.GetStringAsync("/v1/anchor-sites?format=csv");
        var before = JsonNode.Parse(await api.Client.GetStringAsync("/v1/anchor-sites/probierladen-jena"))!;

        var report = await PutCsvAsync(csv.Replace("ProbierLaden Jena,", "ProbierLaden in Jena,", StringComparison.Ordinal), reason: "Umbenannt");

        Assert.Equal((0, 1, 109, 0), Counts(report));
        Assert.Equal("probierladen-jena", Rows(report).Single(row => row.GetProperty("status").GetString() == "replaced").GetProperty("id").GetString());
        var after = JsonNode.Parse(await api.Client.GetStringAsync("/v1/anchor-sites/probierladen-jena"))!;
        Assert.Equal("ProbierLaden in Jena", after["name"]!.GetValue<string>());
        Assert.NotEmpty(after["experiences"]!.AsArray());
        foreach (var member in new[] { "name", "updatedAt", "citation" })
        {
            after[member] = before[member]!.DeepClone();
        }

        Assert.Equal(before.ToJsonString(), after.ToJsonString());
        Assert.Equal("Umbenannt", (await api.GetAsync("/v1/anchor-sites/probierladen-jena/history")).Items()[^1].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Columns_that_are_left_out_stay_and_an_empty_cell_says_unknown()
    {
        await ChangeAsync("jedi-jena", new { place = "Hinterhaus", website = "https://example.org/jedi" });
        var before = await api.GetAsync("/v1/anchor-sites/jedi-jena");

        var report = await PutCsvAsync("id;website;status\r\njedi-jena;;paused\r\n;;\r\n");

        Assert.Equal((0, 1, 0, 0), Counts(report));
        var after = await api.GetAsync("/v1/anchor-sites/jedi-jena");
        Assert.False(after.TryGetProperty("website", out _));
        Assert.Equal(("paused", "Hinterhaus"), (after.GetProperty("status").GetString(), after.GetProperty("place").GetString()));
        Assert.Equal(before.GetProperty("characteristics").GetRawText(), after.GetProperty("characteristics").GetRawText());
        Assert.Equal(before.GetProperty("sourceIds").GetRawText(), after.GetProperty("sourceIds").GetRawText());
    }

    [Fact]
    public async Task A_bad_row_costs_only_itself_and_leaves_nothing()
    {
        var good = NewSite.Named("Guter Laden");
        var wrongCode = NewSite.Named("Falscher Laden");
        wrongCode["characteristics"]!["goals"] = new JsonArray("fun");
        var wrongType = NewSite.Named("Typenladen");
        wrongType["facts"] = new JsonObject { ["visitorsPerYear"] = "viele" };
        var removed = NewSite.Named("Weg");
        removed["id"] = "jedi-jena";
        await editor.SendAsync("DELETE", "/v1/anchor-sites/jedi-jena", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        var twice = NewSite.Named("Zweimal");
        twice["id"] = "zweimal";

        var report = await PutAsync(new JsonArray(good, wrongCode, wrongType, 7, removed, twice, twice.DeepClone()));

        Assert.Equal((2, 0, 0, 5), Counts(report));
        var rows = Rows(report);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], rows.Select(row => row.GetProperty("row").GetInt32()));
        Assert.Equal(["guter-laden", null, null, null, "jedi-jena", "zweimal", "zweimal"], rows.Select(row => row.GetProperty("id").GetString()));
        Assert.Equal(["created", "rejected", "rejected", "rejected", "rejected", "created", "rejected"], rows.Texts("status"));
        Assert.Equal(["", "/characteristics/goals/0 unknown-value", "/facts/visitorsPerYear type", " type", " gone", "", "/id repeated"], rows.Select(Problems));
        Assert.Equal(["guter-laden"], (await api.GetAsync("/v1/anchor-sites?q=Laden&municipality=16053000&updatedSince=" + Uri.EscapeDataString(DateTimeOffset.UtcNow.AddMinutes(-5).ToString("yyyy-MM-ddTHH:mm:ssZ", null)))).Items().Texts("id"));
    }

    [Fact]
    public async Task Atomic_stores_all_or_nothing_and_a_dry_run_nothing()
    {
        var bad = NewSite.Named("Zweiter Laden");
        bad["state"] = "DE-BY";
        var revision = (await api.GetAsync("/v1")).GetProperty("revision").GetInt64();

        var errors = await editor.SendAsync("POST", Address + "?atomic=true", new JsonArray(NewSite.Named("Erster Laden"), bad).ToJsonString()).ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(["/rows/2/state"], errors.Texts("pointer"));
        Assert.Equal((1, 0, 0, 1), Counts(await PutAsync(new JsonArray(NewSite.Named("Erster Laden"), bad.DeepClone()), "?dryRun=true")));

        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/anchor-sites/erster-laden")).StatusCode);
        Assert.Equal(revision, (await api.GetAsync("/v1")).GetProperty("revision").GetInt64());
        Assert.Equal((2, 0, 0, 0), Counts(await PutAsync(new JsonArray(NewSite.Named("Erster Laden"), NewSite.Named("Zweiter Laden")), "?atomic=true")));
        Assert.Equal(revision + 1, (await api.GetAsync("/v1")).GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task The_same_row_as_json_is_unchanged()
    {
        var site = NewSite.Named("Beständig");
        Assert.Equal((1, 0, 0, 0), Counts(await PutAsync(new JsonArray(site))));
        site["id"] = "bestaendig";
        Assert.Equal((0, 0, 1, 0), Counts(await PutAsync(new JsonArray(site.DeepClone()))));
        site["status"] = "paused";
        Assert.Equal((0, 1, 0, 0), Counts(await PutAsync(new JsonArray(site.DeepClone()))));
        Assert.Equal(["created", "updated"], (await api.GetAsync("/v1/anchor-sites/bestaendig/history")).Items().Texts("action"));
    }

    [Fact]
    public async Task A_wrong_header_refuses_the_file_and_names_the_nearest_column()
    {
        var errors = await PutCsvRawAsync("id,nmae,website,website,goals.participation,\r\nx,y,z,z,1,\r\n").ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal(["nmae", "website", "goals.participation", ""], errors.Texts("parameter"));
        Assert.Equal(["unknown-column", "duplicate-column", "unknown-column", "unknown-column"], errors.Texts("code"));
        Assert.Equal("name", errors[0].GetProperty("suggestion").GetString());
    }

    [Theory]
    [InlineData("text/csv", "", "empty")]
    [InlineData("text/csv", "id,name\r\n", "count")]
    [InlineData("text/csv", "id,name\r\nx,\"b\u00e4\"\r\n", "encoding")]
    [InlineData("application/json", "[]", "count")]
    [InlineData("application/json", "{}", "type")]
    [InlineData("application/json", "[", "not-json")]
    public async Task A_file_that_is_none_is_refused(string mediaType, string body, string code)
    {
        using var content = new ByteArrayContent((code == "encoding" ? Encoding.Latin1 : Encoding.UTF8).GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);

        var errors = await editor.PostAsync(Address, content).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal([code], errors.Texts("code"));
    }

    [Fact]
    public async Task Cells_are_held_against_the_contract_and_rows_against_their_header()
    {
        var report = await PutCsvAsync("id,status,floorAreaSqm,latitude\njedi-jena,offen,\"12,5\",\nprobierladen-jena,paused\n");

        Assert.Equal((0, 0, 0, 2), Counts(report));
        Assert.Equal(["/location/latitude missing|/status unknown-value|/facts/floorAreaSqm type", " cells"], Rows(report).Select(Problems));
    }

    [Fact]
    public async Task Twenty_megabytes_are_read_and_more_are_not()
    {
        var rows = string.Concat(Enumerable.Repeat("jedi-jena," + new string('x', 5000) + "\n", 3900));

        var report = await PutCsvAsync("id,name\n" + rows);

        Assert.Equal((0, 0, 0, 3900), Counts(report));
        await PutCsvRawAsync("id,name\n" + rows + rows).ShouldBeProblemAsync(413, "body-too-large");
        await PutCsvRawAsync("id,name\n" + string.Concat(Enumerable.Repeat("a,b\n", 10_001))).ShouldBeProblemAsync(400, "invalid-request");
    }

    private Task<JsonElement> ChangeAsync(string id, object patch) => editor.SendAsync("PATCH", "/v1/anchor-sites/" + id, patch, "*").ShouldBeAsync(HttpStatusCode.OK);

    private Task<JsonElement> PutAsync(JsonArray rows, string query = "") => editor.SendAsync("POST", Address + query, rows.ToJsonString()).ShouldBeAsync(HttpStatusCode.OK);

    private Task<JsonElement> PutCsvAsync(string csv, string? reason = null) => PutCsvRawAsync(csv, reason).ShouldBeAsync(HttpStatusCode.OK);

    private Task<HttpResponseMessage> PutCsvRawAsync(string csv, string? reason = null) => editor.SendAsync("POST", Address, csv, reason: reason, mediaType: "text/csv; charset=utf-8");

    private static List<JsonElement> Rows(JsonElement report) => [.. report.GetProperty("rows").EnumerateArray()];

    private static (int Created, int Replaced, int Unchanged, int Rejected) Counts(JsonElement report) =>
        (report.GetProperty("created").GetInt32(), report.GetProperty("replaced").GetInt32(), report.GetProperty("unchanged").GetInt32(), report.GetProperty("rejected").GetInt32());

    private static string Problems(JsonElement row) =>
        string.Join('|', row.GetProperty("problems").EnumerateArray().Select(problem => $"{problem.GetProperty("pointer").GetString()} {problem.GetProperty("code").GetString()}"));
}
