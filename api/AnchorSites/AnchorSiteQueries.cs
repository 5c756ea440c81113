using System.Globalization;
using System.Text;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;
using SortKey = AnkerOrte.Api.Http.SortKey;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>All SQL that reads sites. Answers come from the stored documents; the tables beside them serve the filters.</summary>
internal sealed class AnchorSiteQueries(Database.Database database)
{
    public static readonly RecordDescriptor Record = new(RecordKind.AnchorSite, id => "/v1/anchor-sites/" + id)
    {
        Find = FindPublished,
        Touch = (connection, id, at) => connection.Execute("update anchor_sites set updated_at = @at where id = @id", new { id, at }),
    };

    /// <summary>Findings and recommendations that name a site.</summary>
    public static IReadOnlyList<(string Kind, string Id)> RecordsNaming(SqliteConnection connection, string site) => [.. connection.Query<(string Kind, string Id)>(
        """
        select distinct 'finding', finding_id from evidence where site_id = @site
        union select distinct 'finding', finding_id from site_experiences where site_id = @site
        union select distinct 'recommendation', recommendation_id from recommendation_sites where site_id = @site
        """, new { site })];

    /// <summary>Ids that experiences may speak to.</summary>
    public static HashSet<string> FindingIds(SqliteConnection connection) => connection.Query<string>("select id from findings where deleted_at is null").ToHashSet();

    private static readonly Dictionary<string, SortKey> SortKeys = new()
    {
        ["id"] = new("s.id"),
        ["name"] = new("s.name_key"),
        ["openedOn"] = new("s.opened_ascending", "s.opened_descending"),
        ["updatedAt"] = new("s.updated_at"),
        ["distance"] = new(Nearness.Distance("s")),
        ["relevance"] = Words.Relevance("anchor-site", "s.id"),
    };

    /// <summary>The document of a site; of a removed one, when it was removed; of none, neither.</summary>
    public (byte[]? Document, string? DeletedAt) Find(string id)
    {
        using var connection = database.Open();
        return connection.QuerySingleOrDefault<(byte[]? Document, string? DeletedAt)>(
            """
            select case when s.deleted_at is null then cast(d.document as blob) end, s.deleted_at
            from anchor_sites s
            join site_documents d on d.number = s.number
            where s.id = @id
            """, new { id });
    }

