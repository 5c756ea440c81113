using System.Text.Json;
using AnkerOrte.Contracts;
using Mapster;

namespace AnkerOrte.Api.Http;

/// <summary>How records name each other: id, a few words, address. SQL gathers references as JSON.</summary>
internal static class References
{
    public static IReadOnlyList<TContract> Read<TRow, TContract>(string json) where TRow : class =>
        json == "[]" ? [] : [.. JsonSerializer.Deserialize<List<TRow>>(json, WireJson.Options)!.Select(row => row.To<TContract>())];

    /// <summary>Findings or recommendations by their titles.</summary>
    /// <param name="json">An array of <see cref="TitleRow"/>.</param>
    /// <param name="path">The address of the list, with a slash at its end.</param>
    public static IReadOnlyList<RecordReference> Titles(string json, string path) =>
    [
        .. WireJson.Read<List<TitleRow>>(json).Select(other => new RecordReference
        {
            Id = other.Id,
            Title = new LocalizedText { De = other.De, En = other.En },
            Self = Addresses.Of(path + other.Id),
        }),
    ];
}

internal sealed class ReferenceMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<AnchorSiteReferenceRow, AnchorSiteReference>().Map(site => site.Self, row => Addresses.Of("/v1/anchor-sites/" + row.Id));
        config.NewConfig<MunicipalityReferenceRow, MunicipalityReference>()
            .Map(municipality => municipality.Self, row => Addresses.Of("/v1/municipalities/" + row.Ags));
        config.NewConfig<ProjectReferenceRow, ProjectReference>().Map(project => project.Self, row => Addresses.Of("/v1/projects/" + row.Id));
        config.NewConfig<SourceReferenceRow, SourceReference>().Map(source => source.Self, row => Addresses.Of("/v1/sources/" + row.Id));
    }
}

internal sealed record AnchorSiteReferenceRow(string Id, string Name);

internal record MunicipalityReferenceRow
{
    public required string Ags { get; init; }
    public required string Ars { get; init; }
    public required string Name { get; init; }
    public required string ShortName { get; init; }
    public required string County { get; init; }
    public required string CountyKey { get; init; }
    public required int Population { get; init; }
    public required string SizeClass { get; init; }
}

internal record ProjectReferenceRow
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required int Cohort { get; init; }
    public required string Kind { get; init; }
}

/// <summary>A source that a site cites.</summary>
internal sealed record SourceReferenceRow
{
    public required string SiteId { get; init; }
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string Publisher { get; init; }
    public string? Date { get; init; }
    public required string Url { get; init; }
    public required string Kind { get; init; }
}

internal sealed record TitleRow(string Id, string De, string? En);
