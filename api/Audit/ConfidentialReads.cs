using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Audit;

/// <summary>
/// Logs every read of an operation that the contract marks `x-audit: read`, before the first byte of its answer leaves:
/// what cannot be logged is not told. What was refused or not found told nothing and is not logged.
/// </summary>
internal sealed class ConfidentialReads(RequestDelegate next, Contract contract, Database.Database database, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (contract.Find(http.Operation()) is { IsAudited: true })
        {
            // Where everybody sees a part, only who saw more is logged: that answer is kept nowhere.
            http.Response.OnStarting(() => http.Response.StatusCode is >= 200 and < 300 && (!Permissions.IsPublic(http.Operation()) || http.Response.Headers.CacheControl == "no-store")
                ? AuditLog.AddAsync(database, AuditEntry.Of(http), Instant.Write(clock.GetUtcNow()), http.RequestAborted)
                : Task.CompletedTask);
        }

        return next(http);
    }
}
