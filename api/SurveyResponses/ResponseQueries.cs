using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>All SQL of single responses.</summary>
internal static class ResponseQueries
{
    public static ResponseRecord? Find(SqliteConnection connection, string survey, string id) => connection.ReadOne(
        $"""
        select {ResponseRecord.Columns}
        from responses r
        where r.survey = @survey and r.id = @id
        """, ResponseRecord.Read, ("@survey", survey), ("@id", id));

    public static void Put(SqliteConnection connection, ResponseRecord response, string? invitation)
    {
        connection.Run(
            """
            insert into responses (survey, id, version, state, answers, issues, owner, invitation, reason, created_at, updated_at, submitted_at, reviewed_at)
            values (@survey, @id, @version, @state, cast(@answers as text), @issues, @owner, @invitation, @reason, @createdAt, @updatedAt, @submittedAt, @reviewedAt)
            on conflict (survey, id) do update set
                version = excluded.version, state = excluded.state, answers = excluded.answers, issues = excluded.issues,
                reason = excluded.reason, updated_at = excluded.updated_at, submitted_at = excluded.submitted_at, reviewed_at = excluded.reviewed_at
            """,
            ("@survey", response.Survey), ("@id", response.Id), ("@version", response.Version), ("@state", response.State), ("@answers", response.Answers),
            ("@issues", response.Issues), ("@owner", response.Owner), ("@invitation", invitation), ("@reason", response.Reason), ("@createdAt", response.CreatedAt),
            ("@updatedAt", response.UpdatedAt), ("@submittedAt", response.SubmittedAt), ("@reviewedAt", response.ReviewedAt));
    }

    /// <summary>The id stays, so that it is not used again; nothing of what was answered does.</summary>
    public static void Erase(SqliteConnection connection, string survey, string id, string at)
    {
        // SQLite would only mark the place as free; what stood there could still be read from the file.
        connection.Execute("pragma secure_delete = on");
        connection.Execute(
            """
            update responses set state = 'deleted', answers = '{}', issues = null, reason = null, updated_at = @at
            where survey = @survey and id = @id
            """, new { survey, id, at });
        var evidence = $"{survey}/{id}";
        IdempotentRequest.Forget(connection, evidence);
        Tombstones.Add(connection, new Tombstone(Tombstones.SurveyResponse, evidence, at, "deleted"));
        // What was proposed from it is its content as well; what an editor has published of it stays published.
        connection.Execute(
            """
            delete from proposals where origin = 'survey-response' and origin_id = @evidence and state = 'open';
            update proposals set patch = '{}', decided_changes = '[]' where origin = 'survey-response' and origin_id = @evidence;
            update invitations set response_id = null where survey = @survey and response_id = @id;
            """, new { evidence, survey, id });
    }

    public static void Review(SqliteConnection connection, ResponseRecord reviewed)
    {
        connection.Execute(
            """
            update responses set state = @State, issues = @Issues, reason = @Reason, reviewed_at = @ReviewedAt, submitted_at = @SubmittedAt, updated_at = @UpdatedAt
            where survey = @Survey and id = @Id
            """, new { reviewed.State, reviewed.Issues, reviewed.Reason, reviewed.ReviewedAt, reviewed.SubmittedAt, reviewed.UpdatedAt, reviewed.Survey, reviewed.Id });
    }

    /// <summary>Remarks as they are stored, in one language, for a record does not change with its reader.</summary>
    public static string? Remarks(IReadOnlyList<ProblemError> issues) =>
        issues.Count == 0 ? null : System.Text.Encoding.UTF8.GetString(WireJson.Write(issues.Select(issue => issue.ToRemark(german: false))));
}
