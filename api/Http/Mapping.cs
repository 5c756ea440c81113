using AnkerOrte.Contracts;
using Mapster;

namespace AnkerOrte.Api.Http;

/// <summary>
/// The one Mapster configuration, from rows to contract. Each slice adds its rules in its own *Mapping. A member
/// without a source is an error, not a null.
/// </summary>
internal static class Mapping
{
    public static readonly TypeAdapterConfig Config = Create();

    public static T To<T>(this object row) => row.Adapt<T>(Config);

    private static TypeAdapterConfig Create()
    {
        var config = new TypeAdapterConfig { RequireDestinationMemberSource = true, RequireExplicitMapping = true };
        // What a rule has already made is taken as it is.
        config.Default.ShallowCopyForSameType(true);
        config.NewConfig<string, Uri>().MapWith(text => new Uri(text));
        config.NewConfig<string, SiteStatus>().MapWith(text => WireEnum.Read<SiteStatus>(text));
        config.NewConfig<string, FundingEvidence>().MapWith(text => WireEnum.Read<FundingEvidence>(text));
        config.NewConfig<string, StateCode>().MapWith(text => WireEnum.Read<StateCode>(text));
        config.NewConfig<string, ProjectKind>().MapWith(text => WireEnum.Read<ProjectKind>(text));
        config.NewConfig<string, ProgrammeCategory>().MapWith(text => WireEnum.Read<ProgrammeCategory>(text));
        config.NewConfig<string, SourceKind>().MapWith(text => WireEnum.Read<SourceKind>(text));
        config.NewConfig<string, SizeClass>().MapWith(text => WireEnum.Read<SizeClass>(text));
        config.NewConfig<string, SearchKind>().MapWith(text => WireEnum.Read<SearchKind>(text));
        config.NewConfig<string, ExperienceKind>().MapWith(text => WireEnum.Read<ExperienceKind>(text));
        config.NewConfig<string, ExperienceRelation>().MapWith(text => WireEnum.Read<ExperienceRelation>(text));
        config.NewConfig<string, MembershipDegree>().MapWith(text => WireEnum.Read<MembershipDegree>(text));
        config.NewConfig<string, MembershipConfidence>().MapWith(text => WireEnum.Read<MembershipConfidence>(text));
        config.Scan(typeof(Mapping).Assembly);
        return config;
    }
}
