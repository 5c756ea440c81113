using System.Text.RegularExpressions;
using NSwag;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace AnkerOrte.Tests.Setup;

/// <summary>openapi.yaml, read by tools that the service does not use.</summary>
internal static class ContractDocument
{
    public static string Json { get; } = ReadJson();

    public static JsonElement Root { get; } = JsonDocument.Parse(Json).RootElement;

    public static OpenApiDocument Document { get; } = OpenApiDocument.FromJsonAsync(Json).GetAwaiter().GetResult();

    private static readonly List<(Regex Path, OpenApiPathItem Item)> Paths =
        [.. Document.Paths.OrderBy(path => path.Key.Count(c => c == '{')).Select(path => (new Regex("^" + Regex.Replace(path.Key, "{[^}]+}", "[^/]+") + "$"), path.Value))];

    public static OpenApiPathItem? Find(string path) => Paths.FirstOrDefault(candidate => candidate.Path.IsMatch(path)).Item;

    /// <summary>Operations as (method, path, operation).</summary>
    public static IEnumerable<(string Method, string Path, OpenApiOperation Operation)> Operations =>
        Document.Paths.SelectMany(path => path.Value.Select(method => (method.Key, path.Key, method.Value)));

    public static string? HeaderPattern(string name) => Root.GetProperty("components").GetProperty("headers").EnumerateObject()
        .Where(header => header.Name == name.Replace("-", "", StringComparison.Ordinal))
        .Select(header => header.Value.GetProperty("schema").TryGetProperty("pattern", out var pattern) ? pattern.GetString() : null)
        .SingleOrDefault();

    private static string ReadJson() => ToJson(new MergingParser(new Parser(new StringReader(File.ReadAllText(Repository.File("openapi.yaml"))))));

    public static string ToJson(IParser yaml) => new SerializerBuilder().JsonCompatible().Build().Serialize(
        new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(yaml));
}
