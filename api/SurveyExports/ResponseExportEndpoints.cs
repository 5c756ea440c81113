using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.SurveyResponses;
using AnkerOrte.Api.Surveys;
using Dapper;

namespace AnkerOrte.Api.SurveyExports;

/// <summary>Responses on their way out: as a list, as lines, and as the tables that statistics programs read.</summary>
internal static class ResponseExportEndpoints
{
    /// <summary>Responses that are read in one snapshot and then sent.</summary>
    private const int PartRows = 256;

    public static void MapResponseExports(this IEndpointRouteBuilder routes)
    {
        routes.Get("/v1/surveys/{survey}/responses", ListResponses).WithName("listResponses");
        routes.Get("/v1/surveys/{survey}/codebook", SurveyColumns.Get).WithName("getSurveyCodebook");
        routes.Get("/v1/surveys/{survey}/versions/{version}/snippets", Snippets.Get).WithName("getSurveySnippets");
    }

    private static IResult ListResponses(
        string survey, string[]? state, int? version, string? updatedSince, string? shape, [AsParameters] ListParameters list,
        HttpContext http, Lists lists, Answers answers, SurveyVersions surveys, Database.Database database)
    {
        if (!surveys.Exists(survey))
        {
            return SurveyVersions.NoSuch(survey);
        }

        var filter = BuildFilter(http.Caller()!, survey, state, version, updatedSince);
        if (Formats.Choose(http.Request, answers.Offered(http)) == Formats.Csv)
        {
            return list.Limit is not null || list.Cursor is not null
                ? Problems.Invalid([Formats.Belongs(list.Limit is not null ? "limit" : "cursor", "json")])
                : new ResponseTableAnswer(survey, shape ?? "wide", list, filter, surveys, database);
        }

        return lists.Answer(new ListRequest(Source, list)
        {
            CsvOnly = shape is null ? [] : ["shape"],
            Filter = (_, _) => filter,
        });
    }

    /// <summary>Researchers see all; a contributor sees what its owner has posted.</summary>
    private static Filter BuildFilter(Caller caller, string survey, string[]? state, int? version, string? updatedSince)
    {
        var filter = new Filter();
        filter.Add("survey", "r.survey = @survey and r.state <> 'deleted'", ("survey", survey));
        if (!caller.Roles.Contains(Roles.Researcher))
        {
            filter.Add("owner", "r.owner = @owner", ("owner", caller.Owner));
        }

        filter.AddValues("state", "r.state in @state", state);
        if (version is { } number)
        {
            filter.Add("version", "r.version = @version", ("version", number));
        }

        filter.AddUpdatedSince("r.updated_at", updatedSince);
        return filter;
    }

    private static readonly ListSource Source = new()
    {
        Name = "responses",
        IsConfidential = true,
        From = "responses r",
        UniqueKey = "r.id",
        SortKeys = new Dictionary<string, Http.SortKey>(),
        Columns = [],
        Items = window => window.Connection.Query<ResponseRecord>(
            $"""
            select {ResponseRecord.Columns}, {window.Place} as place
            from responses r
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(row.ToJson(), row.Place!)),
    };

    /// <summary>
    /// CSV in one of its shapes, part by part: no snapshot is open while a part is sent, and each response is as it was when it was
    /// read.
    /// </summary>
    private sealed class ResponseTableAnswer(string survey, string shape, ListParameters list, Filter filter, SurveyVersions surveys, Database.Database database) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            var columns = ReadColumns();
            using var table = new ResponseTable(columns);
            Csv.SetHeaders(http.Response, $"{survey}-{shape}");
            Answers.SetConfidential(http.Response.Headers);
            SlowReaders.Limit(http);
            await using var output = new CsvOutput(http.Response.Body, list);
            await output.WriteAsync(shape switch
            {
                "long" => ResponseColumns.Long,
                "limesurvey" => columns.Lime.Select(column => column.Name),
                _ => columns.Wide.Select(column => column.Name),
            });
            for (var (part, last) = (ReadPart(""), ""); ; part = ReadPart(last))
            {
                foreach (var response in part)
                {
                    IEnumerable<string[]> rows = shape switch
                    {
                        "long" => table.Long(response),
                        "limesurvey" => [table.LimeSurvey(response)],
                        _ => [table.Wide(response)]
                    };
                    foreach (var row in rows)
                    {
                        await output.WriteAsync(row);
                    }

                    last = response.Id;
                }

                await output.FlushAsync(http.RequestAborted);
                if (part.Count < PartRows)
                {
                    break;
                }
            }
        }

        private ResponseColumns ReadColumns()
        {
            using var connection = database.Open();
            return new ResponseColumns(surveys.Published(connection, survey));
        }

        private List<StoredResponse> ReadPart(string after)
        {
            using var connection = database.Open();
            return [.. connection.Query<ResponseRecord>(
                $"""
                select {ResponseRecord.Columns}
                from responses r
                {filter.Where(and: "r.id > @after")}
                order by r.id
                limit @limit
                """, filter.Parameters(("after", after), ("limit", PartRows)), buffered: false)
                .Select(row => new StoredResponse(row.Id, (int)row.Version, row.SubmittedAt, row.Answers))];
        }
    }
}
