using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.PropertySpace;

/// <summary>The property space of a few attributes: which combinations occur, and which are empty.</summary>
internal static class PropertySpaceEndpoints
{
    private const string Unknown = "unknown";
    private const string None = "none";

    private static readonly IReadOnlyDictionary<string, LocalizedText> Others = new Dictionary<string, LocalizedText>
    {
        ["type"] = new() { De = "Typ", En = "Type" },
        ["state"] = new() { De = "Land", En = "State" },
        ["sizeClass"] = new() { De = "Größenklasse", En = "Size class" },
        ["cohort"] = new() { De = "Staffel", En = "Cohort" },
    };

    public static void MapPropertySpace(this IEndpointRouteBuilder routes) =>
        routes.Get("/v1/property-space", GetPropertySpace).WithName("getPropertySpace");

    private static async Task<IResult> GetPropertySpace(string dimensions, string? format, bool? bom, string? delimiter, HttpContext http, Answers answers, Database.Database database)
    {
        var keys = Commas.Split(dimensions);
        if (keys.Distinct().Count() != keys.Count)
        {
            return Problems.Invalid([new("/query/dimensions", "dimensions", "repeated", new("Jede Dimension nur einmal.", "Each dimension only once."))]);
        }

        using var snapshot = database.Read();
        var space = Make(snapshot.Connection, keys);
        Column[] columns = [.. keys.Select((key, i) => new Column(key, "values", cell => cell.GetProperty("values")[i].GetString())), Column.Of("n"), Column.Of("sites")];
        return await answers.Table(http, "property-space", WireJson.Write(space), columns, body => body.GetProperty("cells").EnumerateArray(), new ListParameters(null, null, format, bom, delimiter));
    }

    private static Contracts.PropertySpace Make(SqliteConnection connection, IReadOnlyList<string> keys)
    {
        var sites = connection.Query<string>("select id from published_sites order by id").ToList();
        var facets = keys.Select(key => Facet(connection, key)).ToList();
        var cells = sites.GroupBy(site => string.Join('\n', facets.Select(facet => facet.Values.GetValueOrDefault(site, Unknown))))
            .Select(cell => new SpaceCell { Values = cell.Key.Split('\n'), N = cell.Count(), Sites = [.. cell] })
            .OrderByDescending(cell => cell.N).ThenBy(cell => string.Join('\n', cell.Values), StringComparer.Ordinal).ToList();
        var possible = facets.Aggregate(1, (product, facet) => product * facet.Possible.Count);
        // What is unknown or none of it is no combination that could be filled.
        var filled = cells.Count(cell => !cell.Values.Any(value => value is Unknown or None));
        return new Contracts.PropertySpace
        {
            Dimensions = [.. keys.Zip(facets, (key, facet) => new SpaceDimension { Key = key, Label = facet.Label, Values = [.. facet.Possible, None, Unknown] })],
            Cells = cells,
            PossibleCells = possible,
            EmptyCells = possible - filled,
            ShareOfLargestFive = sites.Count == 0 ? null : Rounded.Of(cells.Take(5).Sum(cell => cell.N) / (double)sites.Count),
            Sites = sites.Count,
            Self = Addresses.Of("/v1/property-space?dimensions=" + string.Join(',', keys)),
        };
    }

    private static (LocalizedText Label, IReadOnlyList<string> Possible, IReadOnlyDictionary<string, string> Values) Facet(SqliteConnection connection, string key) => Others.TryGetValue(key, out var label)
        ? (label, Possible(connection, key), Values(connection, key))
        : (connection.QuerySingle<(string De, string En)>("select label_de, label_en from dimensions where key = @key", new { key }) is var named ? new LocalizedText { De = named.De, En = named.En } : null!,
            connection.Query<string>("select key from codes where dimension = @key and retired_at is null order by position, key", new { key }).ToList(), Rarest(connection, key));

    private static List<string> Possible(SqliteConnection connection, string key) => connection.Query<string>(key switch
    {
        "type" => "select t.key from types t join current_typology c on c.version = t.typology order by t.position",
        "state" => "select code from states order by code",
        "sizeClass" => "select distinct size_class from municipalities order by size_class",
        _ => "select distinct cast(cohort as text) from projects order by 1",
    }).ToList();

    private static Dictionary<string, string> Values(SqliteConnection connection, string key) => connection.Query<(string Site, string? Value)>(key switch
    {
        "type" => "select m.site_id, coalesce(m.type, 'none') from memberships m join current_typology c on c.version = m.typology",
        "state" => "select id, state from published_sites",
        "sizeClass" => "select s.id, m.size_class from published_sites s join municipalities m on m.ags = s.ags",
        _ => "select s.id, cast(p.cohort as text) from published_sites s join projects p on p.id = s.project_id",
    }).Where(row => row.Value is not null).ToDictionary(row => row.Site, row => row.Value!);

    /// <summary>One code a site: that which fewest sites have, for it says most about the site; the first of equally rare ones.</summary>
    private static Dictionary<string, string> Rarest(SqliteConnection connection, string dimension) => connection.Query<(string Site, string? Code)>(
        """
        with counted as (
            select c.code, count(*) as sites
            from site_codes c join published_sites s on s.id = c.site_id
            where c.dimension = @dimension
            group by c.code)
        select site_id, code
        from (
            select d.site_id, c.code, row_number() over (partition by d.site_id order by n.sites, c.code) as place
            from site_dimensions d
            join published_sites s on s.id = d.site_id
            left join site_codes c on c.site_id = d.site_id and c.dimension = d.dimension
            left join counted n on n.code = c.code
            where d.dimension = @dimension)
        where place = 1
        """, new { dimension }).ToDictionary(row => row.Site, row => row.Code ?? None);
}
