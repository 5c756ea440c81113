using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Codebook;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Municipalities;
using AnkerOrte.Api.Projects;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Sources;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Types;
using AnkerOrte.Api.Typologies;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Changes;

/// <summary>Records by kind and id, exactly as their own address answers them.</summary>
internal static class PublishedRecords
{
    /// <summary>The document with placeholders for addresses; null if the record is removed.</summary>
    public static byte[]? Find(SqliteConnection connection, string kind, string key) => kind switch
    {
        RecordKind.AnchorSite => AnchorSiteQueries.FindPublished(connection, key),
        RecordKind.Municipality => Write(MunicipalityQueries.Find(connection, key)),
        RecordKind.Project => Write(ProjectQueries.Find(connection, key)),
        RecordKind.Dimension => Write(CodebookQueries.Find(connection, key)),
        RecordKind.Source => Write(SourceQueries.Find(connection, key).Source),
        RecordKind.Survey => Write(SurveyQueries.Find(connection, key, withDrafts: false)),
        RecordKind.Typology => Write(TypologyQueries.FindPublished(connection, key)),
        RecordKind.Type => Write(TypeQueries.Find(connection, key)),
        RecordKind.Finding => Write(FindingQueries.FindPublished(connection, key)),
        RecordKind.Recommendation => Write(RecommendationQueries.Find(connection, key)),
        RecordKind.Passage => Write(PassageQueries.FindPublic(connection, key)?.ToContract()),
        _ => null,
    };

    private static byte[]? Write<T>(T? record) where T : class => record is null ? null : WireJson.Write(record);
}
