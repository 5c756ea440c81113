using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Evidence;

/// <summary>
/// The chain from recommendations to sources, both ways. Every closure is one statement over all its evidence and one over what begins it, however
/// many nodes there are. The model has no link from a finding to a finding, so no chain can come back to itself.
/// </summary>
internal static class EvidenceQueries
{
    // The evidence in question first, or SQLite begins with all that there is.
    private const string Select =
        """
        select r.id as recommendation_id, r.title_de as recommendation_title, r.text_de as recommendation_text, r.strength,
               f.id as finding_id, f.title_de as finding_title, f.text_de as finding_text, f.confidence_level,
               e.id as evidence_id, e.relation, x.id as experience_id, x.text as experience_text,
               c.id as source_id, c.title as source_title, c.publisher, c.date as source_date, c.url, s.id as site_id, s.name as site_name
        from hops e
        join published_findings f on f.id = e.finding_id
        join sources c on c.id = e.source_id and c.deleted_at is null
        left join published_recommendations r on r.id = e.recommendation_id
        left join published_sites s on s.id = e.site_id
        left join site_experiences x on x.finding_id = e.finding_id and x.source_id = e.source_id and x.site_id = e.site_id and x.relation = e.relation
        """;

    public static EvidenceGraph? OfRecommendation(SqliteConnection connection, string id)
    {
        var found = connection.Query<HopRow>(
            $"""
            with hops as materialized (
                select u.recommendation_id, u.position as place, h.*
                from published_recommendations r
                join recommendation_findings u on u.recommendation_id = r.id
                join finding_evidence h on h.finding_id = u.finding_id
                where r.id = @id)
            {Select}
            order by e.place, e.position, e.id, x.position
            """, new { id }).ToList();
        var voices = Voices(connection, "l.finding_id in (select finding_id from recommendation_findings where recommendation_id = @id) and r.id = @id", id);
        return found.Count + voices.Count == 0 ? null : EvidenceGraphs.Make(found, id, fromTop: true, voices: voices);
    }

    /// <summary>Also of a passage on which nothing rests; null where there is none for the public.</summary>
    public static EvidenceGraph? OfPassage(SqliteConnection connection, string id) => Conversations.PassageQueries.FindPublic(connection, id) is not { } passage ? null
        : EvidenceGraphs.Make([], id, fromTop: false, EvidenceGraphs.Node(id, passage.Origin, passage.Quote), Voices(connection, "l.id = @id", id));

    /// <summary>What is no document: released passages, survey results, typology runs.</summary>
    /// <param name="connection">Any.</param>
    /// <param name="condition">A constant of this class.</param>
    /// <param name="id">What the condition asks for.</param>
    /// <param name="withAdvice">Whether the way goes on to recommendations.</param>
    private static List<VoiceRow> Voices(SqliteConnection connection, string condition, string id, bool withAdvice = true) => [.. connection.Query<VoiceRow>(
        $"""
        select r.id as recommendation_id, r.title_de as recommendation_title, r.text_de as recommendation_text, f.id as finding_id, f.title_de as finding_title,
               f.text_de as finding_text, l.relation, l.id, l.kind, l.label, l.text, l.path
        from finding_voices l
        join published_findings f on f.id = l.finding_id
        left join recommendation_findings u on u.finding_id = f.id and @withAdvice
        left join published_recommendations r on r.id = u.recommendation_id
        where {condition}
        order by f.number, l.id, r.place, r.number
        """, new { id, withAdvice })];

    public static EvidenceGraph? OfFinding(SqliteConnection connection, string id)
    {
        var found = connection.Query<HopRow>(
            $"""
            with hops as materialized (select null as recommendation_id, h.* from finding_evidence h where h.finding_id = @id)
            {Select}
            order by e.position, e.id, x.position
            """, new { id }).ToList();
        var voices = Voices(connection, "l.finding_id = @id", id, withAdvice: false);
        return found.Count + voices.Count == 0 ? null : EvidenceGraphs.Make(found, id, fromTop: true, voices: voices);
    }

    /// <summary>Also of a source on which nothing rests.</summary>
    public static EvidenceGraph OfSource(SqliteConnection connection, Source source) => EvidenceGraphs.Make(
        connection.Query<HopRow>(
            $"""
            with hops as materialized (
                select u.recommendation_id, h.* from finding_evidence h left join recommendation_findings u on u.finding_id = h.finding_id where h.source_id = @Id)
            {Select}
            order by f.number, e.position, e.id, x.position, r.place, r.number
            """, source).ToList(), source.Id, fromTop: false, EvidenceGraphs.Node(source));
}

/// <summary>One way from a recommendation to a source.</summary>
internal sealed record HopRow
{
    public string? RecommendationId { get; init; }
    public string? RecommendationTitle { get; init; }
    public string? RecommendationText { get; init; }
    public string? Strength { get; init; }
    public required string FindingId { get; init; }
    public required string FindingTitle { get; init; }
    public required string FindingText { get; init; }
    public required string ConfidenceLevel { get; init; }
    public required string EvidenceId { get; init; }
    public required string Relation { get; init; }
    public string? ExperienceId { get; init; }
    public string? ExperienceText { get; init; }
    public required string SourceId { get; init; }
    public required string SourceTitle { get; init; }
    public required string Publisher { get; init; }
    public string? SourceDate { get; init; }
    public required string Url { get; init; }
    public string? SiteId { get; init; }
    public string? SiteName { get; init; }
}

/// <summary>One way from a recommendation to a passage, a survey result or a run.</summary>
internal sealed record VoiceRow
{
    public string? RecommendationId { get; init; }
    public string? RecommendationTitle { get; init; }
    public string? RecommendationText { get; init; }
    public required string FindingId { get; init; }
    public required string FindingTitle { get; init; }
    public required string FindingText { get; init; }
    public required string Relation { get; init; }
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public required string Label { get; init; }
    public required string Text { get; init; }
    public required string Path { get; init; }
}
