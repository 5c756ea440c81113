using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Http;

/// <summary>The headers that every public answer carries, and the conditional request.</summary>
internal sealed class Answers(Addresses addresses, IResponseCompressionProvider compression, Contract contract)
{
    public string Base(HttpContext http) => addresses.Base(http.Request);

    public IReadOnlyList<string> Offered(HttpContext http) =>
        contract.Find(http.GetEndpoint()!.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName)!.MediaTypes;

    /// <summary>One record, from its document. `fields` picks members; the ETag is that of the whole record.</summary>
    public IResult Item(HttpContext http, byte[] document, string? fields = null)
    {
        if (Formats.Choose(http.Request, [Formats.Json]) is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), [Formats.Json]);
        }

        var json = Addresses.Resolve(document, Base(http));
        return Bytes(http, Formats.Json, Hash(json), () => fields is null ? json : Fields.Pick(json, Commas.Split(fields)));
    }

    /// <summary>One record that is not for everybody; its tag is for If-Match.</summary>
    public IResult ConfidentialItem(HttpContext http, byte[] document, bool tagged = false)
    {
        if (Formats.Choose(http.Request, [Formats.Json]) is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), [Formats.Json]);
        }

        var json = Addresses.Resolve(document, Base(http));
        SetConfidential(http.Response.Headers);
        if (tagged)
        {
            http.Response.Headers.ETag = $"\"{Hash(json)}\"";
        }

        return Results.Bytes(json, Formats.Json);
    }

    /// <summary>One record that is a table as well: JSON, or CSV with a row for each part of it.</summary>
    public async Task<IResult> Table(
        HttpContext http, string name, byte[] document, IReadOnlyList<Column> columns, Func<JsonElement, IEnumerable<JsonElement>> rows, ListParameters parameters)
    {
        var offered = Offered(http);
        var json = Addresses.Resolve(document, Base(http));
        switch (Formats.Choose(http.Request, offered))
        {
            case null:
                return Problems.NoSuchFormat(Formats.Asked(http.Request), offered);
            case Formats.Csv:
                using (var body = new MemoryStream())
                {
                    await Csv.WriteAsync(body, columns, [JsonDocument.Parse(json)], rows, parameters, http.RequestAborted);
                    if (IsCurrent(http, Hash(body.GetBuffer().AsSpan(0, (int)body.Length))))
                    {
                        return TypedResults.StatusCode(StatusCodes.Status304NotModified);
                    }

                    Csv.SetHeaders(http.Response, name);
                    return Results.Bytes(body.ToArray(), Csv.MediaType);
                }

            default:
                var errors = Csv.CheckUnused(parameters).ToList();
                return errors.Count > 0 ? Problems.Invalid(errors) : Bytes(http, Formats.Json, Hash(json), () => json);
        }
    }

    /// <summary>Bytes under a strong ETag; they are not even made if the client has them.</summary>
    public IResult Bytes(HttpContext http, string mediaType, string hash, Func<byte[]> make) =>
        IsCurrent(http, hash) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(make(), mediaType);

    /// <summary>
    /// Sets the shared headers and says whether the client's copy is current. A compressed representation has other
    /// bytes, so it has a tag of its own (RFC 9110, 8.8.3.3): the coding is appended.
    /// </summary>
    public bool IsCurrent(HttpContext http, string hash)
    {
        var coding = compression.GetCompressionProvider(http)?.EncodingName;
        var tag = new EntityTagHeaderValue(coding is null ? $"\"{hash}\"" : $"\"{hash}-{coding}\"");
        SetHeaders(http, tag);
        return HasCurrent(http.Request.Headers, tag);
    }

    /// <summary>Whether the client says that it has what this tag names (RFC 9110, 13.1.2).</summary>
    public static bool HasCurrent(IHeaderDictionary request, EntityTagHeaderValue tag) => request.IfNoneMatch.Count > 0
        && EntityTagHeaderValue.TryParseList(request.IfNoneMatch, out var known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false));

    /// <summary>A short tag for content: 128 bits of its SHA-256, in base64url.</summary>
    public static string Hash(params IEnumerable<string> parts) => Hash(Encoding.UTF8.GetBytes(string.Join('\n', parts)));

    public static string Hash(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return Base64Url.EncodeToString(hash[..16]);
    }

    /// <summary>What is not for everybody is kept nowhere on its way.</summary>
    public static void SetConfidential(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.Link = $"<{Addresses.License}>; rel=\"license\"";
        headers.XContentTypeOptions = "nosniff";
    }

    private static void SetHeaders(HttpContext http, EntityTagHeaderValue tag)
    {
        var headers = http.Response.Headers;
        headers.ETag = tag.ToString();
        // Asked with a key it is the same answer, but shared caches need not remember who asked.
        headers.CacheControl = http.Request.Headers.Authorization.Count == 0 ? "public, no-cache" : "private, no-cache";
        headers.Vary = "Accept, Accept-Language, Accept-Encoding, Origin";
        headers.Link = $"<{Addresses.License}>; rel=\"license\"";
        headers.XContentTypeOptions = "nosniff";
    }
}
