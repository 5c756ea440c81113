using System.Buffers;
using System.Text.Json;

namespace AnkerOrte.Api.Http;

/// <summary>GeoJSON after RFC 7946. Items without a location are kept, with `geometry: null`.</summary>
internal static class GeoJson
{
    private const int FlushAt = 64 * 1024;

    public static void SetHeaders(HttpResponse response, string name)
    {
        response.ContentType = Formats.GeoJson;
        response.Headers.ContentDisposition = $"inline; filename=\"{name}.geojson\"";
    }

    public static async Task WriteAsync(Stream body, IReadOnlyList<Column> columns, IEnumerable<JsonDocument> items, CancellationToken cancel)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt * 2);
        await using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = WireJson.Options.Encoder });
        writer.WriteStartObject();
        writer.WriteString("type", "FeatureCollection");
        writer.WriteString("license", Addresses.License);
        writer.WriteString("attribution", Addresses.Attribution);
        writer.WriteStartArray("features");
        foreach (var item in items)
        {
            using (item)
            {
                WriteFeature(writer, columns, item.RootElement);
            }

            if (writer.BytesPending + buffer.WrittenCount > FlushAt)
            {
                await FlushAsync();
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await FlushAsync();

        async Task FlushAsync()
        {
            // Into memory, so this does no I/O.
            writer.Flush();
            await body.WriteAsync(buffer.WrittenMemory, cancel);
            buffer.ResetWrittenCount();
        }
    }

    private static void WriteFeature(Utf8JsonWriter writer, IReadOnlyList<Column> columns, JsonElement item)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Feature");
        writer.WriteString("id", (item.TryGetProperty("id", out var id) ? id : item.GetProperty("ags")).GetString());
        if (item.TryGetProperty("location", out var location))
        {
            writer.WriteStartObject("geometry");
            writer.WriteString("type", "Point");
            writer.WriteStartArray("coordinates");
            location.GetProperty("longitude").WriteTo(writer);
            location.GetProperty("latitude").WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("geometry");
        }

        writer.WriteStartObject("properties");
        foreach (var column in columns)
        {
            writer.WritePropertyName(column.Name);
            switch (column.Value(item))
            {
                case List<string> list:
                    writer.WriteStartArray();
                    list.ForEach(writer.WriteStringValue);
                    writer.WriteEndArray();
                    break;
                case JsonElement element:
                    element.WriteTo(writer);
                    break;
                case var text:
                    writer.WriteStringValue((string?)text);
                    break;
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
