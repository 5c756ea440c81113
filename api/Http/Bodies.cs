using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Http;

/// <summary>The body of a write: its bytes and its JSON, or why it is neither.</summary>
internal sealed record Body(ReadOnlyMemory<byte> Bytes, JsonDocument? Document, IResult? Problem);

/// <summary>Reads JSON bodies and holds them against the contract: encoding, syntax, then everything the schema says.</summary>
internal static class Bodies
{
    private const int DeepestNesting = 32;
    private const int Large = 1_000_000;
    private const int LargestRented = 16_000_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = DeepestNesting, AllowDuplicateProperties = false };

    public static async Task<Body> ReadAsync(HttpRequest request, Operation operation)
    {
        if (CheckType(request, operation.Bodies.Keys) is { } refused)
        {
            return new(default, null, refused);
        }

        var bytes = await ReadBytesAsync(request);
        var (document, problem) = Parse(bytes);
        if (document is null)
        {
            return new(bytes, null, Problems.Invalid([problem!]));
        }

        var mediaType = MediaTypeHeaderValue.Parse(request.ContentType!).MediaType.ToString();
        var errors = operation.Bodies[mediaType.ToLowerInvariant()] is { } schema ? Check(schema, document.RootElement) : [];
        return new(bytes, document, errors.Count > 0 ? Problems.Invalid(errors) : null);
    }

    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request)
    {
        var cancel = request.HttpContext.RequestAborted;
        if (request.ContentLength is > Large and <= LargestRented)
        {
            // Else a few bodies wear out the heap of large objects. Nothing refers to a body after its answer.
            var rented = ArrayPool<byte>.Shared.Rent((int)request.ContentLength + 1);
            request.HttpContext.Response.OnCompleted(() =>
            {
                ArrayPool<byte>.Shared.Return(rented);
                return Task.CompletedTask;
            });
            var length = 0;
            for (var read = 1; read > 0; length += read)
            {
                read = await request.Body.ReadAsync(rented.AsMemory(length), cancel);
            }

            return WithoutMark(rented.AsMemory(0, length));
        }

        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancel);
        return WithoutMark(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    /// <summary>Everything in a value that does not fit the contract.</summary>
    public static IReadOnlyList<ProblemError> Check(Schema schema, JsonElement value) => BodyCheck.Check(schema, value).ToList();

    /// <summary>A problem unless the type of the body is one that is read here, in UTF-8.</summary>
    public static IResult? CheckType(HttpRequest request, IEnumerable<string> known)
    {
        var isKnown = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && known.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));
        var list = string.Join(", ", known);
        return isKnown ? null : new Problem(Problems.UnsupportedMediaType, new(
            $"Gesendet: {request.ContentType ?? "nichts"}. Gültig: {list}, in UTF-8.",
            $"Sent: {request.ContentType ?? "none"}. Accepted: {list}, in UTF-8."));
    }

    /// <summary>JSON as it must be: UTF-8, every name once, not nested without end.</summary>
    public static (JsonDocument? Document, ProblemError? Problem) Parse(ReadOnlyMemory<byte> bytes)
    {
        Database.Database.CheckNotWriting();
        if (!System.Text.Unicode.Utf8.IsValid(bytes.Span))
        {
            return (null, ProblemError.At("", "encoding", new("Der Inhalt ist kein gültiges UTF-8.", "The body is not valid UTF-8.")));
        }

        if (HasHalfCharacter(bytes.Span))
        {
            return (null, ProblemError.At("", "encoding", new(
                "Ein \\u-Zeichen ist nur ein halbes Surrogatpaar.",
                "A \\u escape is only half of a surrogate pair.")));
        }

        try
        {
            return (JsonDocument.Parse(bytes, Strict), null);
        }
        catch (JsonException e)
        {
            var line = e.LineNumber + 1;
            return (null, e.Message.Contains("uplicate", StringComparison.Ordinal)
                ? ProblemError.At("", "duplicate-member", new(
                    "Ein Objekt enthält einen Namen zweimal: " + e.Message,
                    "An object contains a name twice: " + e.Message))
                : ProblemError.At("", "not-json", line is null
                    ? new(
                        "Der Inhalt ist kein gültiges JSON oder ist zu tief geschachtelt.",
                        "The body is not valid JSON or is nested too deeply.")
                    : new(
                        $"Der Inhalt ist kein gültiges JSON oder ist zu tief geschachtelt (höchstens {DeepestNesting}): " +
                        $"Zeile {line}, Byte {e.BytePositionInLine + 1}.",
                        $"The body is not valid JSON or is nested too deeply (at most {DeepestNesting}): " +
                        $"line {line}, byte {e.BytePositionInLine + 1}.")));
        }
    }

    /// <summary>Half of a surrogate pair, written as an escape, is valid JSON but no text; everything that reads it would fail.</summary>
    private static bool HasHalfCharacter(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DeepestNesting });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            return true;
        }
        catch (JsonException)
        {
            // That it is no JSON is said elsewhere.
        }

        return false;
    }

    /// <summary>Without a byte order mark, which Windows likes to write.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) => bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes;
}
