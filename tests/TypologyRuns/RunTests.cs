using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Database;
using AnkerOrte.Tests.Analysis;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.TypologyRuns;

public sealed class RunTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task The_same_twelve_sites_over_HTTP_give_the_published_numbers()
    {
        var run = await Runs.FinishAsync(api.Client, Anker12Request(kMin: 1, kMax: 6));

        var result = run.GetProperty("result");
        foreach (var (expected, found) in Vectors.One.GetProperty("kscan").EnumerateArray().Zip(result.GetProperty("clusterings").EnumerateArray()))
        {
            Assert.Equal(expected.GetProperty("k").GetInt32(), found.GetProperty("k").GetInt32());
            Assert.Equal(expected.GetProperty("exactLoss").GetDouble(), found.GetProperty("objective").GetDouble(), 1e-6);
            Assert.Equal(expected.GetProperty("medoids").EnumerateArray().Select(id => id.GetString()), found.GetProperty("medoids").EnumerateArray().Select(id => id.GetString()));
            Assert.Equal(expected.GetProperty("labels").EnumerateArray().Select(label => label.GetInt32() + 1), found.GetProperty("assignments").EnumerateArray().Select(row => row.GetProperty("cluster").GetInt32()));
            // One cluster has no silhouette: null, not 0.
            Assert.Equal(expected.GetProperty("asw").ValueKind == JsonValueKind.Null, found.GetProperty("averageSilhouette").ValueKind == JsonValueKind.Null);
        }

        Assert.Equal(2, result.GetProperty("suggestedK").GetInt32());
        Assert.Equal("2", result.GetProperty("algorithmVersion").GetString());
        Assert.False(result.TryGetProperty("agreement", out _));
        Assert.Equal(1, run.GetProperty("progress").GetProperty("share").GetDouble());
        var at = run.GetProperty("createdAt").GetDateTimeOffset();
        Assert.Equal(at.AddDays(7), run.GetProperty("expiresAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task The_matrix_comes_in_full_precision()
    {
        var run = await Runs.FinishAsync(api.Client, Anker12Request(2, 3));

        var response = await api.Client.GetAsync(run.GetProperty("dissimilarities").GetString());

        Assert.True(response.Headers.CacheControl!.NoStore);
        var lines = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',')).ToList();
        Assert.Equal(Anker12.Table.Ids.Prepend("id"), lines[0]);
        var d = Anker12.Distances;
        Assert.All(Enumerable.Range(0, 144), cell => Assert.Equal(d[cell / 12, cell % 12], double.Parse(lines[1 + cell / 12][1 + cell % 12], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task The_same_request_gives_the_same_bytes_however_its_rows_are_ordered()
    {
        var rows = Runs.Anker12Rows();
        var one = await Runs.FinishAsync(api.Client, Runs.Table(Runs.Anker12Columns, rows, new { kMin = 2, kMax = 4, bootstrap = 20 }));
        rows.Reverse();
        var other = await Runs.FinishAsync(api.Client, Runs.Table(Runs.Anker12Columns, rows, new { kMin = 2, kMax = 4, bootstrap = 20 }));

        Assert.NotEqual(one.GetProperty("id").GetString(), other.GetProperty("id").GetString());
        Assert.Equal(one.GetProperty("result").GetRawText(), other.GetProperty("result").GetRawText());

        // Whoever has the result can form its hash.
        var result = System.Text.Json.Nodes.JsonNode.Parse(one.GetProperty("result").GetRawText())!.AsObject();
        var hash = result["resultHash"]!.GetValue<string>();
        result.Remove("resultHash");
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Runs.Rounded(result, 9)))));
    }

    [Fact]
    public async Task The_inventory_is_held_against_the_curated_typology()
    {
        var run = await Runs.FinishAsync(api.Client, new { source = new { kind = "inventory" }, bootstrap = 10 });

        var result = run.GetProperty("result");
        Assert.Equal((2, 8), (result.GetProperty("parameters").GetProperty("kMin").GetInt32(), result.GetProperty("parameters").GetProperty("kMax").GetInt32()));
        var agreement = result.GetProperty("agreement");
        Assert.Equal("1", agreement.GetProperty("typology").GetString());
        var types = Repository.Shipped("typology.json").GetProperty("memberships").EnumerateArray().ToDictionary(row => row.GetProperty("siteId").GetString()!, row => row.GetProperty("type").GetString()!);
        var clustering = result.GetProperty("clusterings").EnumerateArray().Single(row => row.GetProperty("k").GetInt32() == agreement.GetProperty("k").GetInt32());
        var assigned = clustering.GetProperty("assignments").EnumerateArray().ToDictionary(row => row.GetProperty("id").GetString()!, row => row.GetProperty("cluster").GetInt32());
        var keys = types.Values.Distinct().ToList();
        var both = assigned.Keys.Where(types.ContainsKey).ToList();
        Assert.Equal(Agreement.AdjustedRandIndex([.. both.Select(id => assigned[id])], [.. both.Select(id => keys.IndexOf(types[id]))]), agreement.GetProperty("adjustedRandIndex").GetDouble(), 1e-9);
        Assert.Equal(both.Count, agreement.GetProperty("confusion").EnumerateArray().Sum(cell => cell.GetProperty("count").GetInt32()));
        var matches = agreement.GetProperty("matches").EnumerateArray().Where(match => match.TryGetProperty("cluster", out _)).ToDictionary(match => match.GetProperty("type").GetString()!, match => match.GetProperty("cluster").GetInt32());
        Assert.Equal(both.Count(id => !matches.TryGetValue(types[id], out var cluster) || cluster != assigned[id]), agreement.GetProperty("disagreements").GetArrayLength());
        Assert.Equal(16, result.GetProperty("sensitivity").GetArrayLength());
        Assert.All(result.GetProperty("clusterings").EnumerateArray(), row => Assert.Equal(row.GetProperty("k").GetInt32(), row.GetProperty("stability").GetArrayLength()));
        Assert.Equal(110, result.GetProperty("rows").GetInt32() + result.GetProperty("leftOut").GetArrayLength());
        var profiles = result.GetProperty("profiles").EnumerateArray().ToList();
        Assert.Equal(result.GetProperty("profileK").GetInt32(), profiles.Count);
        Assert.All(profiles[0].GetProperty("rows").EnumerateArray().Take(20), row => Assert.Equal(row.GetProperty("share").GetDouble() / row.GetProperty("baseRate").GetDouble(), row.GetProperty("lift").GetDouble(), 1e-9));
    }

    [Fact]
    public async Task A_dry_run_checks_and_stores_nothing_and_the_same_key_computes_once()
    {
        var dry = await api.Client.SendAsync("POST", "/v1/typology-runs?dryRun=true", Anker12Request(2, 2)).ShouldBeAsync(HttpStatusCode.OK);
        await (await api.Client.GetAsync($"/v1/typology-runs/{dry.GetProperty("id").GetString()}")).ShouldBeProblemAsync(404, "not-found");

        var researcher = api.As("researcher");
        var first = await researcher.SendAsync("POST", "/v1/typology-runs", Anker12Request(2, 2), key: "once")
            .ShouldBeAsync(HttpStatusCode.Accepted);
        var again = await researcher.SendAsync("POST", "/v1/typology-runs", Anker12Request(2, 2), key: "once")
            .ShouldBeAsync(HttpStatusCode.Accepted);
        Assert.Equal(first.GetProperty("id").GetString(), again.GetProperty("id").GetString());
        // Without authentication nobody gets the run of another.
        var anonymous = await api.Client.SendAsync("POST", "/v1/typology-runs", Anker12Request(2, 2), key: "anyone")
            .ShouldBeAsync(HttpStatusCode.Accepted);
        var stranger = await api.Client.SendAsync("POST", "/v1/typology-runs", Anker12Request(2, 2), key: "anyone")
            .ShouldBeAsync(HttpStatusCode.Accepted);
        Assert.NotEqual(anonymous.GetProperty("id").GetString(), stranger.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Profiles_tell_what_clusters_of_flags_share()
    {
        var rows = Enumerable.Range(0, 12).Select(i => (object)new { id = $"r{i:00}", values = new { a = i < 6, b = i >= 6, c = i % 2 == 0 } });
        var result = (await Runs.FinishAsync(api.Client, Runs.Table(new[] { "a", "b", "c" }.Select(key => new { key, kind = "binaryAsymmetric" }), rows, new { kMax = 2 }))).GetProperty("result");

        Assert.Equal(["a true 6 1 0.5 2 defining", "b true 0 0 0.5 0 atypical", "c true 3 0.5 0.5 1 possible"], result.GetProperty("profiles")[0].GetProperty("rows").EnumerateArray().Select(row =>
            string.Join(' ', new[] { "dimension", "code", "count", "share", "baseRate", "lift", "role" }.Select(member => row.GetProperty(member).ToString()))));
    }

    [Fact]
    public async Task Filter_and_weights_choose_what_is_compared()
    {
        var run = await Runs.FinishAsync(api.Client, new
        {
            source = new { kind = "inventory", filter = new { status = new[] { "operating" }, state = new[] { "DE-NW", "DE-BY" } } },
            dimensions = new[] { new { key = "goals", weight = 2.0 }, new { key = "formats", weight = 1.0 } },
            kMax = 3,
        });

        var expected = Repository.Shipped("anchor-sites.json").EnumerateArray().Count(site => site.GetProperty("status").GetString() == "operating" && site.GetProperty("state").GetString() is "Nordrhein-Westfalen" or "Bayern");
        Assert.Equal(expected, run.GetProperty("rows").GetInt32());
        Assert.Equal("""[{"key":"goals","weight":2},{"key":"formats","weight":1}]""", run.GetProperty("result").GetProperty("parameters").GetProperty("dimensions").GetRawText());
        Assert.Equal(4, run.GetProperty("result").GetProperty("sensitivity").GetArrayLength());
    }

    [Fact]
    public async Task What_has_ended_cannot_be_cancelled_and_what_waits_can_once()
    {
        var done = await Runs.FinishAsync(api.Client, Anker12Request(2, 2));
        await api.Client.SendAsync("POST", $"/v1/typology-runs/{done.GetProperty("id").GetString()}/cancel").ShouldBeProblemAsync(409, "conflict");

        var lengthy = await Runs.StartAsync(api.Client, Runs.Random(3000, 40, new { kMin = 2, kMax = 60, restarts = 1000 }));
        var address = $"/v1/typology-runs/{lengthy.GetProperty("id").GetString()}";
        var cancelled = await api.Client.SendAsync("POST", address + "/cancel").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        await api.Client.SendAsync("POST", address + "/cancel").ShouldBeProblemAsync(409, "conflict");
        Assert.Equal("cancelled", (await api.GetAsync(address)).GetProperty("status").GetString());
        await api.Client.SendAsync("POST", "/v1/typology-runs/run-AAAAAAAAAAAAAAAAAAAAAA/cancel").ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_run_that_the_service_left_behind_is_interrupted_and_what_has_expired_is_gone()
    {
        var done = await Runs.FinishAsync(api.Client, Anker12Request(2, 2));
        var other = await Runs.FinishAsync(api.Client, Anker12Request(2, 2));
        await api.Services.GetRequiredService<Database>().WriteAsync(connection =>
        {
            connection.Execute("update typology_runs set status = 'running', result = null, finished_at = null where id = @id", new { id = done.GetProperty("id").GetString() });
            connection.Execute("update typology_runs set expires_at = '2026-01-01T00:00:00.000Z' where id = @id", new { id = other.GetProperty("id").GetString() });
            return true;
        }, _ => WriteEnd.Commit, CancellationToken.None);
        await (await api.Client.GetAsync($"/v1/typology-runs/{other.GetProperty("id").GetString()}")).ShouldBeProblemAsync(404, "not-found");

        using var restarted = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={api.DatabaseFile}" });

        var run = await restarted.GetAsync($"/v1/typology-runs/{done.GetProperty("id").GetString()}");
        Assert.Equal("interrupted", run.GetProperty("status").GetString());
        Assert.NotNull(run.GetProperty("problem").GetProperty("de").GetString());
        using var connection = restarted.Services.GetRequiredService<Database>().Open();
        Assert.Equal(0, connection.ExecuteScalar<long>("select count(*) from typology_runs where id = @id", new { id = other.GetProperty("id").GetString() }));
    }

    [Fact]
    public async Task Above_ten_thousand_rows_samples_are_clustered_for_keys_only()
    {
        using var researcher = api.As("researcher", "owner-large");
        var request = Runs.Random(10_001, 3, new { kMin = 3, kMax = 3, restarts = 0 });
        Assert.Equal("/source/rows", Assert.Single(await api.Client.SendAsync("POST", "/v1/typology-runs", request).ShouldBeProblemAsync(422, "unprocessable")).GetProperty("pointer").GetString());

        var run = await Runs.FinishAsync(researcher, request);

        var clustering = run.GetProperty("result").GetProperty("clusterings")[0];
        Assert.Equal(10_001, clustering.GetProperty("assignments").GetArrayLength());
        Assert.Equal("sampled", clustering.GetProperty("flags")[0].GetString());
        Assert.Equal(JsonValueKind.Null, clustering.GetProperty("averageSilhouette").ValueKind);
        await (await researcher.GetAsync($"/v1/typology-runs/{run.GetProperty("id").GetString()}/dissimilarities")).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal([run.GetProperty("id").GetString()!], (await (await researcher.GetAsync("/v1/typology-runs")).JsonAsync()).Items().Texts("id"));
    }

    private static string Anker12Request(int kMin, int kMax) => Runs.Table(Runs.Anker12Columns, Runs.Anker12Rows(), new { kMin, kMax }, weights: true);
}
