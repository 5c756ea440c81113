using System.Threading.RateLimiting;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>
/// Limits how many tables are read and how many matrices are made and sent at the same time: one per address and a few in total,
/// because each can take seconds of processor time and 100 MB of memory. A few requests wait; further ones are refused.
/// </summary>
/// <param name="places">Total number at the same time.</param>
internal sealed class RunGate(int places) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> limiter = PartitionedRateLimiter.CreateChained(
        Limit(http => RateLimits.Partition(http.Connection.RemoteIpAddress), permits: 1, waiting: 3),
        Limit(_ => "", permits: places, waiting: 20));

    /// <summary>Limits large request bodies, each of which is in memory until it is read.</summary>
    private readonly PartitionedRateLimiter<HttpContext> uploads = PartitionedRateLimiter.CreateChained(
        Limit(http => RateLimits.Partition(http.Connection.RemoteIpAddress), permits: 1, waiting: 3),
        Limit(_ => "", permits: 2, waiting: 20));

    /// <summary>
    /// Waits until a large body may be received. The caller releases the place by disposing it. Null if too many requests wait.
    /// </summary>
    public Task<IDisposable?> EnterUploadAsync(HttpContext http) => EnterAsync(uploads, http);

    /// <summary>Waits for a place. The caller releases the place by disposing it. Null if too many requests wait.</summary>
    public Task<IDisposable?> EnterAsync(HttpContext http) => EnterAsync(limiter, http);

    private static async Task<IDisposable?> EnterAsync(PartitionedRateLimiter<HttpContext> limiter, HttpContext http)
    {
        var visit = http.Features.Get<CpuVisit>();
        var acquiring = limiter.AcquireAsync(http, 1, http.RequestAborted);
        if (!acquiring.IsCompleted)
        {
            // Whoever has the place at this gate may wait for the place to compute.
            visit?.Leave();
        }

        var lease = await acquiring;
        try
        {
            if (lease.IsAcquired)
            {
                await (visit?.EnterAsync() ?? new(true));
                return lease;
            }
        }
        catch (OperationCanceledException)
        {
            lease.Dispose();
            throw;
        }

        lease.Dispose();
        return null;
    }

    /// <summary>The answer to a request that found too many others waiting.</summary>
    public static IResult Busy(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "10";
        return new Problem(
            Problems.TooManyRequests, new(
                "Zu viele Tabellen oder Matrizen gleichzeitig.",
                "Too many tables or matrices at the same time."));
    }

    /// <summary>
    /// Delays the refusal of a large body. The server reads the body all the same, so a client that repeats it at once would keep it busy.
    /// </summary>
    public static Task SlowDownAsync(HttpContext http)
    {
        http.Features.Get<CpuVisit>()?.Leave();
        return Task.Delay(TimeSpan.FromSeconds(2), http.RequestAborted);
    }

    public void Dispose()
    {
        limiter.Dispose();
        uploads.Dispose();
    }

    private static PartitionedRateLimiter<HttpContext> Limit(Func<HttpContext, string> partition, int permits, int waiting) =>
        PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetConcurrencyLimiter(
            partition(http), _ => new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = waiting }));
}
