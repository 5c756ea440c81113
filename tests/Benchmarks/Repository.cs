using System.Reflection;

namespace AnkerOrte.Benchmarks;

internal static class Repository
{
    /// <summary>Debug code would be measured, and a service of another build than this program.</summary>
    public static bool IsRelease => Metadata("Configuration") == "Release";

    public static string Path(params IEnumerable<string> parts) => System.IO.Path.GetFullPath(System.IO.Path.Combine([Metadata("RepositoryRoot"), .. parts]));

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == key).Value!;
}
