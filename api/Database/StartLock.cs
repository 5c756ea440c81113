using System.Diagnostics;

namespace AnkerOrte.Api.Database;

/// <summary>
/// Held while a process upgrades or fills a database. If two processes start on one file, the second waits and then finds nothing
/// to do. The operating system locks a file beside the database, so a crash releases the lock. The lock file is never deleted:
/// otherwise a third process could lock a new file of the same name while the second still waits for the old one.
/// </summary>
internal static class StartLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="StartFailure">The folder cannot be written, or another process holds the lock for too long.</exception>
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
            throw new StartFailure($"Another process has been preparing the database for {Patience.TotalSeconds} seconds and holds {file}. "
                + "Start the service again when that process is done.");
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
                    log.LogInformation("Another process is preparing the database; waiting for it");
                }

                Thread.Sleep(50);
            }
        }
    }

    /// <summary>
    /// Whether another process holds the lock: ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK on Linux and macOS. .NET has no
    /// exception type for it.
    /// </summary>
    private static bool IsTaken(IOException e) => e.HResult is unchecked((int)0x80070020) or 11 or 35;
}
