using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AnkerOrte.Benchmarks;

/// <summary>
/// Hostile clients against the service with its usual limits: 20 of them send one kind of request as fast as they can, from one address and
/// from 20, while 5 ordinary clients, each from its own address, ask four times a second for something that is not cached.
/// </summary>
internal static class Hostile
{
    private const int Attackers = 20;
    private const int Ordinary = 5;

    private static int number;

    /// <summary>Processor time of each hostile request, one after the other, without limits.</summary>
    public static async Task MeasureCostsAsync(int repetitions)
    {
        using var folder = new TemporaryFolder();
        using var server = await Server.StartServiceAsync(folder.Database);
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var known = await HostileContent.ReadAsync(client, server.Address);
        await Task.Delay(TimeSpan.FromSeconds(10));
        var table = new Table("request", "status", "CPU ms", "ms", "kB");
        foreach (var request in HostileRequest.All)
        {
            await SendAsync(client, server.Address, request, known);
            var (before, watch, status, bytes) = (server.ProcessorTime, Stopwatch.StartNew(), 0, 0L);
            for (var i = 0; i < repetitions; i++)
            {
                (status, bytes) = await SendAsync(client, server.Address, request, known);
            }

            var elapsed = watch.Elapsed.TotalMilliseconds;
            table.Add(request.Operation, $"{status}", $"{(server.ProcessorTime - before).TotalMilliseconds / repetitions:N1}",
                $"{elapsed / repetitions:N1}", $"{bytes / 1000:N0}");
        }

        table.Print($"Cost of hostile requests, mean of {repetitions} (a run that was started goes on during the next requests)");
    }

    /// <param name="seconds">Of each attack.</param>
    /// <param name="only">Part of the name of a request; null: all.</param>
    public static async Task RunAsync(int seconds, string? only)
    {
        using var folder = new TemporaryFolder();
        using var server = await Server.StartWithUsualLimitsAsync(folder.Database);
        using var first = From("127.250.0.1");
        var known = await HostileContent.ReadAsync(first, server.Address);
        // Twice, for the first answers compile code.
        await AskAsync(server.Address, known, "127.251.0.", seconds, CancellationToken.None);
        var quiet = Percentile(await AskAsync(server.Address, known, "127.252.0.", 3 * seconds, CancellationToken.None));
        var table = new Table(
            "20 hostile clients", "addresses", "ordinary p95 ms", "of quiet", "refused", "hostile 2xx", "429", "resident MB");
        var (worst, most) = (0.0, 0.0);
        for (var n = 0; n < HostileRequest.All.Length; n++)
        {
            var request = HostileRequest.All[n];
            if (only is not null && !request.Operation.Contains(only, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (var addresses in (int[])[1, Attackers])
            {
                // No address is used twice: each attack begins with full budgets.
                var network = $"127.{(addresses == 1 ? 1 : 2)}.{n}.";
                using var stop = new CancellationTokenSource();
                var statuses = new ConcurrentDictionary<int, int>();
                var attack = Task.WhenAll(
                    Enumerable.Range(0, Attackers)
                    .Select(client =>
                    AttackAsync(server.Address, request, known, network + (2 + (client % addresses)), statuses, stop.Token)));
                await Task.Delay(500);
                var times = await AskAsync(server.Address, known, $"127.{(addresses == 1 ? 3 : 4)}.{n}.", seconds, CancellationToken.None);
                await stop.CancelAsync();
                await attack;
                var (p95, memory) = (Percentile(times), server.Memory);
                (worst, most) = (Math.Max(worst, p95 / quiet), Math.Max(most, memory));
                table.Add(request.Operation, $"{addresses}", $"{p95:N1}", $"{p95 / quiet:N1}", $"{times.Count(double.IsNaN)}",
                    $"{statuses.Where(one => one.Key < 300).Sum(one => one.Value)}", $"{statuses.GetValueOrDefault(429)}", $"{memory:N0}");
            }
        }

        table.Print($"Ordinary requests under attack (quiet p95 {quiet:N1} ms)");
        Console.WriteLine(
            $"\nWanted: p95 below 4 times the quiet value: {worst:N1} {(worst < 4 ? "yes" : "NO")}; below 500 MB: {most:N0} (peak {server.PeakMemory:N0}) {(most < 500 ? "yes" : "NO")}.");
    }

    /// <summary>
    /// Until it is stopped, without respect for Retry-After but with a breath after a refusal, for it shares the cores with the
    /// server.
    /// </summary>
    private static async Task AttackAsync(
        string address, HostileRequest request, HostileContent known, string from, ConcurrentDictionary<int, int> statuses,
        CancellationToken stop)
    {
        using var client = From(from);
        while (!stop.IsCancellationRequested)
        {
            var (status, _) = await SendAsync(client, address, request, known, stop);
            statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            if (status is 429 or 0)
            {
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    /// <summary>Milliseconds of the answers that ordinary clients got; NaN for a refusal.</summary>
    private static async Task<List<double>> AskAsync(
        string address, HostileContent known, string network, int seconds, CancellationToken cancel)
    {
        var times = new ConcurrentBag<double>();
        await Task.WhenAll(Enumerable.Range(0, Ordinary).Select(async n =>
        {
            using var client = From(network + (100 + n));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
            for (var watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds; await timer.WaitForNextTickAsync(cancel))
            {
                var i = Interlocked.Increment(ref number);
                var path = (i % 4) switch
                {
                    0 => "/v1/anchor-sites/" + known.Sites[i % known.Sites.Count],
                    1 => "/v1/anchor-sites?goals=participation&limit=50",
                    2 => "/v1/search?q=Werkstatt",
                    _ => "/v1/municipalities?q=jena",
                };
                using var request = Load.Request(address + path, "host", i);
                var started = Stopwatch.GetTimestamp();
                using var response = await client.SendAsync(request, cancel);
                await response.Content.ReadAsByteArrayAsync(cancel);
                times.Add(response.IsSuccessStatusCode ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : double.NaN);
            }
        }));
        return [.. times];
    }

    private static async Task<(int Status, long Bytes)> SendAsync(
        HttpClient client, string address, HostileRequest request, HostileContent known, CancellationToken cancel = default)
    {
        var i = Interlocked.Increment(ref number);
        using var message = Load.Request(address + request.Path(known, i), "host", i);
        if (request.Body is { } body)
        {
            message.Method = HttpMethod.Post;
            message.Content = new StringContent(body(i), Encoding.UTF8, "application/json");
        }

        try
        {
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancel);
            await using var stream = await response.Content.ReadAsStreamAsync(cancel);
            var (buffer, bytes) = (new byte[64 * 1024], 0L);
            for (var read = 1; read > 0; bytes += read)
            {
                read = await stream.ReadAsync(buffer, cancel);
            }

            return ((int)response.StatusCode, bytes);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return (0, 0);
        }
    }

    /// <summary>A client that connects from this loopback address.</summary>
    private static HttpClient From(string address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        Timeout = TimeSpan.FromMinutes(2),
    };

    private static double Percentile(List<double> times)
    {
        var sorted = times.Where(time => !double.IsNaN(time)).Order().ToList();
        return sorted.Count == 0 ? double.PositiveInfinity : sorted[sorted.Count * 95 / 100];
    }

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("ankerorte-hostile-").FullName;

        public string Database => Path.Combine(path, "hostile.db");

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
