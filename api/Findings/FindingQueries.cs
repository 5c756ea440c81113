using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.SurveyResults;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Findings;

/// <summary>All SQL of findings.</summary>
internal static class FindingQueries
{
    public static readonly RecordDescriptor Record = new(RecordKind.Finding, id => "/v1/findings/" + id)
    {
        Find = (connection, id) => RecordDescriptor.Write(FindPublished(connection, id)),
        Touch = (connection, id, at) => connection.Execute("update findings set updated_at = @at where id = @id", new { id, at }),
    };

    // The limit keeps SQLite from dissolving the inner select, which would read all evidence for each finding.
    private const string Columns =
        """
        f.id, f.status, f.kind, f.title_de, f.title_en, f.text_de, f.text_en, f.dimension, f.confidence_level, f.methodological_limitations, f.coherence, f.adequacy, f.relevance,
        f.confidence_reason, f.single_finding, f.updated_at,
        (select json_group_array(t.type order by k.position) from finding_types t left join types k on k.key = t.type and k.typology = (select version from current_typology)
         where t.finding_id = f.id) as types,
        (select json_group_array(json_object('id', e.id, 'relation', e.relation, 'basis', e.basis,
            'source', json_object('siteId', '', 'id', c.id, 'title', c.title, 'publisher', c.publisher, 'date', c.date, 'url', c.url, 'kind', c.kind),
            'site', iif(s.id is null, null, json_object('id', s.id, 'name', s.name)),
            'experiences', json((select json_group_array(x.id order by x.position) from site_experiences x
                where x.finding_id = e.finding_id and x.source_id = e.source_id and x.site_id = e.site_id and x.relation = e.relation))) order by e.position, e.id)
         from (select * from finding_evidence where finding_id = f.id limit -1) e join sources c on c.id = e.source_id and c.deleted_at is null left join anchor_sites s on s.id = e.site_id) as evidence,
        (select json_group_array(json_object('id', r.id, 'de', r.title_de, 'en', r.title_en) order by r.place, r.number)
         from recommendation_findings u join published_recommendations r on r.id = u.recommendation_id where u.finding_id = f.id) as recommendations,
        (select json_group_array(json_object('id', p.id, 'relation', l.relation, 'kind', v.kind, 'quote', p.quote) order by p.id)
         from finding_passages l join released_passages p on p.id = l.passage_id join public_conversations v on v.id = p.conversation_id where l.finding_id = f.id) as passages,
        (select json_group_array(json_object('id', n.id, 'kind', n.kind, 'relation', n.relation, 'survey', n.survey, 'item', n.item, 'release', n.release, 'run', n.run, 'de', n.statement_de, 'en', n.statement_en) order by n.id)
         from finding_computations n where n.finding_id = f.id) as computations
        """;

    public static readonly ListSource List = new()
    {
        Name = "findings",
        From = "findings f",
        UniqueKey = "f.number",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns =
        [
            Column.Of("id"), Column.Of("kind"), Column.Of("titleDe", "title.de"), Column.Of("textDe", "text.de"), Column.Of("dimension"), Column.Of("types"),
            Column.Of("confidence", "confidence.level"), Column.Of("suggestion", "confidence.suggestion"), Column.Of("confidenceReason", "confidence.reason"), Column.Of("singleFinding"),
            Column.Of("sources", "evidence.source.id"), Column.Of("relations", "evidence.relation"), Column.Of("sitesSupporting", "seenIn.sites"), Column.Of("recommendations", "recommendations.id"),
            Column.Of("updatedAt"), Column.Of("self"), Column.Of("citation"),
        ],
        Items = window =>
        {
            var typeOf = new SiteTypesByKey(window.Connection);
            return window.Connection.Query<FindingRow>(
                $"""
                select {Columns}, {window.Place} as place
                from findings f
                {window.Where}
                order by {window.OrderBy}
                limit @limit
                """, window.Parameters).Select(row => new ListItem(WireJson.Write(FindingMapping.Compose(row, typeOf)), row.Place!));
        },
    };

