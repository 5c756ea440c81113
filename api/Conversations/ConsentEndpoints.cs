using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Conversations;

/// <summary>Consent by purpose; withdrawing takes the same body as giving.</summary>
internal static class ConsentEndpoints
{
    public static void MapConsents(this IEndpointRouteBuilder routes)
    {
        var consents = routes.MapGroup("/v1/consents");
        consents.Get("/", ListConsents).WithName("listConsents");
        consents.Post("/", GiveConsent).WithName("giveConsent");
        consents.Post("/withdrawals", WithdrawConsent).WithName("withdrawConsent");
    }

    private static IResult ListConsents(
        string? conversation, string? pseudonym, string[]? purpose, string? state, [AsParameters] ListParameters list, HttpContext http, Lists lists) =>
        lists.Answer(new ListRequest(ConsentQueries.List, list)
        {
            Filter = (_, _) => ConsentQueries.BuildFilter(http.Caller()!.Scopes, conversation, pseudonym, purpose, state),
        });

    private static Task<IResult> GiveConsent(HttpContext http, Writes writes) => writes.RunAsync<ConsentInput>(http, WriteEnd.CommitPublic, Consents.Give);

    private static Task<IResult> WithdrawConsent(HttpContext http, Writes writes) => writes.RunAsync<WithdrawalInput>(http, WriteEnd.CommitPublic, Consents.Withdraw);
}
