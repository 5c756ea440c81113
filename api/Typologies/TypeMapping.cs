using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Typologies;

internal static class TypeMapping
{
    /// <param name="row">The stored type.</param>
    /// <param name="analysis">Computed values; null: without them.</param>
    public static AnchorType Compose(TypeRow row, TypologyAnalysis? analysis)
    {
        var type = WireJson.Read<AnchorTypeInput>(row.Record);
        var group = analysis?.Group(row.Key) ?? -1;
        var self = $"/v1/types/{row.Key}";
        var query = $"?typology={row.Typology}";
        return new AnchorType
        {
            Typology = row.Typology,
            Key = type.Key,
            Label = type.Label,
            Summary = type.Summary,
            DefiningFeatures = type.DefiningFeatures,
            DistinguishedFrom = type.DistinguishedFrom,
            TypicalStrengths = type.TypicalStrengths,
            TypicalRisks = type.TypicalRisks,
            EarlyDecisions = type.EarlyDecisions,
            Findings = type.Findings,
            Literature = type.Literature,
            Size = analysis is null ? null : new TypeSize
            {
                Members = analysis.Sizes[group],
                ByDegree = analysis.Memberships.Values.Where(member => member.Type == row.Key).CountBy(member => member.Degree!).OrderBy(degree => degree.Key, StringComparer.Ordinal).ToDictionary(),
            },
            Prototypes = analysis is null ? null : [.. analysis.Prototypes(group).Select(site => Site(analysis, site, group))],
            Contrasts = analysis is null ? null : [.. analysis.Contrasts(group).Select(site => Site(analysis, site, group))],
            AverageSilhouette = Rounded.Of(analysis?.AverageSilhouette(group)),
            Links = new AnchorTypeLinks
            {
                Profile = Addresses.Of(self + "/profile" + query),
                Picture = Addresses.Of(self + "/profile.svg" + query),
                AnchorSites = Addresses.Of(self + "/anchor-sites" + query),
            },
            Self = Addresses.Of(self + query),
            Citation = Addresses.Cite($"{type.Label.De} (Typ der Ankerorte, Typologie Version {row.Typology})", self + query, row.Dated[..4]),
        };
    }

    public static TypeMember Compose(MembershipRow row, TypologyAnalysis analysis)
    {
        // The analysis may lack a site that was written while the list was read. The site then has no numbers.
        var site = analysis.Rows.GetValueOrDefault(row.SiteId, -1);
        var group = site < 0 ? -1 : analysis.Labels[site];
        return new TypeMember
        {
            Site = row.Site,
            Degree = TypologyMapping.Degree(row.Degree),
            SecondaryType = row.SecondaryType,
            Rationale = row.Rationale,
            Confidence = WireEnum.Read<MembershipConfidence>(row.Confidence),
            Typicality = group < 0 ? null : Rounded.Of(analysis.Standings[site].Typicality[group]),
            Silhouette = group < 0 ? null : Rounded.Of(analysis.Silhouettes[site]),
        };
    }

    private static TypeSite Site(TypologyAnalysis analysis, int site, int group)
    {
        var id = analysis.Table.Ids[site];
        var membership = analysis.Memberships[id];
        return new TypeSite { Id = id, Name = membership.Name, Type = membership.Type, Typicality = Rounded.Of(analysis.Standings[site].Typicality[group]), Self = membership.Site.Self };
    }
}
