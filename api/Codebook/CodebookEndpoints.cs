using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Codebook;

internal static class CodebookEndpoints
{
    public static void MapCodebook(this IEndpointRouteBuilder routes)
    {
        var codebook = routes.MapGroup("/v1/codebook");
        codebook.MapGet("/", ListDimensions).WithName("listDimensions");
        codebook.MapGet("/{dimension}", GetDimension).WithName("getDimension");
    }

    private static IResult ListDimensions(string? fields, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(CodebookQueries.Source, list)
        {
            Fields = Commas.Split(fields),
            Filter = (_, _) => new Filter(),
        });

    private static IResult GetDimension(string dimension, string? fields, HttpContext http, Answers answers, CodebookQueries codebook) =>
        codebook.Find(dimension) is { } found ? answers.Item(http, WireJson.Write(found), fields) : Problems.NoSuch(new("Die Dimension", "dimension"), dimension);
}
