using System.CommandLine;
using AnkerOrte.Api.Database;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>`audit verify`: whether the audit log is whole. Works while the service runs, and writes nothing.</summary>
internal static class AuditCommands
{
    public static Command Audit() => new("audit", "The log of writes and of confidential reads.") { Verify() };

    private static Command Verify()
    {
        var file = new Argument<string?>("file") { Description = "Which database; that of the service if left out.", Arity = ArgumentArity.ZeroOrOne };
        var head = new Option<string?>("--head") { Description = "A head that an earlier run printed and that was kept elsewhere, as NUMBER:HASH." };
        head.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && Read(text) is null)
            {
                result.AddError("--head is NUMBER:HASH, with the 64 hexadecimal digits of the hash.");
            }
        });
        var command = new Command("verify", "Walk the chain: exit code 0 if it is whole, 1 with the first entry that breaks it.") { file, head };
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
            var found = DatabaseCheck.VerifyAuditLog(file, noted);
            Console.WriteLine(found.Broken is { } broken ? $"broken at {broken.Seq}: {broken.Detail}" : $"{found.Entries} entries, whole. Head, to be kept elsewhere: {found.Head.Seq}:{found.Head.Hash}");
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
