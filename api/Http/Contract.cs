using System.Text.Json;
using System.Text.RegularExpressions;

namespace AnkerOrte.Api.Http;

/// <summary>
/// The contract as the running service uses it: which parameters an operation has, what values they may take, and which
/// media types it offers. Nothing of this is typed a second time in C#. It is read from openapi.json, which the build makes
/// from openapi.yaml.
/// </summary>
internal sealed class Contract
{
    private readonly Dictionary<string, Operation> operations;

    private Contract(byte[] yaml, byte[] json, string version, Dictionary<string, Operation> operations)
    {
        Yaml = yaml;
        Json = json;
        Version = version;
        this.operations = operations;
    }

    /// <summary>openapi.yaml with aliases and merge keys expanded.</summary>
    public byte[] Yaml { get; }

    /// <summary>The same content as JSON.</summary>
    public byte[] Json { get; }

    /// <summary>Version of the API, from the contract.</summary>
    public string Version { get; }

    public Operation? Find(string? operationId) => operationId is null ? null : operations.GetValueOrDefault(operationId);

    /// <summary>The schema of the JSON body of an operation.</summary>
    public Schema Body(string operationId) => operations[operationId].Bodies[Formats.Json]!;

    public static Contract Load()
    {
        var json = ReadFile("openapi.json");
        using var document = JsonDocument.Parse(json);
        var reader = new Reader(document.RootElement);
        return new Contract(ReadFile("openapi.yaml"), json, reader.Version, reader.Operations().ToDictionary(operation => operation.Id));
    }

    private static byte[] ReadFile(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, name));

    private sealed class Reader(JsonElement root)
    {
        /// <summary>Shared schemas by their reference; one may contain itself.</summary>
        private readonly Dictionary<string, Schema> shared = [];

        public string Version => Text(root.GetProperty("info"), "version")!;

        public IEnumerable<Operation> Operations() =>
            from path in root.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select ReadOperation(operation.Value);

        private Operation ReadOperation(JsonElement operation) => new(
            Text(operation, "operationId")!,
            Items(operation, "parameters").Select(Follow).Select(ReadParameter).ToDictionary(parameter => parameter.Name),
            [.. MediaTypes(operation)],
            Bodies(operation))
        {
            IsAudited = Text(operation, "x-audit") == "read",
        };

        private static IEnumerable<string> MediaTypes(JsonElement operation) =>
            operation.GetProperty("responses").TryGetProperty("200", out var answer) ? Members(answer, "content").Select(content => content.Name) : [];

        private Parameter ReadParameter(JsonElement node) => new(
            Text(node, "name")!,
            Text(node, "in")!,
            IsTrue(node, "required"),
            !(node.TryGetProperty("explode", out var explode) && explode.ValueKind == JsonValueKind.False),
            ReadSchema(node.GetProperty("schema")));

        /// <summary>Media type → schema of the request body; a type without one (CSV, say) is not checked here.</summary>
        private Dictionary<string, Schema?> Bodies(JsonElement operation) => operation.TryGetProperty("requestBody", out var body)
            ? Members(Follow(body), "content").ToDictionary(
                content => content.Name, content => ReadSchema(content.Value.GetProperty("schema")) is { Type: not "string" } schema ? schema : null)
            : [];

        private Schema ReadSchema(JsonElement node)
        {
            if (Text(node, "$ref") is { } reference)
            {
                // Known before its parts are read.
                return shared.TryGetValue(reference, out var known) ? known : ReadParts(shared[reference] = ReadLimits(Follow(node)), Follow(node));
            }

            // A reference that may be null: { nullable: true, allOf: [$ref] }.
            return Items(node, "allOf").ToList() is [var only]
                ? ReadSchema(only) with { Nullable = IsTrue(node, "nullable") }
                : ReadParts(ReadLimits(node), node);
        }

        private Schema ReadParts(Schema schema, JsonElement node)
        {
            schema.Items = node.TryGetProperty("items", out var items) ? ReadSchema(items) : null;
            schema.Properties = Members(node, "properties").ToDictionary(property => property.Name, property => ReadSchema(property.Value));
            schema.Others = node.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object ? ReadSchema(others) : null;
            return schema;
        }

        private static Schema ReadLimits(JsonElement node) => new()
        {
            Type = Text(node, "type") ?? (node.EnumerateObject().All(member => member.Name == "description") ? "any" : "string"),
            Nullable = IsTrue(node, "nullable"),
            Required = [.. Items(node, "required").Select(name => name.GetString()!)],
            Format = Text(node, "format"),
            Values = [.. Items(node, "enum").Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText())],
            Minimum = Number(node, "minimum"),
            Maximum = Number(node, "maximum"),
            MinLength = (int?)Number(node, "minLength"),
            MaxLength = (int?)Number(node, "maxLength"),
            MinItems = (int?)Number(node, "minItems"),
            MaxItems = (int?)Number(node, "maxItems"),
            Pattern = Text(node, "pattern"),
        };

        private JsonElement Follow(JsonElement node) => Text(node, "$ref") is { } reference
            ? reference.Split('/').Skip(1).Aggregate(root, (at, key) => at.GetProperty(key))
            : node;

        private static IEnumerable<JsonElement> Items(JsonElement node, string key) => node.TryGetProperty(key, out var items) ? items.EnumerateArray() : [];

        private static IEnumerable<JsonProperty> Members(JsonElement node, string key) => node.TryGetProperty(key, out var members) ? members.EnumerateObject() : [];

        private static string? Text(JsonElement node, string key) => node.TryGetProperty(key, out var value) ? value.GetString() : null;

        private static bool IsTrue(JsonElement node, string key) => node.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;

        private static double? Number(JsonElement node, string key) => node.TryGetProperty(key, out var value) ? value.GetDouble() : null;
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
    public string? Pattern { get; init; }

    /// <summary>The pattern as an expression, made when it is first needed.</summary>
    public Regex? Expression => Pattern is null ? null : expression ??= new Regex(Pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private Regex? expression;

    public Schema? Items { get; set; }
    public IReadOnlyDictionary<string, Schema> Properties { get; set; } = new Dictionary<string, Schema>();
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>What members without a name of their own are; null: there are none.</summary>
    public Schema? Others { get; set; }
}
