using System.Globalization;
using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Access;

/// <summary>Metadata of an endpoint whose answers depend on more than the revision and the request, so that they must not be cached.</summary>
internal sealed class NotKept;

/// <summary>
/// Caches public answers in memory under the revision and the request. It works at two places: <see cref="ServeAsync"/> comes
/// first in the pipeline and answers a request that was seen before, word for word, without routing or parsing;
/// <see cref="KeepAsync"/> comes after access and rate limits and caches under the normalised request. A write raises the
/// revision; older answers are then not found any more.
/// </summary>
internal sealed class AnswerCache(
    Database.Database database, IResponseCompressionProvider compression, Contract contract, AddressLimit limit, TimeProvider clock) : IDisposable
{
    private const long Size = 64 * 1024 * 1024;
    private const int LargestAnswer = 1024 * 1024;

    /// <summary>Memory of an entry beside its body and its key: headers, bookkeeping.</summary>
    private const int Overhead = 2048;

    /// <summary>Longer requests are not ordinary ones; their keys would fill the memory.</summary>
    private const int LongestKey = 4096;

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = Size });

    /// <summary>Answers from the cache if the same request, as it was sent, has been answered at this revision.</summary>
    public Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        if (WrittenKey(http) is not { } key)
        {
            return next(http);
        }

        if (cache.Get<KeptAnswer>(key) is { } kept && limit.TryTake(http))
        {
            limit.WriteHeaders(http);
            CorsHeaders.Write(http);
            return WriteAsync(http, kept);
        }

        http.Features.Set(new Written(key));
        return next(http);
    }

    /// <summary>Answers from the cache under the normalised request; else caches what the handler answers.</summary>
    public Task KeepAsync(HttpContext http, RequestDelegate next) =>
        contract.Find(http.Operation()) is { } operation && MayKeep(http, operation) ? AnswerOrKeepAsync(http, next, operation) : next(http);

    public void Dispose() => cache.Dispose();

    private async Task AnswerOrKeepAsync(HttpContext http, RequestDelegate next, Operation operation)
    {
        var key = NormalisedKey(http, operation);
        var kept = cache.Get<KeptAnswer>(key);
        if (kept is not null)
        {
            await WriteAsync(http, kept);
        }
        else if (await CopyAsync(http, next) is { } made)
        {
            kept = made;
            Add(key, made, made.Body.Length);
        }

        if (kept is not null && http.Features.Get<Written>() is { } written)
        {
            Add(written.Key, kept, 0);
        }
    }

    /// <summary>Lets the handler answer; the answer to keep, or null.</summary>
    private async Task<KeptAnswer?> CopyAsync(HttpContext http, RequestDelegate next)
    {
        var body = http.Response.Body;
        MemoryStream? copy = new();
        http.Response.Body = new WatchedBody(body, Copy);
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = body;
        }

        // Only whole answers; problems depend on the reader's language.
        return http.Response.StatusCode == StatusCodes.Status200OK && StringValues.IsNullOrEmpty(http.Response.Headers.SetCookie) && copy?.ToArray() is { } whole
            ? KeptAnswer.Of(http.Response, whole, clock.GetTimestamp())
            : null;

        ValueTask Copy(ReadOnlyMemory<byte> bytes)
        {
            if (copy?.Length + bytes.Length > LargestAnswer)
            {
                copy = null;
            }

            copy?.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }
    }

    private void Add(string key, KeptAnswer answer, int bytes)
    {
        if (key.Length <= LongestKey)
        {
            cache.Set(key, answer,
                new MemoryCacheEntryOptions
                {
                    Size = bytes + (key.Length * sizeof(char)) + Overhead,
                    AbsoluteExpirationRelativeToNow = Lifetime
                });
        }
    }

    private static bool MayKeep(HttpContext http, Operation operation) =>
        HttpMethods.IsGet(http.Request.Method) && Permissions.IsPublic(operation.Id)
        && http.Request.Headers.Authorization.Count == 0 && http.GetEndpoint()!.Metadata.GetMetadata<NotKept>() is null;

    /// <summary>The request as it was sent, as far as answers depend on it; null if it cannot be answered from the cache.</summary>
    private string? WrittenKey(HttpContext http)
    {
        var request = http.Request;
        var isRead = (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Authorization.Count == 0
            && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false;
        if (!isRead || http.Features.Get<IHttpRequestFeature>()?.RawTarget is not { Length: > 0 } target)
        {
            return null;
        }

        try
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"{database.Revision}\n{request.Scheme}\n{request.Host.Value}\n{request.Headers.Accept}\n{request.Headers.AcceptEncoding}\n{target}");
        }
        catch (SqliteException)
        {
            // The handler says what is wrong; some, like liveness, answer without a database.
            return null;
        }
    }

    private string NormalisedKey(HttpContext http, Operation operation) => string.Create(CultureInfo.InvariantCulture,
        $"{database.Revision} {Formats.Choose(http.Request, operation.MediaTypes)} {compression.GetCompressionProvider(http)?.EncodingName} {http.Request.Scheme} {http.Request.Host.Value} {http.Request.Path.Value}?{Normalise(http.Request, operation)}");

    /// <summary>The order of parameters makes no difference; that of one parameter's values does.</summary>
    private static string? Normalise(HttpRequest request, Operation operation)
    {
        var query = operation.IsPage ? "" : request.QueryString.Value;
        return query?.Contains('&', StringComparison.Ordinal) == true
            ? string.Join('&', query[1..].Split('&').OrderBy(part => part.Split('=')[0], StringComparer.Ordinal))
            : query?.TrimStart('?');
    }

    private Task WriteAsync(HttpContext http, KeptAnswer kept)
    {
        var response = http.Response;
        var isCurrent = kept.Tag is not null && Answers.HasCurrent(http.Request.Headers, kept.Tag);
        foreach (var (name, value) in isCurrent ? kept.HeadersWithoutContent : kept.Headers)
        {
            response.Headers[name] = value;
        }

        response.Headers.Age = ((long)clock.GetElapsedTime(kept.Since).TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (isCurrent)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentLength = kept.Body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(kept.Body, 0, kept.Body.Length);
    }

    /// <summary>The key of a request that the cache did not know.</summary>
    private sealed record Written(string Key);
}

/// <summary>A cached answer: its body, and the headers that are the same for everybody.</summary>
/// <param name="Since">When it was made, as a timestamp of the clock.</param>
internal sealed record KeptAnswer(byte[] Body, IReadOnlyList<KeyValuePair<string, StringValues>> Headers, long Since)
{
    public EntityTagHeaderValue? Tag { get; init; }

    /// <summary>For 304 (RFC 9110, 15.4.5).</summary>
    public required IReadOnlyList<KeyValuePair<string, StringValues>> HeadersWithoutContent { get; init; }

    public static KeptAnswer Of(HttpResponse response, byte[] body, long since)
    {
        var headers = response.Headers.Where(header => !IsOfRequest(header.Key)).ToArray();
        return new(body, headers, since)
        {
            Tag = EntityTagHeaderValue.TryParse(response.Headers.ETag.ToString(), out var tag) ? tag : null,
            HeadersWithoutContent = [.. headers.Where(header => header.Key is not ("Content-Type" or "Content-Encoding" or "Content-Disposition" or "Content-Language"))],
        };
    }

    /// <summary>Headers that are written for each request anew.</summary>
    private static bool IsOfRequest(string name) =>
        name is "Age" or "Date" or "Server" or "Content-Length" or "Transfer-Encoding" or "Connection" or AddressLimit.Header or AddressLimit.PolicyHeader
        || name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);
}
