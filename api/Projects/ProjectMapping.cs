using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Mapster;

namespace AnkerOrte.Api.Projects;

internal sealed class ProjectMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<ProjectMemberRow, ProjectMember>()
            .Map(member => member.Level, row => row.Key.Length == 5 ? ProjectMemberLevel.County : ProjectMemberLevel.Municipality)
            .Map(member => member.PopulationDate, row => DateOnly.Parse(row.PopulationDate, System.Globalization.CultureInfo.InvariantCulture))
            .Map(member => member.Location, row => Locations.Of(row.Latitude, row.Longitude, "municipality"));
        config.NewConfig<ProjectRow, Project>()
            .Map(project => project.States, row => Texts(row.States).Select(WireEnum.Read<StateCode>).ToList())
            .Map(project => project.Members, row => References.Read<ProjectMemberRow, ProjectMember>(row.Members))
            .Map(project => project.Sources, row => Texts(row.Sources).Select(url => new Uri(url)).ToList())
            .Map(project => project.AnchorSites, row => References.Read<AnchorSiteReferenceRow, AnchorSiteReference>(row.AnchorSites))
            .Map(project => project.UpdatedAt, row => Instant.Read(row.UpdatedAt))
            .Map(project => project.Self, row => Addresses.Of(Path(row.Id)))
            .Map(project => project.Citation, row => Addresses.Cite(row.Name, Path(row.Id), "2026"));
    }

    private static List<string> Texts(string json) => JsonSerializer.Deserialize<List<string>>(json)!;

    private static string Path(string id) => "/v1/projects/" + id;
}

internal sealed record ProjectMemberRow(string Key, string Name, int Population, string PopulationDate, double Latitude, double Longitude);

internal sealed record ProjectRow : ProjectReferenceRow
{
    public required string State { get; init; }
    public required string StateName { get; init; }
    public required string ProgrammeCategory { get; init; }
    public string? Note { get; init; }
    public required string States { get; init; }
    public required string Members { get; init; }
    public required string Sources { get; init; }
    public required string AnchorSites { get; init; }
    public required string UpdatedAt { get; init; }
    public string? Place { get; init; }
}
