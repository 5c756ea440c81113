using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.AnchorSites;

internal static class AnchorSiteEndpoints
{
    public static void MapAnchorSites(this IEndpointRouteBuilder routes)
    {
        var sites = routes.MapGroup("/v1/anchor-sites");
        sites.MapGet("/", ListAnchorSites).WithName("listAnchorSites");
        sites.MapGet("/{id}", GetAnchorSite).WithName("getAnchorSite");
    }

    private static IResult ListAnchorSites([AsParameters] AnchorSiteQuery query, [AsParameters] ListParameters list, Lists lists, AnchorSiteQueries sites) =>
        lists.Answer(new ListRequest(sites.Source(query), list)
        {
            Sort = Commas.Split(query.Sort),
            Fields = Commas.Split(query.Fields),
            Facets = Commas.Split(query.Facets),
            Filter = (connection, errors) => AnchorSiteFilter.Build(query, connection, errors),
            IsNear = query.Near is not null,
            HasWords = query.Q is not null,
            CsvOnly = query.Wide == true ? ["wide"] : [],
        });

    private static IResult GetAnchorSite(string id, string? fields, HttpContext http, Answers answers, AnchorSiteQueries sites) =>
        sites.Find(id) is { } document ? answers.Item(http, document, fields) : Problems.NoSuch(new("Den Ankerort", "anchor site"), id);
}

internal sealed record AnchorSiteQuery(
    string[]? Goals, string[]? Contents, string[]? TargetGroups, string[]? Formats, string[]? Spaces, string[]? Operators, string[]? Funding, string[]? Setting,
    string[]? State, string[]? Municipality, string[]? Project, string[]? Status, string[]? MpscFunded,
    string? OpenedFrom, string? OpenedTo, bool? HasLocation, string? Bbox, string? Near, double? RadiusKm,
    string? Q, string? UpdatedSince, string? Facets, string? Fields, string? Sort, bool? Wide)
{
    public IEnumerable<(string Dimension, string[]? Codes)> Dimensions =>
        [("goals", Goals), ("contents", Contents), ("targetGroups", TargetGroups), ("formats", Formats), ("spaces", Spaces), ("operators", Operators), ("funding", Funding), ("setting", Setting)];
}
