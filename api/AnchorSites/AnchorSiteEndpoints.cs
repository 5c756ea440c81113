using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.AspNetCore.Mvc;

namespace AnkerOrte.Api.AnchorSites;

internal static class AnchorSiteEndpoints
{
    private static readonly Text Thing = new("Den Ankerort", "anchor site");

    public static void MapAnchorSites(this IEndpointRouteBuilder routes)
    {
        var sites = routes.MapGroup("/v1/anchor-sites");
        sites.Get("/", ListAnchorSites).WithName("listAnchorSites");
        sites.Post("/", CreateAnchorSite).WithName("createAnchorSite");
        sites.Post("/bulk", PutAnchorSites).WithName("putAnchorSites").WithMetadata(new RequestSizeLimitAttribute(AnchorSiteBulk.LargestBody));
        sites.Get("/{id}", GetAnchorSite).WithName("getAnchorSite");
        sites.Put("/{id}", ReplaceAnchorSite).WithName("replaceAnchorSite");
        sites.Patch("/{id}", ChangeAnchorSite).WithName("changeAnchorSite");
        sites.Delete("/{id}", DeleteAnchorSite).WithName("deleteAnchorSite");
        sites.Post("/{id}/restore", RestoreAnchorSite).WithName("restoreAnchorSite");
        sites.Get("/{id}/history", GetAnchorSiteHistory).WithName("getAnchorSiteHistory");
        sites.Post("/{id}/confirmation", ConfirmAnchorSite).WithName("confirmAnchorSite");
    }

    private static IResult ListAnchorSites([AsParameters] AnchorSiteQuery query, [AsParameters] ListParameters list, Lists lists, AnchorSiteQueries sites, TimeProvider clock) =>
        lists.Answer(new ListRequest(sites.Source(query), list)
        {
            Sort = Commas.Split(query.Sort),
            Fields = Commas.Split(query.Fields),
            Facets = Commas.Split(query.Facets),
            Filter = (connection, errors) => AnchorSiteFilter.Build(query, clock.GetUtcNow(), connection, errors),
            IsNear = query.Near is not null,
            HasWords = query.Q is not null,
            CsvOnly = query.Wide == true ? ["wide"] : [],
        });

    private static IResult GetAnchorSite(string id, string? fields, HttpContext http, Answers answers, AnchorSiteQueries sites) => sites.Find(id) switch
    {
        ({ } document, _) => answers.Item(http, document, fields),
        (_, { } deletedAt) => Problems.IsGone(Thing, id, deletedAt),
        _ => Problems.NoSuch(Thing, id),
    };

    private static Task<IResult> CreateAnchorSite(HttpContext http, Writes writes) =>
        writes.RunAsync<AnchorSiteInput>(http, WriteEnd.CommitPublic, AnchorSiteHandlers.Create);

    private static async Task<IResult> PutAnchorSites(HttpContext http, Writes writes, Contract contract)
    {
        var (rows, document, problem) = await AnchorSiteBulk.ReadAsync(
            http.Request, contract.Find(http.Operation())!, contract.Body("createAnchorSite"));
        using (document)
        {
            return problem ?? await writes.RunAsync(http, WriteEnd.CommitPublic, write =>
                new AnchorSiteBulk(write, contract.Body("createAnchorSite")).Put(rows, isAtomic: http.Request.Query["atomic"] == "true"));
        }
    }

    private static Task<IResult> ReplaceAnchorSite(string id, HttpContext http, Writes writes) =>
        writes.RunAsync<AnchorSiteInput>(http, WriteEnd.CommitPublic, (write, input) => AnchorSiteHandlers.Replace(write, id, input));

    private static Task<IResult> ChangeAnchorSite(string id, HttpContext http, Writes writes, Contract contract) =>
        writes.RunAsync<JsonElement>(http, WriteEnd.CommitPublic, (write, patch) => AnchorSiteHandlers.Patch(write, id, patch, contract.Body("replaceAnchorSite")));

    private static Task<IResult> DeleteAnchorSite(string id, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.CommitPublic, write => AnchorSiteHandlers.Remove(write, id));

    private static Task<IResult> RestoreAnchorSite(string id, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.CommitPublic, write => AnchorSiteHandlers.Restore(write, id));

    private static IResult GetAnchorSiteHistory(string id, int? limit, string? cursor, Lists lists, AnchorSiteQueries sites) =>
        sites.Find(id) is (null, null) ? Problems.NoSuch(Thing, id) : lists.Answer(Versions.History(RecordKind.AnchorSite, id, limit, cursor));

    private static Task<IResult> ConfirmAnchorSite(string id, HttpContext http, Writes writes) =>
        writes.RunAsync<ConfirmationInput>(http, WriteEnd.CommitPublic, (write, input) => AnchorSiteHandlers.Confirm(write, id, "editor", input.Source));
}

internal sealed record AnchorSiteQuery(
    string[]? Goals, string[]? Contents, string[]? TargetGroups, string[]? Formats, string[]? Spaces, string[]? Operators, string[]? Funding, string[]? Setting,
    string[]? Type, string[]? State, string[]? Municipality, string[]? Project, string[]? Status, string[]? MpscFunded,
    string? OpenedFrom, string? OpenedTo, bool? HasLocation, string? Bbox, string? Near, double? RadiusKm,
    string? Q, string? UpdatedSince, string? Deleted, string[]? Freshness, string? Facets, string? Fields, string? Sort, bool? Wide)
{
    public IEnumerable<(string Dimension, string[]? Codes)> Dimensions =>
        [("goals", Goals), ("contents", Contents), ("targetGroups", TargetGroups), ("formats", Formats), ("spaces", Spaces), ("operators", Operators), ("funding", Funding), ("setting", Setting)];
}
