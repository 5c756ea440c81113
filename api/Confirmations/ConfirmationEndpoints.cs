using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Proposals;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Confirmations;

/// <summary>Editors make links; whoever holds one sees the entry of its site, confirms it or proposes a correction.</summary>
internal static class ConfirmationEndpoints
{
    /// <summary>Role in the history and in `freshness`: who runs the site.</summary>
    private const string Operator = "operator";

    /// <summary>How it was confirmed; published, in the language of the content.</summary>
    private const string Way = "Bestätigungslink";

    private const int DaysOfALink = 60;

    /// <summary>More than this at once is not a correction, and an editor has to read it all.</summary>
    private const int MostOpenProposals = 5;

    private static readonly Text Thing = new("Den Link", "link");

    public static void MapConfirmations(this IEndpointRouteBuilder routes)
    {
        routes.Post("/v1/anchor-sites/{id}/confirm-links", CreateConfirmLink).WithName("createConfirmLink");
        routes.Get("/v1/confirm-links/{link}", GetConfirmLink).WithName("getConfirmLink");
        routes.Delete("/v1/confirm-links/{link}", RevokeConfirmLink).WithName("revokeConfirmLink");
        routes.Get("/v1/confirmation", GetConfirmation).WithName("getConfirmation");
        routes.Post("/v1/confirmation", AnswerConfirmation).WithName("answerConfirmation");
    }

    private static Task<IResult> CreateConfirmLink(string id, HttpContext http, Writes writes) =>
        writes.RunAsync<ConfirmLinkInput>(http, WriteEnd.Commit, (write, input) =>
        {
            if (AnchorSiteHandlers.Open(write, id, out _) is { } problem)
            {
                return problem;
            }

            var link = ConfirmLinkQueries.Add(write.Connection, id, input.Days ?? DaysOfALink, write.At);
            return Done.Created(WireJson.Write(link), ConfirmLinkQueries.Path(link.Id), tagged: false);
        });

    private static IResult GetConfirmLink(string link, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return ConfirmLinkQueries.Find(connection, link) is { } found ? answers.ConfidentialItem(http, WireJson.Write(found)) : Problems.NoSuch(Thing, link);
    }

    private static Task<IResult> RevokeConfirmLink(string link, HttpContext http, Writes writes) => writes.RunAsync(http, WriteEnd.Commit, write =>
    {
        if (ConfirmLinkQueries.Find(write.Connection, link) is not { } found)
        {
            return Problems.NoSuch(Thing, link);
        }

        // Also when the site is removed: a link can always be taken back.
        if (AnchorSiteHandlers.CheckScope(write, AnchorSiteHandlers.Latest(write.Connection, found.AnchorSite)!) is { } problem)
        {
            return problem;
        }

        ConfirmLinkQueries.Revoke(write.Connection, link, write.At);
        return Done.Nothing();
    });

    private static IResult GetConfirmation(HttpContext http, Answers answers, AnchorSiteQueries sites)
    {
        var id = http.Caller()!.Subject!;
        return sites.Find(id) switch
        {
            ({ } document, _) => answers.ConfidentialItem(http, document, tagged: true),
            (_, var deletedAt) => Problems.IsGone(AnchorSiteHandlers.Thing, id, deletedAt!),
        };
    }

    private static Task<IResult> AnswerConfirmation(HttpContext http, Writes writes, Contract contract) =>
        writes.RunAsync<JsonElement>(http, WriteEnd.CommitPublic, (write, answer) =>
        {
            // A header of anybody's making must not become a public reason.
            var ofOperator = write with { Role = Operator, Reason = Way };
            var link = write.Caller!;
            var isConfirmed = answer.TryGetProperty("confirmed", out var confirmed) && confirmed.ValueKind == JsonValueKind.True;
            var hasProposal = answer.TryGetProperty("proposal", out var patch);
            var comment = answer.TryGetProperty("comment", out var text) ? text.GetString() : null;
            if (!isConfirmed && !hasProposal && comment is null)
            {
                return Problems.Unprocessable([ProblemError.At("", "nothing-said", new(
                    "Mindestens eins davon: „confirmed: true“, „proposal“, „comment“.", "At least one of `confirmed: true`, `proposal`, `comment`."))]);
            }

            if (hasProposal && AnchorSiteHandlers.CheckPatch(ofOperator, link.Subject!, patch, contract.Body("replaceAnchorSite")) is { } wrong)
            {
                return wrong is Problem told ? told.Below("/proposal") : wrong;
            }

            // Before the proposal: If-Match is about the entry as it was seen.
            if (isConfirmed && AnchorSiteHandlers.Confirm(ofOperator, link.Subject!, Operator, Way) is Problem refused)
            {
                return refused;
            }

            string? proposal = null;
            if (hasProposal || comment is not null)
            {
                if (ProposalQueries.CountOpen(write.Connection, link.Subject!, link.Id) >= MostOpenProposals)
                {
                    return new Problem(Problems.Conflict, new(
                        $"Über diesen Link warten schon {MostOpenProposals} Vorschläge auf die Redaktion.", $"{MostOpenProposals} proposals over this link already wait for an editor."));
                }

                proposal = ProposalQueries.Add(
                    write.Connection, link.Subject!, ProposalOrigin.ConfirmLink, link.Id, evidence: null, hasProposal ? patch : null, comment, write.At);
            }

            ConfirmLinkQueries.RememberAnswer(write.Connection, link.Id, write.At);
            var receipt = new ConfirmationReceipt { Confirmed = isConfirmed, ProposalId = proposal };
            return Done.Changed(WireJson.Write(receipt)) with { IsTagged = false, IsPublic = isConfirmed };
        });
}
