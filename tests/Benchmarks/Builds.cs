using System.Diagnostics;

namespace AnkerOrte.Benchmarks;

/// <summary>The service in the two ways in which it is started.</summary>
internal static class Builds
{
    /// <summary>As the Dockerfile does it: compiled ahead, with the prepared database.</summary>
    public static string Publish()
    {
        var folder = Repository.Path("tests", "Benchmarks", "data", "published");
        Run("publish", Repository.Path("api", "AnkerOrte.Api.csproj"), "--configuration", "Release", "--output", folder);
        return Path.Combine(folder, "AnkerOrte.Api.dll");
    }

    /// <summary>As `dotnet run` does it before it starts the program.</summary>
    public static string BuildForRun()
    {
        Run("build", Repository.Path("api", "AnkerOrte.Api.csproj"));
        return Repository.Path("api", "bin", "Debug", "net10.0", "AnkerOrte.Api.dll");
    }

    private static void Run(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", args) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new StopException($"dotnet {string.Join(' ', args)} failed:\n{output}");
        }
    }
}
