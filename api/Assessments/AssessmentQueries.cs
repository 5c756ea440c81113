using System.Buffers.Text;
using System.Security.Cryptography;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Assessments;

/// <summary>All SQL of assessments.</summary>
internal static class AssessmentQueries
{
    public static string NewId() => "as-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static AssessmentRow? Find(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<AssessmentRow>(
        """
        select id, request, result, result_hash, token_hash, created_at, expires_at, gone_at
        from assessments
        where id = @id
        """, new { id });

    public static void Add(SqliteConnection connection, AssessmentRow row) => connection.Execute(
        """
        insert into assessments (id, request, result, result_hash, token_hash, created_at, expires_at)
        values (@Id, @Request, @Result, @ResultHash, @TokenHash, @CreatedAt, @ExpiresAt)
        """, row);

    /// <summary>Deletes expired assessments. Each write calls this.</summary>
    public static void Purge(SqliteConnection connection, string now) => connection.Execute(
        """
        update assessments
        set request = null, result = null, result_hash = null, token_hash = null, gone_at = expires_at
        where gone_at is null and expires_at <= @now
        """, new { now });

    public static void Remove(SqliteConnection connection, string id, string at)
    {
        SecureDelete.Enable(connection);
        connection.Execute(
            """
            update assessments
            set request = null, result = null, result_hash = null, token_hash = null, gone_at = @at
            where id = @id
            """, new { id, at });
        Tombstones.Add(connection, new Tombstone(Tombstones.Assessment, id, at, "deleted"));
    }
}

internal sealed record AssessmentRow
{
    public required string Id { get; init; }
    public string? Request { get; init; }
    public string? Result { get; init; }
    public string? ResultHash { get; init; }
    public string? TokenHash { get; init; }
    public required string CreatedAt { get; init; }
    public required string ExpiresAt { get; init; }
    public string? GoneAt { get; init; }
}
