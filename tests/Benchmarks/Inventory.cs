using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AnkerOrte.Api.AnchorSites;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Benchmarks;

/// <summary>A database of a certain size, the service that runs over it, and what to ask it for.</summary>
internal sealed class Inventory(int size, string file) : IDisposable
{
    public const string Filter = "/v1/anchor-sites?goals=participation&limit=50";

    /// <summary>Above this the references would only be seen counting.</summary>
    public const int LargestWithReferences = 10_000;

    public int Size => size;

    public string File => file;

    public Server Service { get; private set; } = null!;

    /// <summary>A generated site in the middle, where there are any.</summary>
    public string Site { get; } = "/v1/anchor-sites/" + (size > GeneratedSites.Shipped ? GeneratedSites.Id(size / 2) : "citylab-berlin");

    public string ETag { get; private set; } = "";

    /// <summary>The same list, far into the walk; null where there are not enough sites.</summary>
    public string? Deep { get; private set; }

    /// <summary>Makes the databases that are not there yet. They belong to one build, since the service derives documents anew with each.</summary>
    public static async Task<List<Inventory>> PrepareAsync(IEnumerable<int> sizes)
    {
        var folder = Repository.Path("tests", "Benchmarks", "data");
        var build = typeof(AnchorSiteDocuments).Module.ModuleVersionId.ToString("N")[..12];
        Directory.CreateDirectory(folder);
        foreach (var old in Directory.GetFiles(folder).Where(old => !Path.GetFileName(old).StartsWith(build, StringComparison.Ordinal)))
        {
            System.IO.File.Delete(old);
        }

        var inventories = sizes.Distinct().Order().Select(size => new Inventory(size, Path.Combine(folder, $"{build}-{size}.db"))).ToList();
        var shipped = Path.Combine(folder, $"{build}-shipped.db");
        await MakeAsync(shipped, async file =>
        {
            using var service = await Server.StartServiceAsync(file);
        });
        foreach (var inventory in inventories)
        {
            await MakeAsync(inventory.File, file =>
            {
                System.IO.File.Copy(shipped, file);
                var watch = Stopwatch.StartNew();
                GeneratedSites.Fill(file, inventory.Size);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{inventory.Size:N0} sites written in {watch.Elapsed.TotalSeconds:N1} s, {new FileInfo(file).Length / 1e6:N0} MB"));
                return Task.CompletedTask;
            });
            if (inventory.Size <= LargestWithReferences)
            {
                References.Prepare(inventory.File);
            }
        }

        return inventories;
    }

    /// <summary>An interrupted run must not leave half a database under the final name.</summary>
    private static async Task MakeAsync(string file, Func<string, Task> make)
    {
        if (System.IO.File.Exists(file))
        {
            return;
        }

        var unfinished = file + ".new";
        foreach (var rest in (string[])["", "-wal", "-shm"])
        {
            System.IO.File.Delete(unfinished + rest);
        }

        await make(unfinished);
        using (var connection = new SqliteConnection("Data Source=" + unfinished))
        {
            connection.Execute("pragma wal_checkpoint(truncate)");
        }

        SqliteConnection.ClearAllPools();
        System.IO.File.Move(unfinished, file);
    }

    public async Task StartAsync()
    {
        Service = await Server.StartServiceAsync(file);
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        using var page = await client.GetAsync(Service.Address + Filter);
        ETag = page.Headers.ETag!.ToString();
    }

    /// <summary>Walks the filtered list to nine tenths, in the largest pages. Returns the milliseconds per page: first tenth, last tenth of the walk.</summary>
    public async Task<(int Pages, double First, double Last)> WalkAsync()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var times = new List<double>();
        var next = Service.Address + "/v1/anchor-sites?goals=participation&limit=200&fields=id";
        var pages = 1.0;
        string? cursor = null;
        while (times.Count < Math.Max(1, pages * 0.9) && next is not null)
        {
            var watch = Stopwatch.StartNew();
            using var document = JsonDocument.Parse(await client.GetByteArrayAsync(next));
            times.Add(watch.Elapsed.TotalMilliseconds);
            var page = document.RootElement.GetProperty("page");
            pages = page.GetProperty("total").GetInt64() / 200.0;
            next = page.GetProperty("next").GetString();
            cursor = next?.Split("cursor=")[1].Split('&')[0] ?? cursor;
        }

        Deep = $"{Filter}&cursor={cursor}";
        // The first page alone pays for the total.
        var tenth = Math.Max(1, times.Count / 10);
        return (times.Count, times.Skip(1).Take(tenth).DefaultIfEmpty(times[0]).Average(), times.TakeLast(tenth).Average());
    }

    public void Dispose() => Service?.Dispose();
}
