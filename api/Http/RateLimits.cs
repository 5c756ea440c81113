using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Primitives;

namespace AnkerOrte.Api.Http;

/// <summary>A fixed window of one minute per address; headers as in draft-ietf-httpapi-ratelimit-headers.</summary>
internal static class RateLimits
{
    /// <summary>The policy of what anybody may have stored.</summary>
    public const string Assessments = "assessments";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddRateLimits(this IServiceCollection services, RateLimitSettings settings)
    {
        var limit = new AddressLimit(settings, Window);
        services.AddSingleton(limit);
        return !settings.Enabled ? services : services.AddRateLimiter(options =>
        {
            options.GlobalLimiter = limit.Limiter;
            options.AddPolicy(Assessments, http => RateLimitPartition.GetFixedWindowLimiter(
                Partition(http.Connection.RemoteIpAddress),
                _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.AssessmentsPerMinute, Window = Window, QueueLimit = 0 }));
            options.OnRejected = async (context, _) =>
            {
                var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter) ? retryAfter : Window;
                context.HttpContext.Response.Headers.RetryAfter = Math.Clamp((int)Math.Ceiling(wait.TotalSeconds), 1, 60).ToString(CultureInfo.InvariantCulture);
                await new Problem(Problems.TooManyRequests).ExecuteAsync(context.HttpContext);
            };
        });
    }

    public static WebApplication UseRateLimits(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<AddressLimit>();
        if (limit.Limiter is not null)
        {
            app.Use((http, next) =>
            {
                if (http.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is null)
                {
                    http.Response.OnStarting(WriteHeaders, (limit, http));
                }

                return next(http);
            });
            app.UseRateLimiter();
        }

        return app;
    }

    /// <summary>One address; of IPv6 the network a single customer gets, else it would be no limit.</summary>
    public static string Partition(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }

    private static Task WriteHeaders(object state)
    {
        var (limit, http) = ((AddressLimit, HttpContext))state;
        limit.WriteHeaders(http);
        return Task.CompletedTask;
    }
}

/// <summary>The limit that each address has for all its requests together, and the headers that say how much of it is left.</summary>
internal sealed class AddressLimit(RateLimitSettings settings, TimeSpan window) : IDisposable
{
    public const string Header = "RateLimit";
    public const string PolicyHeader = "RateLimit-Policy";

    private readonly StringValues policy = string.Create(CultureInfo.InvariantCulture, $"\"address\";q={settings.PerMinute};w={window.TotalSeconds}");

    /// <summary>Null: requests are not limited.</summary>
    public PartitionedRateLimiter<HttpContext>? Limiter { get; } = !settings.Enabled ? null : PartitionedRateLimiter.Create<HttpContext, string>(
        http => RateLimitPartition.GetFixedWindowLimiter(
            RateLimits.Partition(http.Connection.RemoteIpAddress),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.PerMinute, Window = window, QueueLimit = 0 }));

    /// <summary>Counts a request that does not pass the middleware; false if the address has none left.</summary>
    public bool TryTake(HttpContext http)
    {
        using var lease = Limiter?.AttemptAcquire(http);
        return lease?.IsAcquired != false;
    }

    public void WriteHeaders(HttpContext http)
    {
        if (Limiter is not null)
        {
            http.Response.Headers[PolicyHeader] = policy;
            http.Response.Headers[Header] = string.Create(CultureInfo.InvariantCulture, $"\"address\";r={Limiter.GetStatistics(http)?.CurrentAvailablePermits ?? 0}");
        }
    }

    public void Dispose() => Limiter?.Dispose();
}
