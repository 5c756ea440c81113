using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>
/// A request with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). Its answer is stored in the
/// transaction of what it did, so a repetition finds both or neither, also after a crash.
/// </summary>
internal sealed record IdempotentRequest(string Owner, string Key, string Hash)
{
    /// <summary>The answer that was given before; a problem if the key was used for something else; null: go on.</summary>
    public IResult? Find(SqliteConnection connection)
    {
        var known = connection.QuerySingleOrDefault<Row>(
            """
            select request_hash, status, location, etag, body, subject
            from idempotent_requests
            where owner = @Owner and key = @Key
            """, this);
        return known is null ? null
            : known.RequestHash != Hash ? new Problem(Problems.IdempotencyKeyReused)
            : known is { Subject: not null, Body: null } ? new Problem(Problems.ResponseDeleted)
            : new Finished((int)known.Status, known.Location, known.Etag, known.Body) { IsReplay = true };
    }

    /// <summary>Nothing of an erased record is told again, also not to who repeats the request that made it.</summary>
    public static void Forget(SqliteConnection connection, string subject) =>
        connection.Execute("update idempotent_requests set body = null, location = null, etag = null where subject = @subject", new { subject });

    public void Remember(SqliteConnection connection, Finished answer, string at) => connection.Execute(
        """
        pragma secure_delete = on;
        delete from idempotent_requests where at < @expired;
        insert into idempotent_requests (owner, key, request_hash, status, location, etag, body, subject, at)
        values (@Owner, @Key, @Hash, @Status, @Location, @ETag, @Body, @Subject, @at)
        """, new { Owner, Key, Hash, answer.Status, answer.Location, answer.ETag, answer.Body, answer.Subject, at, expired = Instant.Write(Instant.Read(at).AddHours(-48)) });

    private sealed record Row
    {
        public required string RequestHash { get; init; }
        public required long Status { get; init; }
        public string? Location { get; init; }
        public string? Etag { get; init; }
        public byte[]? Body { get; init; }
        public string? Subject { get; init; }
    }
}
