using System.Reflection;

namespace AnkerOrte.Tests.Setup;

/// <summary>The working copy the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!);

    public static string File(params ReadOnlySpan<string> path) => Path.Combine([Root, .. path]);

    public static JsonElement Shipped(string file) => JsonDocument.Parse(System.IO.File.ReadAllBytes(File("api", "KnowledgeBase", file))).RootElement;
}
