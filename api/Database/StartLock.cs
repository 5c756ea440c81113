using System.Diagnostics;

namespace AnkerOrte.Api.Database;

/// <summary>
/// Held while a database is brought up to date: of two processes that start at once on one file, the second waits and
/// then finds nothing left to do. The operating system locks a file beside the database, so a crash releases it. That file
/// is never removed: a third process could lock a new one of the same name while the second still waits for the old.
/// </summary>
internal static class StartLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="StartFailure">The folder cannot be written, or another process does not come to an end.</exception>
    public static IDisposable Take(Database database, ILogger log)
    {
        var file = database.File + ".lock";
        try
        {
            if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }

            return Wait(file, log);
        }
        catch (IOException e) when (IsTaken(e))
        {
            throw new StartFailure($"Another process has been preparing the database for {Patience.TotalSeconds} seconds and holds {file}. Start again when it is done.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StartFailure.Unusable(database, e);
        }
    }

    private static FileStream Wait(string file, ILogger log)
    {
        var watch = Stopwatch.StartNew();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsTaken(e) && watch.Elapsed < Patience)
            {
                if (isFirst)
                {
                    log.LogInformation("Another process prepares the database; waiting for it");
                }

                Thread.Sleep(50);
            }
        }
    }

    /// <summary>ERROR_SHARING_VIOLATION of Windows, EWOULDBLOCK of Linux and of macOS: .NET has no exception of its own for it.</summary>
    private static bool IsTaken(IOException e) => e.HResult is unchecked((int)0x80070020) or 11 or 35;
}
