using System.Collections.Concurrent;
using System.Globalization;
using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RateLimiting;

namespace AnkerOrte.Api.Access;

/// <summary>
/// Bounds the processor time that callers without a key use, for each address (IPv6: one /64 network). Every request is charged
/// after it with what it cost; an address that has used up its time is refused until enough has come back. Requests compute only while
/// they have one of the <see cref="CpuPlaces"/>, so that an address that asks little finds a free core although others ask much.
/// Answers from the cache never come here.
/// </summary>
/// <param name="cores">Number of requests that may compute at the same time; 0: one for each core.</param>
internal sealed class CpuBudget(RateLimitSettings settings, TimeProvider clock, int cores = 0)
{
    /// <summary>Unused accounts are removed when there are more than this.</summary>
    private const int ManyAccounts = 10_000;

    private static readonly TimeSpan BetweenRemovals = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Account> accounts = new(StringComparer.Ordinal);
    private readonly CpuPlaces places = new(cores == 0 ? Environment.ProcessorCount : cores, clock);
    private readonly TimeSpan burst = TimeSpan.FromSeconds(settings.CpuBurstSeconds);
    private readonly double rate = settings.CpuMillisecondsPerSecond / 1000.0;
    private long removedAt;

    /// <summary>How long until the address may ask again; zero: now.</summary>
    public TimeSpan Wait(string address) =>
        !settings.Enabled || !accounts.TryGetValue(address, out var account) || Spent(account) - burst is var over && over <= TimeSpan.Zero
            ? TimeSpan.Zero : over / rate;

    /// <summary>Charges work that is done outside of a request.</summary>
    public void Charge(string address, TimeSpan cost)
    {
        var account = Find(address);
        places.Charge(account.Lately, cost);
        Charge(account, cost);
    }

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
        var meter = CpuMeter.Start();
        var visit = new CpuVisit(places, account.Lately, () => meter.Spent, http.RequestAborted);
        try
        {
            await RunAsync(http, next, address, visit);
        }
        finally
        {
            visit.Leave();
            Charge(account, meter.Spent);
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

    private async Task RunAsync(HttpContext http, RequestDelegate next, string address, CpuVisit visit)
    {
        var entering = visit.EnterAsync();
        var hasWaited = !entering.IsCompleted;
        if (!await entering)
        {
            http.Response.Headers.RetryAfter = "2";
            await new Problem(Problems.TooManyRequests, new("Zu viele gleichzeitige Anfragen.", "Too many simultaneous requests."))
                .ExecuteAsync(http);
            return;
        }

        if (hasWaited && Wait(address) is var wait && wait > TimeSpan.Zero)
        {
            await Refuse(http, wait);
            return;
        }

        var (request, answer) = (http.Request.Body, http.Response.Body);
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != false)
        {
            http.Request.Body = new PausingStream(request, visit);
        }

        http.Response.Body = new PausingStream(answer, visit);
        http.Features.Set(visit);
        try
        {
            await next(http);
        }
        finally
        {
            (http.Request.Body, http.Response.Body) = (request, answer);
            visit.Learn();
        }
    }

    private Account Find(string address)
    {
        if (accounts.Count > ManyAccounts && clock.GetElapsedTime(Volatile.Read(ref removedAt)) > BetweenRemovals)
        {
            Volatile.Write(ref removedAt, clock.GetTimestamp());
            foreach (var (other, account) in accounts)
            {
                if (Volatile.Read(ref account.Running) == 0 && Spent(account) == TimeSpan.Zero)
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

    /// <summary>What one address has used, and until when that is worked out.</summary>
    private sealed class Account(long at)
    {
        public TimeSpan Spent { get; set; }
        public long At { get; set; } = at;

        /// <summary>Requests that are under way.</summary>
        public int Running;

        /// <summary>What it used lately, which decides who waits.</summary>
        public CpuAccount Lately { get; } = new();
    }
}
