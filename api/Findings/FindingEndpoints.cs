using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Findings;

internal static class FindingEndpoints
{
    public static void MapFindings(this IEndpointRouteBuilder routes)
    {
        var findings = routes.MapGroup("/v1/findings");
        findings.Get("/", ListFindings).WithName("listFindings");
        findings.Get("/{id}", GetFinding).WithName("getFinding");
        findings.Post("/", (HttpContext http, Writes writes) => writes.RunAsync<FindingInput>(http, WriteEnd.Commit, FindingDraftHandlers.Create)).WithName("createFinding");
        findings.Put("/{id}", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync<FindingInput>(http, WriteEnd.CommitPublic, (write, input) => FindingDraftHandlers.Replace(write, id, input))).WithName("replaceFinding");
        findings.Delete("/{id}", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => FindingDraftHandlers.Remove(write, id))).WithName("deleteFinding");
        findings.Post("/{id}/passages", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync<FindingPassageInput>(http, WriteEnd.CommitPublic, (write, input) => FindingHandlers.Link(write, id, input))).WithName("linkFindingPassage");
        findings.Delete("/{id}/passages/{passage}", (string id, string passage, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => FindingHandlers.Unlink(write, id, passage))).WithName("unlinkFindingPassage");
        findings.Post("/{id}/computations", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync<FindingComputationInput>(
                http, WriteEnd.CommitPublic, (write, input) => FindingComputationHandlers.Link(write, id, input)))
                .WithName("linkFindingComputation");
        findings.Delete("/{id}/computations/{computation}", (string id, string computation, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => FindingComputationHandlers.Unlink(write, id, computation))).WithName("unlinkFindingComputation");
        findings.Put("/{id}/confidence", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync<ConfidenceInput>(http, WriteEnd.CommitPublic, (write, input) => FindingHandlers.Rate(write, id, input))).WithName("rateFinding");
        findings.Post("/{id}/approve", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => FindingHandlers.Approve(write, id))).WithName("approveFinding");
        findings.Post("/{id}/review", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => FindingHandlers.Review(write, id))).WithName("reviewFinding");
    }

    private static IResult ListFindings(string? q, string[]? kind, string[]? dimension, string[]? type, string[]? confidence, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(FindingQueries.List, list)
        {
            HasWords = q is not null,
            Filter = (connection, errors) =>
            {
                var filter = new Filter();
                filter.Add("published", "f.deleted_at is null and f.status = 'approved'");
                filter.AddValues("kind", "f.kind in @kind", kind);
                filter.AddValues("dimension", "f.dimension in @dimension", dimension);
                filter.AddKnown("type", "exists (select 1 from finding_types t where t.finding_id = f.id and t.type in @type)", type, connection, TypeQueries.CurrentKeys, errors);
                filter.AddValues("confidence", "f.confidence_level in @confidence", confidence);
                filter.AddWords("finding", "f.id", q, errors);
                return filter;
            },
        });

    private static IResult GetFinding(string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return FindingQueries.Find(connection, id, approvedOnly: !http.SeesFindingDrafts()) is { } finding ? answers.Item(http, WireJson.Write(finding)) : Problems.NoSuch(FindingHandlers.Thing, id);
    }
}
