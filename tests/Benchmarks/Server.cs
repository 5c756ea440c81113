using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AnkerOrte.Benchmarks;

/// <summary>One server in a process of its own, on a port that was free.</summary>
internal sealed class Server : IDisposable
{
    private readonly Process process;
    private readonly Queue<string> log = new();

    private Server(Process process, int port)
    {
        this.process = process;
        Address = $"http://127.0.0.1:{port}";
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Address { get; }

    /// <summary>From the start of the process to the first 200.</summary>
    public TimeSpan StartedIn { get; private set; }

    /// <summary>Processor time from the start of the process to the first 200, of all its threads.</summary>
    public TimeSpan StartedWith { get; private set; }

    /// <summary>Processor time of all threads until now, user and system.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory in megabytes.</summary>
    public double Memory => Status("VmRSS:");

    /// <summary>The most memory that was ever resident, in megabytes.</summary>
    public double PeakMemory => Status("VmHWM:");

    /// <summary>The service as it is delivered, nothing switched off, only its rate limits out of reach.</summary>
    public static Task<Server> StartServiceAsync(string database) => StartServiceAsync(ServiceDll, database);

    /// <summary>The service as it is delivered, with its limits.</summary>
    public static Task<Server> StartWithUsualLimitsAsync(string database) =>
        StartAsync(ServiceDll, "--ConnectionStrings:AnkerOrte=Data Source=" + database);

    /// <summary>The same from another build of it.</summary>
    public static Task<Server> StartServiceAsync(string dll, string database) => StartAsync(
        dll, "--ConnectionStrings:AnkerOrte=Data Source=" + database, "--RateLimiting:PerMinute=1000000000",
        "--RateLimiting:CpuMillisecondsPerSecond=1000000", "--RateLimiting:CpuBurstSeconds=1000000",
            "--RateLimiting:AssessmentsPerMinute=1000000000");

    /// <summary>A server of this program: floor, references or empty.</summary>
    public static Task<Server> StartOwnAsync(string kind, params string[] args) =>
        StartAsync(typeof(Server).Assembly.Location, ["--serve", kind, .. args]);

    public static string ServiceDll { get; } = Repository.Path("api", "bin", "Release", "net10.0", "AnkerOrte.Api.dll");

    private static async Task<Server> StartAsync(string dll, params string[] args)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var arg in (string[])[dll, .. args, "--urls", $"http://127.0.0.1:{port}"])
        {
            start.ArgumentList.Add(arg);
        }

        // Settings of this shell must not reach some of the servers and not others.
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        start.Environment.Remove("DOTNET_ENVIRONMENT");
        start.Environment.Remove("ASPNETCORE_URLS");
        var watch = Stopwatch.StartNew();
        var server = new Server(Process.Start(start)!, port);
        using var client = new HttpClient();
        while (true)
        {
            if (server.process.HasExited || watch.Elapsed > TimeSpan.FromMinutes(20))
            {
                server.Dispose();
                throw new StopException($"{Path.GetFileName(dll)} did not start:\n{string.Join('\n', server.log)}");
            }

            try
            {
                using var response = await client.GetAsync(server.Address + "/health/ready");
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    server.StartedIn = watch.Elapsed;
                    server.StartedWith = server.ProcessorTime;
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(5);
        }
    }

    /// <summary>kill -9: no warning, no chance to finish.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }

    /// <summary>Another program's answers must never be timed by mistake, so the port is taken once to see that it is free.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private double Status(string name)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (log)
        {
            log.Enqueue(line);
            if (log.Count > 20)
            {
                log.Dequeue();
            }
        }
    }
}
