using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.QualitativeCodebook;

/// <summary>The codebook that passages are coded with: one for the installation, by versions.</summary>
internal static class QualitativeCodebookEndpoints
{
    public static void MapQualitativeCodebook(this IEndpointRouteBuilder routes)
    {
        var codebook = routes.MapGroup("/v1/qualitative-codebook");
        codebook.Get("/", GetQualitativeCodebook).WithName("getQualitativeCodebook");
        codebook.Get("/versions/{version}", GetQualitativeCodebookVersion).WithName("getQualitativeCodebookVersion");
        codebook.Post("/codes", AddQualitativeCode).WithName("addQualitativeCode");
        codebook.Get("/codes/{code}", GetQualitativeCode).WithName("getQualitativeCode");
        codebook.Put("/codes/{code}", ReplaceQualitativeCode).WithName("replaceQualitativeCode");
        codebook.Delete("/codes/{code}", RetireQualitativeCode).WithName("retireQualitativeCode");
    }

    private static IResult GetQualitativeCodebook(HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return answers.ConfidentialItem(http, Write(QualitativeCodebookQueries.Latest(connection), "/v1/qualitative-codebook"), tagged: true);
    }

    private static IResult GetQualitativeCodebookVersion(int version, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return QualitativeCodebookQueries.Find(connection, version) is { } found
            ? answers.ConfidentialItem(http, Write(found, $"/v1/qualitative-codebook/versions/{version}"), tagged: true)
            : Problems.NoSuch(new("Die Fassung", "version"), version.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static IResult GetQualitativeCode(string code, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return QualitativeCodebookQueries.Latest(connection).Find(code) is { } found
            ? answers.ConfidentialItem(http, WireJson.Write(found.ToContract()), tagged: true) : QualitativeCodebookHandlers.NoSuch(code);
    }

    private static Task<IResult> AddQualitativeCode(HttpContext http, Writes writes) =>
        writes.RunAsync<QualitativeCodeInput>(http, WriteEnd.Commit, QualitativeCodebookHandlers.Add);

    private static Task<IResult> ReplaceQualitativeCode(string code, HttpContext http, Writes writes) =>
        writes.RunAsync<QualitativeCodeInput>(http, WriteEnd.Commit, (write, input) => QualitativeCodebookHandlers.Replace(write, code, input));

    private static Task<IResult> RetireQualitativeCode(string code, string? replacedBy, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.Commit, write => QualitativeCodebookHandlers.Retire(write, code, replacedBy));

    private static byte[] Write(CodebookVersion codebook, string path) => WireJson.Write(new Contracts.QualitativeCodebook
    {
        Version = codebook.Number,
        CreatedAt = Instant.ReadOptional(codebook.CreatedAt),
        Codes = [.. codebook.Codes.Select(code => code.ToContract())],
        Self = Addresses.Of(path),
    });
}
