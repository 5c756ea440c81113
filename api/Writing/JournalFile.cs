using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>
/// The journal beside the database, one JSON line for each entry: `ankerorte.db.erasures`. A backup that is put back does not know
/// what was erased, revoked or rectified after it was made; this file does, and a start does it again before it serves anything. A line is
/// written after its transaction, and at every start what is missing in the file is added from the database.
/// </summary>
internal sealed class JournalFile(Database.Database database, TimeProvider clock, ILogger<JournalFile> log)
{
    private readonly Lock writing = new();

    private string File => database.File + ".erasures";

    /// <summary>Writes down what is not in the file yet. What was done is done even if this fails; the next start tries again.</summary>
    public void Note()
    {
        lock (writing)
        {
            using var connection = database.Open();
            var last = Tombstones.Last(connection);
            if (Tombstones.UpTo(connection, last, alsoNoted: false) is not { Count: > 0 } tombstones)
            {
                return;
            }

            try
            {
                Append(tombstones);
                Tombstones.MarkNoted(connection, last);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
            {
                log.LogError(
                    "The journal {File} could not be written ({Error}): a backup that is restored now would undo erasures and revocations",
                    File, e.Message);
            }
        }
    }

    /// <summary>Brings the database to what the file says, and the file to what the database says.</summary>
    /// <param name="repeat">Does again what an entry says.</param>
    /// <remarks>The caller holds the <see cref="StartLock"/>.</remarks>
    /// <exception cref="StartFailure">The file cannot be read: then nobody knows what must not be served.</exception>
    public void Replay(Action<SqliteConnection, Tombstone, Author> repeat)
    {
        var noted = Read();
        using (var connection = database.Open())
        {
            var last = Tombstones.Last(connection);
            if (last == 0 && noted.Count == 0)
            {
                return;
            }

            var stored = Tombstones.UpTo(connection, last, alsoNoted: true);
            var missing = stored.ExceptBy(noted.Select(Key), Key).ToList();
            try
            {
                Append(missing);
                Tombstones.MarkNoted(connection, last);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartFailure($"The journal cannot be written beside the database ({File}): {e.Message}");
            }

            var known = stored.Select(Key).ToHashSet();
            noted.RemoveAll(entry => known.Contains(Key(entry)));
        }

        if (noted.Count == 0)
        {
            return;
        }

        // Who did it and why stands in the log of the database that was replaced.
        var author = new Author("operator", null, null, Instant.Write(clock.GetUtcNow()));
        database.Write(connection =>
        {
            SecureDelete.Enable(connection);
            foreach (var tombstone in noted)
            {
                Tombstones.Add(connection, tombstone, isNoted: true);
                // Of what happened to a record, only the last counts.
                if (tombstone.Kind != Tombstones.Record
                    || noted.FindLast(entry => entry.Kind == Tombstones.Record && entry.Id == tombstone.Id) == tombstone)
                {
                    repeat(connection, tombstone, author);
                }

                AuditLog.Add(
                    connection, AuditEntry.Of(author, "replay journal", $"{tombstone.Kind} {tombstone.Id}")
                    with
                    { Reason = tombstone.Reason }, author.At);
            }
        });
        database.TryEmptyLogAsync(CancellationToken.None).GetAwaiter().GetResult();
        log.LogWarning("The database is older than {Count} entries of the journal {File}; they were carried out again", noted.Count, File);
    }

    private void Append(List<Tombstone> tombstones)
    {
        if (tombstones.Count == 0)
        {
            return;
        }

        using var file = new FileStream(File, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        file.SetLength(EndOfLines(file));
        file.Position = file.Length;
        file.Write(Encoding.UTF8.GetBytes(string.Concat(tombstones.Select(tombstone => JsonSerializer.Serialize(tombstone, WireJson.Options) + "\n"))));
        file.Flush(flushToDisk: true);
    }

    private List<Tombstone> Read()
    {
        try
        {
            var text = System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File) : "";
            return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<Tombstone>(line, WireJson.Options)!)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StartFailure($"The journal beside the database cannot be read ({File}): {e.Message}");
        }
    }

    /// <summary>A line without its end was being written when the power went; the database still knows what it was to say.</summary>
    private static long EndOfLines(FileStream file)
    {
        for (var at = file.Length; at > 0; at--)
        {
            file.Position = at - 1;
            if (file.ReadByte() == '\n')
            {
                return at;
            }
        }

        return 0;
    }

    private static (string, string, string) Key(Tombstone tombstone) => (tombstone.Kind, tombstone.Id, tombstone.At);
}
