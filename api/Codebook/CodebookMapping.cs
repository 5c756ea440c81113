using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Mapster;

namespace AnkerOrte.Api.Codebook;

internal sealed class CodebookMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<CodebookCodeRow, Code>()
            .Map(code => code.Label, row => new LocalizedText { De = row.LabelDe, En = row.LabelEn })
            .Map(code => code.Definition, row => new LocalizedText { De = row.DefinitionDe, En = row.DefinitionEn })
            .Map(code => code.RetiredAt, row => Instant.ReadOptional(row.RetiredAt));
        config.NewConfig<SingleCodeRow, SingleCode>()
            .Map(code => code.Label, row => new LocalizedText { De = row.LabelDe, En = row.LabelEn })
            .Map(code => code.Definition, row => new LocalizedText { De = row.DefinitionDe, En = row.DefinitionEn })
            .Map(code => code.Neighbours, row => JsonSerializer.Deserialize<List<string>>(row.Neighbours, (JsonSerializerOptions?)null))
            .Map(code => code.RetiredAt, row => Instant.ReadOptional(row.RetiredAt))
            .Map(code => code.UpdatedAt, row => Instant.Read(row.UpdatedAt))
            .Map(code => code.Self, row => Addresses.Of(CodePath(row.Dimension, row.Key)))
            .Map(code => code.Citation, row => Addresses.Cite("Codebuch, " + row.LabelDe, CodePath(row.Dimension, row.Key), row.UpdatedAt.Substring(0, 4)));
        config.NewConfig<DimensionRow, Dimension>()
            .Map(dimension => dimension.Label, row => new LocalizedText { De = row.LabelDe, En = row.LabelEn })
            .Map(dimension => dimension.Definition, row => new LocalizedText { De = row.DefinitionDe, En = row.DefinitionEn })
            .Map(dimension => dimension.Kind, row => WireEnum.Read<DimensionKind>(row.Kind))
            .Map(dimension => dimension.Coverage, row => new Coverage { Known = row.Known, Total = row.Total })
            .Map(dimension => dimension.Codes, row => References.Read<CodebookCodeRow, Code>(row.Codes))
            .Map(dimension => dimension.UpdatedAt, row => Instant.Read(row.UpdatedAt))
            .Map(dimension => dimension.Self, row => Addresses.Of(Path(row.Key)))
            .Map(dimension => dimension.Citation, row => Addresses.Cite("Codebuch, " + row.LabelDe, Path(row.Key), "2026"));
    }

    public static string CodePath(string dimension, string key) => $"{Path(dimension)}/codes/{key}";

    private static string Path(string key) => "/v1/codebook/" + key;
}

internal sealed record CodebookCodeRow(
    string Key, string LabelDe, string LabelEn, string DefinitionDe, string DefinitionEn, string? AnchorExample, IReadOnlyList<string> Neighbours, long Count,
    string? RetiredAt, string? ReplacedBy);

internal sealed record SingleCodeRow
{
    public required string Dimension { get; init; }
    public required string Key { get; init; }
    public required string LabelDe { get; init; }
    public required string LabelEn { get; init; }
    public required string DefinitionDe { get; init; }
    public required string DefinitionEn { get; init; }
    public string? AnchorExample { get; init; }
    public required string Neighbours { get; init; }
    public required long Count { get; init; }
    public string? RetiredAt { get; init; }
    public string? ReplacedBy { get; init; }
    public required string UpdatedAt { get; init; }
}

internal sealed record DimensionRow
{
    public required string Key { get; init; }
    public required string LabelDe { get; init; }
    public required string LabelEn { get; init; }
    public required string DefinitionDe { get; init; }
    public required string DefinitionEn { get; init; }
    public required string Kind { get; init; }
    public required double Weight { get; init; }
    public required long Known { get; init; }
    public required long Total { get; init; }
    public required string Codes { get; init; }
    public required string UpdatedAt { get; init; }
    public string? Place { get; init; }
}
