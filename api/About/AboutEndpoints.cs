using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AnkerOrte.Api.About;

internal static class AboutEndpoints
{
    public static void MapAbout(this IEndpointRouteBuilder routes)
    {
        routes.Get("/v1", GetService).WithName("getService");
        routes.MapHealth("/health/live", "getLiveness", _ => false);
        routes.MapHealth("/health/ready", "getReadiness", _ => true);
    }

    private static IResult GetService(HttpContext http, Answers answers, AboutQueries about, Contract contract)
    {
        var (revision, content, typology, counts) = about.Find();
        return answers.Item(http, WireJson.Write(new Contracts.Service
        {
            Name = "AnkerOrte",
            Version = contract.Version,
            Revision = revision,
            Content = content,
            Typology = typology,
            Counts = counts,
            License = new Uri(Addresses.License),
            Attribution = Addresses.Attribution,
            Note = new LocalizedText
            {
                De = "Angaben aus öffentlichen Quellen, von den Orten nicht bestätigt. Fehlendes ist unbekannt, nicht „nein“.",
                En = "From public sources, not confirmed by the sites. What is missing is unknown, not \"no\".",
            },
            Links = new Dictionary<string, Uri>
            {
                ["anchorSites"] = Addresses.Of("/v1/anchor-sites"),
                ["projects"] = Addresses.Of("/v1/projects"),
                ["municipalities"] = Addresses.Of("/v1/municipalities"),
                ["codebook"] = Addresses.Of("/v1/codebook"),
                ["sources"] = Addresses.Of("/v1/sources"),
                ["types"] = Addresses.Of("/v1/types"),
                ["typologies"] = Addresses.Of("/v1/typologies"),
                ["findings"] = Addresses.Of("/v1/findings"),
                ["recommendations"] = Addresses.Of("/v1/recommendations"),
                ["decisionGuide"] = Addresses.Of("/v1/decision-guide"),
                ["guide"] = Addresses.Of("/guide"),
                ["comparisons"] = Addresses.Of("/v1/comparisons"),
                ["search"] = Addresses.Of("/v1/search"),
                ["changes"] = Addresses.Of("/v1/changes"),
                ["surveys"] = Addresses.Of("/v1/surveys"),
                ["contract"] = Addresses.Of("/openapi.yaml"),
                ["documentation"] = Addresses.Of("/swagger/index.html"),
            },
        }));
    }

    private static void MapHealth(this IEndpointRouteBuilder routes, string path, string name, Func<HealthCheckRegistration, bool> checks) =>
        routes.MapHealthChecks(path, new HealthCheckOptions
        {
            Predicate = checks,
            ResponseWriter = (http, report) =>
            {
                http.Response.Headers.CacheControl = "no-store";
                http.Response.ContentType = "application/json; charset=utf-8";
                return http.Response.WriteAsync(Describe(report));
            },
        }).WithName(name).DisableRateLimiting()
        // Found out anew each time, also when the database no longer tells its revision.
        .WithMetadata(new NotKept());

    /// <summary>Written by hand: a start that only says that it is ready need not set up the serializer first.</summary>
    private static string Describe(HealthReport report)
    {
        var status = report.Status != Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy ? "unavailable"
            : report.Entries.Count == 0 ? "live" : "ready";
        var revision = report.Entries.Values.Select(entry => entry.Data.GetValueOrDefault("revision") as long?).FirstOrDefault();
        var problem = report.Entries.Values.Select(entry => entry.Data.GetValueOrDefault("problem") as string).FirstOrDefault();
        return FormattableString.Invariant(
            $"{{\"status\":\"{status}\"{(revision is null ? "" : $",\"revision\":{revision}")}{(problem is null ? "" : $",\"problem\":\"{problem}\"")}}}");
    }
}

/// <summary>Ready: the database can be read and written, is whole, and content is in it.</summary>
internal sealed class StorageCheck(Database.Database database, Database.StorageHealth storage) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var snapshot = database.Read();
            var data = new Dictionary<string, object> { ["revision"] = snapshot.Revision };
            if (storage.Find() is { } problem)
            {
                return Task.FromResult(HealthCheckResult.Unhealthy(data: new Dictionary<string, object> { ["problem"] = problem }));
            }

            return Task.FromResult(snapshot.Revision > 0
                ? HealthCheckResult.Healthy(data: data)
                : HealthCheckResult.Unhealthy("No content has been loaded."));
        }
        catch (SqliteException)
        {
            var problem = storage.Find() ?? "unreadable";
            return Task.FromResult(HealthCheckResult.Unhealthy(data: new Dictionary<string, object> { ["problem"] = problem }));
        }
    }
}
