using System.Text.Json;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Proposals;

internal static class ProposalEndpoints
{
    private static readonly Text Thing = new("Den Vorschlag", "proposal");

    public static void MapProposals(this IEndpointRouteBuilder routes)
    {
        var proposals = routes.MapGroup("/v1/proposals");
        proposals.Get("/", ListProposals).WithName("listProposals");
        proposals.Get("/{proposal}", GetProposal).WithName("getProposal");
        proposals.Post("/{proposal}/decision", DecideProposal).WithName("decideProposal");
    }

    private static IResult ListProposals(string[]? state, string[]? anchorSite, string? updatedSince, int? limit, string? cursor, Lists lists) =>
        lists.Answer(new ListRequest(ProposalQueries.List, new ListParameters(limit, cursor, null, null, null))
        {
            // Who has waited longest comes first.
            Sort = ["createdAt"],
            Filter = (connection, errors) => BuildFilter(state, anchorSite, updatedSince, connection, errors),
        });

    private static IResult GetProposal(string proposal, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return ProposalQueries.Find(connection, proposal) is { } row
            ? answers.ConfidentialItem(http, WireJson.Write(ProposalMapping.Compose(row)))
            : Problems.NoSuch(Thing, proposal);
    }

    private static Task<IResult> DecideProposal(string proposal, HttpContext http, Writes writes, Contract contract) =>
        writes.RunAsync<ProposalDecision>(http, WriteEnd.CommitPublic, (write, decision) =>
        {
            if (ProposalQueries.Find(write.Connection, proposal) is not { } row)
            {
                return Problems.NoSuch(Thing, proposal);
            }

            if (row.DecidedAt is not null)
            {
                return new Problem(Problems.Conflict, new($"Darüber ist seit {row.DecidedAt} entschieden: {row.State}.", $"This was decided at {row.DecidedAt}: {row.State}."));
            }

            var isAccepted = decision.Decision == ProposalDecisionDecision.Accepted;
            var outcome = isAccepted ? Accept(write, row, contract.Body("replaceAnchorSite")) : Reject(write, row, decision);
            if (outcome is not Done done)
            {
                return outcome;
            }

            ProposalQueries.Decide(write.Connection, row.Id, decision.Decision, decision.Reason, WireJson.Write(ProposalMapping.Changes(row)), write.At);
            var decided = ProposalMapping.Compose(ProposalQueries.Find(write.Connection, row.Id)!);
            return Done.Changed(WireJson.Write(decided)) with { IsTagged = false, IsPublic = isAccepted && done.IsChange };
        });

    /// <summary>As a patch by the editor; the public reason names the proposal, and what is for editors only stays there.</summary>
    private static IResult Accept(Write write, ProposalRow row, Schema schema)
    {
        var reason = write.Reason is { } given ? $"{given} (Vorschlag {row.Id})" : "Vorschlag " + row.Id;
        using var patch = JsonDocument.Parse(row.Patch);
        var outcome = AnchorSiteHandlers.Patch(write with { Reason = reason }, row.SiteId, patch.RootElement, schema);
        // The decision itself fits the contract: it is the proposal that does not fit any more.
        return outcome is Problem { Kind: var kind } problem
            ? (kind == Problems.InvalidRequest ? problem.As(Problems.UnprocessableContent) : problem).Below("/proposal")
            : outcome;
    }

    /// <summary>Also where the site is removed, so that nothing waits for ever.</summary>
    private static IResult Reject(Write write, ProposalRow row, ProposalDecision decision) =>
        decision.Reason is null
            ? Problems.Unprocessable([ProblemError.At("/reason", "missing", new("Eine Ablehnung braucht einen Grund.", "A rejection needs a reason."))])
            : AnchorSiteHandlers.CheckScope(write, AnchorSiteHandlers.Latest(write.Connection, row.SiteId)!) ?? Done.Nothing();

    private static Filter BuildFilter(string[]? state, string[]? anchorSite, string? updatedSince, SqliteConnection connection, List<ProblemError> errors)
    {
        var filter = new Filter();
        filter.AddValues("state", "p.state in @state", state is { Length: > 0 } ? state : ["open"]);
        // Removed sites as well: what was decided about them stays.
        filter.AddKnown("anchorSite", "p.site_id in @anchorSite", anchorSite, connection,
            ("select id from anchor_sites where id in @ids", "select id from anchor_sites"), errors);
        filter.AddUpdatedSince("p.updated_at", updatedSince);
        return filter;
    }
}
