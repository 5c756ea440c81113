using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Mapster;

namespace AnkerOrte.Api.Sources;

internal sealed class SourceMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<SourceRow, Source>()
            .Map(source => source.AnchorSites, row => References.Read<AnchorSiteReferenceRow, AnchorSiteReference>(row.AnchorSites))
            .Map(source => source.UpdatedAt, row => Instant.Read(row.UpdatedAt))
            .Map(source => source.DeletedAt, row => Instant.ReadOptional(row.DeletedAt))
            .Map(source => source.Self, row => Address(row.Id))
            .Map(source => source.Citation, row => Cite(row));
    }

    public static Uri Address(string id) => Addresses.Of(Path(id));

    /// <summary>A source is cited as the document it is.</summary>
    private static string Cite(SourceRow row) => $"{row.Publisher}{(row.Date is null ? "" : $" ({row.Date})")}: {row.Title}. {row.Url}";

    private static string Path(string id) => "/v1/sources/" + id;
}

internal sealed record SourceRow
{
    public required string Id { get; init; }
    public required string Url { get; init; }
    public required string Title { get; init; }
    public required string Publisher { get; init; }
    public string? Date { get; init; }
    public required string Kind { get; init; }
    public required string AnchorSites { get; init; }
    public required string UpdatedAt { get; init; }
    public string? DeletedAt { get; init; }
    public string? Place { get; init; }
}
