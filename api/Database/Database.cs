using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// The one SQLite file. Readers see one snapshot for the whole request; writers wait for each other.
/// Calls are synchronous on purpose: SQLite has no asynchronous I/O, and its async methods only pretend.
/// </summary>
internal sealed class Database : IDisposable
{
    private string connectionString;
    private long revision = -1;
    private long revisionReadAt;
    private string? instance;
    private bool isDisposed;

    /// <summary>Writers of this process queue here, first come, first served; SQLite alone would let them poll.</summary>
    private readonly SemaphoreSlim writers = new(1);

    private readonly SharedCommits shared;

    /// <summary>Keeps the file of the start open, so that another one in its place is noticed.</summary>
    private SqliteConnection? first;

    private string logFile = "";
    private bool isLogged;
    private volatile bool hasFailed;

    /// <summary>Connections for <see cref="ReadPrepared"/> that nobody uses now.</summary>
    private readonly ConcurrentBag<PreparedConnection> idle = [];

    private const int MostIdle = 8;

    /// <summary>Whether this thread is inside a write, while all other writers wait.</summary>
    [ThreadStatic]
    private static bool isWriting;

    public Database(string connectionString)
    {
        shared = new SharedCommits(writers, OpenPrepared, CheckFile, NoteFailure);

        // A write that waits longer than this for another one is a fault, not patience.
        this.connectionString = new SqliteConnectionStringBuilder(connectionString)
        {
            ForeignKeys = true,
            DefaultTimeout = 10,
        }.ToString();
        DefaultTypeMap.MatchNamesWithUnderscores = true;
    }

    public string ConnectionString => connectionString;

    public string File => new SqliteConnectionStringBuilder(connectionString).DataSource;

