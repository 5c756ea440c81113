using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace AnkerOrte.Api.Http;

/// <summary>A fixed window of one minute per address; headers as in draft-ietf-httpapi-ratelimit-headers.</summary>
internal static class RateLimits
{
    /// <summary>The policy of what anybody may have stored.</summary>
    public const string Assessments = "assessments";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static IServiceCollection AddRateLimits(this IServiceCollection services, RateLimitSettings settings)
    {
        if (!settings.Enabled)
        {
            return services;
        }

        var limiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetFixedWindowLimiter(
            Partition(http.Connection.RemoteIpAddress),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.PerMinute, Window = Window, QueueLimit = 0 }));
        services.AddSingleton(new Announcer(limiter, settings.PerMinute));
        return services.AddRateLimiter(options =>
        {
            options.GlobalLimiter = limiter;
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
        if (app.Services.GetService<Announcer>() is { } announcer)
        {
            app.Use((http, next) =>
            {
                if (http.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is null)
                {
                    http.Response.OnStarting(Announcer.Announce, (announcer, http));
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

    /// <summary>Writes the headers when the answer starts, so that a kept answer does not bring yesterday's numbers along.</summary>
    private sealed class Announcer(PartitionedRateLimiter<HttpContext> limiter, int perMinute)
    {
        private readonly PartitionedRateLimiter<HttpContext> limiter = limiter;
        private readonly string policy = string.Create(CultureInfo.InvariantCulture, $"\"address\";q={perMinute};w={Window.TotalSeconds}");

        public static Task Announce(object state)
        {
            var (announcer, http) = ((Announcer, HttpContext))state;
            var left = announcer.limiter.GetStatistics(http)?.CurrentAvailablePermits ?? 0;
            http.Response.Headers["RateLimit-Policy"] = announcer.policy;
            http.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"address\";r={left}");
            return Task.CompletedTask;
        }
    }
}
