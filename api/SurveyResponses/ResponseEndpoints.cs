using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.AspNetCore.Mvc;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>Responses to a survey: posted by scripts, reviewed by researchers, seen by nobody else.</summary>
internal static class ResponseEndpoints
{
    public static void MapResponses(this IEndpointRouteBuilder routes)
    {
        var responses = routes.MapGroup("/v1/surveys/{survey}/responses");
        responses.Post("/", CreateResponse).WithName("createResponse");
        responses.Post("/bulk", PostResponses).WithName("postResponses").WithMetadata(new RequestSizeLimitAttribute(500_000_000));
        responses.Get("/{clientId}", GetResponse).WithName("getResponse");
        responses.Put("/{clientId}", PutResponse).WithName("putResponse");
        responses.Delete("/{clientId}", DeleteResponse).WithName("deleteResponse");
        responses.Post("/{clientId}/review", ReviewResponse).WithName("reviewResponse");
        responses.Post("/{clientId}/proposal", ProposeFromResponse).WithName("proposeFromResponse");
    }

    private static Task<IResult> CreateResponse(
        string survey, HttpContext http, Writes writes, ResponseHandlers editing, SurveyVersions surveys)
    {
        surveys.ReadAhead(survey);
        return writes.RunTogetherAsync<JsonElement>(http, (write, body) =>
            editing.Put(
                write, survey,
                body.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()! : Secret.Id("r"), body));
    }

    private static Task<IResult> PutResponse(
        string survey, string clientId, HttpContext http, Writes writes, ResponseHandlers editing, SurveyVersions surveys)
    {
        surveys.ReadAhead(survey);
        return writes.RunTogetherAsync<JsonElement>(http, (write, body) => editing.Put(write, survey, clientId, body));
    }

    private static Task<IResult> PostResponses(string survey, HttpContext http, BulkLoad load) => load.RunAsync(http, survey);

    private static IResult GetResponse(string survey, string clientId, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return ResponseHandlers.FindFor(http.Caller()!, ResponseQueries.Find(connection, survey, clientId)) is { } response
            ? answers.ConfidentialItem(http, response.ToJson(), tagged: true)
            : ResponseHandlers.NoSuch(clientId);
    }

    private static Task<IResult> DeleteResponse(string survey, string clientId, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.Commit, write => ResponseHandlers.Remove(write, survey, clientId));

    private static Task<IResult> ReviewResponse(string survey, string clientId, HttpContext http, Writes writes) =>
        writes.RunAsync<ResponseReview>(http, WriteEnd.Commit, (write, review) => ResponseHandlers.Review(write, survey, clientId, review));

    private static Task<IResult> ProposeFromResponse(
        string survey, string clientId, HttpContext http, Writes writes, ResponseProposal proposals, SurveyVersions surveys)
    {
        surveys.ReadAhead(survey);
        return writes.RunAsync(http, WriteEnd.Commit, write => proposals.Create(write, survey, clientId));
    }
}