    /// <param name="approvedOnly">False: for those who work on it.</param>
    public static Finding? Find(SqliteConnection connection, string id, bool approvedOnly = true) => connection.QuerySingleOrDefault<FindingRow>(
        $"""
        select {Columns}
        from findings f
        where f.id = @id and f.deleted_at is null and (f.status = 'approved' or not @approvedOnly)
        """, new { id, approvedOnly }) is { } row ? FindingMapping.Compose(row, new SiteTypesByKey(connection)) : null;

    /// <summary>As the feed carries it: without what would change with every site that comes or goes.</summary>
    public static Finding? FindPublished(SqliteConnection connection, string id) => Find(connection, id) is { } finding ? finding with { SeenIn = null } : null;

    /// <summary>Findings with evidence from a source.</summary>
    public static IReadOnlyList<string> Citing(SqliteConnection connection, string source) =>
        [.. connection.Query<string>("select distinct finding_id from finding_evidence where source_id = @source order by finding_id", new { source })];
}

/// <summary>How many published sites each type has, and which type each site.</summary>
internal sealed class SiteTypesByKey(SqliteConnection connection)
{
    public IReadOnlyDictionary<string, string> Types { get; } =
        connection.Query<(string Site, string Type)>("select y.site_id, y.type from site_types y join published_sites s on s.id = y.site_id").ToDictionary(row => row.Site, row => row.Type);

    public int Sites { get; } = connection.ExecuteScalar<int>("select count(*) from published_sites");
}

internal sealed record FindingRow
{
    public required string Id { get; init; }
    public required string Status { get; init; }
    public required string Kind { get; init; }
    public required string TitleDe { get; init; }
    public string? TitleEn { get; init; }
    public required string TextDe { get; init; }
    public string? TextEn { get; init; }
    public required string Dimension { get; init; }
    public required string ConfidenceLevel { get; init; }
    public required string MethodologicalLimitations { get; init; }
    public required string Coherence { get; init; }
    public required string Adequacy { get; init; }
    public required string Relevance { get; init; }
    public required string ConfidenceReason { get; init; }
    public required bool SingleFinding { get; init; }
    public required string UpdatedAt { get; init; }
    public required string Types { get; init; }
    public required string Evidence { get; init; }
    public required string Recommendations { get; init; }
    public required string Passages { get; init; }
    public required string Computations { get; init; }
    public string? Place { get; init; }
}

/// <summary>A title of another record, read from JSON that SQL makes.</summary>
internal sealed record LinkedPassageRow(string Id, string Relation, string Kind, string Quote);

internal sealed record ComputationRow(
    string Id, string Kind, string Relation, string? Survey, string? Item, int? Release, string? Run, string De, string? En);

internal sealed record EvidenceRow(string Id, string Relation, string? Basis, SourceReferenceRow Source, AnchorSiteReferenceRow? Site, IReadOnlyList<string> Experiences);

