using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Privacy;

internal static class RetentionEndpoints
{
    public static void MapRetention(this IEndpointRouteBuilder routes) => routes.Get("/v1/retention", PreviewRetention).WithName("previewRetention");

    private static IResult PreviewRetention(HttpContext http, Answers answers, Database.Database database, Settings settings, TimeProvider clock)
    {
        using var snapshot = database.Read();
        var today = Days.Of(Instant.Write(clock.GetUtcNow()));
        return answers.ConfidentialItem(http, WireJson.Write(Retention.Plan(snapshot.Connection, today, settings.Retention.ProjectEnd)));
    }
}
