using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Assessments;

/// <summary>Turns answers into an explained ranking. Assessments are anonymous and stored under an id that cannot be guessed.</summary>
internal static class AssessmentEndpoints
{
    public const string Cors = "assessments";
    private const int Years = 2;
    private const string TokenHeader = "X-Delete-Token";

    private static readonly Text Thing = new("Das Ergebnis", "assessment");

    public static void MapAssessments(this IEndpointRouteBuilder routes)
    {
        var assessments = routes.MapGroup("/v1/assessments").RequireCors(Cors);
        assessments.Post("/", CreateAssessment).WithName("createAssessment").RequireRateLimiting(RateLimits.Assessments);
        assessments.Get("/{id}", GetAssessment).WithName("getAssessment").WithMetadata(new NotKept());
        assessments.Delete("/{id}", DeleteAssessment).WithName("deleteAssessment");
        assessments.Get("/{id}/rerun", RerunAssessment).WithName("rerunAssessment").WithMetadata(new NotKept());
    }

    private static Task<IResult> CreateAssessment(HttpContext http, Writes writes, DecisionModels models, Database.Database database) =>
        writes.RunPreparedAsync<NewAssessment>(
            http,
            WriteEnd.Commit,
            body =>
            {
                using var snapshot = database.Read();
                var input = body.Deserialize<AssessmentInput>(WireJson.Options)!;
                var (result, problem) = Assess(snapshot.Connection, models, input, input.Typology);
                return Task.FromResult((result is null ? null : NewAssessment.Of(result), problem));
            },
            (write, made) =>
            {
                AssessmentQueries.Purge(write.Connection, write.At);
                var token = Secret.Make("adt_");
                var row = new AssessmentRow
                {
                    Id = AssessmentQueries.NewId(),
                    Request = made.Request,
                    Result = made.Result,
                    ResultHash = made.Hash,
                    TokenHash = Secret.Hash(token),
                    CreatedAt = write.At,
                    ExpiresAt = Instant.Write(Instant.Read(write.At).AddYears(Years)),
                };
                AssessmentQueries.Add(write.Connection, row);
                return Done.Created(WireJson.Write(AssessmentMapping.Compose(row, token)), AssessmentMapping.Path(row.Id), tagged: false)
                    with
                { Subject = AssessmentMapping.Path(row.Id) };
            });

    /// <summary>The request and the result of an assessment as JSON, ready to be stored.</summary>
    private sealed record NewAssessment(string Request, string Result, string Hash)
    {
        public static NewAssessment Of(AssessmentResult result)
        {
            var json = WireJson.Text(result);
            return new(WireJson.Text(result.Request), json, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json))));
        }
    }

    private static IResult GetAssessment(string id, string? format, string? lang, HttpContext http, Answers answers, Settings settings, Database.Database database, TimeProvider clock)
    {
        using var connection = database.Open();
        if (Find(connection, id, clock) is not (var row, null))
        {
            return Find(connection, id, clock).Problem!;
        }

        var offered = answers.Offered(http);
        var wanted = format switch { "json" => Formats.Json, "markdown" => AssessmentMarkdown.MediaType, "html" => AssessmentPage.MediaType, _ => Formats.Choose(http.Request, offered) };
        if (wanted is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), offered);
        }

        var assessment = AssessmentMapping.Compose(row, null);
        if (wanted == Formats.Json)
        {
            return answers.ConfidentialItem(http, WireJson.Write(assessment));
        }

        var german = Svg.IsGerman(http, lang);
        Answers.SetConfidential(http.Response.Headers);
        http.Response.Headers.ContentLanguage = german ? "de" : "en";
        if (wanted == AssessmentPage.MediaType)
        {
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        }

        var text = wanted == AssessmentPage.MediaType ? AssessmentPage.Write(assessment, settings.Operator, german) : AssessmentMarkdown.Write(assessment, german);
        return Results.Bytes(Addresses.Resolve(Encoding.UTF8.GetBytes(text), answers.Base(http)), wanted + "; charset=utf-8");
    }

    private static IResult RerunAssessment(string id, HttpContext http, Answers answers, Database.Database database, DecisionModels models, TimeProvider clock)
    {
        using var snapshot = database.Read();
        if (Find(snapshot.Connection, id, clock) is not (var row, null))
        {
            return Find(snapshot.Connection, id, clock).Problem!;
        }

        var (now, problem) = Assess(snapshot.Connection, models, WireJson.Read<AssessmentInput>(row.Request!), null);
        return now is null ? problem! : answers.ConfidentialItem(http, WireJson.Write(AssessmentMapping.Compare(id, WireJson.Read<AssessmentResult>(row.Result!), now)));
    }

    private static Task<IResult> DeleteAssessment(string id, HttpContext http, Writes writes, TimeProvider clock) => writes.RunAsync(http, WriteEnd.Commit, write =>
    {
        if (Find(write.Connection, id, clock) is not (var row, null))
        {
            return Find(write.Connection, id, clock).Problem!;
        }

        var token = http.Request.Headers[TokenHeader].FirstOrDefault();
        if (token is null || Secret.Hash(token) != row.TokenHash)
        {
            return new Problem(Problems.Forbidden, new(
                $"„{TokenHeader}“ fehlt oder gehört nicht zu diesem Ergebnis. Die Antwort auf das Anlegen hat das Token genannt.",
                $"`{TokenHeader}` is missing or does not belong to this assessment. The response that created the assessment "
                    + "contained the token."));
        }

        AssessmentQueries.Remove(write.Connection, id, write.At);
        IdempotentRequest.Forget(write.Connection, AssessmentMapping.Path(id));
        return Done.Nothing() with { Subject = AssessmentMapping.Path(id) };
    });

    private static (AssessmentRow Row, IResult? Problem) Find(SqliteConnection connection, string id, TimeProvider clock) => AssessmentQueries.Find(connection, id) switch
    {
        null => (null!, Problems.NoSuch(Thing, id)),
        { GoneAt: { } gone } => (null!, Problems.IsGone(Thing, id, gone)),
        var row when string.CompareOrdinal(row.ExpiresAt, Instant.Write(clock.GetUtcNow())) <= 0 => (null!, Problems.IsGone(Thing, id, row.ExpiresAt)),
        var row => (row, null),
    };

    /// <param name="version">Version of the typology; null: the current one.</param>
    private static (AssessmentResult? Result, IResult? Problem) Assess(SqliteConnection connection, DecisionModels models, AssessmentInput input, string? version)
    {
        Database.Database.CheckNotWriting();
        var (sheet, problem) = AssessmentAnswers.Read(input, input.Ags is { } ags ? KnownAnswers.Find(connection, ags) : null);
        if (problem is not null)
        {
            return (null, problem);
        }

        if (TypeQueries.Version(connection, version, withDrafts: false) is not var (typology, _))
        {
            return (null, Problems.Unprocessable([ProblemError.At("/typology", "unknown-value", new(
                $"Es gibt keine veröffentlichte Typologie {version}.", $"There is no published typology {version}."))]));
        }

        var (instance, revision) = connection.QuerySingle<(string, long)>("select instance, revision from service where id = 1");
        return (AssessmentEngine.Run(models.Get(connection, $"{instance}-{revision}", typology, revision), sheet!), null);
    }
}
