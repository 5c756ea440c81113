using System.CommandLine;

namespace AnkerOrte.Api.Commands;

/// <summary>What the program does besides serving: `keys …`. Without a command it serves.</summary>
internal static class CommandLine
{
    public static bool IsCommand(string[] args) => args is [var first, ..] && (Root().Subcommands.Any(command => command.Name == first) || first is "--help" or "-h" or "-?" or "--version");

    public static int Run(string[] args) => Root().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    private static RootCommand Root() => new("AnkerOrte: without a command it serves; see README for its settings.")
    {
        KeyCommands.Keys(),
    };

    /// <summary>The database that the service would use, brought to the current schema; also while the service runs.</summary>
    public static Database.Database OpenDatabase()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var database = new Database.Database(Setup.ConnectionString(builder));
        Database.Migrations.Apply(database, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        return database;
    }
}
