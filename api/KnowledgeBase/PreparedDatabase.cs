using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>
/// A database that the build has filled with the shipped content. The first start copies it, which takes a tenth of the time of
/// loading the content. If the file is missing or unusable, the start loads the content instead.
/// </summary>
internal static class PreparedDatabase
{
    /// <summary>Path of the prepared database, in the folder of the program.</summary>
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "content.db");

    /// <summary>Makes the prepared database. The build calls this.</summary>
    public static void Make(string file, TimeProvider clock, ILoggerFactory logs)
    {
        File.Delete(file);
        using var database = new Database.Database($"Data Source={file};Pooling=False");
        Migrations.Apply(database, logs.CreateLogger<Database.Database>());
        new ContentLoader(database, clock, logs.CreateLogger<ContentLoader>()).Load(isLogged: false);
        using var connection = database.Open();
        connection.Execute("pragma journal_mode = delete; vacuum");
    }

    /// <summary>Copies the prepared database to the path of the service's database, if there is no file yet.</summary>
    /// <remarks>The caller holds the <see cref="StartLock"/>.</remarks>
    public static void CopyIfNew(Database.Database database, TimeProvider clock, ILogger log) => CopyIfNew(Shipped, database, clock, log);

    public static void CopyIfNew(string prepared, Database.Database database, TimeProvider clock, ILogger log)
    {
        if (!File.Exists(prepared) || File.Exists(database.File) || File.Exists(database.File + "-wal") || File.Exists(database.File + "-journal"))
        {
            return;
        }

        // The file gets its final name at the end. If the start is interrupted here, the next one is a first start again.
        var unfinished = database.File + ".new";
        try
        {
            Copy(prepared, unfinished);
            Finish(unfinished, Database.Instant.Write(clock.GetUtcNow()));
            File.Move(unfinished, database.File);
            log.LogInformation("New database with content {Month}: {File}", ContentLoader.Month, database.File);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            log.LogWarning("The prepared database could not be used ({Error}); the content is loaded instead", e.Message);
            Remove(unfinished);
        }
    }

    private static void Remove(string unfinished)
    {
        try
        {
            File.Delete(unfinished);
            File.Delete(unfinished + "-journal");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file may stay: the next start overwrites it.
        }
    }

    /// <summary>Copies by streams. File.Copy would also copy the read-only flag that files of a program often have.</summary>
    private static void Copy(string prepared, string unfinished)
    {
        File.Delete(unfinished + "-journal");
        using var source = File.OpenRead(prepared);
        using var target = new FileStream(unfinished, FileMode.Create);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }

    /// <summary>Sets what differs between databases: the instance name and the time of the audit log entries.</summary>
    private static void Finish(string unfinished, string now)
    {
        using var connection = new SqliteConnection($"Data Source={unfinished};Pooling=False");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        connection.Execute("update service set instance = lower(hex(randomblob(8))) where id = 1");
        ContentLoader.LogLoaded(connection, now);
        transaction.Commit();
    }
}
