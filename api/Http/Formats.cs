using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Http;

/// <summary>Which of the offered formats a request wants: `format` wins, else Accept by its weights, else JSON.</summary>
internal static class Formats
{
    public const string Json = "application/json";
    public const string Csv = "text/csv";
    public const string GeoJson = "application/geo+json";
    public const string Lines = "application/x-ndjson";
    public const string JsonLd = "application/ld+json";
    public const string Markdown = "text/markdown";

    /// <summary>The media type to answer with; null if nothing that is asked for is offered.</summary>
    public static string? Choose(HttpRequest request, IReadOnlyList<string> offered)
    {
        if (request.Query.TryGetValue("format", out var format))
        {
            var wanted = format.ToString() switch { "json" => Json, "csv" => Csv, "geojson" => GeoJson, "ndjson" => Lines, "md" or "markdown" => Markdown, "jsonld" => JsonLd, _ => null };
            return offered.FirstOrDefault(type => type == wanted);
        }

        var accept = request.Headers.Accept;
        if (accept.Count == 0 || accept == "*/*")
        {
            return offered[0];
        }

        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
        {
            return null;
        }

        // The order of `offered` breaks ties, so a browser's "text/html, */*" gets JSON.
        return offered
            .Select(type => (type, Quality: Quality(type, ranges)))
            .Where(choice => choice.Quality > 0)
            .OrderByDescending(choice => choice.Quality)
            .Select(choice => choice.type)
            .FirstOrDefault();
    }

    /// <summary>A parameter that another format would need.</summary>
    public static ProblemError Belongs(string parameter, string format) =>
        new("/query/" + parameter, parameter, "other-format", new(
            $"Dieser Parameter gilt nur mit format={format}.",
            $"This parameter applies to format={format} only."));

    /// <summary>What was asked for, to say so in a problem.</summary>
    public static string Asked(HttpRequest request) =>
        request.Query.TryGetValue("format", out var format) ? "format=" + format : "Accept: " + request.Headers.Accept;

    /// <summary>The weight of the most specific range that matches (RFC 9110, 12.5.1).</summary>
    private static double Quality(string type, IList<MediaTypeHeaderValue> ranges) => ranges
        .Where(range => Covers(range, type))
        .OrderByDescending(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2)
        .Select(range => range.Quality ?? 1)
        .FirstOrDefault();

    private static bool Covers(MediaTypeHeaderValue range, string type) =>
        range.MatchesAllTypes
        || (range.MatchesAllSubTypes ? type.StartsWith(range.Type.ToString() + "/", StringComparison.OrdinalIgnoreCase) : range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase));
}
