using System.CommandLine;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>What the program does besides serving: `keys …`, `backup`, `check`, `audit verify`, `retention`. Without a command it serves.</summary>
internal static class CommandLine
{
    /// <summary>Settings such as `--urls` begin with a hyphen; for them the commands, whose description takes time, are not even built.</summary>
    public static bool IsCommand(string[] args) => args is [var first, ..] && (first is "--help" or "-h" or "-?" or "--version"
        || (!first.StartsWith('-') && Root().Subcommands.Any(command => command.Name == first)));

    public static int Run(string[] args) => Root().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private static RootCommand Root() => new("AnkerOrte: without a command it serves; its page /docs/configuration has the settings.")
    {
        KeyCommands.Keys(),
        FileCommands.Backup(),
        FileCommands.Check(),
        AuditCommands.Audit(),
        RetentionCommand.Retention(),
        EvaluateCommand.Evaluate(),
        FileCommands.Prepare(),
    };

    /// <summary>The file that the service would use.</summary>
    public static string DatabaseFile() => new SqliteConnectionStringBuilder(ConnectionString()).DataSource;

    /// <summary>The database that the service would use, brought to the current schema; also while the service runs.</summary>
    public static Database.Database OpenDatabase()
    {
        var database = new Database.Database(ConnectionString());
        var log = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        using (Database.StartLock.Take(database, log))
        {
            KnowledgeBase.PreparedDatabase.CopyIfNew(database, TimeProvider.System, log);
            Database.Migrations.Apply(database, log);
        }

        return database;
    }

    public static Http.Settings Settings() => Http.Settings.Read(WebApplication.CreateBuilder().Configuration);

    private static string ConnectionString()
    {
        var builder = WebApplication.CreateBuilder();
        return Setup.ConnectionString(builder);
    }
}
