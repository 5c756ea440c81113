using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Search;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Sources;

internal static class SourceEndpoints
{
    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var sources = routes.MapGroup("/v1/sources");
        sources.MapGet("/", ListSources).WithName("listSources");
        sources.MapGet("/{id}", GetSource).WithName("getSource");
    }

    private static IResult ListSources([AsParameters] SourceQuery query, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(SourceQueries.List, list)
        {
            Sort = Commas.Split(query.Sort),
            Fields = Commas.Split(query.Fields),
            Filter = (connection, errors) => BuildFilter(query, connection, errors),
        });

    private static IResult GetSource(string id, string? fields, HttpContext http, Answers answers, SourceQueries sources) =>
        sources.Find(id) is { } source ? answers.Item(http, WireJson.Write(source), fields) : Problems.NoSuch(new("Die Quelle", "source"), id);

    private static Filter BuildFilter(SourceQuery query, SqliteConnection connection, List<ProblemError> errors)
    {
        var filter = new Filter();
        filter.AddValues("kind", "c.kind in @kind", query.Kind);
        filter.AddKnown(
            "anchorSite", "exists (select 1 from site_sources s where s.source_id = c.id and s.site_id in @anchorSite)", query.AnchorSite, connection,
            ("select id from anchor_sites where id in @ids", "select id from anchor_sites"), errors);
        filter.AddWords("source", "c.id", query.Q, errors);
        return filter;
    }
}

internal sealed record SourceQuery(string? Q, string[]? Kind, string[]? AnchorSite, string? Fields, string? Sort);
