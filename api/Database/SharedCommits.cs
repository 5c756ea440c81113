using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// Short writes that wait at the same time share one transaction, so that the disk is flushed once for all of them. Each write has
/// its own savepoint, so a failed or refused write is rolled back alone. All writes are answered after the commit.
/// </summary>
/// <param name="writers">Held while writing. Other writers of this process wait for it as well.</param>
/// <param name="open">Opens a connection.</param>
/// <param name="check">Called in each transaction before the first write. Throws if nothing may be written.</param>
/// <param name="noteFailure">Called with the exception of a failed transaction.</param>
internal sealed class SharedCommits(SemaphoreSlim writers, Func<PreparedConnection> open, Action check, Action<Exception> noteFailure)
    : IDisposable
{
    /// <summary>Writes per transaction. Limits how long the first one waits for the last one.</summary>
    private const int MostTogether = 64;

    private readonly Queue<PendingWrite> waiting = new();
    private bool isWriting;

    /// <summary>Stays open, so that its statements stay prepared. Used only while the writers are held.</summary>
    private PreparedConnection? connection;

    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> change, Func<T, WriteEnd> end, CancellationToken cancel)
    {
        var write = new PendingWrite<T>(change, end, cancel);
        lock (waiting)
        {
            waiting.Enqueue(write);
            if (!isWriting)
            {
                isWriting = true;
                // On a thread of its own, because the first request would otherwise write for all others before it can answer.
                _ = Task.Run(WriteAllAsync, CancellationToken.None);
            }
        }

        return write.Result;
    }

    public void Dispose() => connection?.Dispose();

    private async Task WriteAllAsync()
    {
        while (true)
        {
            await writers.WaitAsync();
            try
            {
                var together = Take();
                if (together.Count == 0)
                {
                    return;
                }

                WriteTogether(together);
            }
            finally
            {
                writers.Release();
            }
        }
    }

    /// <summary>Ends the transaction before closing, because the pool reuses the connection as it is.</summary>
    private void Close()
    {
        if (connection is { State: System.Data.ConnectionState.Open } open && !HasEnded(open))
        {
            SQLitePCL.raw.sqlite3_exec(open.Handle, "rollback");
        }

        connection?.Dispose();
        connection = null;
    }

    private List<PendingWrite> Take()
    {
        lock (waiting)
        {
            var taken = new List<PendingWrite>(Math.Min(waiting.Count, MostTogether));
            while (taken.Count < MostTogether && waiting.TryDequeue(out var write))
            {
                taken.Add(write);
            }

            isWriting = taken.Count > 0;
            return taken;
        }
    }

    private void WriteTogether(List<PendingWrite> together)
    {
        try
        {
            connection ??= open();
            connection.Run("begin immediate");
            check();
            foreach (var write in together)
            {
                Write(connection, write);
            }

            connection.Run("commit");
        }
        catch (Exception e)
        {
            // No write of this transaction is stored, because SQLite has ended the transaction or the commit failed.
            Close();
            noteFailure(e);
            together.ForEach(write => write.Fail(e));
            return;
        }

        together.ForEach(write => write.Succeed());
    }

    /// <exception cref="SqliteException">SQLite has ended the transaction, for example because the disk is full.</exception>
    private static void Write(SqliteConnection connection, PendingWrite write)
    {
        if (write.IsCancelled)
        {
            return;
        }

        connection.Run("savepoint own");
        try
        {
            if (write.Run(connection) == WriteEnd.Rollback)
            {
                connection.Run("rollback to own");
            }
        }
        catch (Exception e) when (!HasEnded(connection))
        {
            write.Refuse(e);
            connection.Run("rollback to own");
        }

        connection.Run("release own");
    }

    private static bool HasEnded(SqliteConnection connection) => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) != 0;

    private abstract class PendingWrite(CancellationToken cancel)
    {
        /// <summary>Whether the client has disconnected before the write began.</summary>
        public bool IsCancelled => cancel.IsCancellationRequested;

        public abstract WriteEnd Run(SqliteConnection connection);

        /// <summary>Records a failure of this write only.</summary>
        public abstract void Refuse(Exception e);

        public abstract void Succeed();

        public abstract void Fail(Exception e);
    }

    private sealed class PendingWrite<T>(Func<SqliteConnection, T> change, Func<T, WriteEnd> end, CancellationToken cancel) : PendingWrite(cancel)
    {
        private readonly TaskCompletionSource<T> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? refusal;
        private bool hasRun;

        public Task<T> Result => source.Task;

        public override WriteEnd Run(SqliteConnection connection)
        {
            hasRun = true;
            result = Database.Run(change, connection);
            var how = end(result);
            return how != WriteEnd.CommitPublic ? how : throw new InvalidOperationException("A write that changes public answers must raise the revision; use Database.WriteAsync.");
        }

        public override void Refuse(Exception e) => refusal = e;

        public override void Succeed()
        {
            if (refusal is not null)
            {
                source.SetException(refusal);
            }
            else if (hasRun)
            {
                source.SetResult(result!);
            }
            else
            {
                source.SetCanceled(CancellationToken.None);
            }
        }

        public override void Fail(Exception e) => source.SetException(refusal ?? e);
    }
}
