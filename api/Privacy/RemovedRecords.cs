using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Sources;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>Removes published records again, or takes them back again, where an older backup shows them.</summary>
internal static class RemovedRecords
{
    public static void Repeat(SqliteConnection connection, string kind, string key, string action, Author author)
    {
        switch (kind)
        {
            case RecordKind.AnchorSite when Exists(connection, "select 1 from anchor_sites where id = @key and deleted_at is null", key):
                AnchorSiteTables.Remove(connection, AnchorSiteHandlers.Latest(connection, key)!, author);
                break;
            // In the backup sites may still cite it; a reference to nothing would be worse than a source too many.
            case RecordKind.Source when Exists(connection, "select 1 from sources where id = @key and deleted_at is null", key)
                && SourceHandlers.Citing(connection, key).Count == 0:
                SourceHandlers.Remove(connection, key, author);
                break;
            case RecordKind.Finding when action == "unpublished":
                FindingReview.Review(connection, [key], author);
                break;
            case RecordKind.Finding when Exists(connection, "select 1 from findings where id = @key and deleted_at is null", key):
                FindingDraftHandlers.Remove(connection, key, author);
                break;
            case RecordKind.Recommendation when Exists(
                connection, "select 1 from recommendations where id = @key and deleted_at is null", key):
                RecommendationHandlers.TakeBack(connection, key, action == "removed", author);
                break;
        }
    }

    private static bool Exists(SqliteConnection connection, string sql, string key) =>
        connection.ExecuteScalar<bool>($"select exists ({sql})", new { key });
}
