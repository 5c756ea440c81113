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
                await MeasureStartAsync();
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

    /// <summary>As the Dockerfile publishes it, and as `dotnet run` starts it, each against an empty application of the same kind.</summary>
    private async Task MeasureStartAsync()
    {
        var published = Builds.Publish();
        var debug = Builds.BuildForRun();
        var folder = Directory.CreateTempSubdirectory("ankerorte-start-");
        var table = new Table("start to ready", "CPU ms", "wall ms", "CPU of the empty application's");
        var starts = new (string What, string Dll, bool IsFirst, double Most)[]
        {
            ("published, database there", published, false, 2), ("published, first start", published, true, 4),
            ("dotnet run, database there", debug, false, 4), ("dotnet run, first start", debug, true, 8),
        };
        var times = starts.Select(_ => new List<(double Processor, double Wall, double Ratio)>()).ToList();
        var empty = new List<(double Processor, double Wall)>();
        // The first round only warms up: files of the programs, databases that are to be there.
        for (var run = -1; run < options.Runs; run++)
        {
            var least = await TimeAsync(() => Server.StartOwnAsync("empty"));
            empty.Add(least);
            for (var i = 0; i < starts.Length; i++)
            {
                var (_, dll, isFirst, _) = starts[i];
                var file = Path.Combine(folder.FullName, isFirst ? $"{i}-{run}.db" : $"{i}.db");
                var (processor, wall) = await TimeAsync(() => Server.StartServiceAsync(dll, file));
                if (run >= 0)
                {
                    times[i].Add((processor, wall, processor / least.Processor));
                }
            }
        }

        folder.Delete(recursive: true);
        table.Add("empty ASP.NET application", $"{Median(empty.Select(one => one.Processor)):N0}", $"{Median(empty.Select(one => one.Wall)):N0}", "");
        for (var i = 0; i < starts.Length; i++)
        {
            var ratio = Median(times[i].Select(one => one.Ratio));
            table.Add(starts[i].What, $"{Median(times[i].Select(one => one.Processor)):N0}", $"{Median(times[i].Select(one => one.Wall)):N0}", $"{ratio:N1}");
            verdicts.Add($"start, {starts[i].What}: CPU of the empty application's", $"≤ {starts[i].Most}", $"{ratio:N1}", ratio <= starts[i].Most ? "yes" : "NO");
        }

        table.Print("Start");

        static async Task<(double Processor, double Wall)> TimeAsync(Func<Task<Server>> start)
        {
            using var server = await start();
            return (server.StartedWith.TotalMilliseconds, server.StartedIn.TotalMilliseconds);
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
            cases[i].AddRunners(floor, "/" + i, references);
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
                    var before = runner.Server.ProcessorTime;
                    var result = load.Run(runner.Address, runner.Ask);
                    result = result with { Processor = (runner.Server.ProcessorTime - before).TotalMilliseconds / result.Requests };
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
            var table = new Table("sites", "who", "requests/s", "p50 ms", "p99 ms", "CPU ms", "of the floor", "CPU of the floor's", "of N", "bytes");
            foreach (var one in group)
            {
                var floor = one.Runners.First(runner => runner.Who == "floor");
                var n = one.Runners.FirstOrDefault(runner => runner.Who == "N");
                foreach (var runner in one.Runners)
                {
                    table.Add(
                        $"{one.Inventory.Size:N0}", runner.Who, $"{runner.RequestsPerSecond:N0}", $"{Median(runner.Results.Select(result => result.P50)):N2}", $"{Median(runner.Results.Select(result => result.P99)):N2}", $"{Median(runner.Results.Select(result => result.Processor)):N3}",
                        runner == floor ? "" : $"{runner.Ratio(floor):N2}", runner == floor ? "" : $"{runner.ProcessorRatio(floor):N2}", n is null || runner == floor ? "" : $"{runner.Ratio(n):N2}", $"{runner.Bytes:N0}");
                }

                if (one.Scenario.MostProcessor is { } most)
                {
                    var cost = one.Runners[0].ProcessorRatio(floor);
                    verdicts.Add($"{one.Scenario.Name} at {one.Inventory.Size:N0}, CPU of the floor's", $"≤ {most:N2}", $"{cost:N2}", cost <= most ? "yes" : "NO");
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

        public void AddRunners(Server floor, string floorPath, Server references)
        {
            var ask = Scenario.Ask(Inventory);
            Runners.Add(new Runner("service", Inventory.Service, "", ask));
            // The query is for `updatedSince` to be appended to.
            Runners.Add(new Runner("floor", floor, floorPath, ask with { Path = "?floor=1" }));
            if (Scenario.ReferenceQuery is { } query && Inventory.Size <= Inventory.LargestWithReferences)
            {
                Runners.AddRange(new[] { "N", "F", "J", "W" }.Select(who => new Runner(who, references, "", ask with { Path = $"/{who}/{Inventory.Size}?{query}" })));
            }
        }
    }

    private sealed record Runner(string Who, Server Server, string Path, Ask Ask)
    {
        public string Address => Server.Address + Path;

        public List<LoadResult> Results { get; } = [];
        public long Bytes { get; set; }
        public double RequestsPerSecond => Median(Results.Select(result => result.RequestsPerSecond));

        /// <summary>Of runs that followed each other, so that a slow minute of the machine hits both.</summary>
        public double Ratio(Runner other) => Median(Results.Zip(other.Results, (ours, theirs) => ours.RequestsPerSecond / theirs.RequestsPerSecond));

        /// <summary>The same of processor time a request.</summary>
        public double ProcessorRatio(Runner other) => Median(Results.Zip(other.Results, (ours, theirs) => ours.Processor / theirs.Processor));
    }
}
