using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// Short writes that wait at the same time share one transaction, so that the disk is asked once for all of them. Each has a
/// savepoint of its own: a write that fails or changes nothing is undone alone. Each is answered only after the commit.
/// </summary>
/// <param name="writers">Held while writing; other writers of this process wait for it, too.</param>
/// <param name="open">Opens a connection.</param>
/// <param name="check">Called inside each transaction before the first write; throws if nothing may be written.</param>
/// <param name="noteFailure">Told why a transaction failed.</param>
internal sealed class SharedCommits(SemaphoreSlim writers, Func<PreparedConnection> open, Action check, Action<Exception> noteFailure)
    : IDisposable
{
    /// <summary>Bounds how long the first write waits for the last.</summary>
    private const int MostTogether = 64;

    private readonly Queue<PendingWrite> waiting = new();
    private bool isWriting;

    /// <summary>Stays open, so that its prepared statements stay as well; only used while the writers are held.</summary>
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
                // Not on the request that came first: it would go on writing for the others after its own answer is known.
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

    /// <summary>A closed connection goes back to the pool as it is, so it must not keep its transaction.</summary>
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
            // None of them is stored, also not those that went well: the transaction is gone, or the commit failed.
            Close();
            noteFailure(e);
            together.ForEach(write => write.Fail(e));
            return;
        }

        together.ForEach(write => write.Succeed());
    }

    /// <exception cref="SqliteException">SQLite has ended the transaction, as it does when the disk is full.</exception>
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
        /// <summary>Whoever asked has left before the write began.</summary>
        public bool IsCancelled => cancel.IsCancellationRequested;

        public abstract WriteEnd Run(SqliteConnection connection);

        /// <summary>Notes a failure of this write alone.</summary>
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
