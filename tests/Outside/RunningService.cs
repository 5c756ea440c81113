using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AnkerOrte.Tests.Outside;

/// <summary>The built service as a process of its own, on a real port, with a database of its own.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit calls DisposeAsync of IAsyncLifetime.")]
public sealed partial class RunningService : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ankerorte-outside-");
    private readonly List<string> log = [];
    private readonly TaskCompletionSource<string> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process process = new();

    public RunningService() => DatabaseFile = Path.Combine(folder.FullName, "service.db");

    /// <summary>With a database that is there already, or that others use as well.</summary>
    internal RunningService(string databaseFile) => DatabaseFile = databaseFile;

    /// <summary>Without a slash at the end.</summary>
    public string Url { get; private set; } = "";

    public HttpClient Client { get; } = new();

    public Process Process => process;

    public string DatabaseFile { get; }

    public async Task InitializeAsync()
    {
        process.StartInfo = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "AnkerOrte.Api.dll"), "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process.StartInfo.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        process.StartInfo.Environment["ConnectionStrings__AnkerOrte"] = $"Data Source={DatabaseFile}";
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("The service ended while starting:\n" + Log()));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        Url = await listening.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Client.BaseAddress = new Uri(Url);
        var ready = await Client.GetAsync("/health/ready");
        Assert.True(ready.IsSuccessStatusCode, $"/health/ready: {(int)ready.StatusCode}\n{Log()}");
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
        folder.Delete(recursive: true);
    }

    public async Task<string> DownloadAsync(string address, string name)
    {
        var file = Path.Combine(folder.FullName, name);
        await File.WriteAllBytesAsync(file, await Client.GetByteArrayAsync(address));
        return file;
    }

    /// <summary>A key with every role, from the command line, as whoever runs the service makes the first one.</summary>
    public async Task<string> CreateKeyAsync()
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "AnkerOrte.Api.dll"), "keys", "create", "--label", "test", .. Api.Access.Roles.All.SelectMany(role => new[] { "--role", role })])
        { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__AnkerOrte"] = $"Data Source={DatabaseFile}";
        using var command = Process.Start(start)!;
        var output = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        Assert.Equal(0, command.ExitCode);
        return output.TrimEnd().Split('\n')[^1].Trim();
    }

    public string Log()
    {
        lock (log)
        {
            return string.Join('\n', log);
        }
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (log)
        {
            log.Add(line);
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            listening.TrySetResult(match.Groups["url"].Value);
        }
    }

    [GeneratedRegex(@"Now listening on: (?<url>http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}

/// <summary>Tests that share one running service, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OneRunningService : ICollectionFixture<RunningService>
{
    public const string Name = "one running service";
}