    public static byte[]? FindPublished(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<byte[]>(
        """
        select cast(d.document as blob)
        from published_sites s
        join site_documents d on d.number = s.number
        where s.id = @id
        """, new { id });

    public Dictionary<string, byte[]> FindAll(IEnumerable<string> ids)
    {
        using var connection = database.Open();
        return connection.Query<(string Id, byte[] Document)>(
            """
            select s.id, cast(d.document as blob)
            from published_sites s
            join site_documents d on d.number = s.number
            where s.id in @ids
            """, new { ids }).ToDictionary(site => site.Id, site => site.Document);
    }

    /// <summary>All ids, to find the nearest to a mistyped one.</summary>
    public IReadOnlyCollection<string> Ids()
    {
        using var connection = database.Open();
        return connection.Query<string>("select id from published_sites").ToList();
    }

    public ListSource Source(AnchorSiteQuery query) => new()
    {
        Name = "anchor-sites",
        From = "anchor_sites s",
        UniqueKey = "s.id",
        SortKeys = SortKeys,
        Items = query.Near is null ? Items : ItemsWithDistance,
        Facet = Facet,
        Columns = [.. Columns, .. query.Near is null ? Array.Empty<Column>() : [Column.Of("distanceKm")], .. query.Wide == true ? WideColumns() : []],
    };

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<SiteRow>(
        $"""
        select cast(d.document as blob) as document, {window.Place} as place
        from anchor_sites s
        join site_documents d on d.number = s.number
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(row.Document, row.Place));

    private static IEnumerable<ListItem> ItemsWithDistance(Window window) => window.Connection.Query<SiteRow>(
        $"""
        select cast(d.document as blob) as document, {window.Place} as place, {Nearness.Distance("s")} as distance_km
        from anchor_sites s
        join site_documents d on d.number = s.number
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(Append(row.Document, row.DistanceKm), row.Place));

    /// <summary>Counts the values of one attribute among the sites that match all other conditions.</summary>
    private static IEnumerable<FacetCount> Facet(SqliteConnection connection, Filter filter, string name) => name switch
    {
        "type" => CountColumn(connection, filter, name, "(select y.type from site_types y where y.site_id = s.id)"),
        "state" => CountColumn(connection, filter, name, "s.state"),
        "status" => CountColumn(connection, filter, name, "s.status"),
        "mpscFunded" => CountColumn(connection, filter, name, "s.mpsc_funded"),
        "project" => CountColumn(connection, filter, name, "s.project_id"),
        _ => connection.Query<FacetCount>(
            $"""
            select f.code, count(*) as count
            from anchor_sites s
            join site_codes f on f.site_id = s.id and f.dimension = @facet
            {filter.Where(without: name)}
            group by f.code
            order by count(*) desc, f.code
            """, filter.Parameters(("facet", name))),
    };

    private static IEnumerable<FacetCount> CountColumn(SqliteConnection connection, Filter filter, string name, string column) => connection.Query<FacetCount>(
        $"""
        select {column} as code, count(*) as count
        from anchor_sites s
        {filter.Where(without: name, and: column + " is not null")}
        group by {column}
        order by count(*) desc, {column}
        """, filter.Parameters());

    /// <summary>One column per code: 1 coded, 0 not coded, empty where the dimension is unknown.</summary>
    private IEnumerable<Column> WideColumns()
    {
        using var connection = database.Open();
        return connection.Query<(string Dimension, string Code)>(
            """
            select c.dimension, c.key
            from codes c
            join dimensions d on d.key = c.dimension
            order by d.position, c.position
            """).Select(code => new Column($"{code.Dimension}.{code.Code}", "characteristics", site =>
                site.GetProperty("characteristics").TryGetProperty(code.Dimension, out var codes)
                    ? codes.EnumerateArray().Any(value => value.ValueEquals(code.Code)) ? "1" : "0"
                    : null)).ToList();
    }

    /// <summary>Adds the distance as the last member of the document.</summary>
    private static byte[] Append(byte[] document, double? distanceKm)
    {
        var member = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"distanceKm\":{distanceKm}}}"));
        return [.. document.AsSpan(0, document.Length - 1), .. member];
    }

    /// <summary>All that the CSV may have, besides a column per code.</summary>
    public static IEnumerable<string> ColumnNames => [.. Columns.Select(column => column.Name), "distanceKm", Csv.Attribution];

    private static readonly Column[] Columns =
    [
        Column.Of("id"), Column.Of("name"), Column.Of("selfDesignation"), Column.Of("summary"), Column.Of("status"), Column.Of("mpscFunded"),
        Column.Of("openedOn"), Column.Of("closedOn"), Column.Of("state"), Column.Of("stateName"),
        Column.Of("ags"), Column.Of("municipalityName", "municipality.name"), Column.Of("population", "municipality.population"), Column.Of("sizeClass", "municipality.sizeClass"),
        Column.Of("countyKey"), Column.Of("county"), Column.Of("place"), Column.Of("address"), Column.Of("website"),
        Column.Of("latitude", "location.latitude"), Column.Of("longitude", "location.longitude"), Column.Of("locationPrecision", "location.precision"),
        Column.Of("projectId"), Column.Of("projectName", "project.name"),
        .. AnchorSiteDocuments.Dimensions.Select(dimension => Column.Of(dimension, "characteristics." + dimension)),
        Column.Of("floorAreaSqm", "facts.floorAreaSqm"), Column.Of("openingHours", "facts.openingHours"), Column.Of("participationFee", "facts.participationFee"),
        Column.Of("visitorsPerYear", "facts.visitorsPerYear"), Column.Of("annualCostEur", "facts.annualCostEur"),
        Column.Of("findingIds", "experiences.findingId"), Column.Of("sourceIds"),
        Column.Of("createdAt"), Column.Of("updatedAt"), Column.Of("self"), Column.Of("citation"),
    ];

    private sealed record SiteRow
    {
        public required byte[] Document { get; init; }
        public required string Place { get; init; }
        public double? DistanceKm { get; init; }
    }
}
