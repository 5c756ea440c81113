using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Findings;

/// <summary>Puts findings under review whose evidence has changed, and what rests on them, in the transaction of the caller.</summary>
internal static class FindingReview
{
    /// <summary>Findings that rest on passages which no longer show come under review, and so on down to recommendations.</summary>
    public static (IReadOnlyList<string> Findings, IReadOnlyList<string> Recommendations) OfPassages(SqliteConnection connection, IReadOnlyList<string> passages, Author author) => Review(
        connection, [.. connection.Query<string>("select distinct finding_id from finding_passages where passage_id in @passages order by finding_id", new { passages })], author);

    /// <summary>Takes approved findings out of what is public until an editor has looked at them again.</summary>
    public static (IReadOnlyList<string> Findings, IReadOnlyList<string> Recommendations) Review(SqliteConnection connection, IReadOnlyList<string> findings, Author author)
    {
        var reviewed = connection.Query<string>(
            "update findings set status = 'under-review', updated_at = @At where id in @findings and status = 'approved' and deleted_at is null returning id", new { findings, author.At })
            .Order(StringComparer.Ordinal).ToList();
        foreach (var id in reviewed)
        {
            SearchIndex.Remove(connection, RecordKind.Finding, id);
            Feed.Add(connection, RecordKind.Finding, id, "deleted", author.At);
            // So that a later edition of the shipped content does not bring its words back.
            Versions.Add(connection, RecordKind.Finding, id, "updated", null, author);
        }

        return (reviewed, RecommendationStrength.Settle(connection, reviewed, author));
    }
}
