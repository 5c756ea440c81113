using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Mapster;

namespace AnkerOrte.Api.Municipalities;

internal sealed class MunicipalityMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<MunicipalityRow, Municipality>()
            .Map(municipality => municipality.PopulationDate, row => DateOnly.Parse(row.PopulationDate, System.Globalization.CultureInfo.InvariantCulture))
            .Map(municipality => municipality.Location, row => Locations.Of(row.Latitude, row.Longitude, "municipality"))
            .Map(municipality => municipality.AnchorSites, row => References.Read<AnchorSiteReferenceRow, AnchorSiteReference>(row.AnchorSites))
            .Map(municipality => municipality.Projects, row => References.Read<ProjectReferenceRow, ProjectReference>(row.Projects))
            .Map(municipality => municipality.UpdatedAt, row => Instant.Read(row.UpdatedAt))
            .Map(municipality => municipality.Self, row => Addresses.Of(Path(row.Ags)))
            .Map(municipality => municipality.Citation, row => Addresses.Cite(row.Name, Path(row.Ags), "2026"))
            .Map(municipality => municipality.Attribution, _ => "© Statistisches Bundesamt (Destatis), Gemeindeverzeichnis");
    }

    private static string Path(string ags) => "/v1/municipalities/" + ags;
}

internal sealed record MunicipalityRow : MunicipalityReferenceRow
{
    public required string State { get; init; }
    public required string StateName { get; init; }
    public required string PopulationDate { get; init; }
    public required double AreaKm2 { get; init; }
    public required string UpdatedAt { get; init; }
    public double? Latitude { get; init; }
    public double? Longitude { get; init; }
    public required string AnchorSites { get; init; }
    public required string Projects { get; init; }
    public string? Place { get; init; }
    public double? DistanceKm { get; init; }
}
