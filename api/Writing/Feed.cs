using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>
/// Writes the change feed. Whatever changes the public answer of a record calls this in the same transaction; so the
/// order of the feed is that of the commits, and it has no gaps.
/// </summary>
internal static class Feed
{
    public static void Add(SqliteConnection connection, string kind, string key, string action, string at) => connection.Execute(
        """
        insert into changes (number, kind, key, action, at)
        values ((select coalesce(max(number), 0) + 1 from changes), @kind, @key, @action, @at)
        """, new { kind, key, action, at });

    public static void AddAll(SqliteConnection connection, string kind, IEnumerable<string> keys, string action, string at) => connection.Execute(
        """
        insert into changes (number, kind, key, action, at)
        select last.number + 1 + k.key, @kind, k.value, @action, @at
        from (select coalesce(max(number), 0) as number from changes) last
        cross join json_each(@keys) k
        order by k.key
        """, new { kind, keys = JsonSerializer.Serialize(keys), action, at });

    /// <summary>A record that shows something else which has changed: it is as new as that.</summary>
    public static void Touch(SqliteConnection connection, string kind, string key, string at)
    {
        RecordKinds.Get(kind).Touch!(connection, key, at);
        Add(connection, kind, key, "updated", at);
    }
}
