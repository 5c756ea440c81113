using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>All SQL of types.</summary>
internal static class TypeQueries
{
    public static readonly RecordDescriptor Record = new(RecordKind.Type, id => "/v1/types/" + id)
    {
        Find = (connection, key) => RecordDescriptor.Write(Find(connection, key)),
    };

    /// <summary>SQL for keys of the current typology: those among some keys, and all.</summary>
    public static readonly (string Among, string All) CurrentKeys = (
        "select t.key from types t join current_typology c on c.version = t.typology where t.key in @ids",
        "select t.key from types t join current_typology c on c.version = t.typology order by t.position");

    private const string Columns = "t.typology, t.key, t.record, (select coalesce(v.published_at, v.updated_at) from typologies v where v.version = t.typology) as dated";

    /// <summary>Finds a version; null if it does not exist, or if it is a draft that the caller must not see.</summary>
    public static (string Version, bool IsDraft)? Version(SqliteConnection connection, string? wanted, bool withDrafts)
    {
        var found = connection.QuerySingleOrDefault<(string Version, string Status)?>(
            wanted is null ? "select version, status from current_typology" : "select version, status from typologies where version = @wanted", new { wanted });
        return found is { } version && (withDrafts || version.Status != "draft") ? (version.Version, version.Status == "draft") : null;
    }

    public static List<string> Keys(SqliteConnection connection, string version) =>
        connection.Query<string>("select key from types where typology = @version order by position", new { version }).ToList();

    public static TypeRow? Find(SqliteConnection connection, string version, string key) => connection.QuerySingleOrDefault<TypeRow>(
        $"select {Columns} from types t where t.typology = @version and t.key = @key", new { version, key });

    /// <summary>A type of the current typology for the change feed, without values that depend on the inventory.</summary>
    public static AnchorType? Find(SqliteConnection connection, string key) =>
        Find(connection, TypologyQueries.Current(connection), key) is { } row ? TypeMapping.Compose(row, null) : null;

    public static IReadOnlyDictionary<string, LocalizedText> Labels(SqliteConnection connection, string version) =>
        connection.Query<(string Key, string De, string? En)>("select key, label_de, label_en from types where typology = @version", new { version })
            .ToDictionary(type => type.Key, type => new LocalizedText { De = type.De, En = type.En });

    public static IReadOnlyDictionary<(string Dimension, string Code), LocalizedText> CodeLabels(SqliteConnection connection) =>
        connection.Query<(string Dimension, string Key, string De, string En)>("select dimension, key, label_de, label_en from codes")
            .ToDictionary(code => (code.Dimension, code.Key), code => new LocalizedText { De = code.De, En = code.En });

    /// <summary>Features that did not form the types: state, size class of the municipality, cohort of the project.</summary>
    public static IReadOnlyDictionary<string, (string State, string? SizeClass, string? Cohort)> Illustrative(SqliteConnection connection) =>
        connection.Query<(string Id, string State, string? SizeClass, string? Cohort)>(
            """
            select s.id, s.state, m.size_class, cast(p.cohort as text)
            from published_sites s
            left join municipalities m on m.ags = s.ags
            left join projects p on p.id = s.project_id
            """).ToDictionary(site => site.Id, site => (site.State, site.SizeClass, site.Cohort));

    public static ListSource List(Func<TypologyAnalysis> analysis) => new()
    {
        Name = "types",
        From = "types t",
        UniqueKey = "t.position",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns =
        [
            Column.Of("typology"), Column.Of("key"), Column.Of("labelDe", "label.de"), Column.Of("labelEn", "label.en"), Column.Of("summaryDe", "summary.de"), Column.Of("summaryEn", "summary.en"),
            Column.Of("members", "size.members"), Column.Of("prototypes", "prototypes.id"), Column.Of("contrasts", "contrasts.id"), Column.Of("averageSilhouette"),
            Column.Of("strengthsDe", "typicalStrengths.de"), Column.Of("risksDe", "typicalRisks.de"), Column.Of("earlyDecisionsDe", "earlyDecisions.de"), Column.Of("findings"), Column.Of("self"), Column.Of("citation"),
        ],
        Items = window => window.Connection.Query<TypeRow>(
            $"""
            select {Columns}, {window.Place} as place
            from types t
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters).Select(row => new ListItem(WireJson.Write(TypeMapping.Compose(row, analysis())), row.Place!)),
    };

    public static ListSource Members(Func<TypologyAnalysis> analysis) => new()
    {
        Name = "type-members",
        From = "memberships m join published_sites s on s.id = m.site_id",
        UniqueKey = "m.site_id",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns =
        [
            Column.Of("siteId", "site.id"), Column.Of("siteName", "site.name"), Column.Of("degree"), Column.Of("secondaryType"), Column.Of("confidence"),
            Column.Of("typicality"), Column.Of("silhouette"), Column.Of("rationale"), Column.Of("self", "site.self"),
        ],
        Items = window => window.Connection.Query<MembershipRow>(
            $"""
            select m.typology, m.site_id, s.name, m.type, m.degree, m.secondary_type, m.rationale, m.confidence, {window.Place} as place
            from memberships m join published_sites s on s.id = m.site_id
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters).Select(row => new ListItem(WireJson.Write(TypeMapping.Compose(row, analysis())), row.Place!)),
    };
}

internal sealed record TypeRow
{
    public required string Typology { get; init; }
    public required string Key { get; init; }
    public required string Record { get; init; }
    public required string Dated { get; init; }
    public string? Place { get; init; }
}
