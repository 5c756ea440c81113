using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

internal static class TypologyMapping
{
    /// <param name="connection">Connection for values that are computed from the inventory; null: without these values.</param>
    public static Typology Compose(SqliteConnection? connection, TypologyRow row)
    {
        var record = row.Input;
        return new Typology
        {
            Version = row.Version,
            Status = WireEnum.Read<TypologyStatus>(row.Status),
            Origin = WireEnum.Read<ContentOrigin>(row.Origin),
            Title = record.Title,
            Note = record.Note,
            Construction = record.Construction,
            DimensionsUsed = record.DimensionsUsed,
            Types = record.Types,
            ReductionSteps = record.ReductionSteps,
            Correspondence = record.Correspondence,
            OtherTypologies = record.OtherTypologies,
            Predecessor = row.Predecessor,
            Members = connection is null ? null : row.Members,
            NotClassified = connection is null ? null : row.NotClassified,
            Gates = connection is null ? null : TypologyGates.Check(connection, row),
            CreatedAt = Instant.Read(row.CreatedAt),
            UpdatedAt = Instant.Read(row.UpdatedAt),
            PublishedAt = Instant.ReadOptional(row.PublishedAt),
            SupersededAt = Instant.ReadOptional(row.SupersededAt),
            Links = new TypologyLinks
            {
                Types = Addresses.Of("/v1/types?typology=" + row.Version),
                Memberships = Addresses.Of(Path(row.Version) + "/memberships"),
                Map = Addresses.Of(Path(row.Version) + "/map.svg"),
            },
            Self = Addresses.Of(Path(row.Version)),
            Citation = Addresses.Cite($"{record.Title.De}, Version {row.Version}", Path(row.Version), (row.PublishedAt ?? row.UpdatedAt)[..4]),
        };
    }

    public static Membership Compose(MembershipRow row) => new()
    {
        Typology = row.Typology,
        SiteId = row.SiteId,
        Type = row.Type,
        Degree = Degree(row.Degree),
        SecondaryType = row.SecondaryType,
        Rationale = row.Rationale,
        Confidence = WireEnum.Read<MembershipConfidence>(row.Confidence),
        Site = row.Site,
    };

    public static MembershipDegree? Degree(string? degree) => degree is null ? null : WireEnum.Read<MembershipDegree>(degree);

    public static string Path(string version) => "/v1/typologies/" + version;
}
