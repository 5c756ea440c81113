using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Audit;

/// <summary>Removes entries that have outlived their retention. The chain then begins behind them, and an entry in it says so: without that, verification fails.</summary>
internal static class AuditPruning
{
    public const string Action = "prune audit log";

    public static string Object(long seq, string hash) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seq}:{hash}");

    /// <summary>The last entry that is older than a day; null if there is none.</summary>
    public static (long Seq, string At)? LastBefore(SqliteConnection connection, string day) => connection.Query<(long, string)?>(
        "select seq, at from audit_log where seq < (select coalesce(min(seq), 1 << 62) from audit_log where at >= @day) order by seq desc limit 1", new { day }).FirstOrDefault();

    public static void Remove(SqliteConnection connection, Author author, long upTo)
    {
        var hash = connection.QuerySingle<string>("select hash from audit_log where seq = @upTo", new { upTo });
        connection.Execute(
            """
            update audit_head set pruned_seq = @upTo, pruned_hash = @hash where id = 1;
            delete from audit_log where seq <= @upTo;
            """, new { upTo, hash });
        AuditLog.Add(connection, AuditEntry.Of(author, Action, Object(upTo, hash)) with { Reason = "retention" }, author.At);
    }
}
