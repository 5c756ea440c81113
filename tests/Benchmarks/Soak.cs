using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace AnkerOrte.Benchmarks;

/// <summary>
/// What must hold when it gets rough: the process is killed in the middle of load, again and again, and every write that
/// was acknowledged is there; two hundred write the same site at once, and one wins each version.
/// </summary>
internal static class Soak
{
    private const int Writers = 8;
    private const string Survey = "/v1/surveys/umsetzende-kommunen/responses";

    public static async Task RunAsync(int kills)
    {
        var folder = Directory.CreateTempSubdirectory("ankerorte-soak-");
        var database = Path.Combine(folder.FullName, "soak.db");
        try
        {
            using (await Server.StartServiceAsync(database))
            {
            }

            var key = CreateKey(database);
            await KillAsync(database, key, kills);
            using var server = await Server.StartServiceAsync(database);
            await RaceAsync(server, key);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task KillAsync(string database, string key, int kills)
    {
        var acknowledged = new ConcurrentDictionary<string, string>();
        var number = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            var watch = Stopwatch.StartNew();
            using (var server = await Server.StartServiceAsync(database))
            {
                using var client = Client(server, key);
                await VerifyAsync(client, acknowledged);
                using var stop = new CancellationTokenSource();
                var writing = Enumerable.Range(0, Writers).Select(writer => WriteAsync(client, writer, acknowledged, () => Interlocked.Increment(ref number), stop.Token)).ToList();
                await Task.Delay(200 + (kill * 37 % 300));
                server.Kill();
                await stop.CancelAsync();
                await Task.WhenAll(writing);
            }

            var (code, output) = Command(database, "check");
            if (code != 0)
            {
                throw new StopException($"After kill {kill} `check` found: {output}");
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill {kill}: {acknowledged.Count} acknowledged so far, all there, check clean ({watch.Elapsed.TotalSeconds:0.0} s)"));
        }

        using var last = await Server.StartServiceAsync(database);
        using var reader = Client(last, key);
        await VerifyAsync(reader, acknowledged);
        Console.WriteLine($"{kills} kills, {acknowledged.Count} acknowledged writes, none lost.");
    }

    /// <summary>Single responses, bulk loads and changes of sites, until the service is gone.</summary>
    private static async Task WriteAsync(HttpClient client, int writer, ConcurrentDictionary<string, string> acknowledged, Func<int> next, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var number = next();
                switch (writer % 4)
                {
                    case 0:
                        var lines = Enumerable.Range(0, 300).Select(i => (Id: $"bulk-{number}-{i}", Body: Response(number))).ToList();
                        using (var body = new StringContent(string.Join('\n', lines.Select(line => line.Body.Insert(1, $"\"id\":\"{line.Id}\","))), Encoding.UTF8, "application/x-ndjson"))
                        using (var answer = await client.PostAsync(Survey + "/bulk", body, stop))
                        {
                            await answer.Content.LoadIntoBufferAsync(stop);
                            if (answer.StatusCode == HttpStatusCode.OK)
                            {
                                lines.ForEach(line => acknowledged[$"{Survey}/{line.Id}"] = line.Body);
                            }
                        }

                        break;
                    case 1:
                        var site = $"soak-{writer}";
                        using (var body = new StringContent($$"""{"id":"{{site}}-{{number}}","name":"Dauerlauf {{number}}","selfDesignation":"Labor","summary":"Künstlicher Ort des Dauerlaufs.","status":"unknown","mpscFunded":"not-documented","ags":"16053000","state":"DE-TH","characteristics":{},"sourceIds":["src-0195"]}""", Encoding.UTF8, "application/json"))
                        using (var answer = await client.PostAsync("/v1/anchor-sites", body, stop))
                        {
                            if (answer.StatusCode == HttpStatusCode.Created)
                            {
                                acknowledged[$"/v1/anchor-sites/{site}-{number}"] = $"Dauerlauf {number}";
                            }
                        }

                        break;
                    default:
                        using (var body = new StringContent(Response(number), Encoding.UTF8, "application/json"))
                        using (var answer = await client.PutAsync($"{Survey}/single-{number}", body, stop))
                        {
                            if (answer.StatusCode == HttpStatusCode.Created)
                            {
                                acknowledged[$"{Survey}/single-{number}"] = Response(number);
                            }
                        }

                        break;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The service is gone; what was not answered may or may not be there.
            }
        }
    }

    private static string Response(int number) =>
        $$$"""{"version":1,"submit":true,"answers":{"municipality":"16053000","status":"{{{(number % 2 == 0 ? "planned" : "operating")}}}","goals":["inclusion"],"digitalRole":"central","operators":["municipality"],"funding":["mpsc"],"consent":"aggregate-only"}}""";

    /// <summary>Everything in two lists, so that fifty rounds stay short; a half response would not fit what was sent.</summary>
    private static async Task VerifyAsync(HttpClient client, ConcurrentDictionary<string, string> acknowledged)
    {
        var there = new Dictionary<string, string>();
        foreach (var line in (await client.GetStringAsync(Survey + "?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var response = JsonDocument.Parse(line).RootElement;
            there[$"{Survey}/{response.GetProperty("id").GetString()}"] = $$"""{"version":1,"submit":true,"answers":{{response.GetProperty("answers").GetRawText()}}}""";
        }

        foreach (var line in (await client.GetStringAsync("/v1/anchor-sites?format=csv&fields=id,name")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var cells = line.Split(',');
            there["/v1/anchor-sites/" + cells[0]] = cells[1];
        }

        foreach (var (address, sent) in acknowledged)
        {
            if (!there.TryGetValue(address, out var stored) || stored != sent)
            {
                throw new StopException($"Lost: {address} was acknowledged as {sent}, but is {stored ?? "not there"}.");
            }
        }
    }

    /// <summary>Two hundred at once on one site, round after round: one wins each version, the others are told.</summary>
    private static async Task RaceAsync(Server server, string key)
    {
        const string site = "/v1/anchor-sites/probierladen-jena";
        using var client = Client(server, key);
        for (var round = 1; round <= 10; round++)
        {
            var tag = (await client.GetAsync(site)).Headers.ETag!.ToString();
            var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(async writer =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Patch, site) { Content = new StringContent($$"""{"summary":"Fassung {{round}} von Schreiber {{writer}}."}""", Encoding.UTF8, "application/json") };
                request.Headers.TryAddWithoutValidation("If-Match", tag);
                using var answer = await client.SendAsync(request);
                return answer.StatusCode;
            }));
            if (statuses.Count(status => status == HttpStatusCode.OK) != 1 || statuses.Count(status => status == HttpStatusCode.PreconditionFailed) != 199)
            {
                throw new StopException($"Round {round}: {string.Join(", ", statuses.GroupBy(status => status).Select(group => $"{group.Count()} × {(int)group.Key}"))}");
            }
        }

        var versions = JsonDocument.Parse(await client.GetStringAsync(site + "/history?limit=200")).RootElement.GetProperty("items").GetArrayLength();
        Console.WriteLine($"10 rounds of 200 writers on one site: one won each, 199 were told (412); {versions} versions in the history.");
        if (versions != 11)
        {
            throw new StopException("The history is not complete.");
        }
    }

    public static HttpClient Client(Server server, string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    public static string CreateKey(string database) => CreateKey(database, "editor", "contributor", "researcher");

    public static string CreateKey(string database, params string[] roles) =>
        Command(database, ["keys", "create", "--label", "soak", .. roles.SelectMany(role => new[] { "--role", role })]).Output.TrimEnd()
            .Split('\n')[^1].Trim();

    private static (int Code, string Output) Command(string database, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Server.ServiceDll, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__AnkerOrte"] = "Data Source=" + database;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
