using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Mapster;

namespace AnkerOrte.Api.Search;

internal static class SearchEndpoints
{
    private static readonly ListSource Source = new()
    {
        Name = "search",
        From = "search_entries e",
        UniqueKey = "e.number",
        SortKeys = new Dictionary<string, SortKey> { ["relevance"] = Words.Relevance("e.number"), ["kind"] = new("e.kind"), ["title"] = new("e.title_key") },
        Items = Items,
        Columns = [Column.Of("kind"), Column.Of("id"), Column.Of("title"), Column.Of("teaser"), Column.Of("self")],
    };

    public static void MapSearch(this IEndpointRouteBuilder routes) =>
        routes.Get("/v1/search", Search).WithName("search");

    private static IResult Search(string q, string[]? kind, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(Source, list)
        {
            Sort = ["relevance", "kind", "title"],
            HasWords = true,
            Filter = (_, errors) =>
            {
                var filter = new Filter();
                filter.AddWords("e.number", q, errors);
                filter.AddValues("kind", "e.kind in @kind", kind);
                return filter;
            },
        });

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<SearchRow>(
        $"""
        select e.kind, e.key, e.title, e.teaser, {window.Place} as place
        from search_entries e
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.To<SearchHit>()), row.Place));
}

internal sealed class SearchMapping : IRegister
{
    public void Register(TypeAdapterConfig config) => config.NewConfig<SearchRow, SearchHit>()
        .Map(hit => hit.Id, row => row.Key)
        .Map(hit => hit.Self, row => Addresses.Of(RecordKinds.Path(row.Kind, row.Key)));
}

internal sealed record SearchRow
{
    public required string Kind { get; init; }
    public required string Key { get; init; }
    public required string Title { get; init; }
    public required string Teaser { get; init; }
    public required string Place { get; init; }
}
