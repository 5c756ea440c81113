using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AnkerOrte.Api.Database;

namespace AnkerOrte.Api.Http;

/// <summary>How JSON looks: camelCase, absent instead of null unless the contract requires the member, umlauts readable.</summary>
internal static class WireJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        // Answers are JSON documents, never pasted into HTML, so only what JSON demands is escaped.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new InstantConverter(), new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WriteRequiredNulls } },
    };

    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>As a column keeps it.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options)!;

    /// <summary>A member that the contract requires is written even when it is null: `page.next` on the last page.</summary>
    private static void WriteRequiredNulls(JsonTypeInfo type)
    {
        foreach (var member in type.Properties.Where(member => member.IsRequired))
        {
            member.ShouldSerialize = (_, _) => true;
        }
    }

    /// <summary>One spelling of an instant, here and in the database: UTC with milliseconds.</summary>
    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Instant.Write(value));
    }
}
