using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Surveys;

/// <summary>Surveys and the versions of their questionnaires. The public sees what was published, researchers also drafts.</summary>
internal static class SurveyEndpoints
{
    public static void MapSurveys(this IEndpointRouteBuilder routes)
    {
        var surveys = routes.MapGroup("/v1/surveys");
        surveys.Get("/", ListSurveys).WithName("listSurveys");
        surveys.Post("/", CreateSurvey).WithName("createSurvey");
        surveys.Get("/{survey}", GetSurvey).WithName("getSurvey");
        surveys.Patch("/{survey}", ChangeSurvey).WithName("changeSurvey");
        surveys.Post("/{survey}/versions", CreateSurveyVersion).WithName("createSurveyVersion");
        surveys.Get("/{survey}/versions/{version}", GetSurveyVersion).WithName("getSurveyVersion");
        surveys.Put("/{survey}/versions/{version}", ReplaceSurveyVersion).WithName("replaceSurveyVersion");
        surveys.Get("/{survey}/versions/{version}/definition", GetSurveyDefinition).WithName("getSurveyDefinition");
        surveys.Post("/{survey}/versions/{version}/publish", PublishSurveyVersion).WithName("publishSurveyVersion");
    }

    private static IResult ListSurveys(string? updatedSince, int? limit, string? cursor, Lists lists) =>
        lists.Answer(new ListRequest(SurveyQueries.List, new ListParameters(limit, cursor, null, null, null))
        {
            Filter = (_, _) =>
            {
                var filter = new Filter();
                filter.Add("published", "exists (select 1 from survey_versions p where p.survey = s.id and p.state <> 'draft')");
                filter.AddUpdatedSince("s.updated_at", updatedSince);
                return filter;
            },
        });

    private static IResult GetSurvey(string survey, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return SurveyQueries.Find(connection, survey, SeesDrafts(http, survey)) is { } found ? answers.Item(http, WireJson.Write(found)) : SurveyVersions.NoSuch(survey);
    }

    private static Task<IResult> CreateSurvey(HttpContext http, Writes writes) =>
        writes.RunAsync<SurveyInput>(http, WriteEnd.Commit, SurveyHandlers.Create);

    private static Task<IResult> ChangeSurvey(string survey, HttpContext http, Writes writes, Contract contract) =>
        writes.RunAsync<JsonElement>(http, WriteEnd.CommitPublic, (write, patch) => SurveyHandlers.Change(write, survey, patch, contract));

    private static Task<IResult> CreateSurveyVersion(string survey, HttpContext http, Writes writes, Database.Database database) =>
        writes.RunPreparedAsync<SurveyDraft>(
            http, WriteEnd.Commit, definition => SurveyDraft.Read(database, definition),
            (write, draft) => SurveyHandlers.AddDraft(write, survey, draft));

    private static IResult GetSurveyVersion(string survey, int version, HttpContext http, Answers answers, Database.Database database) =>
        Find(http, database, survey, version) is { } row ? answers.Item(http, row.ToJson()) : SurveyHandlers.NoSuchVersion(version);

    private static IResult GetSurveyDefinition(string survey, int version, HttpContext http, Answers answers, Database.Database database) =>
        Find(http, database, survey, version) is { } row ? answers.Item(http, row.Definition) : SurveyHandlers.NoSuchVersion(version);

    private static Task<IResult> ReplaceSurveyVersion(
        string survey, int version, HttpContext http, Writes writes, Database.Database database) =>
        writes.RunPreparedAsync<SurveyDraft>(
            http, WriteEnd.Commit, definition => SurveyDraft.Read(database, definition),
                (write, draft) => SurveyHandlers.ReplaceDraft(write, survey, version, draft));

    private static async Task<IResult> PublishSurveyVersion(
        string survey, int version, HttpContext http, Writes writes, SurveyVersions surveys, Database.Database database)
    {
        var answer = await writes.RunPreparedAsync<CheckedDraft>(
            http, WriteEnd.CommitPublic, () => (CheckedDraft.Of(database, surveys, survey, version), null),
            (write, draft) => SurveyHandlers.Publish(write, survey, version, draft));
        surveys.ReadAhead(survey, anew: true);
        return answer;
    }

    private static VersionRow? Find(HttpContext http, Database.Database database, string survey, int version)
    {
        using var connection = database.Open();
        return SurveyQueries.FindVersion(connection, survey, version) is { } row && (row.State != "draft" || SeesDrafts(http, survey)) ? row : null;
    }

    private static bool SeesDrafts(HttpContext http, string survey) =>
        http.Caller() is { } caller && (caller.Roles.Contains(Roles.Researcher) || caller.Roles.Contains(Roles.Publisher)) && caller.May("survey:" + survey);
}
