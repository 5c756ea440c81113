using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Api.SurveyResults;

internal static class ResultEndpoints
{
    private static readonly Column[] Columns =
    [
        .. new[] { "item", "row", "code" }.Select(name => Column.Of(name)), Column.Of("labelDe", "label.de"), Column.Of("labelEn", "label.en"),
        .. Breakdowns.Names.Concat(["count", "share", "mean", "suppressed"]).Select(name => Column.Of(name)),
    ];

    public static void MapSurveyResults(this IEndpointRouteBuilder routes)
    {
        // Responses change the results, and the revision of public answers knows nothing of them.
        routes.Get("/v1/surveys/{survey}/results", GetSurveyResults).WithName("getSurveyResults").WithMetadata(new NotKept());
        routes.Get("/v1/surveys/{survey}/rates", GetSurveyRates).WithName("getSurveyRates");
    }

    private static async Task<IResult> GetSurveyResults(
        string survey, string[]? item, string? by, string? format, bool? bom, string? delimiter, HttpContext http, Answers answers, ResultQueries results)
    {
        var breakdowns = Commas.Split(http.Request.Query["by"].ToString());
        if (breakdowns.Distinct().Count() != breakdowns.Count)
        {
            return Problems.Invalid([new("/query/by", "by", "repeated", new("Jeder Name nur einmal.", "Each name only once."))]);
        }

        var published = results.Items(survey);
        if (published is null)
        {
            return SurveyVersions.NoSuch(survey);
        }

        var unknown = (item ?? []).Where(code => !published.Contains(code)).ToList();
        if (unknown.Count > 0)
        {
            return Problems.Invalid([.. unknown.Select(code => RequestCheck.NoSuchValue("item", code, published))]);
        }

        var tables = results.Tables(survey, item is { Length: > 0 } ? [.. published.Where(item.Contains)] : published);
        var path = $"/v1/surveys/{survey}/results{(breakdowns.Count == 0 ? "" : "?by=" + string.Join(',', breakdowns))}";
        var document = new Contracts.SurveyResults
        {
            Survey = survey,
            By = breakdowns,
            Items = [.. tables.Select(table => table.Describe(breakdowns))],
            Cells = [.. tables.SelectMany(table => table.Cells(breakdowns))],
            Self = Addresses.Of(path),
            Citation = Addresses.Cite("Ergebnisse der Befragung " + survey, path, "2026"),
        };
        return await answers.Table(
            http, survey + "-results", WireJson.Write(document), Columns, results => results.GetProperty("cells").EnumerateArray(), new ListParameters(null, null, format, bom, delimiter));
    }

    private static IResult GetSurveyRates(string survey, HttpContext http, Answers answers, SurveyVersions surveys, RateQueries rates) =>
        surveys.Exists(survey) ? answers.ConfidentialItem(http, WireJson.Write(rates.Find(survey))) : SurveyVersions.NoSuch(survey);
}
