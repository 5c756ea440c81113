using System.Collections.Concurrent;
using System.Diagnostics;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>
/// Runs wait here and are computed, two at a time. Of runs without a key one at a time is computed, on one core, so that requests find
/// another; addresses and keys take turns. What is under way is known in memory; what has ended is in the database. A service that is
/// stopped leaves its runs marked as interrupted, and one that was killed marks them at its next start.
/// </summary>
internal sealed class RunQueue(Database.Database database, CpuBudget budget, TimeProvider clock, ILogger<RunQueue> log) : BackgroundService
{
    private const int AtOnce = 2;

    /// <summary>Each waits with its table in memory.</summary>
    private const int MostWaiting = 100;
    private const int MostWaitingWithoutKey = 20;
    private const int MostWaitingOfOneAddress = 3;

    private const int Patience = 10;

    /// <summary>From here on a run needs so much memory that it is computed alone.</summary>
    private const int Large = 3_000;

    private static readonly LocalizedText Interrupted = new() { De = "Der Dienst wurde angehalten. Die Anfrage noch einmal senden.", En = "The service was stopped. Send the request again." };
    private static readonly LocalizedText Failed = new() { De = "Unerwarteter Fehler; er steht im Protokoll des Dienstes.", En = "Unexpected error; it is in the log of the service." };

    private readonly WaitingRuns waiting = new();
    private readonly ConcurrentDictionary<string, Job> known = new();
    private readonly SemaphoreSlim memory = new(1);

    /// <summary>Loops that run in parallel use the scheduler of their caller, and so this one core.</summary>
    private readonly TaskScheduler oneCore = new ConcurrentExclusiveSchedulerPair(
        TaskScheduler.Default, maxConcurrencyLevel: 1).ConcurrentScheduler;

    /// <summary>Whether one more may wait.</summary>
    /// <param name="address">Of a caller without a key; null for others.</param>
    public bool HasRoom(string? address) => waiting.Count(_ => true) < MostWaiting
        && (address is null
            || (waiting.Count(run => run.Address is not null) < MostWaitingWithoutKey
            && waiting.Count(run => run.Address == address) < MostWaitingOfOneAddress));

