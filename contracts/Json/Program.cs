using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

// Runs in the build: openapi.yaml → openapi.json. The service reads the JSON, because parsing the YAML took longer than the rest
// of its start, and serves it to tools that know no YAML.
using var yaml = new StreamReader(args[0]);
var contract = new YamlStream();
contract.Load(yaml);
var json = new MemoryStream();
using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
{
    Json.Write(contract.Documents.Single().RootNode, writer);
}

File.WriteAllBytes(args[1], json.ToArray());

internal static partial class Json
{
    /// <summary>
    /// Writes a YAML node, aliases and merge keys expanded. Plain scalars get their type from YAML's core schema; numbers keep their digits.
    /// </summary>
    public static void Write(YamlNode node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                writer.WriteStartObject();
                foreach (var (name, value) in Members(mapping))
                {
                    writer.WritePropertyName(name);
                    Write(value, writer);
                }

                writer.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                writer.WriteStartArray();
                foreach (var item in sequence)
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            default:
                WriteScalar((YamlScalarNode)node, writer);
                break;
        }
    }

    /// <summary>The members of a mapping. A member that it names itself wins over a merged one and keeps the merged one's place.</summary>
    private static OrderedDictionary<string, YamlNode> Members(YamlMappingNode mapping)
    {
        var members = new OrderedDictionary<string, YamlNode>();
        foreach (var (key, value) in mapping.Where(IsMerge))
        {
            foreach (var (name, merged) in (value is YamlSequenceNode several ? several : [value]).SelectMany(one => Members((YamlMappingNode)one)))
            {
                members.TryAdd(name, merged);
            }
        }

        foreach (var (key, value) in mapping.Where(member => !IsMerge(member)))
        {
            members[((YamlScalarNode)key).Value!] = value;
        }

        return members;
    }

    private static bool IsMerge(KeyValuePair<YamlNode, YamlNode> member) => member.Key is YamlScalarNode { Value: "<<", Style: ScalarStyle.Plain };

    private static void WriteScalar(YamlScalarNode scalar, Utf8JsonWriter writer)
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
            case { } number when isPlain && Number().IsMatch(number):
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