    /// <summary>
    /// Called when the file is complete. From now on a missing file is an error instead of being made anew, and writes are refused
    /// if the file was deleted or replaced.
    /// </summary>
    public void Fix()
    {
        connectionString = new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadWrite }.ToString();
        first = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        first.Open();
        isLogged = first.ExecuteScalar<string>("pragma journal_mode") == "wal";
        logFile = File + "-wal";
    }

    /// <summary>Whether the database file or its write-ahead log was deleted or replaced while the service runs.</summary>
    public bool IsReplaced => first is not null && (SqliteFile.HasMoved(first) || (isLogged && !System.IO.File.Exists(logFile)));

    /// <summary>Whether a write has failed for want of storage since the last successful probe.</summary>
    public bool HasFailed => hasFailed;

    /// <summary>
    /// Writes a page without changing anything. True: it is on the disk. False: it could not be written. Null: not known, because
    /// another writer is busy.
    /// </summary>
    public bool? ProbeWrite()
    {
        if (!writers.Wait(0))
        {
            return null;
        }

        try
        {
            using var connection = Open();
            // SQLite skips an update that changes nothing, but always writes the page of this number, which nothing else uses.
            var number = connection.ExecuteScalar<long>("pragma user_version");
            if (Run("begin immediate") is var begun && begun != 0)
            {
                return StorageFailure.IsBusy(begun) ? null : false;
            }

            var written = Run(FormattableString.Invariant($"pragma user_version = {number}")) == 0 && Run("commit") == 0;
            if (!written)
            {
                Run("rollback");
            }

            hasFailed = !written;
            return written;

            // Not through a command, which would wait seconds for another process.
            int Run(string sql) => SQLitePCL.raw.sqlite3_exec(connection.Handle, sql);
        }
        catch (SqliteException e)
        {
            return StorageFailure.IsBusy(e.SqliteErrorCode) ? null : false;
        }
        finally
        {
            writers.Release();
        }
    }

    /// <summary>
    /// The revision that answers are cached under. Another process may write to the file as well, so it is read
    /// again once a second; this process sets it with each of its own writes.
    /// </summary>
    public long Revision
    {
        get
        {
            if (Environment.TickCount64 - Volatile.Read(ref revisionReadAt) > 1000)
            {
                using var connection = Open();
                Raise(ReadRevision(connection));
                Volatile.Write(ref revisionReadAt, Environment.TickCount64);
            }

            return Volatile.Read(ref revision);
        }
    }

    /// <summary>The random name this database was given when it was made.</summary>
    private string Instance => instance ??= ReadInstance();

    /// <summary>Opens a snapshot: everything read through it belongs to one revision.</summary>
    public Snapshot Read()
    {
        var connection = Open();
        try
        {
            var transaction = connection.BeginTransaction(deferred: true);
            return new Snapshot(connection, transaction, ReadRevision(connection), Instance);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a write that changes public answers, and raises the revision with it.</summary>
    public void Write(Action<SqliteConnection> change) => WriteAsync(
        connection =>
        {
            change(connection);
            return true;
        },
        _ => WriteEnd.CommitPublic, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Runs a write in one transaction. It is committed before the result is returned.</summary>
    /// <param name="change">The write; it does not wait for anything.</param>
    /// <param name="end">What becomes of it.</param>
    /// <param name="cancel">Ends the waiting for other writers, not the write.</param>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> change, Func<T, WriteEnd> end, CancellationToken cancel)
    {
        await writers.WaitAsync(cancel);
        try
        {
            using var connection = Open();
            using var transaction = connection.BeginTransaction();
            CheckFile();
            var result = Run(change, connection);
            var how = end(result);
            if (how == WriteEnd.Rollback)
            {
                return result;
            }

            var raised = how == WriteEnd.CommitPublic
                ? connection.ExecuteScalar<long>("update service set revision = revision + 1 where id = 1 returning revision")
                : 0;
            transaction.Commit();
            Raise(raised);
            return result;
        }
        catch (Exception e)
        {
            NoteFailure(e);
            throw;
        }
        finally
        {
            writers.Release();
        }
    }

    /// <summary>Copies the write-ahead log into the file and empties it, so that nothing that was overwritten is in either.</summary>
    /// <returns>False: a reader or another process still needs the log; to be tried again.</returns>
    public async Task<bool> TryEmptyLogAsync(CancellationToken cancel)
    {
        await writers.WaitAsync(cancel);
        try
        {
            using var connection = Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma wal_checkpoint(truncate)";
            using var row = command.ExecuteReader();
            return row.Read() && row.GetInt64(0) == 0;
        }
        catch (SqliteException)
        {
            return false;
        }
        finally
        {
            writers.Release();
        }
    }

    /// <summary>
    /// Like <see cref="WriteAsync"/>, for short writes that change nothing public and come many at a time: those that wait
    /// together are committed together.
    /// </summary>
    public Task<T> WriteTogetherAsync<T>(Func<SqliteConnection, T> change, Func<T, WriteEnd> end, CancellationToken cancel) => shared.WriteAsync(change, end, cancel);

    /// <summary>Runs a write, for which <see cref="CheckNotWriting"/> looks.</summary>
    public static T Run<T>(Func<SqliteConnection, T> change, SqliteConnection connection)
    {
        isWriting = true;
        try
        {
            return change(connection);
        }
        finally
        {
            isWriting = false;
        }
    }

    /// <summary>
    /// Called by whatever parses, packs or computes much: that belongs before the transaction (`Writes.RunPreparedAsync`).
    /// In debug builds, and so in all tests, it throws inside one.
    /// </summary>
    [Conditional("DEBUG")]
    public static void CheckNotWriting([CallerMemberName] string? what = null)
    {
        if (isWriting)
        {
            throw new InvalidOperationException($"{what} is called inside a write transaction.");
        }
    }

    /// <summary>The failure that the file is not that of the start any more: whatever goes wrong then has this cause. Else null.</summary>
    public StorageFailure? FindFailure() =>
        IsReplaced
            ? new StorageFailure(
                $"{File} was deleted or replaced while the service runs. Restart the service when the right file is there.")
            : null;

    /// <summary>A write into a file that has no name any more would be acknowledged and lost.</summary>
    /// <exception cref="StorageFailure">The file was deleted or replaced.</exception>
    private void CheckFile()
    {
        if (FindFailure() is { } failure)
        {
            throw failure;
        }
    }

    private void NoteFailure(Exception e)
    {
        if (StorageFailure.Of(e) is not null)
        {
            hasFailed = true;
        }
    }

    /// <summary>A slow reader must not put back what a writer has raised meanwhile.</summary>
    private void Raise(long to)
    {
        for (var current = Volatile.Read(ref revision); current < to; current = Volatile.Read(ref revision))
        {
            Interlocked.CompareExchange(ref revision, to, current);
        }
    }

    /// <summary>A plain connection. WAL survives a crash of the process; FULL also keeps what was
    /// acknowledged through a power cut.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    /// <summary>
    /// Runs a short query on a connection whose statements stay prepared; it sees what is committed now.
    /// </summary>
    public T ReadPrepared<T>(Func<SqliteConnection, T> read)
    {
        if (!idle.TryTake(out var connection))
        {
            connection = OpenPrepared();
        }

        try
        {
            var result = read(connection);
            if (idle.Count < MostIdle)
            {
                idle.Add(connection);
                connection = null;
            }

            return result;
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private PreparedConnection OpenPrepared()
    {
        var connection = new PreparedConnection(connectionString);
        connection.Open();
        return connection;
    }

    public void Dispose()
    {
        // Not while a write is going on; and none begins afterwards, because the semaphore is not given back.
        if (isDisposed || !writers.Wait(TimeSpan.FromSeconds(10)))
        {
            return;
        }

        isDisposed = true;

        shared.Dispose();
        first?.Dispose();
        foreach (var connection in idle)
        {
            connection.Dispose();
        }
    }

    private string ReadInstance()
    {
        using var connection = Open();
        return connection.ExecuteScalar<string>("select instance from service where id = 1")!;
    }

    private static long ReadRevision(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select revision from service where id = 1";
        return (long)command.ExecuteScalar()!;
    }
}

internal enum WriteEnd
{
    Rollback,

    /// <summary>Nothing that is public has changed.</summary>
    Commit,

    /// <summary>Raises the revision.</summary>
    CommitPublic,
}

/// <summary>A connection inside a read transaction, with the revision it shows.</summary>
internal sealed class Snapshot(SqliteConnection connection, SqliteTransaction transaction, long revision, string instance) : IDisposable
{
    public SqliteConnection Connection => connection;

    public long Revision => revision;

    /// <summary>The state of the data, also apart from that of any other database.</summary>
    public string State => $"{instance}-{revision}";

    public void Dispose()
    {
        transaction.Dispose();
        connection.Dispose();
    }
}
