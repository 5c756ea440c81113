using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>What happened: who (an opaque owner and a role), what (an operation or command), to what (its path), never any content.</summary>
internal sealed record AuditEntry(string? Actor, string Role, string Action, string Object)
{
    /// <summary>Tags of the record before and after; left out where the content can be erased, since a hash can confirm a guess.</summary>
    public string? Before { get; init; }

    public string? After { get; init; }

    /// <summary>A code, never a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>A request, as far as it says who and what.</summary>
    public static AuditEntry Of(HttpContext http) =>
        new(http.Caller()?.Owner, http.Caller()?.RoleFor(http.Operation()) ?? "anonymous", http.Operation() ?? "", http.Request.Path.Value ?? "");

    /// <summary>Something that a write has led to.</summary>
    public static AuditEntry Of(Author author, string action, string @object) => new(author.Owner, author.Role, action, @object);

    /// <summary>Something that whoever runs the service did from its command line.</summary>
    public static AuditEntry OfCommand(string action, string @object) => new(null, "operator", action, @object);
}

/// <summary>
/// Adds to the audit log, in the transaction of what is logged: both are there or neither. Writes that go through
/// <see cref="Writing.Writes"/> and reads of operations with `x-audit: read` are logged there; a slice calls this for
/// what neither of them sees.
/// </summary>
internal static class AuditLog
{
    public static void Add(SqliteConnection connection, AuditEntry entry, string at)
    {
        var (seq, hash) = connection.ReadOne("select seq, hash from audit_head where id = 1", row => (row.GetInt64(0), row.GetString(1)));
        connection.Run(
            """
            insert into audit_log (seq, at, actor, role, action, object, before_hash, after_hash, reason, prev_hash, hash)
            values (@seq, @at, @actor, @role, @action, @object, @before, @after, @reason, @previous, @hash)
            """,
            ("@seq", seq + 1), ("@at", at), ("@actor", entry.Actor), ("@role", entry.Role), ("@action", entry.Action), ("@object", entry.Object), ("@before", entry.Before),
            ("@after", entry.After), ("@reason", entry.Reason), ("@previous", hash), ("@hash", Hash(hash, seq + 1, at, entry)));
    }

    /// <summary>An entry of its own; no public answer changes by it.</summary>
    public static void Add(Database.Database database, AuditEntry entry, string at) => AddAsync(database, entry, at, CancellationToken.None).GetAwaiter().GetResult();

    public static Task AddAsync(Database.Database database, AuditEntry entry, string at, CancellationToken cancel) => database.WriteTogetherAsync(
        connection =>
        {
            Add(connection, entry, at);
            return true;
        },
        _ => WriteEnd.Commit, cancel);

    /// <summary>SHA-256 of the hash before, a line feed, and the entry as a compact JSON array in UTF-8: `json.dumps(entry, ensure_ascii=False, separators=(',', ':'))` in Python.</summary>
    public static string Hash(string previous, long seq, string at, AuditEntry entry)
    {
        object?[] row = [seq, at, entry.Actor, entry.Role, entry.Action, entry.Object, entry.Before, entry.After, entry.Reason];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(previous + "\n" + JsonSerializer.Serialize(row, Plain))));
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
