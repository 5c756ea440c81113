using System.Runtime.CompilerServices;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Codebook;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Municipalities;
using AnkerOrte.Api.Projects;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Sources;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;

namespace AnkerOrte.Api;

/// <summary>Kinds of records that the change feed, the search and the history know. Commands and tests need them too, not only the service.</summary>
internal static class Records
{
    [ModuleInitializer]
    internal static void Register() => RecordKinds.Register(() =>
    [
        AnchorSiteQueries.Record, ProjectQueries.Record, MunicipalityQueries.Record, CodebookQueries.Record, CodebookQueries.Code,
        SourceQueries.Record, SurveyQueries.Record, TypologyQueries.Record, TypeQueries.Record, FindingQueries.Record,
        RecommendationQueries.Record, PassageQueries.Record,
    ]);
}
