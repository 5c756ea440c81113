using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;

namespace AnkerOrte.Api.Audit;

/// <summary>
/// Logs every read of an operation that the contract marks `x-audit: read`, before the first byte of its answer leaves. If the log
/// cannot be written, the read fails and the client gets a problem. A refused read or one that found nothing is not logged.
/// </summary>
internal sealed class ConfidentialReads(RequestDelegate next, Contract contract, Database.Database database, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext http) => contract.Find(http.Operation()) is { IsAudited: true } ? LogAsync(http) : next(http);

    private async Task LogAsync(HttpContext http)
    {
        var isLogged = false;
        var body = http.Response.Body;
        http.Response.Body = new WatchedBody(body, _ => LogOnceAsync());
        try
        {
            await next(http);
            // An answer may have no body.
            await LogOnceAsync();
        }
        finally
        {
            http.Response.Body = body;
        }

        async ValueTask LogOnceAsync()
        {
            if (!isLogged && IsConfidential(http))
            {
                isLogged = true;
                await AuditLog.AddAsync(database, AuditEntry.Of(http), Instant.Write(clock.GetUtcNow()), http.RequestAborted);
            }
        }
    }

    /// <summary>Where everybody may see a part, only who saw more is logged: that answer is not cached.</summary>
    private static bool IsConfidential(HttpContext http) =>
        http.Response.StatusCode is >= 200 and < 300
        && (!Permissions.IsPublic(http.Operation()) || http.Response.Headers.CacheControl == "no-store");
}
