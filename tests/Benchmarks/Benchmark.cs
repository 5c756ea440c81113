using System.Diagnostics;

namespace AnkerOrte.Benchmarks;

/// <summary>Runs the parts that were asked for and prints their tables.</summary>
internal sealed class Benchmark(Options options) : IDisposable
{
    private readonly Load load = new(options.OwnClient, options.Seconds);
    private readonly HttpClient client = new() { Timeout = TimeSpan.FromMinutes(10) };
    private readonly Table verdicts = new("target", "wanted", "measured", "reached");

    public void Dispose() => client.Dispose();

    public async Task RunAsync()
    {
        if (!Repository.IsRelease)
        {
            throw new StopException("Measure Release builds: dotnet run -c Release --project tests/Benchmarks");
        }

        Console.WriteLine(
            $"{Environment.ProcessorCount} cores, .NET {Environment.Version}, client {(options.OwnClient || !Load.HasWrk ? "own (HttpClient)" : "wrk")}, 16 connections, "
            + $"median of {options.Runs} interleaved runs of {options.Seconds} s; load before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        var inventories = await Inventory.PrepareAsync(options.Sizes);
        try
        {
            if (options.Asks("start"))
            {
                await MeasureStartAsync(inventories[0].File);
            }

            if (options.Asks("memory"))
            {
                await MeasureMemoryAsync(inventories[0]);
            }

            if (options.Asks("single"))
            {
                await SingleRequests.RunAsync(inventories, options.Runs);
            }

            foreach (var inventory in inventories)
            {
                await inventory.StartAsync();
            }

            await WalkAsync(inventories);
            await MeasureLoadAsync(inventories);
            if (options.Asks("download"))
            {
                await DownloadAsync(inventories);
            }

            verdicts.Print("Targets");
        }
        finally
        {
            inventories.ForEach(inventory => inventory.Dispose());
        }
    }

    private async Task MeasureStartAsync(string file)
    {
        var existing = new List<double>();
        var empty = new List<double>();
        var first = new List<double>();
        var folder = Directory.CreateTempSubdirectory("ankerorte-start-");
        for (var run = 0; run < options.Runs; run++)
        {
            existing.Add(await TimeAsync(() => Server.StartServiceAsync(file)));
            empty.Add(await TimeAsync(() => Server.StartOwnAsync("empty")));
            first.Add(await TimeAsync(() => Server.StartServiceAsync(Path.Combine(folder.FullName, run + ".db"))));
        }

        folder.Delete(recursive: true);
        var table = new Table("start to ready", "median ms", "best", "worst");
        Add("service, existing database", existing);
        Add("empty ASP.NET application", empty);
        Add("service, empty database (loads all content)", first);
        table.Print("Start");
        var more = Median(existing) - Median(empty);
        verdicts.Add("start: more than an empty application", "≤ 700 ms", $"{more:N0} ms", more <= 700 ? "yes" : "NO");

        void Add(string what, List<double> times) => table.Add(what, $"{Median(times):N0}", $"{times.Min():N0}", $"{times.Max():N0}");

        static async Task<double> TimeAsync(Func<Task<Server>> start)
        {
            using var server = await start();
            return server.StartedIn.TotalMilliseconds;
        }
    }

    /// <summary>Fresh processes, the same requests for both.</summary>
    private async Task MeasureMemoryAsync(Inventory inventory)
    {
        using var service = await Server.StartServiceAsync(inventory.File);
        using var answers = await Answers.FetchAsync(client, [(service.Address, new Ask(inventory.Site)), (service.Address, new Ask(Inventory.Filter))]);
        using var floor = await Server.StartOwnAsync("floor", answers.Folder);
        var table = new Table($"resident MB at {inventory.Size:N0} sites", "service", "floor", "difference", "service's peak");
        Add("after the start");
        Run(Vary.None);
        var difference = Add("after load on a site and a list, kept answers");
        Run(Vary.Host);
        Add("after load on the same, first time: 64 MB of kept answers are full");
        table.Print("Memory");
        verdicts.Add("memory: more than the floor", "≤ 120 MB", $"{difference:N0} MB", difference <= 120 ? "yes" : "NO");

        void Run(Vary vary)
        {
            load.Run(service.Address, new Ask(inventory.Site, vary));
            load.Run(floor.Address, new Ask("/0", vary));
            load.Run(service.Address, new Ask(Inventory.Filter, vary));
            load.Run(floor.Address, new Ask("/1", vary));
        }

        double Add(string when)
        {
            var (ours, least) = (service.Memory, floor.Memory);
            table.Add(when, $"{ours:N0}", $"{least:N0}", $"{ours - least:N0}", $"{service.PeakMemory:N0}");
            return ours - least;
        }
    }

    private async Task WalkAsync(List<Inventory> inventories)
    {
        if (!options.Asks("walk") && !options.Asks("deep-first"))
        {
            return;
        }

        var table = new Table("pages of 200, fields=id", "pages", "ms per page, first tenth", "ms per page, last tenth");
        foreach (var inventory in inventories.Where(inventory => inventory.Size >= 1_000))
        {
            var (pages, first, last) = await inventory.WalkAsync();
            table.Add($"{inventory.Size:N0} sites", $"{pages:N0}", $"{first:N1}", $"{last:N1}");
        }

        table.Print("Walk through nine tenths of the filtered list, one request after the other");
    }

    private async Task MeasureLoadAsync(List<Inventory> inventories)
    {
        var cases = Scenario.All.Where(scenario => options.Asks(scenario.Name))
            .SelectMany(scenario => inventories.Where(scenario.Fits).Select(inventory => new Case(scenario, inventory))).ToList();
        if (cases.Count == 0)
        {
            return;
        }

        using var answers = await Answers.FetchAsync(client, cases.Select(one => (one.Inventory.Service.Address, one.Scenario.Ask(one.Inventory))));
        using var floor = await Server.StartOwnAsync("floor", answers.Folder);
        using var references = await Server.StartOwnAsync("references", string.Join(',', inventories.Select(inventory => $"{inventory.Size}={inventory.File}")));
        for (var i = 0; i < cases.Count; i++)
        {
            cases[i].AddRunners(floor.Address + "/" + i, references.Address);
            foreach (var runner in cases[i].Runners)
            {
                runner.Bytes = await Answers.CheckAsync(client, runner.Address, runner.Ask, answers.Sizes[i]);
            }
        }

        // The first round only warms up: compilers, caches.
        for (var run = -1; run < options.Runs; run++)
        {
            foreach (var one in cases)
            {
                foreach (var runner in one.Runners)
                {
                    var result = load.Run(runner.Address, runner.Ask);
                    if (run >= 0)
                    {
                        runner.Results.Add(result);
                    }
                }
            }
        }

        Print(cases);
    }

    private void Print(List<Case> cases)
    {
        foreach (var group in cases.GroupBy(one => one.Scenario))
        {
            var table = new Table("sites", "who", "requests/s", "p50 ms", "p99 ms", "of the floor", "of N", "bytes");
            foreach (var one in group)
            {
                var floor = one.Runners.First(runner => runner.Who == "floor");
                var n = one.Runners.FirstOrDefault(runner => runner.Who == "N");
                foreach (var runner in one.Runners)
                {
                    table.Add(
                        $"{one.Inventory.Size:N0}", runner.Who, $"{runner.RequestsPerSecond:N0}", $"{Median(runner.Results.Select(result => result.P50)):N2}", $"{Median(runner.Results.Select(result => result.P99)):N2}",
                        runner == floor ? "" : $"{runner.Ratio(floor):N2}", n is null || runner == floor ? "" : $"{runner.Ratio(n):N2}", $"{runner.Bytes:N0}");
                }

                var against = n ?? floor;
                if (one.Scenario.Target is { } target && (n is not null || !one.Scenario.IsFlat) && one.Inventory.Size <= Inventory.LargestWithReferences)
                {
                    var reached = one.Runners[0].Ratio(against);
                    verdicts.Add($"{one.Scenario.Name} at {one.Inventory.Size:N0}, of {(against.Who == "N" ? "N" : "the floor")}", $"≥ {target:N2}", $"{reached:N2}", reached >= target ? "yes" : "NO");
                }
            }

            table.Print($"{group.Key.Name}: {group.Key.What}");
            PrintGrowth(group.Key, [.. group]);
        }
    }

    private void PrintGrowth(Scenario scenario, List<Case> cases)
    {
        if (!scenario.IsFlat || cases.FirstOrDefault(one => one.Inventory.Size == 1_000) is not { } small)
        {
            return;
        }

        foreach (var one in cases.Where(one => one.Inventory.Size > 1_000))
        {
            var cost = small.Runners[0].Ratio(one.Runners[0]);
            verdicts.Add($"{scenario.Name} at {one.Inventory.Size:N0}, cost against 1,000", "≤ 1.50", $"{cost:N2}", cost <= 1.5 ? "yes" : "NO");
        }
    }

    /// <summary>Everything as a table or map, too large to be kept: one after the other, since one is work enough.</summary>
    private async Task DownloadAsync(List<Inventory> inventories)
    {
        var table = new Table("everything", "seconds", "MB", "sites/s", "resident MB after", "service's peak");
        foreach (var inventory in inventories)
        {
            foreach (var format in (string[])["csv", "geojson"])
            {
                var watch = Stopwatch.StartNew();
                await using var body = await client.GetStreamAsync($"{inventory.Service.Address}/v1/anchor-sites?format={format}");
                var buffer = new byte[128 * 1024];
                var bytes = 0L;
                for (var read = 1; read > 0; bytes += read)
                {
                    read = await body.ReadAsync(buffer);
                }

                table.Add(
                    $"{format}, {inventory.Size:N0} sites", $"{watch.Elapsed.TotalSeconds:N2}", $"{bytes / 1e6:N1}", $"{inventory.Size / watch.Elapsed.TotalSeconds:N0}",
                    $"{inventory.Service.Memory:N0}", $"{inventory.Service.PeakMemory:N0}");
            }
        }

        table.Print("Downloads");
    }

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>A scenario at one size, and everyone who answers it.</summary>
    private sealed record Case(Scenario Scenario, Inventory Inventory)
    {
        public List<Runner> Runners { get; } = [];

        public void AddRunners(string floor, string references)
        {
            var ask = Scenario.Ask(Inventory);
            Runners.Add(new Runner("service", Inventory.Service.Address, ask));
            // The query is for `updatedSince` to be appended to.
            Runners.Add(new Runner("floor", floor, ask with { Path = "?floor=1" }));
            if (Scenario.ReferenceQuery is { } query && Inventory.Size <= Inventory.LargestWithReferences)
            {
                Runners.AddRange(new[] { "N", "F", "J", "W" }.Select(who => new Runner(who, references, ask with { Path = $"/{who}/{Inventory.Size}?{query}" })));
            }
        }
    }

    private sealed record Runner(string Who, string Address, Ask Ask)
    {
        public List<LoadResult> Results { get; } = [];
        public long Bytes { get; set; }
        public double RequestsPerSecond => Median(Results.Select(result => result.RequestsPerSecond));

        /// <summary>Of runs that followed each other, so that a slow minute of the machine hits both.</summary>
        public double Ratio(Runner other) => Median(Results.Zip(other.Results, (ours, theirs) => ours.RequestsPerSecond / theirs.RequestsPerSecond));
    }
}
