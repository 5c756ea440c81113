using System.Text.Json;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>Profiles of types: the codes and other features that the members share.</summary>
internal static class TypeProfiles
{
    public static readonly Column[] Columns =
    [
        Column.Of("kind"), Column.Of("dimension"), Column.Of("code"), Column.Of("labelDe", "label.de"), Column.Of("labelEn", "label.en"), Column.Of("count"), Column.Of("known"),
        Column.Of("share"), Column.Of("baseRate"), Column.Of("lift"), Column.Of("role"), Column.Of("curatedRole"), Column.Of("active"), Column.Of("p"), Column.Of("adjustedP"),
    ];

    public static TypeProfile Make(SqliteConnection connection, TypologyAnalysis analysis, TypeRow row)
    {
        var group = analysis.Group(row.Key);
        var labels = TypeQueries.CodeLabels(connection);
        var active = TypologyQueries.Find(connection, row.Typology)!.Input.DimensionsUsed.ToHashSet();
        var curated = WireJson.Read<AnchorTypeInput>(row.Record).DefiningFeatures.ToLookup(feature => (feature.Dimension, feature.Code), feature => feature.Role);
        var features = analysis.Features[group];
        return new TypeProfile
        {
            Typology = row.Typology,
            Type = row.Key,
            Members = analysis.Sizes[group],
            MonotheticCount = features.Count(feature => feature.Table.Share == 1),
            Rows = [.. features.Select(feature => new ProfileRow
            {
                Dimension = feature.Dimension,
                Code = feature.Code,
                Label = labels.GetValueOrDefault((feature.Dimension, feature.Code)),
                Count = feature.Table.With,
                Known = feature.Table.With + feature.Table.Without,
                Share = Rounded.Of(feature.Table.Share),
                BaseRate = Rounded.Of(feature.Table.BaseRate),
                Lift = Rounded.Of(feature.Table.Lift),
                Role = feature.Table.Role is { } role ? WireEnum.Read<FeatureRole>(role) : null,
                CuratedRole = curated[(feature.Dimension, feature.Code)].Select(role => (FeatureRole?)role).FirstOrDefault(),
                Active = active.Contains(feature.Dimension),
            })],
            Illustrative = Illustrate(connection, analysis, group),
            Self = Addresses.Of($"/v1/types/{row.Key}/profile?typology={row.Typology}"),
        };
    }

    /// <summary>Rows of the CSV: codes first, then illustrative features.</summary>
    public static IEnumerable<JsonElement> Rows(JsonElement profile) =>
    [
        .. profile.GetProperty("rows").EnumerateArray().Select(row => With(row, "code")),
        .. profile.GetProperty("illustrative").EnumerateArray().Select(row => With(row, "illustrative")),
    ];

    private static JsonElement With(JsonElement row, string kind)
    {
        var members = row.EnumerateObject().ToDictionary(member => member.Name switch { "variable" => "dimension", "value" => "code", _ => member.Name }, member => member.Value);
        members["kind"] = JsonSerializer.SerializeToElement(kind);
        return JsonSerializer.SerializeToElement(members);
    }

    /// <summary>Illustrative features with tests. Tests are valid only for features that did not form the types.</summary>
    private static List<IllustrativeRow> Illustrate(SqliteConnection connection, TypologyAnalysis analysis, int group)
    {
        var known = TypeQueries.Illustrative(connection);
        var table = DataTable.Create(
            [new("state", ColumnKind.Nominal), new("sizeClass", ColumnKind.Nominal), new("cohort", ColumnKind.Nominal)],
            analysis.Table.Ids.Select(id => new DataRow(id, Values(known.GetValueOrDefault(id)))));
        var features = Features.Describe(table, row => analysis.Labels[row] == group);
        var tests = features.Select(feature => Associations.Fisher(feature.Table)).ToList();
        var adjusted = Associations.BenjaminiHochberg(tests);
        return [.. features.Select((feature, i) => new IllustrativeRow
        {
            Variable = WireEnum.Read<IllustrativeRowVariable>(feature.Dimension),
            Value = feature.Code,
            Count = feature.Table.With,
            Share = Rounded.Of(feature.Table.Share),
            BaseRate = Rounded.Of(feature.Table.BaseRate),
            Lift = Rounded.Of(feature.Table.Lift),
            P = Rounded.Of(tests[i]),
            AdjustedP = Rounded.Of(adjusted[i]),
        })];
    }

    private static Dictionary<string, DataValue> Values((string State, string? SizeClass, string? Cohort) site) =>
        new (string Key, string? Value)[] { ("state", site.State), ("sizeClass", site.SizeClass), ("cohort", site.Cohort) }
            .Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, DataValue (pair) => new DataValue.Nominal(pair.Value!));
}
