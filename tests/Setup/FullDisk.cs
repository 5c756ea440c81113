using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace AnkerOrte.Tests.Setup;

/// <summary>
/// Until it is disposed, the operating system refuses to write to the database of one service because the disk is full (ENOSPC).
/// SQLite lets its system calls be replaced for tests. Linux on 64 bits only.
/// </summary>
internal sealed class FullDisk : IDisposable
{
    private const int NoSpace = 28;

    /// <summary>Where the pointer to xSetSystemCall stands in sqlite3_vfs.</summary>
    private const int SetSystemCallOffset = 144;

    private static readonly ConcurrentDictionary<string, Counter> Full = new();

    // SQLite keeps the pointers, so the delegates must stay.
    private static readonly WriteCall OwnWrite = (file, data, count) => IsFull(file) ? Refuse() : Write(file, data, count);
    private static readonly WriteAtCall OwnWriteAt = (file, data, count, offset) => IsFull(file) ? Refuse()
        : WriteAt(file, data, count, offset);
    private static readonly Lazy<bool> Replaced = new(Replace);

    private readonly string folder;
    private readonly int writesLeft;
    private readonly Counter counter = new();

    /// <param name="api">Whose database.</param>
    /// <param name="writesLeft">Writes of SQLite that still succeed.</param>
    public FullDisk(ApiFixture api, int writesLeft = 0)
    {
        folder = Path.GetDirectoryName(api.DatabaseFile)!;
        Assert.True(Replaced.Value);
        counter.Left = this.writesLeft = writesLeft;
        Full[folder] = counter;
    }

    /// <summary>Writes so far, also those that were refused.</summary>
    public int Writes => writesLeft - Volatile.Read(ref counter.Left);

    public void Dispose() => Full.TryRemove(folder, out _);

    private static bool IsFull(int file)
    {
        if (Full.IsEmpty)
        {
            return false;
        }

        var path = new FileInfo($"/proc/self/fd/{file}").LinkTarget ?? "";
        return Full.TryGetValue(Path.GetDirectoryName(path) ?? "", out var counter) && Interlocked.Decrement(ref counter.Left) < 0;
    }

    private static nint Refuse()
    {
        Marshal.SetLastSystemError(NoSpace);
        return -1;
    }

    private static bool Replace()
    {
        var vfs = FindVfs(null);
        var set = Marshal.GetDelegateForFunctionPointer<SetSystemCall>(Marshal.ReadIntPtr(vfs, SetSystemCallOffset));
        return set(vfs, "write", Marshal.GetFunctionPointerForDelegate(OwnWrite)) == 0
            & set(vfs, "pwrite", Marshal.GetFunctionPointerForDelegate(OwnWriteAt)) == 0
            & set(vfs, "pwrite64", Marshal.GetFunctionPointerForDelegate(OwnWriteAt)) == 0;
    }

    private sealed class Counter
    {
        public int Left;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint WriteCall(int file, nint data, nint count);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint WriteAtCall(int file, nint data, nint count, long offset);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetSystemCall(nint vfs, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, nint call);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint FindVfs([MarshalAs(UnmanagedType.LPUTF8Str)] string? name);

    [DllImport("libc", EntryPoint = "write", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Write(int file, nint data, nint count);

    [DllImport("libc", EntryPoint = "pwrite", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint WriteAt(int file, nint data, nint count, long offset);
}
