using System.Diagnostics;
using System.Globalization;

namespace AnkerOrte.Benchmarks;

/// <summary>What differs from one request to the next, so that no answer can be a kept one.</summary>
internal enum Vary
{
    /// <summary>Nothing: the same request again and again.</summary>
    None,

    /// <summary>The host name. Answers carry absolute addresses, so each host has answers of its own; the total of the filter stays known.</summary>
    Host,

    /// <summary>`updatedSince`, always in the past: the same sites match, but the filter is new and must be counted anew.</summary>
    Since,
}

/// <summary>One kind of request, as it is sent.</summary>
internal sealed record Ask(string Path, Vary Vary = Vary.None)
{
    public (string Name, string Value)? Header { get; init; }
}

/// <param name="Requests">Answered in the time.</param>
/// <param name="RequestsPerSecond">Of those.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
internal sealed record LoadResult(double Requests, double RequestsPerSecond, double P50, double P99)
{
    /// <summary>Milliseconds of processor time that the server spent on one request.</summary>
    public double Processor { get; init; }
}

/// <summary>Loads one server from another process, 16 connections, one thread.</summary>
internal sealed class Load(bool ownClient, int seconds)
{
    private const int Connections = 16;

    private static readonly string Script = WriteScript();

    private int runs;

    public static bool HasWrk { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "wrk")));

    public LoadResult Run(string address, Ask ask)
    {
        // No number is used twice in a benchmark: an answer under it might still be kept.
        var first = (++runs * 500_000).ToString(CultureInfo.InvariantCulture);
        var vary = ask.Vary.ToString().ToLowerInvariant();
        var duration = seconds.ToString(CultureInfo.InvariantCulture);
        var header = ask.Header is { } given ? $"{given.Name}: {given.Value}" : "Accept: */*";
        var output = ownClient || !HasWrk
            ? Output("dotnet", [typeof(Load).Assembly.Location, "--client", address + ask.Path, header, vary, first, duration])
            : Output("wrk", ["-t1", $"-c{Connections}", $"-d{duration}s", "--timeout", "60s", "-H", header, "-s", Script, address + ask.Path, "--", first, vary]);
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith("result ", StringComparison.Ordinal))
            ?? throw new StopException($"The client failed for {ask.Path}:\n{output}");
        var numbers = line.Split(' ').Skip(1).Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return numbers[4] > 0
            ? throw new StopException($"{numbers[4]} of {numbers[0]} requests failed: {ask.Path}")
            : new LoadResult(numbers[0], numbers[0] / numbers[1] * 1e6, numbers[2] / 1000, numbers[3] / 1000);
    }

    /// <summary>The client where there is no wrk: slower, so its ratios are kinder. Prints what load.lua prints.</summary>
    public static async Task RunClientAsync(string address, string header, string vary, int number, int seconds)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections });
        var parts = header.Split(": ", 2);
        var latencies = new List<double>[Connections];
        var errors = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async connection =>
        {
            var measured = latencies[connection] = [];
            var buffer = new byte[64 * 1024];
            while (watch.Elapsed.TotalSeconds < seconds)
            {
                using var request = Request(address, vary, Interlocked.Increment(ref number));
                request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
                var started = watch.Elapsed;
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                await using var body = await response.Content.ReadAsStreamAsync();
                while (await body.ReadAsync(buffer) > 0)
                {
                }

                measured.Add((watch.Elapsed - started).TotalMicroseconds);
                if ((int)response.StatusCode >= 400)
                {
                    Interlocked.Increment(ref errors);
                }
            }
        }));
        var all = latencies.SelectMany(measured => measured).Order().ToList();
        Console.WriteLine($"result {all.Count} {watch.Elapsed.TotalMicroseconds:0} {all[all.Count / 2]:0} {all[all.Count * 99 / 100]:0} {errors}");
    }

    public static HttpRequestMessage Request(string address, string vary, int number)
    {
        var since = TimeSpan.FromMilliseconds(number % 86_400_000);
        var request = new HttpRequestMessage(HttpMethod.Get, vary == "since" ? $@"{address}&updatedSince=2020-01-01T{since:hh\:mm\:ss\.fff}Z" : address);
        if (vary == "host")
        {
            request.Headers.Host = $"h{number:0000000000}.invalid";
        }

        return request;
    }

    private static string Output(string program, IEnumerable<string> args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + error.Result;
    }

    private static string WriteScript()
    {
        var file = Path.Combine(Path.GetTempPath(), $"ankerorte-load-{Environment.ProcessId}.lua");
        using var script = typeof(Load).Assembly.GetManifestResourceStream("load.lua")!;
        using var target = File.Create(file);
        script.CopyTo(target);
        return file;
    }
}
