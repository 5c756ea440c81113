using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Writing;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>Public results of surveys: the latest release, and each release as it was published.</summary>
internal static class ResultEndpoints
{
    private static readonly Column[] Columns =
    [
        .. new[] { "item", "row", "code" }.Select(name => Column.Of(name)), Column.Of("labelDe", "label.de"), Column.Of("labelEn", "label.en"),
        .. Breakdowns.Names.Concat(["count", "share", "mean", "suppressed"]).Select(name => Column.Of(name)),
    ];

    public static void MapSurveyResults(this IEndpointRouteBuilder routes)
    {
        routes.Get("/v1/surveys/{survey}/results", GetSurveyResults).WithName("getSurveyResults");
        routes.Get("/v1/surveys/{survey}/releases", ListSurveyReleases).WithName("listSurveyReleases");
        routes.Post("/v1/surveys/{survey}/releases", CreateSurveyRelease).WithName("createSurveyRelease");
        routes.Get("/v1/surveys/{survey}/releases/{release}", GetSurveyRelease).WithName("getSurveyRelease");
        routes.Post("/v1/surveys/{survey}/versions/{version}/close", CloseSurveyVersion).WithName("closeSurveyVersion");
        routes.Get("/v1/surveys/{survey}/rates", GetSurveyRates).WithName("getSurveyRates");
    }

    /// <summary>Stores a computed release and answers with its totals.</summary>
    public static IResult Store(Write write, NewRelease release)
    {
        if (!ReleaseQueries.Add(write.Connection, release, write.Caller?.Owner, write.At))
        {
            return Overtaken();
        }

        var row = ReleaseQueries.Find(write.Connection, release.Survey, release.Number)!;
        return Done.Created(
            WireJson.Write(Describe(release.Survey, row, release.Items, release.Keys, [], row.Path)), row.Path, tagged: false);
    }

    private static async Task<IResult> GetSurveyResults(
        string survey, string[]? item, string? by, string? format, bool? bom, string? delimiter, HttpContext http, Answers answers,
            Database.Database database, SurveyVersions surveys)
    {
        using var snapshot = database.Read();
        var versions = surveys.Published(snapshot.Connection, survey);
        if (versions.Count == 0)
        {
            return SurveyVersions.NoSuch(survey);
        }

        var release = ReleaseQueries.Latest(snapshot.Connection, survey);
        var known = release is null ? ReleaseBuilder.ItemCodes(versions)
            : ReleaseQueries.ItemCodes(snapshot.Connection, survey, release.Number);
        var parameters = new ListParameters(null, null, format, bom, delimiter);
        return await Answer(
            http, answers, snapshot.Connection, survey, release, known, item ?? [], $"/v1/surveys/{survey}/results", parameters);
    }

