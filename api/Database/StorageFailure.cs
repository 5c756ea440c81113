using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>A file cannot be read or written. The message is for the log and contains no data.</summary>
internal sealed class StorageFailure(string message, bool isFull = false, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Result codes of SQLite: busy, locked, read-only, I/O error, damaged, full, cannot open, no database.</summary>
    private const int Busy = 5, Locked = 6, ReadOnly = 8, Io = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>Whether space is missing: the disk is full, or a quota or a limit of the process is reached.</summary>
    public bool IsFull => isFull;

    /// <summary>Whether the database itself is damaged.</summary>
    public bool IsDamage => InnerException is SqliteException { SqliteErrorCode: Corrupt or NotADatabase };

    /// <summary>The storage failure that caused an exception; null if storage is not the cause.</summary>
    public static StorageFailure? Of(Exception? e) => e switch
    {
        StorageFailure failure => failure,
        SqliteException { SqliteErrorCode: Busy or Locked or ReadOnly or Io or Corrupt or Full or CannotOpen or NotADatabase } of =>
            new(of.Message, of.SqliteErrorCode == Full, of),
        // ENOSPC, EFBIG and EDQUOT on Linux, EDQUOT on macOS, ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.
        IOException { HResult: 28 or 27 or 122 or 69 or unchecked((int)0x80070070) or unchecked((int)0x80070027) } =>
            new(e.Message, isFull: true, e),
        // EIO and EROFS.
        IOException { HResult: 5 or 30 } => new(e.Message, cause: e),
        _ => null,
    };

    /// <summary>Whether a result code says that another connection is writing.</summary>
    public static bool IsBusy(int code) => (code & 0xFF) is Busy or Locked;
}
