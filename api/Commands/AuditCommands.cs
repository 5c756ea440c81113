using System.CommandLine;
using AnkerOrte.Api.Database;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>`audit verify` checks that nobody changed the audit log. It works while the service runs and writes nothing.</summary>
internal static class AuditCommands
{
    public static Command Audit() => new("audit", "Commands for the audit log of writes and of confidential reads.") { Verify() };

    private static Command Verify()
    {
        var file = new Argument<string?>("file")
        {
            Description = "Database file. Default: the database of the service.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var head = new Option<string?>("--head")
        {
            Description = "Head that an earlier run printed, as NUMBER:HASH. The log must still contain it.",
        };
        head.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && Read(text) is null)
            {
                result.AddError("--head must be NUMBER:HASH; the hash has 64 lower-case hexadecimal digits.");
            }
        });
        var command = new Command(
            "verify",
            "Check the hash chain. Exit code 0: intact. 1: broken; the first broken entry is printed. "
                + "2: the file cannot be verified.") { file, head };
        command.SetAction(parsed => Verify(parsed.GetValue(file) ?? CommandLine.DatabaseFile(), parsed.GetValue(head) is { } noted ? Read(noted) : null));
        return command;
    }

    private static int Verify(string file, (long Seq, string Hash)? noted)
    {
        if (!File.Exists(file))
        {
            return Fail($"There is no database {file}.");
        }

        try
        {
            var found = IntegrityCheck.VerifyAuditLog(file, noted);
            Console.WriteLine(found.Broken is { } broken
                ? $"broken at {broken.Seq}: {broken.Detail}"
                : $"{found.Entries} entries, whole. Head, to be stored elsewhere: {found.Head.Seq}:{found.Head.Hash}");
            return found.IsIntact ? 0 : 1;
        }
        catch (Exception e) when (e is SqliteException or StartFailure)
        {
            return Fail($"{file} cannot be verified: {e.Message}");
        }
    }

    private static (long Seq, string Hash)? Read(string text) =>
        text.Split(':') is [var seq, { Length: 64 } hash] && long.TryParse(seq, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && hash.All(char.IsAsciiHexDigitLower)
            ? (number, hash) : null;

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 2;
    }
}
