using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Recommendations;

/// <summary>All SQL of recommendations.</summary>
internal static class RecommendationQueries
{
    public static readonly RecordDescriptor Record = new(RecordKind.Recommendation, id => "/v1/recommendations/" + id)
    {
        Find = (connection, id) => RecordDescriptor.Write(Find(connection, id)),
        Touch = (connection, id, at) => connection.Execute("update recommendations set updated_at = @at where id = @id", new { id, at }),
    };

    private const string Columns =
        """
        r.id, r.status, r.title_de, r.title_en, r.text_de, r.text_en, r.phase, r.audience, r.conditions_de, r.conditions_en, r.effort, r.mistake_de, r.mistake_en, r.strength, r.updated_at,
        (select json_group_array(t.type order by t.type) from recommendation_types t where t.recommendation_id = r.id) as types,
        (select json_group_array(json_object('id', f.id, 'de', f.title_de, 'en', f.title_en) order by u.position)
         from recommendation_findings u join published_findings f on f.id = u.finding_id where u.recommendation_id = r.id) as findings,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by u.position)
         from recommendation_sites u join published_sites s on s.id = u.site_id where u.recommendation_id = r.id) as example_sites,
        (select json_group_array(json_object('id', n.id, 'de', n.title_de, 'en', n.title_en) order by n.shared desc, n.place, n.number)
         from (
            select o.id, o.title_de, o.title_en, o.place, o.number, count(distinct f.dimension) as shared
            from published_recommendations o
            join recommendation_findings u on u.recommendation_id = o.id
            join published_findings f on f.id = u.finding_id
            where o.place / 3 = r.place / 3 + 1
              and f.dimension in (select g.dimension from recommendation_findings v join published_findings g on g.id = v.finding_id where v.recommendation_id = r.id)
            group by o.id
            order by shared desc, o.place, o.number
            limit 3) n) as next_steps
        """;

    public static readonly ListSource List = new()
    {
        Name = "recommendations",
        From = "recommendations r",
        UniqueKey = "r.number",
        SortKeys = new Dictionary<string, SortKey> { ["order"] = new("r.place") },
        Columns =
        [
            Column.Of("id"), Column.Of("phase"), Column.Of("strength"), Column.Of("titleDe", "title.de"), Column.Of("titleEn", "title.en"), Column.Of("textDe", "text.de"), Column.Of("textEn", "text.en"),
            Column.Of("audience"), Column.Of("types"), Column.Of("conditionsDe", "conditions.de"), Column.Of("effort"), Column.Of("commonMistakeDe", "commonMistake.de"),
            Column.Of("findings", "findings.id"), Column.Of("exampleSites", "exampleSites.id"), Column.Of("updatedAt"), Column.Of("self"), Column.Of("citation"),
        ],
        Items = window => window.Connection.Query<RecommendationRow>(
            $"""
            select {Columns}, {window.Place} as place
            from recommendations r
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(Compose(row)), row.Place!)),
    };

    /// <param name="publishedOnly">False: for those who work on it.</param>
    public static Recommendation? Find(SqliteConnection connection, string id, bool publishedOnly = true) => connection.QuerySingleOrDefault<RecommendationRow>(
        $"""
        select {Columns}
        from recommendations r
        where r.id = @id and r.deleted_at is null and (r.status = 'published' or not @publishedOnly)
        """, new { id, publishedOnly }) is { } row ? Compose(row) : null;

    private static Recommendation Compose(RecommendationRow row) => new()
    {
        Id = row.Id,
        Status = WireEnum.Read<RecommendationStatus>(row.Status),
        Title = new LocalizedText { De = row.TitleDe, En = row.TitleEn },
        Text = new LocalizedText { De = row.TextDe, En = row.TextEn },
        Phase = WireEnum.Read<Phase>(row.Phase),
        Audience = [.. WireJson.Read<List<string>>(row.Audience).Select(WireEnum.Read<Audience>)],
        Types = WireJson.Read<List<string>>(row.Types),
        Conditions = new LocalizedText { De = row.ConditionsDe, En = row.ConditionsEn },
        Effort = WireEnum.Read<Effort>(row.Effort),
        CommonMistake = new LocalizedText { De = row.MistakeDe, En = row.MistakeEn },
        Strength = WireEnum.Read<Strength>(row.Strength),
        Findings = References.Titles(row.Findings, "/v1/findings/"),
        ExampleSites = References.Read<AnchorSiteReferenceRow, AnchorSiteReference>(row.ExampleSites),
        NextSteps = References.Titles(row.NextSteps, "/v1/recommendations/"),
        Evidence = Addresses.Of($"/v1/recommendations/{row.Id}/evidence"),
        UpdatedAt = Instant.Read(row.UpdatedAt),
        Self = Addresses.Of("/v1/recommendations/" + row.Id),
        Citation = Addresses.Cite(row.TitleDe, "/v1/recommendations/" + row.Id, row.UpdatedAt[..4]),
    };
}

internal sealed record RecommendationRow
{
    public required string Id { get; init; }
    public required string Status { get; init; }
    public required string TitleDe { get; init; }
    public string? TitleEn { get; init; }
    public required string TextDe { get; init; }
    public string? TextEn { get; init; }
    public required string Phase { get; init; }
    public required string Audience { get; init; }
    public required string ConditionsDe { get; init; }
    public string? ConditionsEn { get; init; }
    public required string Effort { get; init; }
    public required string MistakeDe { get; init; }
    public string? MistakeEn { get; init; }
    public required string Strength { get; init; }
    public required string UpdatedAt { get; init; }
    public required string Types { get; init; }
    public required string Findings { get; init; }
    public required string ExampleSites { get; init; }
    public required string NextSteps { get; init; }
    public string? Place { get; init; }
}
