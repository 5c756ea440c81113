namespace AnkerOrte.Api.Database;

/// <summary>
/// Temporary files of this service. They contain survey answers. Therefore they are beside the database, not in a folder that
/// others can read. On Unix a file is deleted as soon as it is open, so that a crash leaves none.
/// </summary>
internal sealed class SpoolFiles(Database database, string? configuredFolder)
{
    private const string Extension = ".spool";

    private readonly string folder = configuredFolder ?? Path.GetDirectoryName(Path.GetFullPath(database.File))!;

    private string Prefix => Path.GetFileName(database.File) + ".";

    /// <summary>Opens a new empty file for writing and reading.</summary>
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

    /// <summary>Deletes temporary files that a crash left behind.</summary>
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
            // On Windows another process may have the file open. If the folder cannot be written, Open reports that.
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
