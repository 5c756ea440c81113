using System.Diagnostics;
using System.Net;

namespace AnkerOrte.Benchmarks;

/// <summary>One request after the other, in a fresh process per size: what the first reader of a filter waits for, and the next.</summary>
internal static class SingleRequests
{
    private static readonly (string What, string Path)[] Asked =
    [
        ("a site by id", "{site}"),
        ("all", "/v1/anchor-sites?limit=50"),
        ("one code", "/v1/anchor-sites?limit=50&goals=participation"),
        ("three codes", "/v1/anchor-sites?limit=50&goals=innovation&contents=e-government&targetGroups=administration"),
        ("state and code", "/v1/anchor-sites?limit=50&state=DE-SN&goals=networking"),
        ("opened in a year", "/v1/anchor-sites?limit=50&openedFrom=2019&openedTo=2019"),
        ("updatedSince, all match", "/v1/anchor-sites?limit=50&updatedSince=2026-01-01T00:00:00Z"),
        ("word", "/v1/anchor-sites?limit=50&q=werkstatt"),
        ("two words, by relevance", "/v1/anchor-sites?limit=50&q=offene%20werkstatt&sort=relevance"),
        ("30 km around, by distance", "/v1/anchor-sites?limit=50&near=50.93,11.59&radiusKm=30&sort=distance"),
        ("box", "/v1/anchor-sites?limit=50&bbox=11,50.5,12,51.5"),
        ("by name", "/v1/anchor-sites?limit=50&sort=name"),
        ("latest opening first", "/v1/anchor-sites?limit=50&sort=-openedOn"),
        ("facets of a code", "/v1/anchor-sites?limit=50&goals=participation&facets=state,contents"),
        ("search, common word", "/v1/search?q=werkstatt"),
        ("search, rare word", "/v1/search?q=leipzig"),
    ];

    public static async Task RunAsync(List<Inventory> inventories, int runs)
    {
        var table = new Table("ms for one request", "sites", "first", "next", "bytes");
        foreach (var inventory in inventories)
        {
            using var service = await Server.StartServiceAsync(inventory.File);
            using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
            // Compiles what every request needs; the filters stay new.
            table.Add("first request of the process", $"{inventory.Size:N0}", $"{(await TimeAsync(client, service.Address + "/v1/anchor-sites?limit=50&status=operating", 1)).Milliseconds:N1}", "", "");
            for (var i = 2; i < 20; i++)
            {
                await TimeAsync(client, service.Address + "/v1/anchor-sites?limit=50&status=planned", i);
            }

            var number = 100;
            foreach (var (what, path) in Asked)
            {
                var address = service.Address + path.Replace("{site}", inventory.Site);
                var (first, bytes) = await TimeAsync(client, address, ++number);
                var next = new List<double>();
                for (var run = 0; run < runs; run++)
                {
                    // Another host name: the answer is made anew, the total is known.
                    next.Add((await TimeAsync(client, address, ++number)).Milliseconds);
                }

                table.Add(what, $"{inventory.Size:N0}", $"{first:N1}", $"{Benchmark.Median(next):N1}", $"{bytes:N0}");
            }
        }

        table.Print("Single requests: first time, and again under another host name (total known, answer not kept)");
    }

    private static async Task<(double Milliseconds, int Bytes)> TimeAsync(HttpClient client, string address, int number)
    {
        using var request = Load.Request(address, "host", number);
        var watch = Stopwatch.StartNew();
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        var elapsed = watch.Elapsed.TotalMilliseconds;
        return response.StatusCode == HttpStatusCode.OK ? (elapsed, body.Length) : throw new StopException($"{(int)response.StatusCode} for {address}");
    }
}
