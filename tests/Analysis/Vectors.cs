namespace AnkerOrte.Tests.Analysis;

/// <summary>Published and recomputed numbers that the methods must reach.</summary>
internal static class Vectors
{
    public static JsonElement One { get; } = Read("methods-1.json");

    public static JsonElement Two { get; } = Read("methods-2.json");

    private static JsonElement Read(string file) => JsonDocument.Parse(File.ReadAllBytes(Repository.File("tests", "Analysis", "vectors", file))).RootElement;
}