internal static class FindingMapping
{
    public static Finding Compose(FindingRow row, SiteTypesByKey typeOf)
    {
        var evidence = WireJson.Read<List<EvidenceRow>>(row.Evidence);
        var supporting = evidence.Where(entry => entry.Relation == "supports" && entry.Site is not null).Select(entry => entry.Site!.Id).Distinct().ToList();
        var passages = WireJson.Read<List<LinkedPassageRow>>(row.Passages);
        var computations = WireJson.Read<List<ComputationRow>>(row.Computations);
        var relations = evidence.Select(entry => entry.Relation).ToList();
        var all = relations.Concat(passages.Select(passage => passage.Relation)).Concat(computations.Select(computation => computation.Relation)).ToList();
        var (supports, contradicts) = (all.Count(relation => relation == "supports"), all.Count(relation => relation == "contradicts"));
        return new Finding
        {
            Id = row.Id,
            Status = WireEnum.Read<FindingStatus>(row.Status),
            Kind = WireEnum.Read<FindingKind>(row.Kind),
            Title = new LocalizedText { De = row.TitleDe, En = row.TitleEn },
            Text = new LocalizedText { De = row.TextDe, En = row.TextEn },
            Dimension = WireEnum.Read<FindingDimension>(row.Dimension),
            Types = WireJson.Read<List<string>>(row.Types),
            Evidence = [.. evidence.Select(entry => new FindingEvidence
            {
                Id = entry.Id,
                Relation = WireEnum.Read<EvidenceRelation>(entry.Relation),
                Basis = entry.Basis is null ? null : WireEnum.Read<EvidenceBasis>(entry.Basis),
                Source = entry.Source.To<SourceReference>(),
                Site = entry.Site?.To<AnchorSiteReference>(),
                Experiences = entry.Experiences,
            })],
            Confidence = new Confidence
            {
                Level = WireEnum.Read<ConfidenceLevel>(row.ConfidenceLevel),
                MethodologicalLimitations = WireEnum.Read<CerqualConcern>(row.MethodologicalLimitations),
                Coherence = WireEnum.Read<CerqualConcern>(row.Coherence),
                Adequacy = WireEnum.Read<CerqualConcern>(row.Adequacy),
                Relevance = WireEnum.Read<CerqualConcern>(row.Relevance),
                Reason = row.ConfidenceReason,
                Suggestion = WireEnum.Read<ConfidenceLevel>(Cerqual.Suggest(row.MethodologicalLimitations, row.Coherence, row.Adequacy, row.Relevance)),
            },
            SingleFinding = row.SingleFinding,
            SeenIn = new SeenIn
            {
                Sites = supporting.Count,
                Of = typeOf.Sites,
                ByType = [.. typeOf.Types.Values.CountBy(type => type).OrderBy(type => type.Key, StringComparer.Ordinal)
                    .Select(type => new SeenByType { Type = type.Key, Sites = supporting.Count(site => typeOf.Types.GetValueOrDefault(site) == type.Key), Of = type.Value })],
            },
            Triangulation = new Triangulation
            {
                Inventory = Agree<TriangulationInventory>(relations),
                Survey = Agree<TriangulationSurvey>([.. computations.Where(computation => computation.Survey is not null).Select(computation => computation.Relation)]),
                Interview = Agree<TriangulationInterview>([.. passages.Where(passage => passage.Kind == "interview").Select(passage => passage.Relation)]),
                FocusGroup = Agree<TriangulationFocusGroup>([.. passages.Where(passage => passage.Kind == "focus-group").Select(passage => passage.Relation)]),
                Convergence = supports + contradicts == 0 ? null : Math.Round((double)supports / (supports + contradicts), 6),
            },
            Passages = [.. passages.Select(passage => new FindingPassage
            {
                Id = passage.Id,
                Relation = WireEnum.Read<EvidenceRelation>(passage.Relation),
                Quote = passage.Quote,
                Self = Addresses.Of("/v1/passages/" + passage.Id),
            })],
            Computations = [.. computations.Select(computation => new FindingComputation
            {
                Id = computation.Id,
                Kind = WireEnum.Read<FindingComputationKind>(computation.Kind),
                Relation = WireEnum.Read<EvidenceRelation>(computation.Relation),
                Statement = new LocalizedText { De = computation.De, En = computation.En },
                Survey = computation.Survey,
                Item = computation.Item,
                Release = computation.Release,
                Run = computation.Run,
                Url = Addresses.Of(computation switch
                {
                    { Run: { } run } => "/v1/typology-runs/" + run,
                    { Release: { } release } => $"{ReleaseRow.PathOf(computation.Survey!, release)}?item={computation.Item}",
                    _ => $"/v1/surveys/{computation.Survey}/results?item={computation.Item}",
                }),
            })],
            Recommendations = References.Titles(row.Recommendations, "/v1/recommendations/"),
            UpdatedAt = Instant.Read(row.UpdatedAt),
            Self = Addresses.Of("/v1/findings/" + row.Id),
            Citation = Addresses.Cite(row.TitleDe, "/v1/findings/" + row.Id, row.UpdatedAt[..4]),
        };
    }

    /// <summary>What one kind of source says to a finding (triangulation after N. K. Denzin).</summary>
    private static T Agree<T>(IReadOnlyList<string> relations) where T : struct, Enum => WireEnum.Read<T>(
        relations.Contains("contradicts") ? "dissonance" : relations.Contains("supports") ? "agreement" : relations.Count > 0 ? "complementary" : "silence");
}
