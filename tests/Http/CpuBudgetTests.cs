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
        var budget = new CpuBudget(Limits, clock);

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
    public async Task An_unknown_address_has_one_request_at_a_time_and_a_light_one_needs_not_wait_for_it()
    {
        var budget = new CpuBudget(Limits, new Clock(), cores: 2);
        await MakeLightAsync(budget, "192.0.2.1");

        var (unknown, second, light) = (new Handler(), new Handler(), new Handler());
        var answers = new[] { budget.MeterAsync(From("192.0.2.2"), unknown.RunAsync), budget.MeterAsync(From("192.0.2.2"), second.RunAsync),
            budget.MeterAsync(From("192.0.2.1"), light.RunAsync) };

        Assert.Equal((true, false, true), (unknown.IsRunning, second.IsRunning, light.IsRunning));
        unknown.End();
        await second.Begun;
        second.End();
        light.End();
        await Task.WhenAll(answers);
    }

    [Fact]
    public async Task An_address_with_an_expensive_request_is_light_again_after_many_cheap_ones()
    {
        var budget = new CpuBudget(Limits, new Clock(), cores: 2);
        await budget.MeterAsync(From("192.0.2.1"), WorkAsync);

        Assert.False(await RunsAtOnceAsync("192.0.2.1"));
        await MakeLightAsync(budget, "192.0.2.1");
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
    public async Task An_address_that_used_up_its_time_while_it_waited_is_refused()
    {
        var budget = new CpuBudget(Limits, new Clock(), cores: 1);
        var (first, second) = (new Handler(), new Handler());
        var http = From("192.0.2.1");
        var one = budget.MeterAsync(From("192.0.2.1"), first.RunAsync);
        var other = budget.MeterAsync(http, second.RunAsync);

        budget.Charge("192.0.2.1", TimeSpan.FromSeconds(40));
        first.End();
        await Task.WhenAll(one, other);

        Assert.False(second.IsRunning);
        Assert.Equal(429, http.Response.StatusCode);
        Assert.InRange(int.Parse(http.Response.Headers.RetryAfter!, System.Globalization.CultureInfo.InvariantCulture), 20, 30);
    }

    [Fact]
    public async Task Who_waits_for_the_client_gives_the_place_back()
    {
        var budget = new CpuBudget(Limits, new Clock(), cores: 1);
        var http = From("192.0.2.1");
        var (sent, read) = (new SlowBody(), new SlowBody());
        (http.Request.Body, http.Response.Body) = (sent, read);
        var steps = new List<string>();
        var slow = budget.MeterAsync(http, async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            steps.Add("read");
            await http.Response.Body.WriteAsync(new byte[1]);
            steps.Add("written");
        });

        await RunAnotherAsync("192.0.2.2");
        sent.Go();
        await read.Waiting;
        await RunAnotherAsync("192.0.2.3");
        Assert.Equal(["read"], steps);
        read.Go();
        await slow;
        Assert.Equal(["read", "written"], steps);

        Task RunAnotherAsync(string address) =>
            budget.MeterAsync(From(address), _ => Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_cancelled_request_no_longer_waits()
    {
        var budget = new CpuBudget(Limits, new Clock(), cores: 1);
        using var cancel = new CancellationTokenSource();
        var (first, cancelled, last) = (new Handler(), new Handler(), new Handler());
        var http = From("192.0.2.2");
        http.RequestAborted = cancel.Token;
        var answers = new[] { budget.MeterAsync(From("192.0.2.1"), first.RunAsync), budget.MeterAsync(From("192.0.2.3"), last.RunAsync) };
        var waiting = budget.MeterAsync(http, cancelled.RunAsync);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.End();
        await last.Begun;
        last.End();
        await Task.WhenAll(answers);
        Assert.False(cancelled.IsRunning);
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

    /// <summary>Neither sends nor takes anything until it is told to.</summary>
    private sealed class SlowBody : MemoryStream
    {
        private readonly TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource going = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waiting => waiting.Task;

        public void Go() => going.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            waiting.TrySetResult();
            await going.Task;
            return 0;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            waiting.TrySetResult();
            await going.Task;
        }
    }

    private sealed class Clock : TimeProvider
    {
        private long now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Pass(TimeSpan time) => now += time.Ticks;
    }
}
