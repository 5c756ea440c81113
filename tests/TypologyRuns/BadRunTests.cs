namespace AnkerOrte.Tests.TypologyRuns;

/// <summary>Requests that cannot be computed are told why; those that can, but mean little, say so in their result.</summary>
public sealed class BadRunTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Two = """[{"id":"a","values":{"x":1}},{"id":"b","values":{"x":2}}]""";

    [Theory]
    [InlineData("""{"source":{"kind":"inventory"},"kMin":0}""", 400, "/kMin")]
    [InlineData("""{"source":{"kind":"inventory"},"restarts":1001}""", 400, "/restarts")]
    [InlineData("""{"source":{"kind":"inventory"},"minCoverage":1.5}""", 400, "/minCoverage")]
    [InlineData("""{"source":{"kind":"inventory"},"bootstrap":"many"}""", 400, "/bootstrap")]
    [InlineData("""{"source":{"kind":"inventory"},"seeds":1}""", 400, "/seeds")]
    [InlineData("""{"source":{"kind":"stock"}}""", 400, "/source/kind")]
    [InlineData("""{"source":{"kind":"inventory","filter":{"colour":["red"]}}}""", 400, "/source/filter/colour")]
    [InlineData("""{"source":{"kind":"inventory"},"dimensions":[{"key":"goals","weight":-1}]}""", 400, "/dimensions/0/weight")]
    [InlineData("""{"source":{"kind":"inventory"},"dimensions":[{"key":"goals","weight":0}]}""", 422, "/dimensions")]
    [InlineData("""{"source":{"kind":"inventory"},"dimensions":[{"key":"gaols","weight":1}]}""", 422, "/dimensions/0/key")]
    [InlineData("""{"source":{"kind":"inventory"},"dimensions":[{"key":"goals","weight":1},{"key":"goals","weight":2}]}""", 422, "/dimensions/1/key")]
    [InlineData("""{"source":{"kind":"inventory","filter":{"goals":["partcipation"]}}}""", 422, "/source/filter/goals")]
    [InlineData("""{"source":{"kind":"inventory","rows":[{"id":"a","values":{}}]}}""", 422, "/source/rows")]
    [InlineData("""{"source":{"kind":"inventory"},"kMin":5,"kMax":4}""", 422, "/kMin")]
    [InlineData("""{"source":{"kind":"inventory"},"kMax":111}""", 422, "/kMax")]
    [InlineData("""{"source":{"kind":"table"}}""", 422, "/source")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"ordinal"}],"rows":""" + Two + "}}", 422, "/source/columns/0/levels")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"numeric"},{"key":"x","kind":"numeric"}],"rows":""" + Two + "}}", 422, "/source/columns/1/key")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"nominal"}],"rows":""" + Two + "}}", 422, "/source/rows/0/values/x")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"multi"}],"rows":""" + Two + "}}", 422, "/source/rows/0/values/x")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"binarySymmetric"}],"rows":""" + Two + "}}", 422, "/source/rows/0/values/x")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"ordinal","levels":2}],"rows":[{"id":"a","values":{"x":3}},{"id":"b","values":{"x":1.5}}]}}""", 422, "/source/rows/0/values/x")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"numeric"}],"rows":[{"id":"a","values":{"x":1e308}},{"id":"b","values":{"x":-1e308}}]}}""", 422, "/source/rows/0/values/x")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"y","kind":"numeric"}],"rows":""" + Two + "}}", 422, "/source/rows/0/values/x")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"numeric"}],"rows":[{"id":"a","values":{"x":1}},{"id":"a","values":{"x":2}}]}}""", 422, "/source/rows/1/id")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"numeric"}],"rows":[{"id":"a","values":{}},{"id":"b","values":{"x":null}}]}}""", 422, "/minCoverage")]
    [InlineData("""{"source":{"kind":"table","columns":[{"key":"x","kind":"numeric"}],"rows":""" + Two + "},\"kMax\":3}", 422, "/kMax")]
    [InlineData("""{"source":""", 400, "")]
    public async Task Each_mistake_is_named_where_it_is(string body, int status, string place)
    {
        var errors = await api.Client.SendAsync("POST", "/v1/typology-runs", body).ShouldBeProblemAsync(status, status == 400 ? "invalid-request" : "unprocessable");

        Assert.Equal(place, errors[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task Identical_rows_give_duplicate_medoids_and_no_suggestion()
    {
        var rows = Enumerable.Range(0, 12).Select(i => (object)new { id = $"r{i:00}", values = new { x = "same" } });

        var result = (await Runs.FinishAsync(api.Client, Runs.Table([new { key = "x", kind = "nominal" }], rows, new { kMin = 2, kMax = 2 }))).GetProperty("result");

        var clustering = result.GetProperty("clusterings")[0];
        Assert.Equal(0, clustering.GetProperty("objective").GetDouble());
        Assert.Equal(0, clustering.GetProperty("averageSilhouette").GetDouble());
        Assert.Contains("duplicate-medoids", clustering.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        Assert.Equal(JsonValueKind.Null, result.GetProperty("suggestedK").ValueKind);
        Assert.Contains("cluster-too-small", result.GetProperty("suggestion").GetProperty("refusals")[0].GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()));
    }

    [Fact]
    public async Task Few_rows_and_as_many_clusters_as_rows_are_computed_and_flagged()
    {
        var result = (await Runs.FinishAsync(api.Client, Runs.Table([new { key = "x", kind = "numeric" }],
            Enumerable.Range(0, 4).Select(i => (object)new { id = $"r{i}", values = new { x = i * i } }), new { kMin = 1, kMax = 4 }))).GetProperty("result");

        Assert.Contains("too-few-rows", result.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        var all = result.GetProperty("clusterings")[3];
        Assert.Equal((4, 0.0), (all.GetProperty("k").GetInt32(), all.GetProperty("objective").GetDouble()));
        Assert.All(all.GetProperty("assignments").EnumerateArray(), row => Assert.Equal(0, row.GetProperty("silhouette").GetDouble()));
        Assert.Equal(JsonValueKind.Null, result.GetProperty("suggestedK").ValueKind);
    }

    [Fact]
    public async Task Rows_without_values_are_left_out_by_name_or_count_as_unlike_where_all_rows_count()
    {
        object[] columns = [new { key = "x", kind = "numeric" }, new { key = "y", kind = "numeric" }];
        var rows = Enumerable.Range(0, 12).Select(i => (object)new { id = $"r{i:00}", values = i == 5 ? new Dictionary<string, int>() : new Dictionary<string, int> { ["x"] = i % 4 } }).ToList();

        var usual = (await Runs.FinishAsync(api.Client, Runs.Table(columns, rows, new { kMax = 2 }))).GetProperty("result");
        var run = await Runs.FinishAsync(api.Client, Runs.Table(columns, rows, new { kMax = 2, minCoverage = 0 }));
        var all = run.GetProperty("result");

        Assert.Equal("r05", Assert.Single(usual.GetProperty("leftOut").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(11, usual.GetProperty("rows").GetInt32());
        Assert.Contains("unknown-everywhere:y", usual.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        Assert.Equal((12, 11), (all.GetProperty("rows").GetInt32(), all.GetProperty("assumedPairs").GetInt32()));
        Assert.Empty(all.GetProperty("leftOut").EnumerateArray());
        Assert.Equal(["pairs-assumed", "nothing-known:r05", "unknown-everywhere:y"], all.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        // It counts, but how well it is placed cannot be told; the matrix says only what is known.
        Assert.Equal(["r05"], all.GetProperty("clusterings")[0].GetProperty("assignments").EnumerateArray()
            .Where(row => row.GetProperty("silhouette").ValueKind == JsonValueKind.Null).Select(row => row.GetProperty("id").GetString()));
        var matrix = (await api.Client.GetStringAsync(run.GetProperty("dissimilarities").GetString())).Split("\r\n");
        Assert.Equal("r05,,,,,,0,,,,,,", matrix[6]);
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_a_404_also_for_its_matrix()
    {
        await (await api.Client.GetAsync("/v1/typology-runs/run-AAAAAAAAAAAAAAAAAAAAAA")).ShouldBeProblemAsync(404, "not-found");
        await (await api.Client.GetAsync("/v1/typology-runs/run-AAAAAAAAAAAAAAAAAAAAAA/dissimilarities")).ShouldBeProblemAsync(404, "not-found");
        await (await api.Client.GetAsync("/v1/typology-runs/7")).ShouldBeProblemAsync(400, "invalid-request");
    }
}
