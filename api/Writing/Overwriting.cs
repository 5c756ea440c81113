using AnkerOrte.Api.Database;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>
/// Empties the write-ahead log after a deletion, which otherwise still holds what was deleted. A reader that holds an older snapshot
/// prevents this, so it is tried until it succeeds, also after a restart.
/// </summary>
internal sealed class Overwriting(Database.Database database, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim requested = new(0, 1);

    /// <summary>The last entry after which the full-text index was merged.</summary>
    private long merged;

    /// <summary>Has it done soon; returns at once.</summary>
    public void Request()
    {
        try
        {
            requested.Release();
        }
        catch (SemaphoreFullException)
        {
            // Asked for already.
        }
    }

    /// <summary>
    /// Does it now. If readers prevent it for half a second, it goes on in the background, and the audit log says when it is done.
    /// </summary>
    /// <returns>Whether nothing of what was deleted before this call is left in the file and its log.</returns>
    public async Task<bool> FinishAsync()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if (await TryAsync(isLate: false, CancellationToken.None))
            {
                return true;
            }

            await Task.Delay(100);
        }

        Request();
        return false;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A process before this one may have ended too early.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            while (!await TryAsync(isLate: true, stoppingToken))
            {
                await Task.Delay(Pause, stoppingToken);
            }

            await requested.WaitAsync(stoppingToken);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        requested.Dispose();
    }

    /// <summary>The full-text index keeps the words of removed entries until its parts are merged.</summary>
    private static bool Merge(SqliteConnection connection, long last)
    {
        if (!Tombstones.HasWordsToOverwrite(connection, last))
        {
            return false;
        }

        SecureDelete.Enable(connection);
        SearchIndex.Merge(connection);
        return true;
    }

    private async Task<bool> TryAsync(bool isLate, CancellationToken cancel)
    {
        try
        {
            var last = database.ReadPrepared(Tombstones.LastToOverwrite);
            if (last == 0)
            {
                return true;
            }

            if (last > merged)
            {
                await database.WriteAsync(
                    connection => Merge(connection, last), changed => changed ? WriteEnd.Commit : WriteEnd.Rollback, cancel);
                merged = last;
            }

            if (!await database.TryEmptyLogAsync(cancel))
            {
                return false;
            }

            var at = Instant.Write(clock.GetUtcNow());
            await database.WriteAsync(
                connection =>
                {
                    foreach (var person in Tombstones.MarkOverwritten(connection, last, at).Where(_ => isLate))
                    {
                        AuditLog.Add(
                            connection, AuditEntry.Of(
                            new Author("operator", null, null, at), "overwrite erased", "/v1/persons/" + person), at);
                    }

                    return true;
                },
                _ => WriteEnd.Commit, cancel);
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }
}
