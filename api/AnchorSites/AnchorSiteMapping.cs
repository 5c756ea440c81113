using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Mapster;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>Rows of a site → its public document.</summary>
internal sealed class AnchorSiteMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<ExperienceRow, Experience>();
        config.NewConfig<SiteMembershipRow, SiteMembership>();
        config.NewConfig<AnchorSiteRow, Facts>().Map(facts => facts.ParticipationFee, row => Fee(row.ParticipationFee));
    }

    public static AnchorSite Compose(
        AnchorSiteRow row, IEnumerable<CodeRow> codes, IEnumerable<ExperienceRow> experiences, IEnumerable<SourceReferenceRow> sources,
        ProjectReferenceRow? project, MunicipalityReferenceRow? municipality, SiteMembershipRow? membership)
    {
        var cited = sources.Select(source => source.To<SourceReference>()).ToList();
        return new AnchorSite
        {
            Id = row.Id,
            Name = row.Name,
            SelfDesignation = row.SelfDesignation,
            Summary = row.Summary,
            Status = WireEnum.Read<SiteStatus>(row.Status),
            MpscFunded = WireEnum.Read<FundingEvidence>(row.MpscFunded),
            ProjectId = row.ProjectId,
            Ags = row.Ags,
            CountyKey = row.CountyKey,
            County = row.County,
            State = WireEnum.Read<StateCode>(row.State),
            StateName = row.StateName,
            Place = row.Place,
            Address = row.Address,
            Website = row.Website is null ? null : new Uri(row.Website),
            Location = Locations.Of(row.Latitude, row.Longitude, row.LocationPrecision),
            OpenedOn = row.OpenedOn,
            ClosedOn = row.ClosedOn,
            Characteristics = Characterise(codes),
            Facts = row.To<Facts>(),
            Experiences = [.. experiences.Select(experience => experience.To<Experience>())],
            SourceIds = [.. cited.Select(source => source.Id)],
            Project = project?.To<ProjectReference>(),
            Municipality = municipality?.To<MunicipalityReference>(),
            Sources = cited,
            Membership = membership?.To<SiteMembership>(),
            Freshness = Fresh(row),
            CreatedAt = Instant.Read(row.CreatedAt),
            UpdatedAt = Instant.Read(row.UpdatedAt),
            Self = Addresses.Of(Path(row.Id)),
            Citation = Addresses.Cite(row.Name, Path(row.Id), row.UpdatedAt[..4]),
        };
    }

    /// <summary>A dimension without a row is unknown and stays absent; one with a row but no code is an empty list: none.</summary>
    private static Characteristics Characterise(IEnumerable<CodeRow> rows)
    {
        var byDimension = rows.ToLookup(row => row.Dimension);
        return new Characteristics
        {
            Goals = Codes("goals"),
            Contents = Codes("contents"),
            TargetGroups = Codes("targetGroups"),
            Formats = Codes("formats"),
            Spaces = Codes("spaces"),
            Operators = Codes("operators"),
            Funding = Codes("funding"),
            Setting = Codes("setting"),
        };

        List<string>? Codes(string dimension) =>
            byDimension.Contains(dimension) ? [.. byDimension[dimension].Select(row => row.Code).OfType<string>()] : null;
    }

    /// <summary>Fresh for a year, ageing for another, then stale. Dates, for a word would have to change by itself.</summary>
    private static Freshness? Fresh(AnchorSiteRow row) => row.ConfirmedAt is null ? null : new Freshness
    {
        ConfirmedAt = Instant.Read(row.ConfirmedAt),
        ConfirmedBy = WireEnum.Read<FreshnessConfirmedBy>(row.ConfirmedBy!),
        Source = row.ConfirmedSource!,
        FreshUntil = Instant.Read(row.ConfirmedAt).AddYears(1),
        StaleFrom = Instant.Read(row.ConfirmedAt).AddYears(2),
    };

    private static FactsParticipationFee? Fee(string? fee) => fee is null ? null : WireEnum.Read<FactsParticipationFee>(fee);

    private static string Path(string id) => "/v1/anchor-sites/" + id;
}

internal sealed record AnchorSiteRow
{
    public required string Id { get; init; }
    public required long Number { get; init; }
    public required string Name { get; init; }
    public required string SelfDesignation { get; init; }
    public required string Summary { get; init; }
    public required string Status { get; init; }
    public required string MpscFunded { get; init; }
    public string? ProjectId { get; init; }
    public string? Ags { get; init; }
    public string? CountyKey { get; init; }
    public string? County { get; init; }
    public required string State { get; init; }
    public required string StateName { get; init; }
    public string? Place { get; init; }
    public string? Address { get; init; }
    public string? Website { get; init; }
    public double? Latitude { get; init; }
    public double? Longitude { get; init; }
    public string? LocationPrecision { get; init; }
    public string? OpenedOn { get; init; }
    public string? ClosedOn { get; init; }
    public double? FloorAreaSqm { get; init; }
    public string? OpeningHours { get; init; }
    public string? ParticipationFee { get; init; }
    public int? VisitorsPerYear { get; init; }
    public double? AnnualCostEur { get; init; }
    public string? ConfirmedAt { get; init; }
    public string? ConfirmedBy { get; init; }
    public string? ConfirmedSource { get; init; }
    public required string CreatedAt { get; init; }
    public required string UpdatedAt { get; init; }
}

internal sealed record CodeRow
{
    public required string SiteId { get; init; }
    public required string Dimension { get; init; }
    public string? Code { get; init; }
    public string? LabelDe { get; init; }
    public string? LabelEn { get; init; }
}

internal sealed record ExperienceRow
{
    public required string SiteId { get; init; }
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public required string Text { get; init; }
    public required string FindingId { get; init; }
    public required string Relation { get; init; }
    public required string SourceId { get; init; }
}

internal sealed record SiteMembershipRow
{
    public required string SiteId { get; init; }
    public required string Type { get; init; }
    public required string Degree { get; init; }
    public string? SecondaryType { get; init; }
    public required string Rationale { get; init; }
    public required string Confidence { get; init; }
}
