using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Writing;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>Writes rows inside a transaction of the caller: one prepared statement, and a second look only where an id is taken.</summary>
/// <param name="entry">Goes into the audit log once, with the first rows that are stored.</param>
internal sealed class BulkInsert(string survey, string owner, bool isDryRun, AuditEntry entry)
{
    private bool isLogged;

    public WriteEnd End => isDryRun ? WriteEnd.Rollback : WriteEnd.Commit;

    public List<BulkOutcome> Run(SqliteConnection connection, IReadOnlyList<BulkRow> rows, string at)
    {
        using var insert = connection.CreateCommand();
        insert.CommandText =
            """
            insert into responses (survey, id, version, state, answers, issues, owner, created_at, updated_at, submitted_at, reviewed_at)
            values (@survey, @id, @version, @state, cast(@answers as text), @issues, @owner, @at, @at, @submitted, @reviewed)
            on conflict (survey, id) do nothing
            """;
        insert.Parameters.AddWithValue("@survey", survey);
        insert.Parameters.AddWithValue("@owner", owner);
        insert.Parameters.AddWithValue("@at", at);
        var id = insert.Parameters.Add("@id", SqliteType.Text);
        var version = insert.Parameters.Add("@version", SqliteType.Integer);
        var state = insert.Parameters.Add("@state", SqliteType.Text);
        var answers = insert.Parameters.Add("@answers", SqliteType.Blob);
        var issues = insert.Parameters.Add("@issues", SqliteType.Text);
        var submitted = insert.Parameters.Add("@submitted", SqliteType.Text);
        var reviewed = insert.Parameters.Add("@reviewed", SqliteType.Text);
        insert.Prepare();
        var isAccepted = SurveyQueries.AcceptsSubmitted(connection, survey);
        // What is open now, not what was when the file began to arrive.
        var current = SurveyVersions.Current(connection, survey);
        var outcomes = new List<BulkOutcome>(rows.Count);
        var isChange = false;
        foreach (var row in rows)
        {
            if (row.Problems is not null)
            {
                outcomes.Add(new(row.Number, row.Id, "rejected", row.Problems));
                continue;
            }

            if (row.Version == current)
            {
                id.Value = row.Id;
                version.Value = row.Version;
                state.Value = !row.Submit ? "draft" : isAccepted ? "accepted" : "submitted";
                answers.Value = row.Answers;
                issues.Value = (object?)row.Issues ?? DBNull.Value;
                submitted.Value = row.Submit ? at : DBNull.Value;
                reviewed.Value = row.Submit && isAccepted ? at : DBNull.Value;
                if (insert.ExecuteNonQuery() > 0)
                {
                    isChange = true;
                    outcomes.Add(new(row.Number, row.Id, "accepted"));
                    continue;
                }
            }

            outcomes.Add(Compare(row, current, ResponseQueries.Find(connection, survey, row.Id!)));
        }

        if (isChange && !isLogged)
        {
            AuditLog.Add(connection, entry, at);
            isLogged = true;
        }

        return outcomes;
    }

    /// <summary>The id is taken, or the version is closed: the same again is fine, anything else is not.</summary>
    private BulkOutcome Compare(BulkRow row, int? current, ResponseRecord? known)
    {
        if (known is null)
        {
            return Reject(row, ResponseHandlers.WrongVersionError(row.Version, current));
        }

        if (known.Owner != owner)
        {
            return Reject(row, ProblemError.At("/id", "conflict", new("Die Kennung ist vergeben.", "The id is taken.")));
        }

        if (known.State == "deleted")
        {
            return Reject(row, ProblemError.At("/id", "response-deleted", new("Diese Antwort wurde entfernt; die Kennung wird nicht wieder verwendet.", "This response was removed; its id is not used again.")));
        }

        if (known.Says(row.Version, row.Submit, row.Answers))
        {
            return new(row.Number, row.Id, "replayed");
        }

        var sent = known with { Version = row.Version, Answers = row.Answers };
        return Reject(row, ProblemError.At(ResponseHandlers.Difference(known, sent), "conflict", new(
            "Unter dieser Kennung ist etwas anderes gespeichert; hier der erste Unterschied.", "Something else is stored under this id; this is the first difference.")));
    }

    private static BulkOutcome Reject(BulkRow row, ProblemError problem) => new(row.Number, row.Id, "rejected", [problem]);
}
