using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Municipalities;

internal static class MunicipalityEndpoints
{
    public static void MapMunicipalities(this IEndpointRouteBuilder routes)
    {
        var municipalities = routes.MapGroup("/v1/municipalities");
        municipalities.Get("/", ListMunicipalities).WithName("listMunicipalities");
        municipalities.Get("/{key}", GetMunicipality).WithName("getMunicipality");
        municipalities.Get("/{key}/similar", ListSimilarMunicipalities).WithName("listSimilarMunicipalities");
    }

    private static IResult ListMunicipalities([AsParameters] MunicipalityQuery query, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(MunicipalityQueries.Source("municipalities", query.Near), list)
        {
            Sort = query.Sort is null ? MunicipalityFilter.DefaultSort(query) : Commas.Split(query.Sort),
            Fields = Commas.Split(query.Fields),
            IsNear = query.Near is not null,
            HasWords = query.Q is not null,
            Filter = (connection, errors) => MunicipalityFilter.Build(query, connection, errors),
        });

    private static IResult GetMunicipality(string key, string? fields, HttpContext http, Answers answers, MunicipalityQueries municipalities) =>
        municipalities.Find(key) is { } municipality ? answers.Item(http, WireJson.Write(municipality), fields) : NoSuch(key);

    private static IResult ListSimilarMunicipalities(
        string key, string? within, bool? hasSites, string? fields, [AsParameters] ListParameters list, Lists lists, MunicipalityQueries municipalities) =>
        municipalities.Find(key) is { } municipality
            ? lists.Answer(new ListRequest(MunicipalityQueries.Source("similar-municipalities", near: null), list)
            {
                Sort = ["similarity"],
                Fields = Commas.Split(fields),
                Filter = (_, _) => MunicipalityFilter.Similar(municipality, everywhere: within == "germany", hasSites),
            })
            : NoSuch(key);

    private static IResult NoSuch(string key) => Problems.NoSuch(new("Die Gemeinde", "municipality"), key);
}

internal sealed record MunicipalityQuery(
    string? Q, string[]? State, string[]? County, int? PopulationMin, int? PopulationMax, string? Near, double? RadiusKm, bool? HasSites, string? UpdatedSince, string? Fields, string? Sort);
