using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace AnkerOrte.Api.Http;

/// <summary>
/// openapi.yaml as the running service uses it: which parameters an operation knows, what they may be, and which
/// media types it offers. Nothing of this is typed a second time in C#.
/// </summary>
internal sealed class Contract
{
    private readonly FrozenDictionary<string, Operation> operations;

    private Contract(byte[] file, string version, FrozenDictionary<string, Operation> operations)
    {
        File = file;
        Version = version;
        this.operations = operations;
    }

    /// <summary>The file, byte for byte.</summary>
    public byte[] File { get; }

    /// <summary>Version of the API, from the contract.</summary>
    public string Version { get; }

    public Operation? Find(string? operationId) => operationId is null ? null : operations.GetValueOrDefault(operationId);

    /// <summary>What the JSON body of an operation must be.</summary>
    public Schema Body(string operationId) => operations[operationId].Bodies[Formats.Json]!;

    public static Contract Load()
    {
        var file = System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "openapi.yaml"));
        var yaml = new YamlStream();
        yaml.Load(new StreamReader(new MemoryStream(file)));
        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        var reader = new Reader(root);
        return new Contract(file, reader.Version, reader.Operations().ToFrozenDictionary(operation => operation.Id));
    }

    private sealed class Reader(YamlMappingNode root)
    {
        private readonly Dictionary<YamlMappingNode, Schema> schemas = new(ReferenceEqualityComparer.Instance);

        public string Version => Text(Map(root, "info"), "version")!;

        public IEnumerable<Operation> Operations() =>
            from path in Map(root, "paths").Children.Values
            from YamlMappingNode operation in ((YamlMappingNode)path).Children.Values
            select new Operation(
                Text(operation, "operationId")!,
                Items(operation, "parameters").Select(Follow).Select(ReadParameter).ToDictionary(parameter => parameter.Name),
                [.. MediaTypes(operation)],
                Bodies(operation))
            {
                IsAudited = Text(operation, "x-audit") == "read",
            };

        private static IEnumerable<string> MediaTypes(YamlMappingNode operation) =>
            Map(operation, "responses").Children.TryGetValue("200", out var answer) && ((YamlMappingNode)answer).Children.TryGetValue("content", out var content)
                ? ((YamlMappingNode)content).Children.Keys.Select(Text)
                : [];

        private Parameter ReadParameter(YamlMappingNode node) => new(
            Text(node, "name")!,
            Text(node, "in")!,
            Text(node, "required") == "true",
            Text(node, "explode") != "false",
            ReadSchema(Follow(node.Children["schema"])));

        /// <summary>Media type → schema of the request body; a type without one (CSV, say) is not checked here.</summary>
        private Dictionary<string, Schema?> Bodies(YamlMappingNode operation) => operation.Children.TryGetValue("requestBody", out var body)
            ? Map(Follow(body), "content").Children.ToDictionary(
                content => Text(content.Key), content => ReadSchema(Follow(Map((YamlMappingNode)content.Value, "schema"))) is { Type: not "string" } schema ? schema : null)
            : [];

        /// <summary>A schema may contain itself, so it is known before its parts are read.</summary>
        private Schema ReadSchema(YamlMappingNode node)
        {
            // A reference that may be null: { nullable: true, allOf: [$ref] }.
            if (Items(node, "allOf").ToList() is [var only])
            {
                return ReadSchema(Follow(only)) with { Nullable = Text(node, "nullable") == "true" };
            }

            if (!schemas.TryGetValue(node, out var schema))
            {
                schemas[node] = schema = ReadLimits(node);
                schema.Items = node.Children.TryGetValue("items", out var items) ? ReadSchema(Follow(items)) : null;
                schema.Properties = node.Children.TryGetValue("properties", out var properties)
                    ? ((YamlMappingNode)properties).Children.ToDictionary(property => Text(property.Key), property => ReadSchema(Follow(property.Value)))
                    : [];
                schema.Others = node.Children.TryGetValue("additionalProperties", out var others) && others is YamlMappingNode map ? ReadSchema(Follow(map)) : null;
            }

            return schema;
        }

        private static Schema ReadLimits(YamlMappingNode node) => new()
        {
            Type = Text(node, "type") ?? (node.Children.Count == 0 || node.Children.Keys.All(key => Text(key) == "description") ? "any" : "string"),
            Nullable = Text(node, "nullable") == "true",
            Required = [.. Items(node, "required").Select(Text)],
            Format = Text(node, "format"),
            Values = [.. Items(node, "enum").Select(Text)],
            Minimum = Number(node, "minimum"),
            Maximum = Number(node, "maximum"),
            MinLength = (int?)Number(node, "minLength"),
            MaxLength = (int?)Number(node, "maxLength"),
            MinItems = (int?)Number(node, "minItems"),
            MaxItems = (int?)Number(node, "maxItems"),
            Pattern = Text(node, "pattern") is { } pattern ? new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : null,
        };

        private YamlMappingNode Follow(YamlNode node)
        {
            var map = (YamlMappingNode)node;
            return Text(map, "$ref") is { } reference
                ? reference.Split('/').Skip(1).Aggregate(root, (at, key) => (YamlMappingNode)at.Children[key])
                : map;
        }

        private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node.Children[key];

        private static IEnumerable<YamlNode> Items(YamlMappingNode node, string key) =>
            node.Children.TryGetValue(key, out var items) ? ((YamlSequenceNode)items).Children : [];

        private static string? Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? Text(value) : null;

        private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

        private static double? Number(YamlMappingNode node, string key) =>
            Text(node, key) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
    }
}

internal sealed record Operation(
    string Id, IReadOnlyDictionary<string, Parameter> Parameters, IReadOnlyList<string> MediaTypes, IReadOnlyDictionary<string, Schema?> Bodies)
{
    /// <summary>Whoever reads this is logged.</summary>
    public bool IsAudited { get; init; }

    /// <summary>A page for people, who arrive with whatever another site has appended to the link.</summary>
    public bool IsPage => MediaTypes is ["text/html"];
}

/// <param name="Explode">Whether several values are written by repeating the parameter; else by commas.</param>
internal sealed record Parameter(string Name, string In, bool Required, bool Explode, Schema Schema);

internal sealed record Schema
{
    /// <summary>A type of JSON, or "any".</summary>
    public required string Type { get; init; }

    public bool Nullable { get; init; }
    public string? Format { get; init; }
    public IReadOnlyList<string> Values { get; init; } = [];
    public double? Minimum { get; init; }
    public double? Maximum { get; init; }
    public int? MinLength { get; init; }
    public int? MaxLength { get; init; }
    public int? MinItems { get; init; }
    public int? MaxItems { get; init; }
    public Regex? Pattern { get; init; }
    public Schema? Items { get; set; }
    public IReadOnlyDictionary<string, Schema> Properties { get; set; } = new Dictionary<string, Schema>();
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>What members without a name of their own are; null: there are none.</summary>
    public Schema? Others { get; set; }
}
