using System.Diagnostics;
using System.Globalization;
using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Benchmarks;

/// <summary>How fast types are computed, and how good they are: against R where `Rscript` is installed, and where there are too many records for all pairs.</summary>
internal static class AnalysisSpeed
{
    private const int K = 5;

    public static async Task RunAsync(int runs)
    {
        Inventory();
        // Before anything larger, because the peak of memory is that of the process.
        Whole(10_000);
        await AgainstRAsync(runs);
        Sampled(100_000);
    }

    /// <summary>What a run over the shipped sites costs, in a fresh process and when the code is compiled.</summary>
    private static void Inventory()
    {
        var table = new Table("110 sites, k = 2 to 8", "CPU ms", "elapsed ms");
        for (var round = 1; round <= 3; round++)
        {
            var watch = Stopwatch.StartNew();
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            Audit(AnalysisData.Shipped());
            table.Add($"round {round}", Number((Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds, 0), Number(watch.Elapsed.TotalMilliseconds, 0));
        }

        table.Print("The inventory: 50 restarts, 100 bootstrap replicates, every weight at 0 and doubled");
    }

    private static void Audit(DataTable all)
    {
        var chosen = Comparable.Choose(all, .5);
        for (var k = 2; k <= Suggestion.LargestK; k++)
        {
            var found = KMedoids.Best(chosen.Distances, k, 50, 1);
            _ = Silhouette.Of(chosen.Distances, found.Labels);
            _ = Stability.Bootstrap(chosen.Distances, found, 100, 1);
            foreach (var (column, factor) in Enumerable.Range(0, chosen.Table.Columns.Count).SelectMany(column => new[] { (column, 0), (column, 2) }))
            {
                var d = Gower.Compute(chosen.Table.WithWeights([.. chosen.Table.Columns.Select((one, i) => i == column ? one.Weight * factor : one.Weight)]));
                d.Fill(1);
                _ = Agreement.AdjustedRandIndex(found.Labels, KMedoids.Best(d, k, 0, 1).Labels);
            }
        }
    }

    private static async Task AgainstRAsync(int runs)
    {
        var table = new Table("records", "ours s", "R s", "times as fast", "our total", "R's total", "ours / R's");
        foreach (var count in new[] { 2_000, 5_000 })
        {
            var flags = AnalysisData.Flags(count);
            var data = AnalysisData.Table(flags);
            var (seconds, total) = (new List<double>(), 0.0);
            for (var run = 0; run < runs; run++)
            {
                var watch = Stopwatch.StartNew();
                total = KMedoids.Best(Gower.Compute(data), K, 0, 1).Objective;
                seconds.Add(watch.Elapsed.TotalSeconds);
            }

            var ours = seconds.Order().ElementAt(runs / 2);
            if (await RAsync(flags, runs) is var (theirs, theirTotal))
            {
                table.Add(Number(count, 0), Number(ours, 3), Number(theirs, 3), Number(theirs / ours, 1), Number(total, 4), Number(theirTotal, 4), Number(total / theirTotal, 5));
            }
            else
            {
                table.Add(Number(count, 0), Number(ours, 3), "-", "-", Number(total, 4), "-", "-");
            }
        }

        table.Print("Against daisy and pam of R: 40 dimensions of yes and no, k = 5, BUILD, no restarts");
    }

    private static async Task<(double Seconds, double Total)?> RAsync(bool[][] flags, int runs)
    {
        var file = Path.GetTempFileName();
        try
        {
            AnalysisData.Write(flags, file);
            using var process = Process.Start(new ProcessStartInfo("Rscript", ["--vanilla", Repository.Path("tests", "Benchmarks", "analysis.R"), file, $"{runs}"]) { RedirectStandardOutput = true })!;
            var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new StopException("Rscript failed; is the package cluster installed (Debian: apt install r-base-core r-cran-cluster)?");
            }

            var measured = lines.Select(line => line.Split(' ')).Select(cells => (Seconds: Parse(cells[0]), Total: Parse(cells[1]))).OrderBy(run => run.Seconds).ToList();
            return measured[measured.Count / 2];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Whole(int count)
    {
        var data = AnalysisData.Table(AnalysisData.Flags(count));
        var told = 0;
        var watch = Stopwatch.StartNew();
        var d = Gower.Compute(data, _ => Interlocked.Increment(ref told));
        var found = KMedoids.Best(d, K, 0, 1, _ => Interlocked.Increment(ref told));
        var seconds = watch.Elapsed.TotalSeconds;
        var table = new Table("records", "seconds", "peak MB", "told of its progress", "total");
        table.Add(Number(count, 0), Number(seconds, 2), Number(Process.GetCurrentProcess().PeakWorkingSet64 / 1e6, 0), $"{told} times", Number(found.Objective, 4));
        table.Print("All pairs");
    }

    /// <summary>By samples, and the best of five full runs on random 10,000 records, each judged by all records.</summary>
    private static void Sampled(int count)
    {
        var data = AnalysisData.Table(AnalysisData.Flags(count));
        var watch = Stopwatch.StartNew();
        var sampled = SampledKMedoids.Best(data, K, 1).Objective / count;
        var seconds = watch.Elapsed.TotalSeconds;
        watch.Restart();
        var random = new SplitMix64(2);
        var best = double.PositiveInfinity;
        for (var run = 0; run < 5; run++)
        {
            var sample = random.Sample(count, SampledKMedoids.LargestWhole).Order().ToArray();
            var found = KMedoids.Best(Gower.Compute(data.Select(sample)), K, 0, 1);
            best = Math.Min(best, SampledKMedoids.Assign(data, [.. found.Medoids.Select(medoid => sample[medoid])]).Objective / count);
        }

        var table = new Table("records", "seconds", "mean to the medoid", "best of five full runs", "their seconds", "ratio");
        table.Add(Number(count, 0), Number(seconds, 2), Number(sampled, 6), Number(best, 6), Number(watch.Elapsed.TotalSeconds, 1), Number(sampled / best, 5));
        table.Print("By samples");
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Number(double value, int digits) => value.ToString("N" + digits, CultureInfo.InvariantCulture);
}
