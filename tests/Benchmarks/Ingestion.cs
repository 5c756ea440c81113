using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AnkerOrte.Benchmarks;

/// <summary>How fast responses come in: in bulk against the `sqlite3` shell, and one by one beside readers.</summary>
internal static class Ingestion
{
    private const int Rows = 100_000;
    private const int Connections = 16;

    /// <summary>Of the posts beside reads; about what the service took before commits were shared.</summary>
    private const int PerSecond = 500;

    private const string Survey = "/v1/surveys/umsetzende-kommunen/responses";

    public static async Task RunAsync(int runs)
    {
        var published = Builds.Publish();
        var folder = Directory.CreateTempSubdirectory("ankerorte-ingestion-");
        try
        {
            for (var run = 1; run <= runs; run++)
            {
                var database = Path.Combine(folder.FullName, $"run-{run}.db");
                using var server = await Server.StartServiceAsync(published, database);
                using var client = Soak.Client(server, Soak.CreateKey(database));
                await BulkAsync(client, folder.FullName, run);
                await SinglesAsync(server, client, run);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task BulkAsync(HttpClient client, string folder, int run)
    {
        var lines = new StringBuilder();
        var csv = Path.Combine(folder, "rows.csv");
        await using (var table = new StreamWriter(csv))
        {
            for (var number = 0; number < Rows; number++)
            {
                var answers = $$"""{"municipality":"16053000","status":"{{(number % 3 == 0 ? "planned" : "operating")}}","goals":["inclusion","culture"],"digitalRole":"central","operators":["municipality"],"funding":["mpsc"],"consent":"aggregate-only"}""";
                lines.Append(CultureInfo.InvariantCulture, $$"""{"id":"bulk-{{number}}","version":1,"submit":true,"answers":{{answers}}}""").Append('\n');
                await table.WriteLineAsync($"umsetzende-kommunen,bulk-{number},1,submitted,\"{answers.Replace("\"", "\"\"", StringComparison.Ordinal)}\",,owner,,,2026-11-23T10:00:00.000Z,2026-11-23T10:00:00.000Z,2026-11-23T10:00:00.000Z,");
            }
        }

        // Once for the code that is compiled on the way.
        using (var warm = new StringContent(lines.ToString()[..2_000_000], Encoding.UTF8, "application/x-ndjson"))
        {
            await client.PostAsync(Survey + "/bulk?dryRun=true", warm);
        }

        using var body = new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson");
        var ours = Stopwatch.StartNew();
        using var answer = await client.PostAsync(Survey + "/bulk", body);
        var report = await answer.Content.ReadAsStringAsync();
        ours.Stop();
        if (!report.EndsWith($"\"accepted\":{Rows},\"replayed\":0,\"rejected\":0}}", StringComparison.Ordinal))
        {
            throw new StopException("The bulk load was not taken whole.");
        }

        var bare = Path.Combine(folder, $"bare-{run}.db");
        var shell = new ProcessStartInfo("sqlite3", [bare]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var reference = Stopwatch.StartNew();
        using var process = Process.Start(shell)!;
        await process.StandardInput.WriteAsync(
            $"""
            pragma journal_mode = wal;
            create table responses (survey text not null, id text not null, version integer not null, state text not null, answers text not null, issues text, owner text not null,
                invitation text, reason text, created_at text not null, updated_at text not null, submitted_at text, reviewed_at text, primary key (survey, id)) strict, without rowid;
            .mode csv
            .import {csv} responses

            """);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        reference.Stop();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"run {run}: bulk {Rows / ours.Elapsed.TotalSeconds:n0} rows/s, sqlite3 .import {Rows / reference.Elapsed.TotalSeconds:n0} rows/s, ratio {reference.Elapsed / ours.Elapsed:0.00} (wanted ≥ 0.5)"));
    }

    private static async Task SinglesAsync(Server server, HttpClient client, int run)
    {
        await PostAsync(client, "warm", TimeSpan.FromSeconds(3));
        var before = server.ProcessorTime;
        var alone = await PostAsync(client, "alone", TimeSpan.FromSeconds(4));
        var cost = (server.ProcessorTime - before).TotalMilliseconds / alone.Count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"run {run}: single posts at {Connections} connections, nothing beside them {alone.Count / 4.0:n0}/s (wanted > 1,500), {cost:0.00} ms of processor time each (wanted ≤ 0.6)"));
        var quiet = await ReadAsync(server, TimeSpan.FromSeconds(3));
        // At a steady rate: as fast as they can, the posts would take the processor from the reads, however little each costs.
        var posting = PostAsync(client, "single", TimeSpan.FromSeconds(3), PerSecond);
        var beside = await ReadAsync(server, TimeSpan.FromSeconds(3));
        var times = await posting;
        times.Sort();
        var (median, late) = (times[times.Count / 2], times[(int)(times.Count * 0.99)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"run {run}: single posts beside reads {times.Count / 3.0:n0}/s, p50 {median:0.0} ms, p99 {late:0.0} ms, ratio {late / median:0.0} (wanted ≤ 5); reads beside them {(double)beside / quiet:0.00} of {quiet / 3.0:n0}/s alone (wanted ≥ 0.7)"));
    }

    /// <summary>Milliseconds of each post; any error ends the measurement.</summary>
    private static async Task<List<double>> PostAsync(HttpClient client, string prefix, TimeSpan duration, int? perSecond = null)
    {
        var until = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var times = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async connection =>
        {
            var own = new List<double>();
            for (var number = 0; Stopwatch.GetTimestamp() < until; number++)
            {
                using var body = new StringContent(
                    """{"version":1,"submit":true,"answers":{"municipality":"16053000","status":"planned","goals":["inclusion"],"digitalRole":"central","operators":["municipality"],"funding":["mpsc"],"consent":"aggregate-only"}}""", Encoding.UTF8, "application/json");
                var began = Stopwatch.GetTimestamp();
                using var answer = await client.PutAsync($"{Survey}/{prefix}-{connection}-{number}", body);
                answer.EnsureSuccessStatusCode();
                own.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (perSecond is { } rate
                    && TimeSpan.FromSeconds((double)Connections / rate) - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } pause)
                {
                    await Task.Delay(pause);
                }
            }

            return own;
        }));
        return [.. times.SelectMany(own => own)];
    }

    /// <summary>Pages of sites read by four connections.</summary>
    private static async Task<int> ReadAsync(Server server, TimeSpan duration)
    {
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        var until = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var count = 0;
            while (Stopwatch.GetTimestamp() < until)
            {
                using var answer = await client.GetAsync("/v1/anchor-sites?state=DE-TH");
                answer.EnsureSuccessStatusCode();
                count++;
            }

            return count;
        }));
        return counts.Sum();
    }
}
