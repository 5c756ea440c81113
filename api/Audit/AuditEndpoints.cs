using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Audit;

/// <summary>The audit log for those who answer for it: what was done by whom, without what was in it.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var log = routes.MapGroup("/v1/audit-log");
        log.Get("/", ListAuditLog).WithName("listAuditLog");
        log.Get("/verification", VerifyAuditLog).WithName("verifyAuditLog");
    }

    private static IResult ListAuditLog(
        string[]? action, string? actor, string? @object, string? since, string? sort, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(AuditQueries.List, list)
        {
            Sort = Commas.Split(sort),
            Filter = (_, _) =>
            {
                var filter = new Filter();
                if (action is { Length: > 0 })
                {
                    filter.Add("action", "a.action in @action", ("action", action));
                }

                if (actor is not null)
                {
                    filter.Add("actor", "a.actor = @actor", ("actor", actor));
                }

                if (@object is not null)
                {
                    // What begins with it, as a range: the index serves that, and nothing in it has a special meaning.
                    filter.Add("object", "a.object >= @object and a.object < @objectEnd", ("object", @object), ("objectEnd", @object + "\U0010FFFF"));
                }

                if (since is not null && Instants.TryRead(since, out var from))
                {
                    filter.Add("since", "a.at >= @since", ("since", Instant.Write(from)));
                }

                return filter;
            },
        });

    private static IResult VerifyAuditLog(HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        return answers.ConfidentialItem(http, WireJson.Write(AuditChain.Verify(snapshot.Connection)));
    }
}
