using Dapper;
using DbUp;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>Brings the file to the current schema: embedded SQL, forward only, all or nothing.</summary>
internal static class Migrations
{
    /// <summary>Of this program, in their order.</summary>
    public static readonly IReadOnlyList<string> Names = [.. typeof(Migrations).Assembly.GetManifestResourceNames().Where(IsMigration).Order(StringComparer.Ordinal)];

    /// <remarks>The caller holds the <see cref="StartLock"/>.</remarks>
    /// <exception cref="StartFailure">The file cannot be opened or written, is no database, or is newer than this program.</exception>
    public static void Apply(Database database, ILogger log)
    {
        try
        {
            if (IsCurrent(database))
            {
                return;
            }

            var upgrader = DeployChanges.To.SqliteDatabase(database.ConnectionString)
                .WithScriptsEmbeddedInAssembly(typeof(Migrations).Assembly, IsMigration)
                .WithTransaction()
                .LogTo(new NoUpgradeLog())
                .Build();
            var unknown = upgrader.GetExecutedScripts().Except(Names).ToList();
            if (unknown.Count > 0)
            {
                throw new StartFailure(
                    $"The database is newer than this program: it knows {string.Join(", ", unknown)}. Start the newer program, or restore a backup.");
            }

            // Only now: a database that is not ours to change stays as it is.
            using (var connection = database.Open())
            using (var command = connection.CreateCommand())
            {
                command.CommandText = "pragma journal_mode = wal";
                command.ExecuteNonQuery();
            }

            var pending = upgrader.GetScriptsToExecute().Count;
            if (pending == 0)
            {
                return;
            }

            var result = upgrader.PerformUpgrade();
            if (!result.Successful)
            {
                throw new StartFailure($"The database could not be upgraded ({result.ErrorScript?.Name}): {result.Error.Message}");
            }

            log.LogInformation("Database upgraded: {Count} migrations applied", pending);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw StartFailure.Unusable(database, e);
        }
    }

    /// <summary>Most starts find nothing to do, and this question is cheaper than starting DbUp.</summary>
    private static bool IsCurrent(Database database)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<bool>("select exists (select 1 from sqlite_schema where name = 'SchemaVersions')")
            && connection.Query<string>("select ScriptName from SchemaVersions").Order(StringComparer.Ordinal).SequenceEqual(Names)
            && connection.ExecuteScalar<string>("pragma journal_mode = wal") == "wal";
    }

    private static bool IsMigration(string resource) => resource.StartsWith("migrations.", StringComparison.Ordinal);

    // One line of ours says it; DbUp's own ten would hide it.
    private sealed class NoUpgradeLog : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) { }
        public void LogDebug(string format, params object[] args) { }
        public void LogInformation(string format, params object[] args) { }
        public void LogWarning(string format, params object[] args) { }
        public void LogError(string format, params object[] args) { }
        public void LogError(Exception ex, string format, params object[] args) { }
    }
}

/// <summary>The service cannot start, and the operator can do something about it. The message is for them.</summary>
internal sealed class StartFailure(string message) : Exception(message)
{
    public static StartFailure Unusable(Database database, Exception e) => new($"The database cannot be used ({database.File}): {e.Message}");
}
