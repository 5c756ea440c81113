using Microsoft.AspNetCore.Cors.Infrastructure;

namespace AnkerOrte.Api.Http;

/// <summary>Pages of any origin may read public answers.</summary>
internal static class CorsHeaders
{
    private static readonly string[] Exposed = ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "Content-Disposition"];

    private static readonly string ExposedHeader = string.Join(',', Exposed);

    /// <summary>What every policy grants beside its methods.</summary>
    public static void Grant(CorsPolicyBuilder policy) => policy
        .AllowAnyOrigin().AllowAnyHeader().WithExposedHeaders(Exposed).SetPreflightMaxAge(TimeSpan.FromHours(24));

    /// <summary>The headers that the middleware writes under such a policy, for answers that do not reach it.</summary>
    public static void Write(HttpContext http)
    {
        if (http.Request.Headers.Origin.Count > 0)
        {
            http.Response.Headers.AccessControlAllowOrigin = "*";
            http.Response.Headers.AccessControlExposeHeaders = ExposedHeader;
        }
    }
}
