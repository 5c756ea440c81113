using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.Invitations;

/// <summary>Invitations to a survey: each opens one response of one survey, for whoever has no key.</summary>
internal static class InvitationEndpoints
{
    private const int UsualDays = 60;

    private static readonly Text Thing = new("Die Einladung", "invitation");

    public static void MapInvitations(this IEndpointRouteBuilder routes)
    {
        var invitations = routes.MapGroup("/v1/surveys/{survey}/invitations");
        invitations.Get("/", ListInvitations).WithName("listInvitations");
        invitations.Post("/", CreateInvitation).WithName("createInvitation");
        invitations.Get("/{invitation}", GetInvitation).WithName("getInvitation");
        invitations.Delete("/{invitation}", RevokeInvitation).WithName("revokeInvitation");
    }

    private static IResult ListInvitations(string survey, int? limit, string? cursor, Lists lists, SurveyVersions surveys) => surveys.Exists(survey)
        ? lists.Answer(new ListRequest(InvitationQueries.List, new ListParameters(limit, cursor, null, null, null))
        {
            Filter = (_, _) =>
            {
                var filter = new Filter();
                filter.Add("survey", "i.survey = @survey", ("survey", survey));
                return filter;
            },
        })
        : SurveyVersions.NoSuch(survey);

    private static IResult GetInvitation(string survey, string invitation, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return InvitationQueries.Find(connection, survey, invitation) is { } found
            ? answers.ConfidentialItem(http, WireJson.Write(found))
            : Problems.NoSuch(Thing, invitation);
    }

    private static Task<IResult> CreateInvitation(string survey, HttpContext http, Writes writes, SurveyVersions surveys) =>
        writes.RunAsync<InvitationInput>(http, WriteEnd.Commit, (write, input) =>
        {
            if (!surveys.Exists(survey))
            {
                return SurveyVersions.NoSuch(survey);
            }

            if (input.Ags is { } ags && !write.Connection.ExecuteScalar<bool>("select exists (select 1 from municipalities where ags = @ags)", new { ags }))
            {
                return Problems.Unprocessable([ProblemError.At("/ags", "unknown-value", new($"Eine Gemeinde {ags} gibt es nicht.", $"There is no municipality {ags}."))]);
            }

            var expires = Instant.Write(Instant.Read(write.At).AddDays(input.Days ?? UsualDays));
            var (made, token) = InvitationQueries.Add(write.Connection, survey, input, write.At, expires);
            var answer = new NewInvitation
            {
                Id = made.Id,
                Survey = survey,
                Token = token,
                Ags = made.Ags,
                Label = made.Label,
                CreatedAt = made.CreatedAt,
                ExpiresAt = made.ExpiresAt,
                Self = made.Self,
            };
            return Done.Created(WireJson.Write(answer), InvitationQueries.Path(survey, made.Id), tagged: false);
        });

    private static Task<IResult> RevokeInvitation(string survey, string invitation, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.Commit, write =>
            InvitationQueries.Revoke(write.Connection, survey, invitation, write.At) ? Done.Nothing() : Problems.NoSuch(Thing, invitation));
}
