using System.CommandLine;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>The commands of the program. Without a command the program starts the service.</summary>
internal static class CommandLine
{
    /// <summary>
    /// Whether the arguments name a command. Settings such as `--urls` begin with a hyphen; then the commands are not built, because
    /// that would slow down the start of the service.
    /// </summary>
    public static bool IsCommand(string[] args) => args is [var first, ..] && (first is "--help" or "-h" or "-?" or "--version"
        || (!first.StartsWith('-') && Root().Subcommands.Any(command => command.Name == first)));

    public static int Run(string[] args) => Root().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private static RootCommand Root() => new("AnkerOrte. Without a command the program starts the service; its page /docs/configuration describes the settings.")
    {
        KeyCommands.Keys(),
        FileCommands.Backup(),
        FileCommands.Check(),
        AuditCommands.Audit(),
        RetentionCommand.Retention(),
        EvaluateCommand.Evaluate(),
        FileCommands.Prepare(),
    };

    /// <summary>The database file that the service uses with the same settings.</summary>
    public static string DatabaseFile() => new SqliteConnectionStringBuilder(ConnectionString()).DataSource;

    /// <summary>Opens that database and upgrades its schema if needed. The service may be running.</summary>
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
