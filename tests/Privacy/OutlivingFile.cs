using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Tests.Privacy;

/// <summary>A database file that outlives the services on it, and a backup that can be put in its place.</summary>
internal sealed class OutlivingFile : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ankerorte-restore-").FullName;

    public string Path => System.IO.Path.Combine(folder, "ankerorte.db");

    private string Copy => System.IO.Path.Combine(folder, "backup.db");

    /// <summary>A service on the file, which gets the shipped content first.</summary>
    public ApiFixture StartNew()
    {
        using (var template = new ApiFixture())
        {
            CopyDatabase(template.DatabaseFile, Path);
        }

        return Start();
    }

    /// <summary>A service on the file as it is.</summary>
    public ApiFixture Start() => new(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={Path}" })
    {
        DatabaseFile = Path
    };

    public void Backup() => CopyDatabase(Path, Copy);

    public void Restore()
    {
        SqliteConnection.ClearAllPools();
        File.Delete(Path + "-wal");
        File.Delete(Path + "-shm");
        File.Move(Copy, Path, overwrite: true);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private static void CopyDatabase(string from, string to)
    {
        using var connection = new SqliteConnection($"Data Source={from};Pooling=False");
        connection.Execute("vacuum into @to", new { to });
    }
}