    /// <param name="address">Of a caller without a key, whose budget pays for the run; null for others.</param>
    /// <param name="owner">Of the key; null without.</param>
    public void Add(
        string id, RunRequest request, CuratedTypes? curated, string snapshotHash, TimeSpan limit, string? address, string? owner)
    {
        var job = new Job(id, request, curated, snapshotHash, limit, address, budget);
        known[id] = job;
        if (HasRoom(address))
        {
            waiting.Add(job, address ?? "key " + owner);
        }
        else
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
            while (true)
            {
                if (await waiting.TakeAsync(stopping) is not { } job)
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
                    if (!job.Stop.IsCancellationRequested)
                    {
                        await ComputeAsync(job, stopping);
                    }
                }
                finally
                {
                    waiting.HasEnded(job);
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
        try
        {
            await database.WriteAsync(connection =>
            {
                RunQueries.Start(connection, job.Id);
                return true;
            }, _ => WriteEnd.Commit, cancel.Token);
            var result = await Task.Factory.StartNew(
                () =>
                {
                    using var measured = job.Begin(cancel);
                    return RunResults.Write(new RunComputation(job.Request, job.Curated, job.Tell, cancel.Token).Run(job.SnapshotHash));
                }, cancel.Token, TaskCreationOptions.None, job.Address is null ? TaskScheduler.Default : oneCore);
            End(job, "succeeded", result, null);
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
                    De = $"Nicht fertig in {job.Limit.TotalSeconds:0} Sekunden. "
                        + "Weniger Zeilen, restarts, bootstrap oder gap verlangen, oder jackknife weglassen.",
                    En = $"Not done within {job.Limit.TotalSeconds:0} seconds. "
                        + "Ask for fewer rows, restarts, bootstrap or gap replicates, or leave out jackknife.",
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
        waiting.Dispose();
        memory.Dispose();
        base.Dispose();
    }

    /// <summary>Runs that wait. Whoever was served longest ago is next; of runs without a key one is under way at a time.</summary>
    private sealed class WaitingRuns : IDisposable
    {
        private readonly List<Waiting> jobs = [];
        private readonly Dictionary<string, long> served = new(StringComparer.Ordinal);

        /// <summary>Signalled whenever a run may have become next.</summary>
        private readonly SemaphoreSlim changed = new(0);
        private bool isRunningWithoutKey;
        private long turn;

        public int Count(Func<Job, bool> of)
        {
            lock (jobs)
            {
                return jobs.Count(waiting => !waiting.Job.Stop.IsCancellationRequested && of(waiting.Job));
            }
        }

        public void Add(Job job, string who)
        {
            lock (jobs)
            {
                jobs.Add(new Waiting(job, who));
            }

            changed.Release();
        }

        /// <summary>The next run, for <see cref="HasEnded"/> to be told of later; null if there is none yet.</summary>
        public async Task<Job?> TakeAsync(CancellationToken cancel)
        {
            await changed.WaitAsync(cancel);
            lock (jobs)
            {
                var next = jobs.Where(waiting => waiting.Job.Address is null || !isRunningWithoutKey)
                    .MinBy(waiting => served.GetValueOrDefault(waiting.Who));
                if (next is null)
                {
                    return null;
                }

                jobs.Remove(next);
                if (jobs.Count == 0)
                {
                    served.Clear();
                }

                served[next.Who] = ++turn;
                isRunningWithoutKey |= next.Job.Address is not null;
                return next.Job;
            }
        }

        public void HasEnded(Job job)
        {
            lock (jobs)
            {
                isRunningWithoutKey &= job.Address is null;
            }

            changed.Release();
        }

        public void Dispose() => changed.Dispose();

        private sealed record Waiting(Job Job, string Who);
    }

    private sealed class Job(
        string id, RunRequest request, CuratedTypes? curated, string snapshotHash, TimeSpan limit, string? address, CpuBudget budget)
        : IDisposable
    {
        /// <summary>How the phases share the time, roughly; each ends at its sum.</summary>
        private readonly (string Phase, double Until)[] phases = Phases(request.Parameters);

        private readonly Stopwatch watch = new();
        private CancellationTokenSource? overdue;
        private CpuMeter? meter;
        private TimeSpan charged;
        private volatile RunProgress progress = new() { Phase = "waiting", Share = 0 };

        public string Id => id;
        public RunRequest Request => request;
        public CuratedTypes? Curated => curated;
        public string SnapshotHash => snapshotHash;
        public TimeSpan Limit => limit;
        public string? Address => address;
        public CancellationTokenSource Stop { get; } = new();
        public RunProgress Progress => progress;

        /// <summary>From now on what is computed here counts, until it is disposed.</summary>
        public IDisposable Begin(CancellationTokenSource cancel)
        {
            (overdue, meter) = (cancel, CpuMeter.Start());
            watch.Start();
            return this;
        }

        public void Tell(string phase, double share)
        {
            // A run that may use all cores has the limit on each of two.
            if (Charge() / (address is null ? AtOnce : 1) > limit)
            {
                overdue?.Cancel();
            }

            var place = Array.FindIndex(phases, known => known.Phase == phase);
            var from = place == 0 ? 0 : phases[place - 1].Until;
            var done = Math.Round(from + Math.Clamp(share, 0, 1) * (phases[place].Until - from), 4);
            progress = new RunProgress { Phase = phase, Share = done, SecondsLeft = done > .02 ? Math.Round(watch.Elapsed.TotalSeconds * (1 - done) / done, 1) : null };
        }

        public void Dispose() => Charge();

        private static (string Phase, double Until)[] Phases(RunParameters asked)
        {
            (string Phase, int Part)[] parts =
            [
                ("dissimilarities", 3), ("clustering", 6), ("stability", 8), ("jackknife", asked.Jackknife is null ? 0 : 8),
                ("gap", asked.Gap is null ? 0 : 40), ("linkage", asked.Linkage is null ? 0 : 1), ("profiles", 1), ("sensitivity", 2),
            ];
            double all = parts.Sum(part => part.Part);
            return [.. parts.Select((part, i) => (part.Phase, parts.Take(i + 1).Sum(earlier => earlier.Part) / all))];
        }

        private TimeSpan Charge()
        {
            var spent = meter!.Spent;
            if (address is not null)
            {
                budget.Charge(address, spent - charged);
                charged = spent;
            }

            return spent;
        }
    }
}
