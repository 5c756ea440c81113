using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Sources;

namespace AnkerOrte.Api.Evidence;

/// <summary>The chain from recommendations to sources: down from a finding or recommendation, up from a passage or source.</summary>
internal static class EvidenceEndpoints
{
    public static void MapEvidence(this IEndpointRouteBuilder routes)
    {
        routes.Get("/v1/findings/{id}/evidence", GetFindingEvidence).WithName("getFindingEvidence");
        routes.Get("/v1/recommendations/{id}/evidence", GetRecommendationEvidence).WithName("getRecommendationEvidence");
        routes.Get("/v1/passages/{id}/impact", GetPassageImpact).WithName("getPassageImpact");
        routes.Get("/v1/sources/{id}/impact", GetSourceImpact).WithName("getSourceImpact");
    }

    private static IResult GetFindingEvidence(string id, string? format, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        return EvidenceQueries.OfFinding(snapshot.Connection, id) is { } graph
            ? EvidenceAnswers.Answer(http, answers, graph) : Problems.NoSuch(FindingHandlers.Thing, id);
    }

    private static IResult GetRecommendationEvidence(string id, string? format, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        return EvidenceQueries.OfRecommendation(snapshot.Connection, id) is { } graph
            ? EvidenceAnswers.Answer(http, answers, graph) : Problems.NoSuch(RecommendationHandlers.Thing, id);
    }

    private static IResult GetPassageImpact(string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        return EvidenceQueries.OfPassage(snapshot.Connection, id) is { } graph
            ? answers.Item(http, WireJson.Write(graph)) : Problems.NoSuch(ConversationHandlers.Part, id);
    }

    private static IResult GetSourceImpact(string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        return SourceQueries.Find(snapshot.Connection, id) switch
        {
            ({ } source, _) => answers.Item(http, WireJson.Write(EvidenceQueries.OfSource(snapshot.Connection, source))),
            (_, { } deletedAt) => Problems.IsGone(SourceEndpoints.Thing, id, deletedAt),
            _ => Problems.NoSuch(SourceEndpoints.Thing, id),
        };
    }
}
