using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>The type of one site, and the features for and against it.</summary>
internal static class SiteTypes
{
    public static SiteType Make(SqliteConnection connection, TypologyAnalysis analysis, string version, string id)
    {
        var site = analysis.Rows[id];
        var membership = analysis.Memberships.GetValueOrDefault(id);
        var group = analysis.Labels[site];
        var standing = analysis.Standings[site];
        var labels = TypeQueries.Labels(connection, version);
        var order = Enumerable.Range(0, analysis.Keys.Count).OrderByDescending(type => standing.Typicality[type] is { } typicality ? Math.Round(typicality, 12) : double.NegativeInfinity).ThenBy(type => type).ToList();
        var codes = TypeQueries.CodeLabels(connection);
        return new SiteType
        {
            Typology = version,
            Site = new AnchorSiteReferenceRow(id, connection.ExecuteScalar<string>("select name from anchor_sites where id = @id", new { id })!).To<AnchorSiteReference>(),
            Type = membership?.Type,
            Degree = TypologyMapping.Degree(membership?.Degree),
            SecondaryType = membership?.SecondaryType,
            Rationale = membership?.Rationale,
            Confidence = membership is null ? null : WireEnum.Read<MembershipConfidence>(membership.Confidence),
            Coverage = Math.Round(analysis.Table.Coverage(site), 6),
            Typicality = group < 0 ? null : Rounded.Of(standing.Typicality[group]),
            Silhouette = Rounded.Of(analysis.Silhouettes[site]),
            NextType = order.Where(type => type != group && standing.Typicality[type] is not null).Select(type => analysis.Keys[type]).FirstOrDefault(),
            Hybrid = membership?.Degree == "hybrid" || Typicalities.IsHybrid(standing, null),
            Outlier = Typicalities.IsOutlier(standing),
            Standings = [.. order.Select(type => new TypeStanding
            {
                Type = analysis.Keys[type],
                Label = labels[analysis.Keys[type]],
                Distance = Rounded.Of(1 - standing.Typicality[type]),
                Typicality = Rounded.Of(standing.Typicality[type]),
                Membership = Rounded.Of(standing.Membership?[type]),
            })],
            FeaturesFor = group < 0 ? [] : Speaking(analysis, codes, site, group, isFor: true),
            FeaturesAgainst = group < 0 ? [] : Speaking(analysis, codes, site, group, isFor: false),
            Self = Addresses.Of($"/v1/anchor-sites/{id}/type?typology={version}"),
        };
    }

    /// <summary>
    /// For: codes that the site has, and that most sites of its type have more often than all sites. Against: codes that most sites of its
    /// type have but the site lacks, and codes that the site has but its type hardly ever. Unknown dimensions of the site are ignored.
    /// </summary>
    private static List<SpeakingFeature> Speaking(
        TypologyAnalysis analysis, IReadOnlyDictionary<(string, string), LocalizedText> labels, int site, int group, bool isFor)
    {
        var speaking = new List<(CodeFeature Feature, bool Has)>();
        foreach (var feature in analysis.Features[group])
        {
            var column = analysis.Table.Columns.ToList().FindIndex(column => column.Key == feature.Dimension);
            if (!analysis.Table.Coded[column].Known[site])
            {
                continue;
            }

            var has = analysis.Table.Has(column, site, analysis.Table.Coded[column].Codes.ToList().IndexOf(feature.Code));
            var makes = feature.Table.Role is "defining" or "typical" || (feature.Table.Role == "core" && feature.Table.Lift >= 1.1);
            if (isFor ? has && makes : (!has && makes) || (has && feature.Table.Role == "atypical"))
            {
                speaking.Add((feature, has));
            }
        }

        return [.. speaking.OrderByDescending(pair => isFor || !pair.Has ? pair.Feature.Table.Lift : 1 / Math.Max(.01, pair.Feature.Table.Lift ?? 1)).Select(pair => new SpeakingFeature
        {
            Dimension = pair.Feature.Dimension,
            Code = pair.Feature.Code,
            Label = labels.GetValueOrDefault((pair.Feature.Dimension, pair.Feature.Code)),
            Has = pair.Has,
            Share = Rounded.Of(pair.Feature.Table.Share),
            Lift = Rounded.Of(pair.Feature.Table.Lift),
        })];
    }
}
