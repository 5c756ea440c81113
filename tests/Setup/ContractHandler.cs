using System.Globalization;
using System.Text.RegularExpressions;
using NJsonSchema;
using NJsonSchema.Validation;
using NSwag;

namespace AnkerOrte.Tests.Setup;

/// <summary>
/// Every response of every test passes through here and is held against openapi.yaml: status, media type, headers, body.
/// So each endpoint test is a contract test as well.
/// </summary>
internal sealed class ContractHandler : DelegatingHandler
{
    /// <summary>Headers of HTTP itself, which a contract does not repeat.</summary>
    private static readonly HashSet<string> Transport = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "Server", "Transfer-Encoding", "Connection", "Content-Type", "Content-Length", "Content-Language", "Content-Encoding",
        "Age", "Allow", "X-Content-Type-Options", "Content-Security-Policy", "Vary", "Pragma", "Expires",
        "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age",
    };

    private static readonly string[] SometimesAbsent = ["RateLimit", "RateLimit-Policy", "Content-Disposition", "Retry-After", "Idempotency-Replayed", "Location", "ETag"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Options && !IsOutsideTheContract(request.RequestUri!.AbsolutePath))
        {
            await CheckAsync(request, response, cancellationToken);
        }

        return response;
    }

    /// <summary>Swagger UI and the documentation are pages for people and no operations; tests of their own check them.</summary>
    private static bool IsOutsideTheContract(string path) =>
        path.StartsWith("/swagger", StringComparison.Ordinal) || path == "/docs" || path.StartsWith("/docs/", StringComparison.Ordinal);

    private static async Task CheckAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var path = ContractDocument.Find(Uri.UnescapeDataString(request.RequestUri!.AbsolutePath));
        var method = request.Method == HttpMethod.Head ? "get" : request.Method.Method.ToLowerInvariant();
        var operation = path is not null && path.TryGetValue(method, out var found) ? found : null;
        if (operation is null)
        {
            Assert.True(status is 404 or 405, $"{request.Method} {request.RequestUri} is not in the contract, but answered {status}.");
            await CheckBodyAsync(request, response, ContractDocument.Document.Components.Schemas["ProblemDetails"], "application/problem+json", cancellationToken);
            return;
        }

        // Refused before any operation is reached, so no operation declares it.
        if (status == 413)
        {
            await CheckBodyAsync(request, response, ContractDocument.Document.Components.Schemas["ProblemDetails"], "application/problem+json", cancellationToken);
            return;
        }

        Assert.True(operation.Responses.TryGetValue(status.ToString(CultureInfo.InvariantCulture), out var declared),
            $"{operation.OperationId} answered {status}, which the contract does not declare: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        declared = declared.ActualResponse;
        CheckHeaders(operation, declared, response);
        if (declared.Content.Count == 0)
        {
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return;
        }

        var mediaType = response.Content.Headers.ContentType?.MediaType;
        Assert.True(mediaType is not null && declared.Content.ContainsKey(mediaType), $"{operation.OperationId} {status} answered {mediaType}, which the contract does not declare.");
        await CheckBodyAsync(request, response, declared.Content[mediaType].Schema, mediaType, cancellationToken);
    }

    private static void CheckHeaders(OpenApiOperation operation, OpenApiResponse declared, HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        foreach (var name in headers.Keys.Where(name => !Transport.Contains(name)))
        {
            Assert.True(declared.Headers.ContainsKey(name), $"{operation.OperationId} {(int)response.StatusCode}: header {name} is not declared.");
        }

        foreach (var (name, header) in declared.Headers)
        {
            if (!headers.TryGetValue(name, out var value))
            {
                // RFC 9110, 15.4.5: a 304 repeats only what a cache needs.
                var mayBeAbsent = SometimesAbsent.Contains(name) || (response.StatusCode == HttpStatusCode.NotModified && name == "Link");
                Assert.True(mayBeAbsent, $"{operation.OperationId} {(int)response.StatusCode}: header {name} is declared, but absent.");
            }
            else if (ContractDocument.HeaderPattern(name) is { } pattern)
            {
                Assert.Matches(new Regex(pattern), value);
            }
        }
    }

    private static async Task CheckBodyAsync(HttpRequestMessage request, HttpResponseMessage response, JsonSchema schema, string mediaType, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Head)
        {
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return;
        }

        Assert.Equal(mediaType, response.Content.Headers.ContentType?.MediaType);
        // Lines of JSON are text to a schema.
        if (!mediaType.EndsWith("json", StringComparison.Ordinal) || mediaType.EndsWith("ndjson", StringComparison.Ordinal)
            || response.Content.Headers.ContentEncoding.Count > 0)
        {
            return;
        }

        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var errors = schema.ActualSchema.Validate(body, SchemaType.OpenApi3).Where(error => !IsSparse(request, error)).ToList();
        Assert.True(errors.Count == 0, $"{request.Method} {request.RequestUri} does not fit the contract:\n{string.Join("\n", errors)}\n{body[..Math.Min(body.Length, 2000)]}");
    }

    /// <summary>With `fields` and for what was removed items are partial, as the contract says of that parameter.</summary>
    private static bool IsSparse(HttpRequestMessage request, ValidationError error) =>
        (request.RequestUri!.Query.Contains("fields=", StringComparison.Ordinal) || request.RequestUri.Query.Contains("deleted=include", StringComparison.Ordinal)) && IsAboutMissingMembers(error);

    private static bool IsAboutMissingMembers(ValidationError error) => error is ChildSchemaValidationError parent
        ? parent.Errors.Values.SelectMany(errors => errors).All(IsAboutMissingMembers)
        : error.Kind == ValidationErrorKind.PropertyRequired;
}
