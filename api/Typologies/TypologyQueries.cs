using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>All SQL of typologies and memberships.</summary>
internal static class TypologyQueries
{
    public static readonly RecordDescriptor Record = new(RecordKind.Typology, id => "/v1/typologies/" + id)
    {
        Find = (connection, version) => RecordDescriptor.Write(FindPublished(connection, version)),
    };

    private const string Columns =
        """
        t.version, t.status, t.origin, t.record, t.predecessor, t.author, t.created_at, t.updated_at, t.published_at, t.superseded_at,
        (select count(*) from memberships m join published_sites s on s.id = m.site_id where m.typology = t.version and m.type is not null) as members,
        (select count(*) from memberships m join published_sites s on s.id = m.site_id where m.typology = t.version and m.type is null) as not_classified
        """;

    public static readonly ListSource List = new()
    {
        Name = "typologies",
        From = "typologies t",
        UniqueKey = "-t.number",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns =
        [
            Column.Of("version"), Column.Of("status"), Column.Of("origin"), Column.Of("titleDe", "title.de"), Column.Of("titleEn", "title.en"), Column.Of("types", "types.key"),
            Column.Of("members"), Column.Of("notClassified"), Column.Of("publishedAt"), Column.Of("supersededAt"), Column.Of("self"), Column.Of("citation"),
        ],
        Items = window => window.Connection.Query<TypologyRow>(
            $"""
            select {Columns}, {window.Place} as place
            from typologies t
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters).Select(row => new ListItem(WireJson.Write(TypologyMapping.Compose(window.Connection, row)), row.Place!)),
    };

    public static readonly ListSource Memberships = new()
    {
        Name = "memberships",
        From = "memberships m join published_sites s on s.id = m.site_id",
        UniqueKey = "m.site_id",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns =
        [
            Column.Of("typology"), Column.Of("siteId"), Column.Of("siteName", "site.name"), Column.Of("type"), Column.Of("degree"), Column.Of("secondaryType"), Column.Of("confidence"), Column.Of("rationale"),
        ],
        Items = window => window.Connection.Query<MembershipRow>(
            $"""
            select m.typology, m.site_id, s.name, m.type, m.degree, m.secondary_type, m.rationale, m.confidence, {window.Place} as place
            from memberships m join published_sites s on s.id = m.site_id
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(TypologyMapping.Compose(row)), row.Place!)),
    };

    public static TypologyRow? Find(SqliteConnection connection, string version) => connection.QuerySingleOrDefault<TypologyRow>(
        $"""
        select {Columns}
        from typologies t
        where t.version = @version
        """, new { version });

    /// <summary>A published version for the change feed, without values that depend on the inventory.</summary>
    public static Typology? FindPublished(SqliteConnection connection, string version) =>
        Find(connection, version) is { Status: not "draft" } row ? TypologyMapping.Compose(null, row) : null;

    public static string Current(SqliteConnection connection) => connection.QuerySingle<string>("select version from current_typology");

    public static string? FindDraft(SqliteConnection connection) => connection.QuerySingleOrDefault<string>("select version from typologies where status = 'draft'");

    public static string AddDraft(SqliteConnection connection, string record, string predecessor, string? author, string at) => connection.QuerySingle<string>(
        """
        update typology_numbers set last = last + 1;
        insert into typologies (version, number, status, origin, record, predecessor, author, created_at, updated_at)
        select cast(last as text), last, 'draft', 'editor', @record, @predecessor, @author, @at, @at from typology_numbers
        returning version
        """, new { record, predecessor, author, at });

    public static void CopyMemberships(SqliteConnection connection, string from, string to) => connection.Execute(
        """
        insert into memberships (typology, site_id, type, degree, secondary_type, rationale, confidence)
        select @to, site_id, type, degree, secondary_type, rationale, confidence
        from memberships
        where typology = @from
        """, new { from, to });

    public static void Replace(SqliteConnection connection, string version, string record, string? author, string at) => connection.Execute(
        "update typologies set record = @record, author = @author, updated_at = @at where version = @version", new { version, record, author, at });

    public static void Touch(SqliteConnection connection, string version, string? author, string at) => connection.Execute(
        "update typologies set author = @author, updated_at = @at where version = @version", new { version, author, at });

    public static void Remove(SqliteConnection connection, string version) => connection.Execute(
        """
        delete from memberships where typology = @version;
        delete from types where typology = @version;
        delete from typologies where version = @version;
        """, new { version });

    /// <summary>Publishes a draft and marks the current version as superseded.</summary>
    public static void Publish(SqliteConnection connection, string version, string? publisher, string at) => connection.Execute(
        """
        update typologies set status = 'superseded', superseded_at = @at, updated_at = @at where status = 'published';
        update typologies set status = 'published', publisher = @publisher, published_at = @at, updated_at = @at where version = @version;
        """, new { version, publisher, at });

    /// <summary>Replaces the types by those of the record. Members of removed types become not classified.</summary>
    public static void PutTypes(SqliteConnection connection, string version, TypologyInput record)
    {
        connection.Execute(
            """
            update memberships set type = null, degree = null, secondary_type = null where typology = @version and type not in @keys;
            update memberships set secondary_type = null where typology = @version and secondary_type not in @keys;
            delete from types where typology = @version;
            """, new { version, keys = record.Types.Select(type => type.Key) });
        connection.Execute(
            "insert into types (typology, key, position, label_de, label_en, record) values (@version, @Key, @position, @de, @en, @json)",
            record.Types.Select((type, position) => new { version, type.Key, position, de = type.Label.De, en = type.Label.En, json = WireJson.Text(type) }));
    }

    public static void PutMemberships(SqliteConnection connection, string version, IEnumerable<MembershipInput> memberships) => connection.Execute(
        """
        insert into memberships (typology, site_id, type, degree, secondary_type, rationale, confidence)
        values (@version, @SiteId, @Type, @degree, @SecondaryType, @Rationale, @confidence)
        on conflict (typology, site_id) do update set
            type = excluded.type, degree = excluded.degree, secondary_type = excluded.secondary_type, rationale = excluded.rationale, confidence = excluded.confidence
        """, memberships.Select(membership => new
        {
            version,
            membership.SiteId,
            membership.Type,
            degree = membership.Degree is { } degree ? WireEnum.Write(degree) : null,
            membership.SecondaryType,
            membership.Rationale,
            confidence = WireEnum.Write(membership.Confidence),
        }));

    public static IReadOnlyList<MembershipRow> AllMemberships(SqliteConnection connection, string version) => [.. connection.Query<MembershipRow>(
        """
        select m.typology, m.site_id, s.name, m.type, m.degree, m.secondary_type, m.rationale, m.confidence
        from memberships m join published_sites s on s.id = m.site_id
        where m.typology = @version
        order by m.site_id
        """, new { version })];

    public static void PutSearch(SqliteConnection connection, TypologyInput record) => SearchIndex.Put(connection, record.Types.Select(type =>
        new SearchEntry(RecordKind.Type, type.Key, type.Label.De, type.Summary.De)
        {
            Keywords = [type.Label.En, .. type.Literature.Select(note => note.Title)],
            Text = [type.Summary.De, type.Summary.En, .. type.TypicalStrengths.Concat(type.TypicalRisks).Concat(type.EarlyDecisions).Select(text => text.De)],
        }));
}

internal sealed record TypologyRow
{
    public required string Version { get; init; }
    public required string Status { get; init; }
    public required string Origin { get; init; }
    public required string Record { get; init; }
    public string? Predecessor { get; init; }
    public string? Author { get; init; }
    public required string CreatedAt { get; init; }
    public required string UpdatedAt { get; init; }
    public string? PublishedAt { get; init; }
    public string? SupersededAt { get; init; }
    public required int Members { get; init; }
    public required int NotClassified { get; init; }
    public string? Place { get; init; }

    public TypologyInput Input => WireJson.Read<TypologyInput>(Record);
}

internal sealed record MembershipRow
{
    public required string Typology { get; init; }
    public required string SiteId { get; init; }
    public required string Name { get; init; }
    public string? Type { get; init; }
    public string? Degree { get; init; }
    public string? SecondaryType { get; init; }
    public required string Rationale { get; init; }
    public required string Confidence { get; init; }
    public string? Place { get; init; }

    public AnchorSiteReference Site => new AnchorSiteReferenceRow(SiteId, Name).To<AnchorSiteReference>();
}
