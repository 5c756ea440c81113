using System.Globalization;
using AnkerOrte.Api.Access;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Primitives;

namespace AnkerOrte.Api.Http;

/// <summary>An answer that does not follow from the revision and the request alone.</summary>
internal sealed class NotKept;

/// <summary>
/// Keeps public answers in memory under the revision and the normalised request, so that what has not changed costs
/// neither SQL nor JSON nor compression. A write raises the revision; old answers then simply are not asked for again.
/// </summary>
internal sealed class AnswerCache(Database.Database database, IResponseCompressionProvider compression, Contract contract) : IOutputCachePolicy
{
    public const long Size = 64 * 1024 * 1024;
    public const long LargestAnswer = 1024 * 1024;

    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        var http = context.HttpContext;
        var operation = contract.Find(http.Operation());
        // What a key opens is never kept, nor what changes without the revision.
        var isRead = HttpMethods.IsGet(http.Request.Method) && operation is not null && Permissions.IsPublic(operation.Id)
            && http.Request.Headers.Authorization.Count == 0 && http.GetEndpoint()!.Metadata.GetMetadata<NotKept>() is null;
        context.EnableOutputCaching = isRead;
        context.AllowCacheLookup = isRead;
        context.AllowCacheStorage = isRead;
        // Whoever waited for another's answer would wait for that client's slow line as well, and share its abort.
        context.AllowLocking = false;
        if (isRead)
        {
            // Only tags decide what is current; and nobody can ask this service to have an answer already.
            http.Request.Headers.IfModifiedSince = default;
            http.Request.Headers.CacheControl = default;
            // Not QueryKeys = "*": for its key the framework sorts the values of a repeated parameter in place, and the
            // handler would then see "bbox" or "sort" in another order than was asked for.
            context.CacheVaryByRules.VaryByValues["as"] = string.Create(CultureInfo.InvariantCulture,
                $"{database.Revision} {Formats.Choose(http.Request, operation!.MediaTypes)} {compression.GetCompressionProvider(http)?.EncodingName} {Normalise(http.Request, operation)}");
            context.ResponseExpirationTimeSpan = TimeSpan.FromHours(1);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The order of parameters makes no difference; that of one parameter's values does.</summary>
    private static string? Normalise(HttpRequest request, Operation operation)
    {
        var query = operation.IsPage ? "" : request.QueryString.Value;
        return query?.Contains('&', StringComparison.Ordinal) == true
            ? string.Join('&', query[1..].Split('&').OrderBy(part => part.Split('=')[0], StringComparer.Ordinal))
            : query?.TrimStart('?');
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        // Only whole answers are kept; problems speak the reader's language and are made anew.
        context.AllowCacheStorage &= context.HttpContext.Response.StatusCode == StatusCodes.Status200OK
            && StringValues.IsNullOrEmpty(context.HttpContext.Response.Headers.SetCookie);
        return ValueTask.CompletedTask;
    }
}
