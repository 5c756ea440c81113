using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Codebook;

internal static class CodebookEndpoints
{
    private static readonly Text Thing = new("Den Code", "code");

    public static void MapCodebook(this IEndpointRouteBuilder routes)
    {
        var codebook = routes.MapGroup("/v1/codebook");
        codebook.Get("/", ListDimensions).WithName("listDimensions");
        codebook.Get("/{dimension}", GetDimension).WithName("getDimension");
        codebook.Post("/{dimension}/codes", AddCode).WithName("addCode");
        codebook.Get("/{dimension}/codes/{code}", GetCode).WithName("getCode");
        codebook.Put("/{dimension}/codes/{code}", ReplaceCode).WithName("replaceCode");
        codebook.Patch("/{dimension}/codes/{code}", ChangeCode).WithName("changeCode");
        codebook.Delete("/{dimension}/codes/{code}", RetireCode).WithName("retireCode");
        codebook.Post("/{dimension}/codes/{code}/restore", RestoreCode).WithName("restoreCode");
        codebook.Get("/{dimension}/codes/{code}/history", GetCodeHistory).WithName("getCodeHistory");
    }

    private static IResult ListDimensions(string? updatedSince, string? fields, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(CodebookQueries.Source, list)
        {
            Fields = Commas.Split(fields),
            Filter = (_, _) =>
            {
                var filter = new Filter();
                filter.AddUpdatedSince("d.updated_at", updatedSince);
                return filter;
            },
        });

    private static IResult GetDimension(string dimension, string? fields, HttpContext http, Answers answers, CodebookQueries codebook) =>
        codebook.Find(dimension) is { } found ? answers.Item(http, WireJson.Write(found), fields) : Problems.NoSuch(new("Die Dimension", "dimension"), dimension);

    private static IResult GetCode(string dimension, string code, HttpContext http, Answers answers, CodebookQueries codebook) =>
        codebook.FindCode(dimension, code) is { } found ? answers.Item(http, WireJson.Write(found)) : Problems.NoSuch(Thing, CodebookHandlers.Name(dimension, code));

    private static Task<IResult> AddCode(string dimension, HttpContext http, Writes writes) =>
        writes.RunAsync<CodeInput>(http, WriteEnd.CommitPublic, (write, input) => CodebookHandlers.Add(write, dimension, input));

    private static Task<IResult> ReplaceCode(string dimension, string code, HttpContext http, Writes writes) =>
        writes.RunAsync<CodeInput>(http, WriteEnd.CommitPublic, (write, input) => CodebookHandlers.Replace(write, dimension, code, input));

    private static Task<IResult> ChangeCode(string dimension, string code, HttpContext http, Writes writes, Contract contract) =>
        writes.RunAsync<JsonElement>(http, WriteEnd.CommitPublic, (write, patch) => CodebookHandlers.Patch(write, dimension, code, patch, contract.Body("replaceCode")));

    private static Task<IResult> RetireCode(string dimension, string code, string? replacedBy, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.CommitPublic, write => CodebookHandlers.Retire(write, dimension, code, replacedBy));

    private static Task<IResult> RestoreCode(string dimension, string code, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.CommitPublic, write => CodebookHandlers.Restore(write, dimension, code));

    private static IResult GetCodeHistory(string dimension, string code, int? limit, string? cursor, Lists lists, CodebookQueries codebook) => codebook.FindCode(dimension, code) is null
        ? Problems.NoSuch(Thing, CodebookHandlers.Name(dimension, code))
        : lists.Answer(Versions.History(RecordKind.Code, CodebookHandlers.Name(dimension, code), limit, cursor));
}
