using System.Text.Json;
using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Benchmarks;

/// <summary>What <see cref="AnalysisSpeed"/> computes with: artificial records, and the shipped sites.</summary>
internal static class AnalysisData
{
    private const int Columns = 40;
    private const int Profiles = 5;

    /// <summary>Yes or no in 40 dimensions, where only a shared yes counts. Five hidden profiles; no record is empty.</summary>
    public static bool[][] Flags(int count, ulong seed = 1)
    {
        var random = new SplitMix64(seed);
        var profiles = Enumerable.Range(0, Profiles).Select(_ => Enumerable.Range(0, Columns).Select(_ => random.Below(4) == 0 ? .6 : .1).ToArray()).ToArray();
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var profile = profiles[random.Below(Profiles)];
            var flags = profile.Select(share => random.Unit() < share).ToArray();
            // Everybody has something in common, so that every pair can be compared.
            flags[0] |= !flags.Any(flag => flag);
            return flags;
        })];
    }

    public static DataTable Table(bool[][] flags) => DataTable.Create(
        [.. Enumerable.Range(0, Columns).Select(column => new DataColumn($"d{column:00}", ColumnKind.BinaryAsymmetric))],
        flags.Select((row, i) => new DataRow($"r{i:000000}", row.Select((flag, column) => (column, flag)).ToDictionary(cell => $"d{cell.column:00}", DataValue (cell) => new DataValue.Flag(cell.flag)))));

    public static void Write(bool[][] flags, string file) => File.WriteAllLines(file, flags.Select(row => string.Join(',', row.Select(flag => flag ? '1' : '0'))));

    /// <summary>The 110 sites in the eight dimensions of the codebook.</summary>
    public static DataTable Shipped()
    {
        using var codebook = JsonDocument.Parse(File.ReadAllBytes(Repository.Path("api", "KnowledgeBase", "codebook.json")));
        using var sites = JsonDocument.Parse(File.ReadAllBytes(Repository.Path("api", "KnowledgeBase", "anchor-sites.json")));
        var columns = codebook.RootElement.GetProperty("dimensions").EnumerateArray().Select(dimension => new DataColumn(dimension.GetProperty("key").GetString()!, ColumnKind.Multi)).ToList();
        return DataTable.Create(columns, sites.RootElement.EnumerateArray().Select(site => new DataRow(
            site.GetProperty("id").GetString()!,
            site.GetProperty("characteristics").EnumerateObject().Where(value => columns.Any(column => column.Key == value.Name)).ToDictionary(
                value => value.Name,
                DataValue (value) => new DataValue.Multi(value.Value.ValueKind == JsonValueKind.Array ? [.. value.Value.EnumerateArray().Select(code => code.GetString()!)] : [value.Value.GetString()!])))));
    }
}
