using System.Collections.Concurrent;
using System.Diagnostics;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>
/// Queues and computes runs, two at a time. Of the runs without a key, one at a time is computed on one core, so that another core is
/// free for requests. Addresses and keys take turns. Progress is in memory; ended runs are in the database. A service that stops marks
/// its runs as interrupted. If it was killed, its next start marks them.
/// </summary>
internal sealed class RunQueue(Database.Database database, CpuBudget budget, TimeProvider clock, ILogger<RunQueue> log) : BackgroundService
{
    private const int AtOnce = 2;

    /// <summary>Largest number of waiting runs. Each waits with its table in memory.</summary>
    private const int MostWaiting = 100;
    private const int MostWaitingWithoutKey = 20;
    private const int MostWaitingOfOneAddress = 3;

    private const int Patience = 10;

    /// <summary>A run with at least this many rows is computed alone, because it needs much memory.</summary>
    private const int Large = 3_000;

    private static readonly LocalizedText Interrupted = new()
    {
        De = "Der Dienst wurde angehalten. Bitte senden Sie die Anfrage noch einmal.",
        En = "The service was stopped. Please send the request again.",
    };

    private static readonly LocalizedText Failed = new()
    {
        De = "Ein unerwarteter Fehler ist aufgetreten. Er steht im Protokoll des Dienstes.",
        En = "An unexpected error has occurred. The log of the service describes it.",
    };

    private readonly WaitingRuns waiting = new();
    private readonly ConcurrentDictionary<string, Job> known = new();
    private readonly SemaphoreSlim memory = new(1);

    /// <summary>A scheduler for one core. Parallel loops use the scheduler of their caller, so they stay on this core.</summary>
    private readonly TaskScheduler oneCore = new ConcurrentExclusiveSchedulerPair(
        TaskScheduler.Default, maxConcurrencyLevel: 1).ConcurrentScheduler;

    /// <summary>Whether one more run may wait.</summary>
    /// <param name="address">Address of a caller without a key; null for others.</param>
    public bool HasRoom(string? address) => waiting.Count(_ => true) < MostWaiting
        && (address is null
            || (waiting.Count(run => run.Address is not null) < MostWaitingWithoutKey
            && waiting.Count(run => run.Address == address) < MostWaitingOfOneAddress));

    /// <param name="address">Address of a caller without a key, whose budget the run uses; null for others.</param>
    /// <param name="owner">Owner of the key; null without a key.</param>
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
            End(job, "failed", null, new LocalizedText
            {
                De = "Zu viele Berechnungen warten. Bitte senden Sie die Anfrage später noch einmal.",
                En = "Too many runs are waiting. Please send the request again later.",
            });
        }
    }

    public RunProgress? Progress(string id) => known.TryGetValue(id, out var job) ? job.Progress : null;

    /// <summary>Stops the computation. The database already has the status cancelled.</summary>
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
        // Most starts find no such run. Then they write nothing and need not wait for the disk.
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
            // The service is stopping. Its next start marks the runs that still wait.
        }
    }

    private async Task ComputeAsync(Job job, CancellationToken stopping)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(job.Stop.Token, stopping);
        // The limit counts processor time, which takes longer on a busy machine. This timeout ends a run that hangs.
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
                    De = $"Die Berechnung wurde in {job.Limit.TotalSeconds:0} Sekunden nicht fertig. Bitte fordern Sie weniger Zeilen an, "
                        + "kleinere Werte für restarts, bootstrap oder gap, oder lassen Sie jackknife weg.",
                    En = $"The run was not finished within {job.Limit.TotalSeconds:0} seconds. Please ask for fewer rows, restarts, "
                        + "bootstrap or gap replicates, or leave out jackknife.",
                });
            }
        }
        catch (Exception failure)
        {
            // After any error the run must get a final status.
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

    /// <summary>
    /// The waiting runs. The next run is that of the caller who was served longest ago. Of the runs without a key, one at a time is
    /// computed.
    /// </summary>
    private sealed class WaitingRuns : IDisposable
    {
        private readonly List<Waiting> jobs = [];
        private readonly Dictionary<string, long> served = new(StringComparer.Ordinal);

        /// <summary>Released whenever another run may be able to start.</summary>
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

        /// <summary>Takes the next run; null if none can start yet. The caller must report its end to <see cref="HasEnded"/>.</summary>
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
        /// <summary>Rough share of the time at which each phase ends.</summary>
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

        /// <summary>Starts measuring the processor time of the run, until the result is disposed.</summary>
        public IDisposable Begin(CancellationTokenSource cancel)
        {
            (overdue, meter) = (cancel, CpuMeter.Start());
            watch.Start();
            return this;
        }

        public void Tell(string phase, double share)
        {
            // A run that may use all cores has the limit twice.
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
