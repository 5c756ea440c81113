using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Access;

/// <summary>Pages of any origin may read public answers.</summary>
internal static class CorsHeaders
{
    private static readonly string[] Exposed = ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "Content-Disposition"];

    private static readonly string ExposedHeader = string.Join(',', Exposed);

    /// <summary>For operations that need no key, and for addresses that lead to none, such as preflight requests.</summary>
    public static void UseCorsForPublicAnswers(this IApplicationBuilder app)
    {
        app.Use((http, next) =>
        {
            if (http.Request.Headers.Authorization.Count > 0)
            {
                // Registered first, so it runs after the middleware has written its headers.
                http.Response.OnStarting(RemoveFromConfidential, http.Response);
            }

            return next(http);
        });
        app.UseWhen(http => http.Operation() is not { } operation || Permissions.IsPublic(operation), branch => branch.UseCors());
    }

    /// <summary>Some operations need no key and say more to those who have one.</summary>
    private static Task RemoveFromConfidential(object state)
    {
        var response = (HttpResponse)state;
        if (response.StatusCode is >= 200 and < 300 && response.Headers.CacheControl == "no-store")
        {
            response.Headers.Remove(HeaderNames.AccessControlAllowOrigin);
            response.Headers.Remove(HeaderNames.AccessControlExposeHeaders);
        }

        return Task.CompletedTask;
    }

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