    private static async Task<IResult> GetSurveyRelease(
        string survey, int release, string[]? item, string? by, string? format, bool? bom, string? delimiter, HttpContext http,
            Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        if (ReleaseQueries.Find(snapshot.Connection, survey, release) is { } found)
        {
            var known = ReleaseQueries.ItemCodes(snapshot.Connection, survey, release);
            return await Answer(
                http, answers, snapshot.Connection, survey, found, known, item ?? [], found.Path,
                new ListParameters(null, null, format, bom, delimiter));
        }

        return Problems.NoSuch(new("Die Veröffentlichung", "release"), release.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static IResult ListSurveyReleases(
        string survey, int? limit, string? cursor, Lists lists, Database.Database database, SurveyVersions surveys)
    {
        using var connection = database.Open();
        return surveys.Published(connection, survey).Count == 0
            ? SurveyVersions.NoSuch(survey)
            : lists.Answer(new ListRequest(ReleaseQueries.List, new ListParameters(limit, cursor, null, null, null))
            {
                Filter = (_, _) =>
                {
                    var filter = new Filter();
                    filter.Add("survey", "r.survey = @survey", ("survey", survey));
                    return filter;
                },
            });
    }

    private static Task<IResult> CreateSurveyRelease(string survey, HttpContext http, Writes writes, ReleaseBuilder builder) =>
        writes.RunPreparedAsync<NewRelease>(http, WriteEnd.CommitPublic, () => builder.Build(survey, isFinal: false), Store);

    /// <summary>Closes the survey, and publishes its last results if they may be published as they are.</summary>
    private static Task<IResult> CloseSurveyVersion(string survey, int version, HttpContext http, Writes writes, ReleaseBuilder builder) =>
        writes.RunPreparedAsync<LastRelease>(
        http,
        WriteEnd.CommitPublic,
        () => (new LastRelease(builder.Build(survey, isFinal: true).Release), null),
        (write, last) =>
        {
            var closed = SurveyHandlers.Close(write, survey, version);
            return closed is Done && last.Release is { } release
                && !ReleaseQueries.Add(write.Connection, release, write.Caller!.Owner, write.At)
                ? Overtaken()
                : closed;
        });

    private static Problem Overtaken() => new(Problems.Conflict, new(
        "Während der Berechnung hat sich eine Antwort geändert oder es ist eine andere Veröffentlichung erschienen. Bitte noch einmal versuchen.",
        "A response changed or another release was published during the computation. Try again."));

    private static IResult GetSurveyRates(string survey, HttpContext http, Answers answers, SurveyVersions surveys, RateQueries rates) =>
        surveys.Exists(survey) ? answers.ConfidentialItem(http, WireJson.Write(rates.Find(survey))) : SurveyVersions.NoSuch(survey);

    private static async Task<IResult> Answer(
        HttpContext http, Answers answers, SqliteConnection connection, string survey, ReleaseRow? release, IReadOnlyList<string> known,
            string[] asked, string path, ListParameters parameters)
    {
        var by = Commas.Split(http.Request.Query["by"].ToString());
        if (by.Distinct().Count() != by.Count)
        {
            return Problems.Invalid([new("/query/by", "by", "repeated", new("Jeder Name nur einmal.", "Each name only once."))]);
        }

        var unknown = asked.Where(code => !known.Contains(code)).ToList();
        if (unknown.Count > 0)
        {
            return Problems.Invalid([.. unknown.Select(code => RequestCheck.NoSuchValue("item", code, known))]);
        }

        IReadOnlyList<PublishedItem> items = release is null ? []
            : ReleaseQueries.Items(connection, survey, release.Number, asked.Length == 0 ? null : asked);
        var keys = release is null ? new([]) : ReleaseQueries.Keys(connection, survey, release.Number);
        var document = Describe(survey, release, items, keys, by, path);
        return await answers.Table(
            http, survey + "-results", WireJson.Write(document), Columns, results => results.GetProperty("cells").EnumerateArray(),
            parameters);
    }

    private static Contracts.SurveyResults Describe(
        string survey, ReleaseRow? release, IReadOnlyList<PublishedItem> items, Analysis.CubeKeys keys, IReadOnlyList<string> by,
        string path)
    {
        var found = items.Select(item => item.Answer(keys, by)).ToList();
        var address = path + (by.Count == 0 ? "" : "?by=" + string.Join(',', by));
        return new Contracts.SurveyResults
        {
            Survey = survey,
            Release = release?.ToResult(),
            By = [.. by],
            Items = [.. found.Select(item => item.Item)],
            Cells = [.. found.SelectMany(item => item.Cells)],
            Self = Addresses.Of(address),
            Citation = Addresses.Cite(
                release is null ? $"Ergebnisse der Befragung {survey}"
                    : $"Ergebnisse der Befragung {survey}, Veröffentlichung {release.Number}",
                release is null ? address : release.Path,
                release?.CreatedAt[..4] ?? "o. J."),
        };
    }

    /// <param name="Release">Null if the results may not be published as they are.</param>
    private sealed record LastRelease(NewRelease? Release);
}
