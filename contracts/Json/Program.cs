using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

// Runs in the build and writes openapi.yaml twice, with aliases and merge keys expanded: as JSON, and as YAML. The service reads the
// JSON at its start, because parsing YAML took longer than the rest of it, and serves both. Many YAML readers cannot expand merge keys.
using var yaml = new StreamReader(args[0]);
var contract = new YamlStream();
contract.Load(yaml);
var json = new MemoryStream();
using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
{
    Contract.Write(contract.Documents.Single().RootNode, writer);
}

File.WriteAllBytes(args[1], json.ToArray());
using (var expanded = new StreamWriter(args[2]))
{
    var emitter = new Emitter(expanded, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
    Contract.WriteYaml(contract.Documents.Single().RootNode, emitter);
}

internal static partial class Contract
{
    /// <summary>Writes a YAML document, aliases and merge keys expanded. Styles are kept, comments are not.</summary>
    public static void WriteYaml(YamlNode root, Emitter emitter)
    {
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Write(root, emitter);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void Write(YamlNode node, Emitter emitter)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, mapping.Style));
                foreach (var (name, value) in Members(mapping))
                {
                    Write(new YamlScalarNode(name), emitter);
                    Write(value, emitter);
                }

                emitter.Emit(new MappingEnd());
                break;
            case YamlSequenceNode sequence:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, sequence.Style));
                foreach (var item in sequence)
                {
                    Write(item, emitter);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case YamlScalarNode scalar:
                emitter.Emit(new Scalar(
                    AnchorName.Empty, TagName.Empty, scalar.Value ?? "", scalar.Style, isPlainImplicit: true, isQuotedImplicit: true));
                break;
        }
    }

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
