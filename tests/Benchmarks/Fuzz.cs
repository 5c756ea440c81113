using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AnkerOrte.Tests.Contract;

namespace AnkerOrte.Benchmarks;

/// <summary>Random requests from the contract to the service as a process: none may fail it, none may get an undeclared status.</summary>
internal static class Fuzz
{
    private const int MostShown = 20;

    public static async Task RunAsync(int count, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("ankerorte-fuzz-");
        try
        {
            var database = Path.Combine(folder.FullName, "fuzz.db");
            using var server = await Server.StartServiceAsync(database);
            var key = Soak.CreateKey(database, "contributor", "researcher", "editor", "publisher", "releaser", "privacy-officer", "admin");
            using var client = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromMinutes(2) };
            using var contract = JsonDocument.Parse(await client.GetByteArrayAsync("/openapi.json"));
            var fuzz = new ContractFuzz(contract.RootElement, seed);
            var statuses = new SortedDictionary<int, int>();
            var slowest = (Time: TimeSpan.Zero, Request: "");
            var wrong = 0;
            var watch = Stopwatch.StartNew();
            foreach (var request in fuzz.Requests(count))
            {
                using var message = request.ToMessage();
                if (request.HasKey)
                {
                    message.Headers.Authorization = new("Bearer", key);
                }

                var begun = watch.Elapsed;
                using var response = await client.SendAsync(message);
                var body = await response.Content.ReadAsByteArrayAsync();
                slowest = watch.Elapsed - begun > slowest.Time ? (watch.Elapsed - begun, request.ToString()) : slowest;
                statuses[(int)response.StatusCode] = statuses.GetValueOrDefault((int)response.StatusCode) + 1;
                if (fuzz.Judge(request, response) is { } complaint && ++wrong <= MostShown)
                {
                    Console.WriteLine(
                        $"{complaint} {request}\n{System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 1_000)))}\n");
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{count} requests, seed {seed}, in {watch.Elapsed.TotalSeconds:0} s: {string.Join(", ", statuses.Select(status => $"{status.Value} × {status.Key}"))}."));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"Slowest {slowest.Time.TotalSeconds:0.0} s: {slowest.Request[..Math.Min(slowest.Request.Length, 200)]}. Memory at most {server.PeakMemory:0} MB."));
            if (wrong > 0)
            {
                throw new StopException($"{wrong} answers do not fit the contract.");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
