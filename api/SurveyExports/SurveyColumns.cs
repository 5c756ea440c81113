using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.SurveyExports;

/// <summary>What each column of the wide table means, over all published versions.</summary>
internal static class SurveyColumns
{
    private static readonly Column[] Columns =
    [
        .. new[] { "column", "limeSurvey", "item", "option", "row", "kind" }.Select(Column),
        Column("labelDe", "label.de"), Column("labelEn", "label.en"), Column("optionLabelDe", "optionLabel.de"), Column("optionLabelEn", "optionLabel.en"),
        .. new[] { "privacy", "required", "mapsTo", "versions", "values" }.Select(Column),
    ];

    public static async Task<IResult> Get(string survey, string? format, bool? bom, string? delimiter, HttpContext http, Answers answers, SurveyVersions surveys, Database.Database database)
    {
        using var connection = database.Open();
        var versions = surveys.Published(connection, survey);
        if (versions.Count == 0)
        {
            return SurveyVersions.NoSuch(survey);
        }

        var columns = new ResponseColumns(versions);
        var codebook = new SurveyCodebook { Survey = survey, Columns = [.. columns.Wide.Select(column => Describe(column, columns))] };
        return await answers.Table(
            http, survey + "-codebook", WireJson.Write(codebook), Columns, book => book.GetProperty("columns").EnumerateArray(), new ListParameters(null, null, format, bom, delimiter));
    }

    private static SurveyColumn Describe(ResponseColumn column, ResponseColumns all)
    {
        if (column.Item is not { } item)
        {
            return new SurveyColumn { Column = column.Name, Versions = [.. all.Versions.Keys.Order()] };
        }

        var versions = all.Versions.Values.Where(version => version.Find(item.Code) is not null).OrderBy(version => version.Version).ToList();
        var newest = versions[^1].Items[versions[^1].Find(item.Code)!.Value].Definition;
        var option = column.Role == ColumnRole.Option ? column.Place < item.Options.Count ? item.Options[column.Place].Code : DefinitionLimits.Other : null;
        var row = column.Role == ColumnRole.Row ? item.Rows[column.Place].Code : null;
        return new SurveyColumn
        {
            Column = column.Name,
            LimeSurvey = all.Lime.FirstOrDefault(lime => lime.Item == item && lime.Role == column.Role && lime.Place == column.Place)?.Name,
            Item = item.Code,
            Option = option,
            Row = row,
            Kind = item.Kind.Wire(),
            Label = ToContract(newest.Label),
            // What later versions dropped is described by the last one that had it.
            OptionLabel = Find(versions, item.Code, definition => definition.Options.FirstOrDefault(known => known.Code == option)?.Label ?? definition.Rows.FirstOrDefault(known => known.Code == row)?.Label),
            Privacy = newest.Privacy.Wire(),
            Required = newest.Required,
            MapsTo = Find(versions, item.Code, definition => definition.Options.FirstOrDefault(known => known.Code == option)?.MapsTo) ?? newest.MapsTo,
            Versions = [.. versions.Select(version => version.Version)],
            Values = Values(item, column.Role, newest),
        };
    }

    /// <summary>The codes that a cell may have besides the missing ones.</summary>
    private static IReadOnlyList<string>? Values(UnionItem item, ColumnRole role, ItemDefinition newest) => role switch
    {
        ColumnRole.Option => ["0", "1"],
        ColumnRole.Row or ColumnRole.Rank => [.. item.Options.Select(option => option.Code)],
        ColumnRole.Value when item.Kind is ItemKind.SingleChoice or ItemKind.OrdinalScale => [.. item.Options.Select(option => option.Code), .. newest.Other ? [DefinitionLimits.Other] : Array.Empty<string>()],
        ColumnRole.Value when item.Kind == ItemKind.YesNo => ["0", "1"],
        _ => null,
    };

    private static LocalizedText? Find(IReadOnlyList<Questionnaire> versions, string code, Func<ItemDefinition, Text?> find) =>
        versions.Reverse().Select(version => find(version.Items[version.Find(code)!.Value].Definition)).FirstOrDefault(text => text is not null) is { } found ? ToContract(found) : null;

    private static string? Find(IReadOnlyList<Questionnaire> versions, string code, Func<ItemDefinition, string?> find) =>
        versions.Reverse().Select(version => find(version.Items[version.Find(code)!.Value].Definition)).FirstOrDefault(text => text is not null);

    private static Column Column(string name) => Http.Column.Of(name);

    private static Column Column(string name, string path) => Http.Column.Of(name, path);

    public static LocalizedText ToContract(Text text) => new() { De = text.De, En = text.En };
}
