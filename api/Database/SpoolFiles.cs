namespace AnkerOrte.Api.Database;

/// <summary>
/// Temporary files of this service. They hold survey answers, so they lie beside the database rather than in a folder that others
/// read, and a crash leaves none of them: on Unix a file has no name any more once it is open.
/// </summary>
internal sealed class SpoolFiles(Database database, string? configuredFolder)
{
    private const string Extension = ".spool";

    private readonly string folder = configuredFolder ?? Path.GetDirectoryName(Path.GetFullPath(database.File))!;

    private string Prefix => Path.GetFileName(database.File) + ".";

    /// <summary>A new empty file, to write and to read.</summary>
    /// <exception cref="StorageFailure">The folder is missing, full or cannot be written.</exception>
    public FileStream Open()
    {
        var path = Path.Combine(folder, Prefix + Guid.NewGuid().ToString("N") + Extension);
        try
        {
            var file = new FileStream(path, Options());
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }

            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StorageFailure.Of(e) ?? new StorageFailure($"No temporary file can be made in {folder}: {e.Message}", cause: e);
        }
    }

    /// <summary>Deletes files that a crash has left between making and opening them.</summary>
    public void Sweep()
    {
        try
        {
            foreach (var left in Directory.EnumerateFiles(folder, Prefix + "*" + Extension))
            {
                File.Delete(left);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that another process has open, on Windows. A folder that cannot be written is reported when it is needed.
        }
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 64 * 1024,
        };
        if (OperatingSystem.IsWindows())
        {
            options.Options = FileOptions.DeleteOnClose;
        }
        else
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
