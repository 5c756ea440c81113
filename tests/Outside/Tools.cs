using System.Diagnostics;

namespace AnkerOrte.Tests.Outside;

/// <summary>
/// A check by a tool of others. Without the tool it is skipped, so that `dotnet test` needs nothing but the SDK; where
/// CI=true nothing is skipped, and a missing tool fails.
/// </summary>
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools) => Skip = Tools.ReasonToSkip(tools);
}

internal sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] tools) => Skip = Tools.ReasonToSkip(tools);
}

internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public ToolResult ShouldSucceed()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Errors}");
        return this;
    }
}

internal static class Tools
{
    /// <summary>Programs by the name the tests use, and what they are called on PATH.</summary>
    private static readonly Dictionary<string, string[]> Programs = new()
    {
        ["node"] = ["node"],
        ["chromium"] = ["chromium", "chromium-browser", "google-chrome"],
        ["ogrinfo"] = ["ogrinfo"],
        ["Rscript"] = ["Rscript"],
        ["cbc"] = ["cbc"],
        ["sh"] = ["sh"],
        ["bash"] = ["bash"],
        ["curl"] = ["curl"],
        ["python3"] = ["python3"],
    };

    public static string Folder { get; } = Repository.File("tests", "Outside");

    public static string? ReasonToSkip(IEnumerable<string> tools) =>
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase) ? null : tools.Select(Missing).FirstOrDefault(reason => reason is not null);

    public static string Find(string tool) => Locate(tool) ?? throw new InvalidOperationException(Missing(tool));

    public static Task<ToolResult> NodeAsync(string script, params string[] arguments) => RunAsync("node", [script, .. arguments]);

    public static Task<ToolResult> RunAsync(string tool, params string[] arguments) => RunAsync(TimeSpan.FromMinutes(3), tool, arguments);

    /// <param name="limit">How long it may take on a busy machine.</param>
    /// <param name="tool">By the name the tests use.</param>
    /// <param name="arguments">As they are.</param>
    public static async Task<ToolResult> RunAsync(TimeSpan limit, string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(tool), arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Tools speak to nobody but the service under test.
        start.Environment["REDOCLY_TELEMETRY"] = "off";
        start.Environment["NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{tool} {string.Join(' ', arguments)} did not end within {limit.TotalMinutes:0} minutes.");
        }

        return new ToolResult(process.ExitCode, await output, await errors);
    }

    private static string? Missing(string tool) =>
        Locate(tool) is null ? $"{tool} is not installed"
        : tool == "Rscript" && MissingPackages.Value is { Length: > 0 } packages ? $"the R packages {packages} are not installed (Debian: r-cran-cluster, r-cran-jsonlite)"
        : tool == "node" && !Directory.Exists(Path.Combine(Folder, "node_modules")) ? "node_modules missing: run npm ci in tests/Outside"
        : null;

    /// <summary>Of those that reference.R loads; also the whole list if R cannot say.</summary>
    private static readonly Lazy<string> MissingPackages = new(() =>
    {
        const string needed = "cluster jsonlite";
        var start = new ProcessStartInfo(Find("Rscript"), ["-e", $"cat(setdiff(strsplit('{needed}', ' ')[[1]], rownames(installed.packages())))"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var missing = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? missing.Trim() : needed;
    });

    private static string? Locate(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Programs[tool].Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)))
        .FirstOrDefault(File.Exists);
}
