using System.Text.Json;
using System.Text.Unicode;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>One response of a file or stream, in whatever form it came.</summary>
/// <param name="Number">Counts data rows from 1; 0 if the body as a whole is wrong, and nothing follows.</param>
/// <param name="Json">The response object in UTF-8, valid until the next row is read; empty if it could not be read.</param>
/// <param name="Id">What the row calls itself, where that is known without reading the object.</param>
/// <param name="Errors">What is wrong with the row as such.</param>
internal readonly record struct ResponseRow(int Number, ReadOnlyMemory<byte> Json, string? Id = null, IReadOnlyList<ProblemError>? Errors = null)
{
    /// <summary>What a single post may have as well.</summary>
    public const int MostBytes = 1024 * 1024;

    public static ResponseRow Refused(int number, string code, Text detail) => new(number, default, null, [new("", null, code, detail)]);

    public static ResponseRow TooLong(int number) =>
        Refused(number, "too-long", new("Eine Antwort darf höchstens 1 MB haben.", "One response may have 1 MB at most."));

    public static ResponseRow Half(int number) =>
        Refused(number, "cut-off", new("Der Inhalt endet mitten in dieser Antwort.", "The body ends in the middle of this response."));
}

/// <summary>What is said about a response beside its answers.</summary>
internal readonly record struct ResponseEnvelope(string? Id, int? Version, bool Submit, Range? Answers)
{
    private const int LongestId = 200;

    /// <summary>Reads { "id", "version", "submit", "answers" } and finds the answers without reading them.</summary>
    /// <param name="needsId">In a bulk every row carries its id; a single response has it in the address.</param>
    public static ResponseEnvelope Read(ReadOnlySpan<byte> json, bool needsId, List<ProblemError> errors)
    {
        var envelope = default(ResponseEnvelope);
        if (!Utf8.IsValid(json))
        {
            errors.Add(new("", null, "encoding", new("Nicht in UTF-8.", "Not in UTF-8.")));
            return envelope;
        }

        var reader = new Utf8JsonReader(json);
        try
        {
            envelope = Read(ref reader, errors);
        }
        catch (JsonException problem)
        {
            errors.Add(JsonErrors.NotJson("", problem, reader.CurrentDepth));
            return envelope;
        }

        Need(needsId && envelope.Id is null, "id");
        Need(envelope.Version is null, "version");
        Need(envelope.Answers is null, "answers");
        return envelope;

        void Need(bool missing, string member)
        {
            if (missing && !errors.Exists(error => error.Pointer is "" || error.Pointer == "/" + member))
            {
                errors.Add(new("/" + member, null, "missing", new("Fehlt.", "Missing.")));
            }
        }
    }

    private static ResponseEnvelope Read(ref Utf8JsonReader reader, List<ProblemError> errors)
    {
        var envelope = default(ResponseEnvelope);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            errors.Add(new("", null, "type", new(
                "Erwartet wird ein Objekt { \"version\", \"submit\", \"answers\" }.", "Expected is an object { \"version\", \"submit\", \"answers\" }.")));
            reader.Skip();
            return envelope;
        }

        Members seen = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = reader.ValueTextEquals("id"u8) ? Members.Id : reader.ValueTextEquals("version"u8) ? Members.Version
                : reader.ValueTextEquals("submit"u8) ? Members.Submit : reader.ValueTextEquals("answers"u8) ? Members.Answers : Members.Unknown;
            if (member == Members.Unknown)
            {
                AddUnknown(ShortQuote.Short(reader.ValueSpan), errors);
            }
            else if (seen.HasFlag(member))
            {
                errors.Add(new("/" + member.Wire(), null, "duplicate-member", new("Der Name kommt mehrmals vor.", "The name occurs more than once.")));
            }

            seen |= member;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            switch (member)
            {
                case Members.Id when reader.TokenType == JsonTokenType.String && TryReadId(ref reader, out var id):
                    envelope = envelope with { Id = id };
                    break;
                case Members.Version when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var version) && version > 0:
                    envelope = envelope with { Version = version };
                    break;
                case Members.Submit when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                    envelope = envelope with { Submit = reader.GetBoolean() };
                    break;
                case Members.Answers when reader.TokenType == JsonTokenType.StartObject:
                    reader.Skip();
                    envelope = envelope with { Answers = start..(int)reader.BytesConsumed };
                    break;
                case Members.Unknown:
                    reader.Skip();
                    break;
                default:
                    AddType(member, errors);
                    reader.Skip();
                    break;
            }
        }

        // Whatever follows the object is an error of the JSON.
        reader.Read();
        return envelope;
    }

    private static bool TryReadId(ref Utf8JsonReader reader, out string id)
    {
        try
        {
            id = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            id = "";
        }

        return id.Length is > 0 and <= LongestId && !id.Any(char.IsControl);
    }

    private static void AddUnknown(string name, List<ProblemError> errors)
    {
        string[] known = ["id", "version", "submit", "answers"];
        var nearest = NearestName.To(name, known);
        errors.Add(new("/" + Pointer.Escape(name), null, "unknown-member", new(
            $"Unbekannt. Bekannt: {string.Join(", ", known)}.", $"Unknown. Known: {string.Join(", ", known)}."), nearest));
    }

    private static void AddType(Members member, List<ProblemError> errors)
    {
        var wanted = member switch
        {
            Members.Id => new($"Text mit 1 bis {LongestId} Zeichen", $"text of 1 to {LongestId} characters"),
            Members.Version => new("die Nummer der Version", "the number of the version"),
            Members.Submit => new("true oder false", "true or false"),
            _ => new Text("ein Objekt { \"Frage\": Wert }", "an object { \"item\": value }"),
        };
        errors.Add(new("/" + member.Wire(), null, "type", new($"Erwartet wird {wanted.De}.", $"Expected is {wanted.En}.")));
    }

    [Flags]
    private enum Members
    {
        Unknown = 0,
        Id = 1,
        Version = 2,
        Submit = 4,
        Answers = 8,
    }
}
