using AnkerOrte.Api.Database;
using AnkerOrte.Api.TypologyRuns;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.TypologyRuns;

/// <summary>Anonymous runs cannot stop the service: what they may send, compute and store is bounded, and nobody waits for it.</summary>
public sealed class RunLimitTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static string Wide(int columns, int rows) => Runs.Table(
        Enumerable.Range(0, columns).Select(column => new { key = $"c{column}", kind = "numeric" }),
        Enumerable.Range(0, rows).Select(row => new { id = $"r{row}", values = new { c0 = row } }), new { minCoverage = 0 });

    private static string Coded(int rows, int codesInEach) => Runs.Table(
        [new { key = "x", kind = "multi" }],
        Enumerable.Range(0, rows)
            .Select(row => new { id = $"r{row}", values = new { x = Enumerable.Range(0, codesInEach).Select(code => $"{row}-{code}") } }),
            new { });

    [Fact]
    public async Task Cells_and_codes_are_bounded_and_the_answer_says_how()
    {
        var wide = Assert.Single(
            await api.Client.SendAsync("POST", "/v1/typology-runs", Wide(1000, 501)).ShouldBeProblemAsync(422, "unprocessable"));
        var coded = Assert.Single(
            await api.Client.SendAsync("POST", "/v1/typology-runs", Coded(1000, 26)).ShouldBeProblemAsync(422, "unprocessable"));

        Assert.Equal(("/source/rows", "limit"), (wide.GetProperty("pointer").GetString(), wide.GetProperty("code").GetString()));
        Assert.Contains("501000 cells", wide.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(("/source/rows", "limit"), (coded.GetProperty("pointer").GetString(), coded.GetProperty("code").GetString()));
        Assert.Contains("25000 distinct codes", coded.GetProperty("detail").GetString(), StringComparison.Ordinal);
        // A researcher's key may send it.
        await Runs.StartAsync(api.As("researcher"), Coded(1000, 26));
    }

    [Fact]
    public async Task A_table_is_read_and_refused_while_another_request_writes()
    {
        await using (await HeldWriters.OfAsync(api))
        {
            await api.Client.SendAsync("POST", "/v1/typology-runs", Wide(1000, 501)).ShouldBeProblemAsync(422, "unprocessable");
        }
    }

    [Fact]
    public async Task A_key_is_accepted_while_another_request_writes()
    {
        using var editor = api.As("editor");
        await using (await HeldWriters.OfAsync(api))
        {
            Assert.Equal(HttpStatusCode.OK, (await editor.GetAsync("/v1/proposals")).StatusCode);
        }
    }

    [Fact]
    public async Task Cancelling_deletes_the_data_at_once()
    {
        var run = await Runs.StartAsync(api.Client, Runs.Random(3000, 40, new { kMin = 2, kMax = 60, restarts = 1000 }));
        var id = run.GetProperty("id").GetString();
        var matrix = run.GetProperty("dissimilarities").GetString()!;

        var cancelled = await api.Client.SendAsync("POST", $"/v1/typology-runs/{id}/cancel").ShouldBeAsync(HttpStatusCode.OK);

        Assert.False(cancelled.TryGetProperty("dissimilarities", out _));
        await api.Client.GetAsync(matrix).ShouldBeProblemAsync(409, "conflict");
        using var connection = api.Services.GetRequiredService<Database>().Open();
        Assert.Equal(0, connection.ExecuteScalar<long>("select length(data) from typology_runs where id = @id", new { id }));
    }

    [Fact]
    public async Task When_the_storage_without_a_key_is_full_only_keys_may_store()
    {
        using var own = new ApiFixture();
        const string request = """{"source":{"kind":"inventory"}}""";
        own.Write(connection => connection.Execute(
            """
            insert into typology_runs (id, owner, status, rows, parameters, data, created_at, expires_at)
            values ('run-full', null, 'failed', 1, '{}', zeroblob(100000000), '2026-11-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z')
            """));

        var refused = await own.Client.SendAsync("POST", "/v1/typology-runs", request);
        await refused.ShouldBeProblemAsync(429, "too-many-requests");
        Assert.Equal("3600", refused.Headers.GetValues("Retry-After").Single());
        await Runs.StartAsync(own.As("researcher"), request);
        own.Write(connection => connection.Execute("delete from typology_runs where id = 'run-full'"));
        await Runs.StartAsync(own.Client, request);
    }

    [Fact]
    public async Task One_address_has_one_place_at_a_time_and_three_may_wait()
    {
        using var gate = new RunGate(2);
        var first = await gate.EnterAsync(From("192.0.2.1"));
        var waiting = Enumerable.Range(0, 3).Select(_ => gate.EnterAsync(From("192.0.2.1"))).ToList();

        Assert.NotNull(first);
        Assert.Null(await gate.EnterAsync(From("192.0.2.1")));
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        using (var other = await gate.EnterAsync(From("192.0.2.2")))
        {
            Assert.NotNull(other);
        }

        first.Dispose();
        using var next = await waiting[0];
        Assert.NotNull(next);
        Assert.False(waiting[1].IsCompleted);
    }

    [Fact]
    public async Task One_address_sends_one_large_body_at_a_time_and_small_ones_at_once()
    {
        var gate = api.Services.GetRequiredService<RunGate>();
        using var first = await gate.EnterUploadAsync(From(""));
        var waiting = Enumerable.Range(0, 3).Select(_ => gate.EnterUploadAsync(From(""))).ToList();
        // In a test server no caller has an address, as in `From`.
        Assert.DoesNotContain(waiting, one => one.IsCompleted);

        await api.Client.SendAsync("POST", "/v1/typology-runs", Coded(1000, 130)).ShouldBeProblemAsync(429, "too-many-requests");
        await api.Client.SendAsync("POST", "/v1/typology-runs?dryRun=true", """{"source":{"kind":"inventory"}}""")
            .ShouldBeAsync(HttpStatusCode.OK);
        // A researcher's key is not behind them.
        await api.As("researcher").SendAsync("POST", "/v1/typology-runs?dryRun=true", Coded(1000, 130)).ShouldBeAsync(HttpStatusCode.OK);

        first!.Dispose();
        foreach (var one in waiting)
        {
            (await one)!.Dispose();
        }
    }

    private static DefaultHttpContext From(string address) =>
        new() { Connection = { RemoteIpAddress = address.Length == 0 ? null : IPAddress.Parse(address) } };
}
