using System.Text.Json;

namespace AnkerOrte.Api.Http;

/// <summary>Sparse items: only the members asked for, in the order of the document.</summary>
internal static class Fields
{
    public static byte[] Pick(ReadOnlyMemory<byte> json, IReadOnlyCollection<string> names)
    {
        using var document = JsonDocument.Parse(json);
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = WireJson.Options.Encoder }))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject().Where(member => names.Contains(member.Name)))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return output.ToArray();
    }
}
