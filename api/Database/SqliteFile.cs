using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>Functions of SQLite for open files that its .NET library does not offer.</summary>
internal static class SqliteFile
{
    /// <summary>SQLITE_FCNTL_HAS_MOVED.</summary>
    private const int HasMovedOperation = 20;

    /// <summary>
    /// Whether the open file was deleted or replaced: its path leads to another file or to none. SQLite compares the inode. On Windows
    /// the result is always false, because an open file cannot be deleted there.
    /// </summary>
    public static bool HasMoved(SqliteConnection connection) =>
        Control(connection.Handle!, null, HasMovedOperation, out var moved) == 0 && moved != 0;

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control", ExactSpelling = true, CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(
        SafeHandle database, [MarshalAs(UnmanagedType.LPUTF8Str)] string? name, int operation, out int result);
}
