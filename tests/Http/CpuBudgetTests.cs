using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Http;

/// <summary>Processor time is bounded for each address; nobody else pays for it.</summary>
public sealed class CpuBudgetTests
{
    private static readonly RateLimitSettings Limits = new() { CpuMillisecondsPerSecond = 500, CpuBurstSeconds = 30 };

    [Fact]
    public async Task An_address_without_time_is_refused_except_for_cached_answers_and_keys()
    {
        using var api = new ApiFixture(
            new Dictionary<string, string?> { ["RateLimiting:CpuMillisecondsPerSecond"] = "500", ["RateLimiting:CpuBurstSeconds"] = "30" });
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/v1/projects/jena")).StatusCode);

        api.Services.GetRequiredService<CpuBudget>().Charge("", TimeSpan.FromHours(1));

        var refused = await api.Client.GetAsync("/v1/projects?limit=7");
        await refused.ShouldBeProblemAsync(429, "too-many-requests");
        Assert.InRange(
            int.Parse(refused.Headers.GetValues("Retry-After").Single(), System.Globalization.CultureInfo.InvariantCulture), 6000, 7300);
        Assert.Contains("500 ms per second are allowed, at most 30 s at once", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await api.Client.SendAsync("POST", "/v1/typology-runs", """{"source":{"kind":"inventory"}}""")
            .ShouldBeProblemAsync(429, "too-many-requests");
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/v1/projects/jena")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.As("researcher").GetAsync("/v1/projects?limit=7")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Requests_are_charged_with_what_they_cost()
    {
        using var api = new ApiFixture(
            new Dictionary<string, string?> { ["RateLimiting:CpuMillisecondsPerSecond"] = "1", ["RateLimiting:CpuBurstSeconds"] = "1" });

        var status = HttpStatusCode.OK;
        for (var i = 0; i < 5_000 && status == HttpStatusCode.OK; i++)
        {
            status = (await api.Client.GetAsync($"/v1/municipalities?populationMin={i}&limit=200")).StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
    }

    [Fact]
    public async Task Nothing_is_charged_where_limiting_is_switched_off()
    {
        using var api = new ApiFixture(
            new Dictionary<string, string?> { ["RateLimiting:Enabled"] = "false", ["RateLimiting:CpuMillisecondsPerSecond"] = "1" });

        api.Services.GetRequiredService<CpuBudget>().Charge("", TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/v1/projects/jena")).StatusCode);
    }

    [Fact]
    public void Time_comes_back_and_addresses_are_apart()
    {
        var clock = new Clock();
        using var budget = new CpuBudget(Limits, clock);

        budget.Charge("192.0.2.1", TimeSpan.FromSeconds(40));

        Assert.Equal(TimeSpan.FromSeconds(20), budget.Wait("192.0.2.1"));
        Assert.Equal(TimeSpan.Zero, budget.Wait("192.0.2.2"));
        clock.Pass(TimeSpan.FromSeconds(15));
        Assert.Equal(TimeSpan.FromSeconds(5), budget.Wait("192.0.2.1"));
        clock.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, budget.Wait("192.0.2.1"));
        // A long rest saves nothing beyond the burst.
        clock.Pass(TimeSpan.FromDays(1));
        budget.Charge("192.0.2.1", TimeSpan.FromSeconds(31));
        Assert.Equal(TimeSpan.FromSeconds(2), budget.Wait("192.0.2.1"));
    }

    [Fact]
    public async Task A_heavy_user_has_one_request_at_a_time_and_others_need_not_wait()
    {
        var clock = new Clock();
        using var budget = new CpuBudget(Limits, clock);
        budget.Charge("192.0.2.1", TimeSpan.FromSeconds(3));

        var (first, second, other) = (new Handler(), new Handler(), new Handler());
        var answers = new[] { budget.MeterAsync(From("192.0.2.1"), first.RunAsync), budget.MeterAsync(From("192.0.2.1"), second.RunAsync),
            budget.MeterAsync(From("192.0.2.2"), other.RunAsync) };

        Assert.Equal((true, false, true), (first.IsRunning, second.IsRunning, other.IsRunning));
        first.End();
        await second.Begun;
        second.End();
        other.End();
        await Task.WhenAll(answers);
    }

    [Fact]
    public async Task Addresses_that_are_not_known_yet_share_their_own_places()
    {
        using var budget = new CpuBudget(Limits, new Clock());
        await MakeLightAsync(budget, "192.0.2.1");

        var fresh = Enumerable.Range(0, 1 + (Environment.ProcessorCount / 2)).Select(_ => new Handler()).ToList();
        var known = new Handler();
        var answers = fresh.Select((handler, n) => budget.MeterAsync(From($"192.0.2.{10 + n}"), handler.RunAsync))
            .Append(budget.MeterAsync(From("192.0.2.1"), known.RunAsync)).ToList();

        Assert.True(known.IsRunning);
        Assert.Equal(Math.Max(1, Environment.ProcessorCount / 2), fresh.Count(handler => handler.IsRunning));
        fresh.ForEach(handler => handler.End());
        known.End();
        await Task.WhenAll(answers);
    }

    [Fact]
    public async Task Expensive_requests_make_a_heavy_user_although_its_time_came_back()
    {
        var clock = new Clock();
        using var budget = new CpuBudget(Limits, clock);
        await budget.MeterAsync(From("192.0.2.1"), WorkAsync);
        clock.Pass(TimeSpan.FromHours(1));

        Assert.False(await RunsAtOnceAsync("192.0.2.1"));
        await MakeLightAsync(budget, "192.0.2.1");
        clock.Pass(TimeSpan.FromMinutes(1));
        Assert.True(await RunsAtOnceAsync("192.0.2.1"));

        static Task WorkAsync(HttpContext http)
        {
            // Takes much longer than 25 ms on any machine.
            var sum = 0UL;
            for (var i = 0UL; i < 200_000_000; i++)
            {
                sum += i * i;
            }

            return sum == 0 ? throw new InvalidOperationException("Never") : Task.CompletedTask;
        }

        async Task<bool> RunsAtOnceAsync(string address)
        {
            var handlers = new[] { new Handler(), new Handler() };
            var answers = Array.ConvertAll(handlers, handler => budget.MeterAsync(From(address), handler.RunAsync));
            var both = handlers.All(handler => handler.IsRunning);
            Array.ForEach(handlers, handler => handler.End());
            await Task.WhenAll(answers);
            return both;
        }
    }

    [Fact]
    public async Task A_slow_reader_does_not_keep_its_place()
    {
        var clock = new Clock();
        using var budget = new CpuBudget(Limits, clock);
        budget.Charge("192.0.2.1", TimeSpan.FromSeconds(3));

        var (slow, next) = (new Handler(), new Handler());
        var answers = new[] { budget.MeterAsync(From("192.0.2.1"), slow.RunAsync), budget.MeterAsync(From("192.0.2.1"), next.RunAsync) };
        Assert.False(next.IsRunning);
        clock.Ring();

        await next.Begun;
        next.End();
        slow.End();
        await Task.WhenAll(answers);
    }

    [Fact]
    public async Task Many_requests_at_once_count_before_they_have_cost_anything()
    {
        var clock = new Clock();
        using var budget = new CpuBudget(Limits, clock);
        await MakeLightAsync(budget, "192.0.2.1");
        clock.Pass(TimeSpan.FromMinutes(1));

        var handlers = Enumerable.Range(0, 6).Select(_ => new Handler()).ToList();
        var answers = handlers.ConvertAll(handler => budget.MeterAsync(From("192.0.2.1"), handler.RunAsync));

        // Four of them, and one in the place for heavy users.
        Assert.Equal(5, handlers.Count(handler => handler.IsRunning));
        handlers.ForEach(handler => handler.End());
        await Task.WhenAll(answers);
    }

    [Fact]
    public async Task Work_is_measured_on_every_thread_and_waiting_is_not()
    {
        var (working, waiting) = (WorkAsync(), WaitAsync());
        var worked = await working;
        var waited = await waiting;

        Assert.True(worked > waited, $"{worked} {waited}");

        static async Task<TimeSpan> WorkAsync()
        {
            var meter = CpuMeter.Start();
            await Task.Yield();
            // Ends only if the work of this thread is measured while it goes on.
            while (meter.Spent < TimeSpan.FromMilliseconds(30))
            {
            }

            var before = meter.Spent;
            await Task.Run(() =>
            {
                while (meter.Spent < before + TimeSpan.FromMilliseconds(30))
                {
                }
            });
            return meter.Spent;
        }

        static async Task<TimeSpan> WaitAsync()
        {
            var meter = CpuMeter.Start();
            await Task.Delay(100);
            return meter.Spent;
        }
    }

    /// <summary>Cheap requests, more than the first one needs that compiles code.</summary>
    private static async Task MakeLightAsync(CpuBudget budget, string address)
    {
        for (var i = 0; i < 20; i++)
        {
            await budget.MeterAsync(From(address), _ => Task.CompletedTask);
        }
    }

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };

    /// <summary>Runs until it is told to end.</summary>
    private sealed class Handler
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => begun.Task;

        public bool IsRunning => begun.Task.IsCompleted;

        public Task RunAsync(HttpContext http)
        {
            begun.SetResult();
            return ended.Task;
        }

        public void End() => ended.SetResult();
    }

    private sealed class Clock : TimeProvider
    {
        private readonly List<Action> timers = [];
        private long now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Pass(TimeSpan time) => now += time.Ticks;

        public void Ring() => timers.ForEach(ring => ring());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            timers.Add(() => callback(state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
