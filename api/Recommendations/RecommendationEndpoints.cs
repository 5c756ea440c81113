using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Recommendations;

internal static class RecommendationEndpoints
{
    public static void MapRecommendations(this IEndpointRouteBuilder routes)
    {
        var recommendations = routes.MapGroup("/v1/recommendations");
        recommendations.Get("/", ListRecommendations).WithName("listRecommendations");
        recommendations.Get("/{id}", GetRecommendation).WithName("getRecommendation");
        recommendations.Post("/", (HttpContext http, Writes writes) => writes.RunAsync<RecommendationInput>(http, WriteEnd.Commit, RecommendationHandlers.Create)).WithName("createRecommendation");
        recommendations.Put("/{id}", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync<RecommendationInput>(http, WriteEnd.CommitPublic, (write, input) => RecommendationHandlers.Replace(write, id, input))).WithName("replaceRecommendation");
        recommendations.Post("/{id}/publish", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => RecommendationHandlers.Publish(write, id))).WithName("publishRecommendation");
        recommendations.Post("/{id}/unpublish", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => RecommendationHandlers.Unpublish(write, id))).WithName("unpublishRecommendation");
        recommendations.Delete("/{id}", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => RecommendationHandlers.Remove(write, id))).WithName("deleteRecommendation");
    }

    private static IResult ListRecommendations(
        string? q, string[]? phase, string[]? audience, string[]? type, string[]? dimension, string[]? strength, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(RecommendationQueries.List, list)
        {
            Sort = ["order"],
            HasWords = q is not null,
            Filter = (connection, errors) =>
            {
                var filter = new Filter();
                filter.Add("published", "r.deleted_at is null and r.status = 'published'");
                filter.AddValues("phase", "r.phase in @phase", phase);
                filter.AddValues("audience", "exists (select 1 from json_each(r.audience) a where a.value in @audience)", audience);
                // What names no type holds for each.
                filter.AddKnown(
                    "type",
                    """
                    (exists (select 1 from recommendation_types t where t.recommendation_id = r.id and t.type in @type)
                        or not exists (select 1 from recommendation_types t where t.recommendation_id = r.id))
                    """, type, connection, TypeQueries.CurrentKeys, errors);
                filter.AddValues(
                    "dimension", "exists (select 1 from recommendation_findings u join published_findings f on f.id = u.finding_id where u.recommendation_id = r.id and f.dimension in @dimension)", dimension);
                filter.AddValues("strength", "r.strength in @strength", strength);
                filter.AddWords("recommendation", "r.id", q, errors);
                return filter;
            },
        });

    private static IResult GetRecommendation(string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return RecommendationQueries.Find(connection, id, publishedOnly: !http.SeesRecommendationDrafts()) is { } found ? answers.Item(http, WireJson.Write(found)) : Problems.NoSuch(RecommendationHandlers.Thing, id);
    }
}
