using Dapper;
using DbUp;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>Upgrades the file to the current schema with embedded SQL, forward only, in one transaction.</summary>
internal static class Migrations
{
    /// <summary>Names of the migrations of this program, in the order in which they run.</summary>
    public static readonly IReadOnlyList<string> Names = [.. typeof(Migrations).Assembly.GetManifestResourceNames().Where(IsMigration).Order(StringComparer.Ordinal)];

    /// <remarks>The caller holds the <see cref="StartLock"/>.</remarks>
    /// <exception cref="StartFailure">The file cannot be opened or written, is not a database, or is newer than this program.</exception>
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
                    $"The database is newer than this program. Unknown migrations: {string.Join(", ", unknown)}. Start the newer "
                        + "program, or restore a backup.");
            }

            // After the checks above, because a database of another program must stay unchanged.
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

    /// <summary>Whether all migrations have run. Most starts need nothing else, and this query is cheaper than DbUp.</summary>
    private static bool IsCurrent(Database database)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<bool>("select exists (select 1 from sqlite_schema where name = 'SchemaVersions')")
            && connection.Query<string>("select ScriptName from SchemaVersions").Order(StringComparer.Ordinal).SequenceEqual(Names)
            && connection.ExecuteScalar<string>("pragma journal_mode = wal") == "wal";
    }

    private static bool IsMigration(string resource) => resource.StartsWith("migrations.", StringComparison.Ordinal);

    // This service logs one line per upgrade. The ten lines of DbUp would hide it.
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

/// <summary>The service cannot start for a reason that the operator can remove. The message tells the operator what to do.</summary>
internal sealed class StartFailure(string message) : Exception(message)
{
    public static StartFailure Unusable(Database database, Exception e) => new($"The database cannot be used ({database.File}): {e.Message}");
}
