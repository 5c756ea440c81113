using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>
/// Runs wait here and are computed, two at a time. What is under way is known in memory; what has ended is in the database. A service that is
/// stopped leaves its runs marked as interrupted, and one that was killed marks them at its next start.
/// </summary>
internal sealed class RunQueue(Database.Database database, TimeProvider clock, ILogger<RunQueue> log) : BackgroundService
{
    private const int AtOnce = 2;
    private const int MostWaiting = 100;

    private const int Patience = 10;

    /// <summary>From here on a run needs so much memory that it is computed alone.</summary>
    private const int Large = 3_000;

    private static readonly LocalizedText Interrupted = new() { De = "Der Dienst wurde angehalten. Die Anfrage noch einmal senden.", En = "The service was stopped. Send the request again." };
    private static readonly LocalizedText Failed = new() { De = "Unerwarteter Fehler; er steht im Protokoll des Dienstes.", En = "Unexpected error; it is in the log of the service." };

    private readonly Channel<Job> waiting = Channel.CreateBounded<Job>(MostWaiting);
    private readonly ConcurrentDictionary<string, Job> known = new();
    private readonly SemaphoreSlim memory = new(1);

    /// <summary>Room for one more; whoever gets none is told to come later.</summary>
    public bool HasRoom => waiting.Reader.Count < MostWaiting;

    public void Add(string id, RunRequest request, CuratedTypes? curated, string snapshotHash, TimeSpan limit)
    {
        var job = new Job(id, request, curated, snapshotHash, limit);
        known[id] = job;
        if (!waiting.Writer.TryWrite(job))
        {
            End(job, "failed", null, new LocalizedText { De = "Zu viele Berechnungen warten. Später noch einmal senden.", En = "Too many runs are waiting. Send it again later." });
        }
    }

    public RunProgress? Progress(string id) => known.TryGetValue(id, out var job) ? job.Progress : null;

    /// <summary>Stops the computation; the database says already that it was cancelled.</summary>
    public void Cancel(string id)
    {
        if (known.TryRemove(id, out var job))
        {
            job.Stop.Cancel();
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var now = Instant.Write(clock.GetUtcNow());
        // Most starts find none, and then neither write nor wait for the disk.
        if (database.ReadPrepared(connection => RunQueries.HasEndedOrUnfinished(connection, now)))
        {
            database.WriteAsync(connection =>
            {
                RunQueries.MarkInterrupted(connection, WireJson.Text(Interrupted), now);
                RunQueries.RemoveExpired(connection, now);
                return true;
            }, _ => WriteEnd.Commit, cancellationToken).GetAwaiter().GetResult();
        }

        return base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll([
        .. Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)), Task.Run(() => TidyAsync(stoppingToken), CancellationToken.None)]);

    private async Task WorkAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var job in waiting.Reader.ReadAllAsync(stopping))
            {
                if (job.Stop.IsCancellationRequested)
                {
                    continue;
                }

                var isLarge = job.Request.Table.Count >= Large;
                if (isLarge)
                {
                    await memory.WaitAsync(stopping);
                }

                try
                {
                    await ComputeAsync(job, stopping);
                }
                finally
                {
                    if (isLarge)
                    {
                        memory.Release();
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Those that still waited are marked at the next start.
        }
    }

    private async Task ComputeAsync(Job job, CancellationToken stopping)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(job.Stop.Token, stopping);
        // The limit is one of computing time, which a busy machine gives slowly; this one is only for what hangs.
        cancel.CancelAfter(job.Limit * Patience);
        job.Begin(cancel);
        try
        {
            await database.WriteAsync(connection =>
            {
                RunQueries.Start(connection, job.Id);
                return true;
            }, _ => WriteEnd.Commit, cancel.Token);
            var result = new RunComputation(job.Request, job.Curated, job.Tell, cancel.Token).Run(job.SnapshotHash);
            End(job, "succeeded", RunResults.Write(result), null);
        }
        catch (OperationCanceledException)
        {
            if (stopping.IsCancellationRequested)
            {
                End(job, "interrupted", null, Interrupted);
            }
            else if (!job.Stop.IsCancellationRequested)
            {
                End(job, "failed", null, new LocalizedText
                {
                    De = $"Nicht fertig in {job.Limit.TotalSeconds:0} Sekunden. Weniger Zeilen, restarts oder bootstrap verlangen.",
                    En = $"Not done within {job.Limit.TotalSeconds:0} seconds. Ask for fewer rows, restarts or bootstrap replicates.",
                });
            }
        }
        catch (Exception failure)
        {
            // Whatever it is, the run must not look as if it were still under way.
            log.LogError(failure, "Typology run {Id} failed", job.Id);
            End(job, "failed", null, Failed);
        }
    }

    private void End(Job job, string status, string? result, LocalizedText? problem)
    {
        database.WriteAsync(
            connection => RunQueries.End(connection, job.Id, status, result, problem is null ? null : WireJson.Text(problem), Instant.Write(clock.GetUtcNow())),
            ended => ended ? WriteEnd.Commit : WriteEnd.Rollback, CancellationToken.None).GetAwaiter().GetResult();
        known.TryRemove(job.Id, out _);
    }

    private async Task TidyAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(6), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                await database.WriteAsync(connection =>
                {
                    RunQueries.RemoveExpired(connection, Instant.Write(clock.GetUtcNow()));
                    return true;
                }, _ => WriteEnd.Commit, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    public override void Dispose()
    {
        memory.Dispose();
        base.Dispose();
    }

    private sealed class Job(string id, RunRequest request, CuratedTypes? curated, string snapshotHash, TimeSpan limit)
    {
        /// <summary>How the phases share the time, roughly; each ends at its sum.</summary>
        private static readonly (string Phase, double Until)[] Phases = [("dissimilarities", .15), ("clustering", .45), ("stability", .85), ("profiles", .9), ("sensitivity", 1)];

        private readonly Stopwatch watch = new();
        private CancellationTokenSource? overdue;
        private TimeSpan before;
        private volatile RunProgress progress = new() { Phase = "waiting", Share = 0 };

        public string Id => id;
        public RunRequest Request => request;
        public CuratedTypes? Curated => curated;
        public string SnapshotHash => snapshotHash;
        public TimeSpan Limit => limit;
        public CancellationTokenSource Stop { get; } = new();
        public RunProgress Progress => progress;

        /// <summary>From now on what the process computes counts; of runs side by side each pays its part.</summary>
        public void Begin(CancellationTokenSource cancel)
        {
            (overdue, before) = (cancel, Environment.CpuUsage.TotalTime);
            watch.Start();
        }

        public void Tell(string phase, double share)
        {
            if ((Environment.CpuUsage.TotalTime - before) / AtOnce > limit)
            {
                overdue?.Cancel();
            }

            var place = Array.FindIndex(Phases, known => known.Phase == phase);
            var from = place == 0 ? 0 : Phases[place - 1].Until;
            var done = Math.Round(from + Math.Clamp(share, 0, 1) * (Phases[place].Until - from), 4);
            progress = new RunProgress { Phase = phase, Share = done, SecondsLeft = done > .02 ? Math.Round(watch.Elapsed.TotalSeconds * (1 - done) / done, 1) : null };
        }
    }
}
