using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

// Runs in the build: openapi.yaml → openapi.json. The service reads the JSON, because parsing the YAML took longer than the rest
// of its start, and serves it to tools that know no YAML.
using var yaml = new StreamReader(args[0]);
var parser = new MergingParser(new Parser(yaml));
parser.Consume<StreamStart>();
parser.Consume<DocumentStart>();
var json = new MemoryStream();
using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
{
    Json.Write(parser, writer);
}

parser.Consume<DocumentEnd>();
File.WriteAllBytes(args[1], json.ToArray());

internal static partial class Json
{
    /// <summary>Writes the next YAML node. Plain scalars get their type from YAML's core schema; numbers keep their digits.</summary>
    /// <exception cref="YamlException">A key occurs twice in a mapping, or an alias is used outside a merge key.</exception>
    public static void Write(IParser parser, Utf8JsonWriter writer)
    {
        if (parser.TryConsume<MappingStart>(out var mapping))
        {
            var names = new HashSet<string>();
            writer.WriteStartObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var name = parser.Consume<Scalar>();
                writer.WritePropertyName(names.Add(name.Value) ? name.Value : throw new YamlException(name.Start, name.End, $"\"{name.Value}\" occurs twice."));
                Write(parser, writer);
            }

            writer.WriteEndObject();
        }
        else if (parser.TryConsume<SequenceStart>(out _))
        {
            writer.WriteStartArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                Write(parser, writer);
            }

            writer.WriteEndArray();
        }
        else
        {
            WriteScalar(parser.Consume<Scalar>(), writer);
        }
    }

    private static void WriteScalar(Scalar scalar, Utf8JsonWriter writer)
    {
        var isPlain = scalar.Style == ScalarStyle.Plain;
        switch (scalar.Value)
        {
            case "" or "~" or "null" when isPlain:
                writer.WriteNullValue();
                break;
            case "true" or "false" when isPlain:
                writer.WriteBooleanValue(scalar.Value == "true");
                break;
            case var number when isPlain && Number().IsMatch(number):
                writer.WriteRawValue(number);
                break;
            default:
                writer.WriteStringValue(scalar.Value);
                break;
        }
    }

    [GeneratedRegex(@"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\z")]
    private static partial Regex Number();
}
