using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// The one SQLite file. A reader sees one snapshot for the whole request; writers wait for each other.
/// Calls are synchronous on purpose: SQLite has no asynchronous I/O, so the async methods of its .NET library block as well.
/// </summary>
internal sealed class Database : IDisposable
{
    private string connectionString;
    private long revision = -1;
    private long revisionReadAt;
    private string? instance;
    private bool isDisposed;

    /// <summary>Writers of this process wait here in the order of their arrival. Without it, SQLite would make them poll.</summary>
    private readonly SemaphoreSlim writers = new(1);

    private readonly SharedCommits shared;

    /// <summary>Keeps the original file open, so that the service notices when another file takes its place.</summary>
    private SqliteConnection? first;

    private string logFile = "";
    private bool isLogged;
    private volatile bool hasFailed;

    /// <summary>Unused connections for <see cref="ReadPrepared"/>.</summary>
    private readonly ConcurrentBag<PreparedConnection> idle = [];

    private const int MostIdle = 8;

    /// <summary>Whether this thread is inside a write transaction. All other writers wait meanwhile.</summary>
    [ThreadStatic]
    private static bool isWriting;

    public Database(string connectionString)
    {
        shared = new SharedCommits(writers, OpenPrepared, CheckFile, NoteFailure);

        // Seconds. A write that waits longer for another one fails, because the other one must be faulty.
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
    /// Called when the file has its schema and content. From now on SQLite no longer creates a missing file, and writes are refused
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

    /// <summary>Whether a write has failed because of storage since the last successful probe.</summary>
    public bool HasFailed => hasFailed;

    /// <summary>
    /// Writes a page without changing data. True: the page is on the disk. False: it could not be written. Null: unknown, because
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
            // SQLite skips an update that changes nothing. It always writes the page of user_version, which this service does not use.
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

            // A SqliteCommand would wait several seconds for another process.
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
    /// The revision of public data, which is part of every cache key. Writes of this process set it. Because another process may
    /// write as well, it is also read from the file once a second.
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

    /// <summary>The random name that this database got when it was created.</summary>
    private string Instance => instance ??= ReadInstance();

    /// <summary>Opens a snapshot. Everything that is read through it belongs to one revision.</summary>
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

    /// <summary>Runs a write that changes public answers, and raises the revision in the same transaction.</summary>
    public void Write(Action<SqliteConnection> change) => WriteAsync(
        connection =>
        {
            change(connection);
            return true;
        },
        _ => WriteEnd.CommitPublic, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Runs a write in one transaction, which ends before the result is returned.</summary>
    /// <param name="change">The write. It must not wait for anything.</param>
    /// <param name="end">Chooses commit or rollback from the result of the write.</param>
    /// <param name="cancel">Cancels the waiting for other writers, not the write itself.</param>
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

    /// <summary>Copies the write-ahead log into the file and empties the log, so that neither contains overwritten data.</summary>
    /// <returns>False: a reader or another process still needs the log. The caller should try again later.</returns>
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
    /// Like <see cref="WriteAsync"/>, for many short writes that change no public data. Writes that wait at the same time share one
    /// commit.
    /// </summary>
    public Task<T> WriteTogetherAsync<T>(Func<SqliteConnection, T> change, Func<T, WriteEnd> end, CancellationToken cancel) => shared.WriteAsync(change, end, cancel);

    /// <summary>Runs a write and marks the thread for <see cref="CheckNotWriting"/>.</summary>
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
    /// Called by functions that parse, compress or compute much. Such work belongs before the transaction
    /// (`Writes.RunPreparedAsync`). In debug builds, and therefore in all tests, a call inside a transaction throws.
    /// </summary>
    [Conditional("DEBUG")]
    public static void CheckNotWriting([CallerMemberName] string? what = null)
    {
        if (isWriting)
        {
            throw new InvalidOperationException($"{what} is called inside a write transaction.");
        }
    }

    /// <summary>
    /// A failure if the file was deleted or replaced since the start, else null. Any other error then has this cause.
    /// </summary>
    public StorageFailure? FindFailure() =>
        IsReplaced
            ? new StorageFailure(
                $"{File} was deleted or replaced while the service runs. Restart the service when the right file is there.")
            : null;

    /// <summary>Refuses a write into a deleted file: it would be acknowledged, and lost when the service stops.</summary>
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

    /// <summary>Raises the revision, never lowers it: a slow reader may still have an older number than a writer.</summary>
    private void Raise(long to)
    {
        for (var current = Volatile.Read(ref revision); current < to; current = Volatile.Read(ref revision))
        {
            Interlocked.CompareExchange(ref revision, to, current);
        }
    }

    /// <summary>Opens a connection. WAL keeps acknowledged writes after a crash of the process, FULL also after a power
    /// cut.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        return connection;
    }

    /// <summary>
    /// Runs a short query on a connection whose statements stay prepared. The query sees everything that is committed.
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
        // Waits for the current write. The semaphore is not released afterwards, so no further write begins.
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

    /// <summary>Commits. No public data has changed.</summary>
    Commit,

    /// <summary>Commits and raises the revision, because public data has changed.</summary>
    CommitPublic,
}

/// <summary>A connection inside a read transaction, with the revision that it sees.</summary>
internal sealed class Snapshot(SqliteConnection connection, SqliteTransaction transaction, long revision, string instance) : IDisposable
{
    public SqliteConnection Connection => connection;

    public long Revision => revision;

    /// <summary>Identifies this state of this database: instance and revision.</summary>
    public string State => $"{instance}-{revision}";

    public void Dispose()
    {
        transaction.Dispose();
        connection.Dispose();
    }
}
