using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;
using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace AnkerOrte.Api.Access;

/// <summary>
/// Bounds the processor time that callers without a key use, for each address (IPv6: one /64 network). Every request is charged
/// after it with what it cost; an address that has used up its time is refused until enough has come back. Before that, an address
/// that used much lately waits for one of few places, so that the requests of others still find a free core.
/// Answers from the cache never come here.
/// </summary>
internal sealed class CpuBudget(RateLimitSettings settings, TimeProvider clock) : IDisposable
{
    /// <summary>
    /// An address is a heavy user when this share of its burst is used: 100 ms of 30 s. Small, so that many addresses together cannot
    /// fill all cores before each is known; an ordinary user gets back more than that between two clicks.
    /// </summary>
    private const double HeavyShare = 1.0 / 300;

    /// <summary>
    /// An address is also a heavy user while its requests are expected to cost more than this. The used time alone does not show it:
    /// while an address waits for its place, its used time comes back.
    /// </summary>
    private static readonly TimeSpan LightRequest = TimeSpan.FromMilliseconds(25);

    /// <summary>A cheaper request lowers the expected cost to this share: ten cheap requests after one of 200 ms make a light user.</summary>
    private const double Memory = 0.8;

    /// <summary>As long as a request runs, it counts as if it would cost this share of the burst.</summary>
    private const double ReservedShare = 1.0 / 1200;

    /// <summary>Unused accounts are removed when there are more than this.</summary>
    private const int ManyAccounts = 10_000;

    /// <summary>No request computes longer; one that still runs waits for its client, which must not keep the others waiting.</summary>
    private static readonly TimeSpan LongestStay = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Account> accounts = new(StringComparer.Ordinal);
    private readonly TimeSpan burst = TimeSpan.FromSeconds(settings.CpuBurstSeconds);
    private readonly double rate = settings.CpuMillisecondsPerSecond / 1000.0;

    private readonly PartitionedRateLimiter<string> heavy = Places();

    /// <summary>Addresses without a known cost. Apart from heavy ones, behind which a new visitor would wait long.</summary>
    private readonly PartitionedRateLimiter<string> unknown = Places();

    /// <summary>How long until the address may ask again; zero: now.</summary>
    public TimeSpan Wait(string address) =>
        !settings.Enabled || !accounts.TryGetValue(address, out var account) || Spent(account) - burst is var over && over <= TimeSpan.Zero
            ? TimeSpan.Zero : over / rate;

    /// <summary>Charges work that is done outside of a request.</summary>
    public void Charge(string address, TimeSpan cost) => Charge(Find(address), cost);

    public async Task MeterAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Caller() is not null || http.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is not null)
        {
            await next(http);
            return;
        }

        var address = RateLimits.Partition(http.Connection.RemoteIpAddress);
        if (Wait(address) is var wait && wait > TimeSpan.Zero)
        {
            await Refuse(http, wait);
            return;
        }

        var account = Find(address);
        Interlocked.Increment(ref account.Running);
        try
        {
            if (account.Expected > LightRequest || Spent(account) + (burst * ReservedShare * account.Running) > burst * HeavyShare)
            {
                await WaitForPlaceAsync(heavy, http, next, address, account);
            }
            else if (account.Expected is null)
            {
                await WaitForPlaceAsync(unknown, http, next, address, account);
            }
            else
            {
                await RunAsync(http, next, account);
            }
        }
        finally
        {
            Interlocked.Decrement(ref account.Running);
        }
    }

    /// <summary>The refusal of a request whose address has used up its time.</summary>
    public Task Refuse(HttpContext http, TimeSpan wait)
    {
        http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return new Problem(Problems.TooManyRequests, new(
            "Die Anfragen dieser Adresse haben zu viel Rechenzeit verbraucht. " +
            $"Ohne Schlüssel sind {settings.CpuMillisecondsPerSecond} ms je Sekunde erlaubt, höchstens {settings.CpuBurstSeconds} s auf einmal.",
            "The requests of this address have used too much processor time. " +
            $"Without a key, {settings.CpuMillisecondsPerSecond} ms per second are allowed, at most {settings.CpuBurstSeconds} s at once."))
            .ExecuteAsync(http);
    }

    public void Dispose()
    {
        heavy.Dispose();
        unknown.Dispose();
    }

    private async Task WaitForPlaceAsync(
        PartitionedRateLimiter<string> places, HttpContext http, RequestDelegate next, string address, Account account)
    {
        using var place = await places.AcquireAsync(address, 1, http.RequestAborted);
        if (!place.IsAcquired)
        {
            http.Response.Headers.RetryAfter = "2";
            await new Problem(
                Problems.TooManyRequests, new(
                    "Zu viele gleichzeitige Anfragen dieser Adresse.",
                    "Too many simultaneous requests from this address."))
                .ExecuteAsync(http);
            return;
        }

        if (Wait(address) is var wait && wait > TimeSpan.Zero)
        {
            await Refuse(http, wait);
            return;
        }

        // Disposing it twice gives it back once.
        using var stay = clock.CreateTimer(lease => ((RateLimitLease)lease!).Dispose(), place, LongestStay, Timeout.InfiniteTimeSpan);
        await RunAsync(http, next, account);
    }

    private async Task RunAsync(HttpContext http, RequestDelegate next, Account account)
    {
        var meter = CpuMeter.Start();
        try
        {
            await next(http);
        }
        finally
        {
            account.Expect(meter.Spent);
            Charge(account, meter.Spent);
        }
    }

    private Account Find(string address)
    {
        if (accounts.Count > ManyAccounts)
        {
            foreach (var (other, account) in accounts)
            {
                if (account.Running == 0 && Spent(account) == TimeSpan.Zero)
                {
                    accounts.TryRemove(other, out _);
                }
            }
        }

        return accounts.GetOrAdd(address, _ => new Account(clock.GetTimestamp()));
    }

    /// <summary>Processor time that was used and has not come back yet.</summary>
    private TimeSpan Spent(Account account)
    {
        lock (account)
        {
            var now = clock.GetTimestamp();
            // A test clock can be set back.
            var elapsed = TimeSpan.FromTicks(Math.Max(0, clock.GetElapsedTime(account.At, now).Ticks));
            var left = account.Spent - (elapsed * rate);
            (account.Spent, account.At) = (left > TimeSpan.Zero ? left : TimeSpan.Zero, now);
            return account.Spent;
        }
    }

    private void Charge(Account account, TimeSpan cost)
    {
        lock (account)
        {
            account.Spent = Spent(account) + cost;
        }
    }

    /// <summary>One request of an address at a time, and together no more than half of the cores.</summary>
    private static PartitionedRateLimiter<string> Places() => PartitionedRateLimiter.CreateChained(
        Limit(address => address, permits: 1, waiting: 50),
        Limit(_ => "", permits: Math.Max(1, Environment.ProcessorCount / 2), waiting: 1000));

    private static PartitionedRateLimiter<string> Limit(Func<string, string> partition, int permits, int waiting) =>
        PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetConcurrencyLimiter(
            partition(address), _ => new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = waiting }));

    /// <summary>What one address has used, and until when that is worked out.</summary>
    private sealed class Account(long at)
    {
        public TimeSpan Spent { get; set; }
        public long At { get; set; } = at;

        /// <summary>Requests that are under way.</summary>
        public int Running;

        /// <summary>What the next request probably costs; null: nothing is known yet.</summary>
        public TimeSpan? Expected { get; private set; }

        public void Expect(TimeSpan cost)
        {
            lock (this)
            {
                Expected = Expected * Memory > cost ? Expected * Memory : cost;
            }
        }
    }
}
