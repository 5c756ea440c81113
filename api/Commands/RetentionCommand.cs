using System.CommandLine;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace AnkerOrte.Api.Commands;

/// <summary>`retention` deletes data whose retention period has ended. A timer can call it while the service runs.</summary>
internal static class RetentionCommand
{
    public static Command Retention()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only print what would be deleted." };
        var command = new Command(
            "retention",
            "Delete data whose retention period has ended. Prints a protocol of ids and counts as JSON.") { dryRun };
        command.SetAction(parsed => Run(parsed.GetValue(dryRun)));
        return command;
    }

    private static void Run(bool isDryRun)
    {
        var projectEnd = CommandLine.Settings().Retention.ProjectEnd;
        using var database = CommandLine.OpenDatabase();
        var author = new Author("operator", null, null, Instant.Write(SteadyClock.Of(database).GetUtcNow()));
        var protocol = database.WriteAsync(
            connection => isDryRun ? Privacy.Retention.Plan(connection, Days.Of(author.At), projectEnd) : Privacy.Retention.Run(connection, author, projectEnd),
            done => isDryRun ? WriteEnd.Rollback : done.Entries.Any(entry => entry.State == Contracts.RetentionEntryState.Deleted) ? WriteEnd.CommitPublic : WriteEnd.Rollback,
            CancellationToken.None).GetAwaiter().GetResult();
        if (!isDryRun)
        {
            new JournalFile(database, TimeProvider.System, NullLogger<JournalFile>.Instance).Note();
            using var overwriting = new Overwriting(database, TimeProvider.System);
            if (!overwriting.FinishAsync().GetAwaiter().GetResult())
            {
                Console.Error.WriteLine(
                    "The write-ahead log still contains the deleted data, because the service reads an older state. The next "
                        + "deletion or start of the service empties the log.");
            }
        }

        Console.WriteLine(System.Text.Encoding.UTF8.GetString(WireJson.Write(protocol)));
    }
}
