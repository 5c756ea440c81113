using System.Buffers;
using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>A row of the table of responses, and the JSON it is answered as.</summary>
internal sealed record ResponseRecord
{
    public const string Columns =
        "r.id, r.survey, r.version, r.state, cast(r.answers as blob) as answers, r.issues, r.owner, r.reason, r.created_at, r.submitted_at, r.reviewed_at, r.updated_at";

    public required string Id { get; init; }
    public required string Survey { get; init; }
    public required long Version { get; init; }
    public required string State { get; init; }
    public required byte[] Answers { get; init; }

    /// <summary>JSON list of remarks for the reviewer; empty list: flagged without saying why; null: no issues.</summary>
    public string? Issues { get; init; }

    public required string Owner { get; init; }
    public string? Reason { get; init; }
    public required string CreatedAt { get; init; }
    public string? SubmittedAt { get; init; }
    public string? ReviewedAt { get; init; }
    public required string UpdatedAt { get; init; }
    public string? Place { get; init; }

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static ResponseRecord Read(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Survey = row.GetString(1),
        Version = row.GetInt64(2),
        State = row.GetString(3),
        Answers = row.GetFieldValue<byte[]>(4),
        Issues = row.Text(5),
        Owner = row.GetString(6),
        Reason = row.Text(7),
        CreatedAt = row.GetString(8),
        SubmittedAt = row.Text(9),
        ReviewedAt = row.Text(10),
        UpdatedAt = row.GetString(11),
    };

    public string Path => $"/v1/surveys/{Survey}/responses/{Id}";

    /// <summary>How what was made from it names it.</summary>
    public string Evidence => $"{Survey}/{Id}";

    /// <summary>Whether a sender has said the same: version, answers and that it is complete.</summary>
    public bool Says(int version, bool submit, ReadOnlySpan<byte> answers) => Version == version && submit == (State != "draft") && answers.SequenceEqual(Answers);

    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>(Answers.Length + 400);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = WireJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("id", Id);
            json.WriteString("survey", Survey);
            json.WriteNumber("version", Version);
            json.WriteString("state", State);
            json.WriteBoolean("hasIssues", Issues is not null);
            if (Issues is { Length: > 2 })
            {
                json.WritePropertyName("issues");
                json.WriteRawValue(Issues, skipInputValidation: true);
            }

            json.WritePropertyName("answers");
            json.WriteRawValue(Answers, skipInputValidation: true);
            WriteOptional(json, "reason", Reason);
            json.WriteString("createdAt", CreatedAt);
            WriteOptional(json, "submittedAt", SubmittedAt);
            WriteOptional(json, "reviewedAt", ReviewedAt);
            json.WriteString("updatedAt", UpdatedAt);
            json.WriteString("self", Addresses.Of(Path).OriginalString);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
