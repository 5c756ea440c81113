using System.Diagnostics;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Tests.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.TypologyRuns;

/// <summary>Runs without a key: one at a time, in turns, on one core, and paid from the budget of the address.</summary>
public sealed class RunQueueTests
{
    private const string Short = """{"source":{"kind":"inventory"},"kMax":2}""";

    private static readonly string Long = Runs.Random(2000, 40, new { kMin = 2, kMax = 60, restarts = 1000 });

    [Fact]
    public async Task Addresses_take_turns_and_three_runs_of_one_may_wait()
    {
        using var api = new ApiFixture(
            new Dictionary<string, string?> { ["ForwardedHeaders:KnownProxies"] = "10.0.0.0/8" },
                services: services => services.AddSingleton<IStartupFilter>(new ProxyTests.From("10.1.2.3")));
        using var one = From(api, "203.0.113.1");
        using var other = From(api, "203.0.113.2");
        var running = await Runs.StartAsync(one, Long);
        await UntilAsync(async () => (await StateAsync(api, running)).GetProperty("status").GetString() == "running");
        var second = await Runs.StartAsync(one, Short);
        await Runs.StartAsync(one, Short);
        await Runs.StartAsync(one, Short);

        await one.SendAsync("POST", "/v1/typology-runs", Short).ShouldBeProblemAsync(429, "too-many-requests");
        var ofOther = await Runs.StartAsync(other, Short);
        // A key is not behind them.
        await Runs.FinishAsync(api.As("researcher"), Short);
        Assert.Equal("queued", (await StateAsync(api, ofOther)).GetProperty("status").GetString());

        await api.Client.SendAsync("POST", running.GetProperty("self").GetString() + "/cancel").ShouldBeAsync(HttpStatusCode.OK);
        await UntilAsync(async () => (await StateAsync(api, second)).GetProperty("status").GetString() == "succeeded");
        Assert.True((await StateAsync(api, ofOther)).GetProperty("finishedAt").GetDateTimeOffset() <= (await StateAsync(api, second))
            .GetProperty("finishedAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_run_uses_the_time_of_its_address()
    {
        using var api = new ApiFixture(
            new Dictionary<string, string?> { ["RateLimiting:CpuMillisecondsPerSecond"] = "1", ["RateLimiting:CpuBurstSeconds"] = "1" });
        var run = await Runs.StartAsync(api.Client, Long);

        await UntilAsync(() => Task.FromResult(api.Services.GetRequiredService<CpuBudget>().Wait("") > TimeSpan.Zero));

        await api.Client.GetAsync(run.GetProperty("self").GetString()).ShouldBeProblemAsync(429, "too-many-requests");
        await api.As("researcher").SendAsync("POST", run.GetProperty("self").GetString() + "/cancel").ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Parallel_loops_use_as_many_cores_as_the_scheduler_of_their_caller()
    {
        var (now, most) = (0, 0);
        var oneCore = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, maxConcurrencyLevel: 1).ConcurrentScheduler;

        await Task.Factory.StartNew(() => RowLoop.Each(10_000, () => 0, (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            Thread.SpinWait(1000);
            Interlocked.Decrement(ref now);
        }), CancellationToken.None, TaskCreationOptions.None, oneCore);

        Assert.Equal(1, most);
    }

    private static HttpClient From(ApiFixture api, string address)
    {
        var client = api.CreateClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }

    private static async Task<JsonElement> StateAsync(ApiFixture api, JsonElement run) =>
        await api.GetAsync(run.GetProperty("self").GetString()!);

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var watch = Stopwatch.StartNew(); !await holds(); await Task.Delay(20))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2));
        }
    }
}
