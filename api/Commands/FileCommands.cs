using System.CommandLine;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>`backup` and `check`, for whoever runs the service; both work while it runs.</summary>
internal static class FileCommands
{
    public static Command Backup()
    {
        var target = new Argument<string>("file") { Description = "Where to; must not exist yet." };
        var command = new Command("backup", "Copy the database while the service runs. To restore, start the service with the copy.") { target };
        command.SetAction(parsed => Backup(parsed.GetValue(target)!));
        return command;
    }

    public static Command Check()
    {
        var file = new Argument<string?>("file") { Description = "Which database; that of the service if left out.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("check", "Look for damage: exit code 0 if there is none, 1 with a line for each finding.") { file };
        command.SetAction(parsed => Check(parsed.GetValue(file) ?? CommandLine.DatabaseFile()));
        return command;
    }

    private static int Backup(string target)
    {
        var source = CommandLine.DatabaseFile();
        if (!File.Exists(source))
        {
            return Fail($"There is no database {source}.");
        }

        if (File.Exists(target))
        {
            return Fail($"{target} exists already; nothing was written.");
        }

        // A copy that was cut off must not look like a backup: it gets its name when it is whole.
        var unfinished = target + ".unfinished";
        try
        {
            File.Delete(unfinished);
            using (var from = Open(source, SqliteOpenMode.ReadOnly))
            using (var to = Open(unfinished, SqliteOpenMode.ReadWriteCreate))
            {
                // SQLite's own online backup: one consistent state, also while others write.
                from.BackupDatabase(to);
                using var alone = to.CreateCommand();
                // One file, without the log beside it.
                alone.CommandText = "pragma journal_mode = delete";
                alone.ExecuteNonQuery();
            }

            var findings = DatabaseCheck.Run(unfinished).ToList();
            if (findings.Count > 0)
            {
                File.Delete(unfinished);
                return Fail("The database is damaged; no backup was made: " + string.Join("; ", findings.Take(5)));
            }

            File.Move(unfinished, target);
            Console.WriteLine($"{target}: {new FileInfo(target).Length} bytes");
            return 0;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Fail($"No backup was made: {e.Message}");
        }
    }

    private static int Check(string file)
    {
        if (!File.Exists(file))
        {
            return Fail($"There is no database {file}.");
        }

        try
        {
            var findings = DatabaseCheck.Run(file).ToList();
            foreach (var finding in findings)
            {
                Console.WriteLine(finding);
            }

            Console.WriteLine(findings.Count == 0 ? $"{file}: nothing found" : $"{file}: {findings.Count} findings");
            return findings.Count == 0 ? 0 : 1;
        }
        catch (SqliteException e)
        {
            return Fail($"{file} cannot be read: {e.Message}");
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine(message);
        return 2;
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 60 }.ToString());
        connection.Open();
        return connection;
    }
}
