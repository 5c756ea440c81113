using AnkerOrte.Tests.Analysis;

namespace AnkerOrte.Tests.TypologyRuns;

/// <summary>Jackknife, gap statistic and linkage of a run, with the numbers that were computed elsewhere.</summary>
public sealed class RunCheckTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Without_them_a_result_has_none_of_their_members()
    {
        var result = await ResultAsync(new { kMin = 2, kMax = 3, jackknife = false });

        Assert.All(new[] { "gapK", "dendrogram" }, name => Assert.False(result.TryGetProperty(name, out _)));
        Assert.All(new[] { "jackknife", "gap", "linkage" }, name => Assert.False(result.GetProperty("parameters").TryGetProperty(name, out _)));
        Assert.All(result.GetProperty("clusterings").EnumerateArray(), clustering =>
        {
            Assert.All(new[] { "jackknife", "gap", "linkageRandIndex" }, name => Assert.False(clustering.TryGetProperty(name, out _)));
            Assert.All(clustering.GetProperty("assignments").EnumerateArray(), row => Assert.False(row.TryGetProperty("together", out _)));
        });
    }

    [Fact]
    public async Task The_jackknife_gives_the_published_stability_of_each_cluster()
    {
        var result = await ResultAsync(new { kMin = 2, kMax = 4, jackknife = true });

        Assert.True(result.GetProperty("parameters").GetProperty("jackknife").GetBoolean());
        Assert.All(result.GetProperty("clusterings").EnumerateArray(), clustering =>
        {
            var k = clustering.GetProperty("k").GetInt32();
            var clusters = clustering.GetProperty("jackknife").EnumerateArray().ToList();
            Assert.Equal(
                ClusteringTests.Doubles(Vectors.One, $"jackknife.k{k}"),
                clusters.Select(cluster => Math.Round(cluster.GetProperty("mean").GetDouble(), 4)));
            Assert.Equal(Enumerable.Range(1, k), clusters.Select(cluster => cluster.GetProperty("cluster").GetInt32()));
        });
        // The four sites of the first of three clusters come together whoever is left out; the hybrid does not stay with its own.
        var three = result.GetProperty("clusterings")[1].GetProperty("assignments").EnumerateArray()
            .ToDictionary(row => row.GetProperty("id").GetString()!, row => row.GetProperty("together").GetDouble());
        Assert.Equal(three.Values.Max(), three["A01"]);
        Assert.Equal(three.Values.Min(), three["H01"]);
        Assert.True(three["H01"] < three["B01"], $"H01 {three["H01"]}, B01 {three["B01"]}");
    }

    [Fact]
    public async Task The_gap_statistic_is_near_the_published_one_and_chooses_the_same_k()
    {
        var result = await ResultAsync(new { kMin = 1, kMax = 6, gap = 50, seed = 7 });

        Assert.All(Vectors.One.GetProperty("kscan").EnumerateArray().Zip(result.GetProperty("clusterings").EnumerateArray()), pair =>
        {
            var gap = pair.Second.GetProperty("gap");
            Assert.Equal(pair.First.GetProperty("logW").GetDouble(), gap.GetProperty("logWithin").GetDouble(), 1e-6);
            Assert.Equal(pair.First.GetProperty("gap").GetDouble(), gap.GetProperty("gap").GetDouble(), .06);
            Assert.Equal(pair.First.GetProperty("s").GetDouble(), gap.GetProperty("error").GetDouble(), .06);
        });
        Assert.Equal(Vectors.One.GetProperty("gap.tibs.k").GetInt32(), result.GetProperty("gapK").GetInt32());
    }

    [Fact]
    public async Task Where_nothing_differs_within_clusters_there_is_no_gap_and_no_error()
    {
        var rows = Enumerable.Range(0, 6).Select(i => (object)new { id = $"r{i}", values = new { x = "same" } });

        var result = (await Runs.FinishAsync(api.Client, Runs.Table(
            [new { key = "x", kind = "nominal" }], rows, new { kMin = 1, kMax = 2, gap = 3, jackknife = true, linkage = "complete" }))).GetProperty("result");

        Assert.Equal("{}", result.GetProperty("clusterings")[0].GetProperty("gap").GetRawText());
        Assert.False(result.TryGetProperty("gapK", out _));
        Assert.False(result.GetProperty("dendrogram").TryGetProperty("copheneticCorrelation", out _));
        Assert.Equal([0, 0, 0, 0, 0], result.GetProperty("dendrogram").GetProperty("merges").EnumerateArray().Select(merge => merge.GetProperty("height").GetDouble()));
    }

    [Fact]
    public async Task Average_linkage_merges_as_published_in_the_notation_of_R()
    {
        var result = await ResultAsync(new { kMin = 2, kMax = 4, linkage = "average" });

        var dendrogram = result.GetProperty("dendrogram");
        Assert.All(Vectors.One.GetProperty("avglink").EnumerateArray().Zip(dendrogram.GetProperty("merges").EnumerateArray()), pair =>
        {
            Assert.Equal(InR(pair.First[0].GetInt32()), pair.Second.GetProperty("first").GetInt32());
            Assert.Equal(InR(pair.First[1].GetInt32()), pair.Second.GetProperty("second").GetInt32());
            Assert.Equal(pair.First[2].GetDouble(), pair.Second.GetProperty("height").GetDouble(), 1e-6);
            Assert.Equal(pair.First[3].GetInt32(), pair.Second.GetProperty("size").GetInt32());
        });
        Assert.Equal(
            ["A03", "A02", "A01", "A04", "C03", "C01", "C02", "B03", "H01", "B04", "B01", "B02"],
            dendrogram.GetProperty("order").EnumerateArray().Select(id => id.GetString()));
        // Cut into three it is the grouping of the medoids.
        Assert.Equal(1, result.GetProperty("clusterings")[1].GetProperty("linkageRandIndex").GetDouble());
        Assert.Equal("average", result.GetProperty("parameters").GetProperty("linkage").GetString());

        static int InR(int cluster) => cluster < 12 ? -(cluster + 1) : cluster - 11;
    }

    [Theory]
    [InlineData("""{"source":{"kind":"inventory"},"linkage":"ward"}""", "/linkage")]
    [InlineData("""{"source":{"kind":"inventory"},"gap":0}""", "/gap")]
    [InlineData("""{"source":{"kind":"inventory"},"gap":501}""", "/gap")]
    [InlineData("""{"source":{"kind":"inventory"},"jackknife":1}""", "/jackknife")]
    public async Task What_is_not_offered_is_refused_by_name(string body, string place)
    {
        var errors = await api.Client.SendAsync("POST", "/v1/typology-runs", body).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal(place, errors[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Above_a_thousand_rows_each_of_them_is_refused()
    {
        var errors = await api.Client.SendAsync("POST", "/v1/typology-runs", Runs.Random(1_001, 2, new { jackknife = true, gap = 1, linkage = "average", minCoverage = 0 }))
            .ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(["/jackknife", "/gap", "/linkage"], errors.Select(error => error.GetProperty("pointer").GetString()));
        Assert.All(errors, error => Assert.Equal("limit", error.GetProperty("code").GetString()));
    }

    private async Task<JsonElement> ResultAsync(object parameters) =>
        (await Runs.FinishAsync(api.Client, Runs.Table(Runs.Anker12Columns, Runs.Anker12Rows(), parameters, weights: true))).GetProperty("result");
}
