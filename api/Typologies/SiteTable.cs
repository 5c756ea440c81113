using AnkerOrte.Api.Analysis;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>Reads published sites by the dimensions of the codebook. The table distinguishes unknown from explicitly none.</summary>
internal static class SiteTable
{
    /// <param name="connection">Connection with one snapshot.</param>
    /// <param name="weights">The compared dimensions and their weights; null: all, with the weights of the codebook.</param>
    /// <param name="sites">Ids of the sites; null: all published sites.</param>
    public static DataTable Read(SqliteConnection connection, IReadOnlyDictionary<string, double>? weights = null, IReadOnlySet<string>? sites = null)
    {
        var columns = connection.Query<(string Key, string Kind, double Weight)>("select key, kind, weight from dimensions order by position")
            .Where(dimension => weights is null || weights.ContainsKey(dimension.Key))
            .Select(dimension => new DataColumn(dimension.Key, dimension.Kind == "nominal" ? ColumnKind.Nominal : ColumnKind.Multi, weights?[dimension.Key] ?? dimension.Weight))
            .ToList();
        var nominal = columns.Where(column => column.Kind == ColumnKind.Nominal).Select(column => column.Key).ToHashSet();
        var codes = connection.Query<(string Site, string Dimension, string? Code)>(
            """
            select d.site_id, d.dimension, c.code
            from site_dimensions d
            join published_sites s on s.id = d.site_id
            left join site_codes c on c.site_id = d.site_id and c.dimension = d.dimension
            order by d.site_id, d.dimension, c.code
            """).ToLookup(row => row.Site);
        var rows = connection.Query<string>("select id from published_sites order by id").Where(id => sites is null || sites.Contains(id)).Select(id => new DataRow(
            id, codes[id].GroupBy(row => row.Dimension, row => row.Code).ToDictionary(
                dimension => dimension.Key,
                DataValue (dimension) => nominal.Contains(dimension.Key) && dimension.First() is { } code
                    ? new DataValue.Nominal(code)
                    : new DataValue.Multi([.. dimension.OfType<string>()]))));
        return DataTable.Create(columns, rows);
    }
}
