using System.CommandLine;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>`backup` and `check` for the operator, and `prepare` for the build. The first two work while the service runs.</summary>
internal static class FileCommands
{
    public static Command Backup()
    {
        var target = new Argument<string>("file") { Description = "Target file. It must not exist yet." };
        var command = new Command("backup", "Copy the database while the service runs. To restore, start the service with the copy.") { target };
        command.SetAction(parsed => Backup(parsed.GetValue(target)!));
        return command;
    }

    public static Command Check()
    {
        var file = new Argument<string?>("file")
        {
            Description = "Database file. Default: the database of the service.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "check",
            "Check the database for damage. Exit code 0: no damage. 1: one line for each finding. 2: the file cannot be checked.") { file };
        command.SetAction(parsed => Check(parsed.GetValue(file) ?? CommandLine.DatabaseFile()));
        return command;
    }

    public static Command Prepare()
    {
        var file = new Argument<string>("file") { Description = "Target file. An existing file is replaced." };
        var command = new Command("prepare", "Make a database with the shipped content only. The build runs this command.") { file };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            KnowledgeBase.PreparedDatabase.Make(parsed.GetValue(file)!, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
            return 0;
        });
        return command;
    }

    private static int Backup(string target)
    {
        var source = CommandLine.DatabaseFile();
        if (!File.Exists(source))
        {
            return Fail($"There is no database {source}.");
        }

        if (Path.Exists(target))
        {
            return Fail($"{target} exists already; nothing was written.");
        }

        // An interrupted copy must not look like a backup, so the file gets its final name at the end. Until then its name is random, so
        // that two backups at the same time do not collide.
        var unfinished = $"{target}.{Guid.NewGuid().ToString("N")[..8]}.unfinished";
        try
        {
            Create(unfinished, source);
            Copy(source, unfinished);
            // Only the file is checked, because the new program may back up the database of the old program before an upgrade.
            var findings = IntegrityCheck.RunOnFile(unfinished);
            if (findings.Count > 0)
            {
                return Fail("The database is damaged; no backup was made: " + string.Join("; ", findings.Take(5)));
            }

            Flush(unfinished);
            var revision = Revision(unfinished);
            File.Move(unfinished, target);
            Console.WriteLine($"{target}: {new FileInfo(target).Length} bytes, revision {revision}");
            return 0;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return Fail($"No backup was made: {e.Message}");
        }
        finally
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }

    /// <summary>Creates the empty target with the permissions of the database, so that nobody else can read the backup.</summary>
    private static void Create(string unfinished, string source)
    {
        using var created = new FileStream(unfinished, FileMode.CreateNew);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(unfinished, File.GetUnixFileMode(source));
        }
    }

    /// <summary>
    /// Copies with `vacuum into`, which reads one consistent state while others write, and leaves a single file. SQLite's backup API
    /// would copy free pages as well. Those may still contain deleted data such as the answers of a removed response.
    /// </summary>
    private static void Copy(string source, string unfinished)
    {
        using var connection = Open(source, SqliteOpenMode.ReadWrite);
        connection.Execute("vacuum into @unfinished", new { unfinished });
    }

    /// <summary>Writes the copy to the disk now; SQLite leaves the time to the operating system.</summary>
    private static void Flush(string unfinished)
    {
        using var written = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite);
        written.Flush(flushToDisk: true);
    }

    private static long Revision(string unfinished)
    {
        using var copy = Open(unfinished, SqliteOpenMode.ReadOnly);
        return copy.ExecuteScalar<long>("select revision from service where id = 1");
    }

    private static int Check(string file)
    {
        if (!File.Exists(file))
        {
            return Fail($"There is no database {file}.");
        }

        try
        {
            var findings = IntegrityCheck.Run(file);
            foreach (var finding in findings)
            {
                Console.WriteLine(finding);
            }

            Console.WriteLine(findings.Count == 0 ? $"{file}: no damage found" : $"{file}: {findings.Count} findings");
            return findings.Count == 0 ? 0 : 1;
        }
        catch (SqliteException e)
        {
            return Fail($"{file} cannot be read: {e.Message}");
        }
        catch (StartFailure e)
        {
            return Fail(e.Message);
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
