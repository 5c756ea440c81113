using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Sources;

internal static class SourceEndpoints
{
    public static readonly Text Thing = new("Die Quelle", "source");

    public static void MapSources(this IEndpointRouteBuilder routes)
    {
        var sources = routes.MapGroup("/v1/sources");
        sources.Get("/", ListSources).WithName("listSources");
        sources.Post("/", CreateSource).WithName("createSource");
        sources.Get("/{id}", GetSource).WithName("getSource");
        sources.Put("/{id}", ReplaceSource).WithName("replaceSource");
        sources.Patch("/{id}", ChangeSource).WithName("changeSource");
        sources.Delete("/{id}", DeleteSource).WithName("deleteSource");
        sources.Post("/{id}/restore", RestoreSource).WithName("restoreSource");
        sources.Get("/{id}/history", GetSourceHistory).WithName("getSourceHistory");
    }

    private static IResult ListSources([AsParameters] SourceQuery query, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(SourceQueries.List, list)
        {
            Sort = Commas.Split(query.Sort),
            Fields = Commas.Split(query.Fields),
            Filter = (connection, errors) => BuildFilter(query, connection, errors),
        });

    private static IResult GetSource(string id, string? fields, HttpContext http, Answers answers, SourceQueries sources) => sources.Find(id) switch
    {
        ({ } source, _) => answers.Item(http, WireJson.Write(source), fields),
        (_, { } deletedAt) => Problems.IsGone(Thing, id, deletedAt),
        _ => Problems.NoSuch(Thing, id),
    };

    private static Task<IResult> CreateSource(HttpContext http, Writes writes) =>
        writes.RunAsync<SourceInput>(http, WriteEnd.CommitPublic, SourceHandlers.Create);

    private static Task<IResult> ReplaceSource(string id, HttpContext http, Writes writes) =>
        writes.RunAsync<SourceInput>(http, WriteEnd.CommitPublic, (write, input) => SourceHandlers.Replace(write, id, input));

    private static Task<IResult> ChangeSource(string id, HttpContext http, Writes writes, Contract contract) =>
        writes.RunAsync<JsonElement>(http, WriteEnd.CommitPublic, (write, patch) => SourceHandlers.Patch(write, id, patch, contract.Body("replaceSource")));

    private static Task<IResult> DeleteSource(string id, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.CommitPublic, write => SourceHandlers.Remove(write, id));

    private static Task<IResult> RestoreSource(string id, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.CommitPublic, write => SourceHandlers.Restore(write, id));

    private static IResult GetSourceHistory(string id, int? limit, string? cursor, Lists lists, SourceQueries sources) =>
        sources.Find(id) is (null, null) ? Problems.NoSuch(Thing, id) : lists.Answer(Versions.History(RecordKind.Source, id, limit, cursor));

    private static Filter BuildFilter(SourceQuery query, SqliteConnection connection, List<ProblemError> errors)
    {
        var filter = new Filter();
        if (query.Deleted is null)
        {
            filter.Add("deleted", "c.deleted_at is null");
        }

        filter.AddUpdatedSince("c.updated_at", query.UpdatedSince);
        filter.AddValues("kind", "c.kind in @kind", query.Kind);
        filter.AddKnown(
            "anchorSite", "exists (select 1 from site_sources s where s.source_id = c.id and s.site_id in @anchorSite)", query.AnchorSite, connection,
            ("select id from published_sites where id in @ids", "select id from published_sites"), errors);
        filter.AddWords("source", "c.id", query.Q, errors);
        return filter;
    }
}

internal sealed record SourceQuery(string? Q, string[]? Kind, string[]? AnchorSite, string? UpdatedSince, string? Deleted, string? Fields, string? Sort);
