using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Privacy;

/// <summary>What people have asked for, and until when it must be answered.</summary>
internal static class RequestEndpoints
{
    private const int MonthsToAnswer = 1;
    private const int MonthsMore = 2;

    private static readonly Text Thing = new("Das Anliegen", "request");

    public static void MapDataSubjectRequests(this IEndpointRouteBuilder routes)
    {
        var requests = routes.MapGroup("/v1/data-subject-requests");
        requests.Get("/", ListDataSubjectRequests).WithName("listDataSubjectRequests");
        requests.Post("/", CreateDataSubjectRequest).WithName("createDataSubjectRequest");
        requests.Patch("/{request}", ChangeDataSubjectRequest).WithName("changeDataSubjectRequest");
    }

    private static IResult ListDataSubjectRequests(string? state, [AsParameters] ListParameters list, HttpContext http, Lists lists, TimeProvider clock) =>
        lists.Answer(new ListRequest(RequestQueries.List(Today(clock)), list)
        {
            Sort = ["dueOn"],
            Filter = (_, _) => RequestQueries.BuildFilter(http.Caller()!.Scopes, state),
        });

    private static Task<IResult> CreateDataSubjectRequest(HttpContext http, Writes writes) =>
        writes.RunAsync<DataSubjectRequestInput>(http, WriteEnd.Commit, (write, input) =>
        {
            if (PersonHandlers.Find(write.Connection, write.Caller!, input.Person, out var person) is not null)
            {
                return Problems.Unprocessable([ProblemError.At("/person", "unknown-value", new("Diese Person gibt es nicht.", "There is no such person."))]);
            }

            if (input.ReceivedOn > Days.Of(write.At))
            {
                return Problems.Unprocessable([ProblemError.At("/receivedOn", "future", new("Liegt in der Zukunft.", "Is in the future."))]);
            }

            var request = new RequestRow
            {
                Id = Secret.Id("request"),
                PersonId = person!.Id,
                ProjectId = person.Project,
                Kind = WireEnum.Write(input.Kind),
                ReceivedOn = Days.Write(input.ReceivedOn),
                DueOn = Days.Write(input.ReceivedOn.AddMonths(MonthsToAnswer)),
            };
            RequestQueries.Add(write.Connection, request, write.At);
            return Answer(write, request);
        });

    private static Task<IResult> ChangeDataSubjectRequest(string request, HttpContext http, Writes writes) =>
        writes.RunAsync<DataSubjectRequestChange>(http, WriteEnd.Commit, (write, input) =>
        {
            if (RequestQueries.Find(write.Connection, request) is not { } found || !write.Caller!.May("project:" + found.ProjectId))
            {
                return Problems.NoSuch(Thing, request);
            }

            if (found.ClosedAt is not null)
            {
                return new Problem(Problems.Conflict, new("Das Anliegen ist abgeschlossen.", "The request is closed."));
            }

            if (input.Extended == true && found.ExtendedOn is not null)
            {
                return new Problem(Problems.Conflict, new("Die Frist ist schon verlängert.", "The request was extended already."));
            }

            var changed = found with
            {
                ExtendedOn = input.Extended == true ? write.At[..10] : found.ExtendedOn,
                DueOn = input.Extended == true ? Days.Write(Days.Read(found.ReceivedOn).AddMonths(MonthsToAnswer + MonthsMore)) : found.DueOn,
                ClosedAt = input.Outcome is null ? null : write.At,
                Outcome = input.Outcome is { } outcome ? WireEnum.Write(outcome) : null,
            };
            RequestQueries.Change(write.Connection, changed);
            return Answer(write, changed) with { IsChange = changed != found };
        });

    private static Done Answer(Write write, RequestRow request) =>
        Done.Changed(WireJson.Write(request.ToContract(Days.Of(write.At)))) with { IsTagged = false };

    private static DateOnly Today(TimeProvider clock) => Days.Of(Instant.Write(clock.GetUtcNow()));
}
