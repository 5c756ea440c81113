using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>SQLite marks deleted content only as free space, where it can still be read from the file. This overwrites it with zeros.</summary>
internal static class SecureDelete
{
    public static void Enable(SqliteConnection connection) => connection.Execute("pragma secure_delete = on");
}
