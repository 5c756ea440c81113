using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// Checks whether the database can be used: its file was not replaced, a page can be written, there is space, and a regular check of
/// the whole file finds no damage. None of this runs at the start of the service.
/// </summary>
internal sealed class StorageHealth(Database database, TimeProvider clock, ILogger<StorageHealth> log) : BackgroundService
{
    /// <summary>Time between two probes. After a failed write the next probe is immediate.</summary>
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CheckFirst = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CheckEvery = TimeSpan.FromHours(1);

    /// <summary>
    /// A check reads the whole file. The service waits this many times its duration, so checks take at most 1 % of the time.
    /// </summary>
    private const int Share = 100;

    /// <summary>In bytes. A disk with less free space counts as full, because SQLite needs space for its write-ahead log.</summary>
    private const long LeastFree = 8 * 1024 * 1024;

    private readonly Lock probing = new();
    private long probedAt = clock.GetTimestamp();
    private string? failure;
    private volatile bool isDamaged;
    private volatile string? last;

    /// <summary>The problem as a code of the contract; null if there is none. Called while a snapshot is open.</summary>
    public string? Find()
    {
        var found = database.IsReplaced ? "file-replaced" : isDamaged ? "damaged" : Probe();
        if (found != last && found is not null)
        {
            log.LogError("The database cannot be used ({Problem}): {File}", found, database.File);
        }

        last = found;
        return found;
    }

    /// <summary>Reads every page of the file and records whether it is damaged.</summary>
    public void Check()
    {
        string found;
        try
        {
            // A new connection, because others may have sound pages in memory that are damaged on the disk.
            using var connection = new SqliteConnection(
                new SqliteConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ToString());
            connection.Open();
            found = connection.ExecuteScalar<string>("pragma quick_check(1)") ?? "ok";
        }
        catch (SqliteException e) when (StorageFailure.Of(e) is { IsDamage: true })
        {
            found = e.Message;
        }
        catch (SqliteException e)
        {
            log.LogWarning("The database could not be checked: {Message}", e.Message);
            return;
        }

        if (found != "ok" && !isDamaged)
        {
            log.LogError("The database is damaged: {Message}", found);
        }

        isDamaged = found != "ok";
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = CheckFirst;
        while (true)
        {
            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            var begun = clock.GetTimestamp();
            Check();
            var took = clock.GetElapsedTime(begun) * Share;
            wait = took > CheckEvery ? took : CheckEvery;
        }
    }

    private string? Probe()
    {
        lock (probing)
        {
            if (clock.GetElapsedTime(probedAt) >= ProbeEvery || database.HasFailed)
            {
                probedAt = clock.GetTimestamp();
                failure = IsFull() ? "disk-full" : database.ProbeWrite() switch
                {
                    true => null,
                    false => "write-failed",
                    null => failure,
                };
            }

            return failure;
        }
    }

    private bool IsFull()
    {
        try
        {
            var drive = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(database.File))!);
            return drive is { TotalSize: > 0, AvailableFreeSpace: < LeastFree };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Some file systems do not report free space. The write probe then notices a full disk.
            return false;
        }
    }
}
