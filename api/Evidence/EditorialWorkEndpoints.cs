using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.Evidence;

/// <summary>Findings and recommendations that are not public: what an editor has to look at.</summary>
internal static class EditorialWorkEndpoints
{
    private static readonly ListSource List = new()
    {
        Name = "editorial-work",
        IsConfidential = true,
        From = "editorial_work w",
        UniqueKey = "w.key",
        SortKeys = new Dictionary<string, SortKey> { ["updatedAt"] = new("w.updated_at") },
        Columns = [],
        Items = window => window.Connection.Query<WorkRow>(
            $"""
            select w.kind, w.id, w.status, w.title_de, w.title_en, w.updated_at, {window.Place} as place
            from editorial_work w
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters).Select(row => new ListItem(WireJson.Write(new EditorialWork
            {
                Kind = WireEnum.Read<EditorialWorkKind>(row.Kind),
                Id = row.Id,
                Status = WireEnum.Read<EditorialWorkStatus>(row.Status),
                Title = new LocalizedText { De = row.TitleDe, En = row.TitleEn },
                UpdatedAt = Instant.Read(row.UpdatedAt),
                Self = Addresses.Of(RecordKinds.Path(row.Kind, row.Id)),
            }), row.Place)),
    };

    public static void MapEditorialWork(this IEndpointRouteBuilder routes) => routes.Get("/v1/editorial-work", ListEditorialWork).WithName("listEditorialWork");

    private static IResult ListEditorialWork(string[]? kind, string[]? status, int? limit, string? cursor, HttpContext http, Lists lists) =>
        lists.Answer(new ListRequest(List, new ListParameters(limit, cursor, null, null, null))
        {
            // What has waited longest comes first.
            Sort = ["updatedAt"],
            Filter = (_, _) =>
            {
                var filter = new Filter();
                string[] visible =
                [
                    .. http.SeesFindingDrafts() ? [RecordKind.Finding] : Array.Empty<string>(),
                    .. http.SeesRecommendationDrafts() ? [RecordKind.Recommendation] : Array.Empty<string>(),
                ];
                filter.Add("visible", "w.kind in @visible", ("visible", visible));
                filter.AddValues("kind", "w.kind in @kind", kind);
                filter.AddValues("status", "w.status in @status", status);
                return filter;
            },
        });

    private sealed record WorkRow
    {
        public required string Kind { get; init; }
        public required string Id { get; init; }
        public required string Status { get; init; }
        public required string TitleDe { get; init; }
        public string? TitleEn { get; init; }
        public required string UpdatedAt { get; init; }
        public required string Place { get; init; }
    }
}
