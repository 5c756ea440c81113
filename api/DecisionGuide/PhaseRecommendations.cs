using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>The fields of a recommendation that an assessment shows.</summary>
/// <param name="Types">The types that the recommendation applies to; empty: all types.</param>
internal sealed record PhaseRecommendation(
    string Id, LocalizedText Title, GuidePhase Phase, string Strength, IReadOnlyList<string> Types, IReadOnlyList<string> Findings, LocalizedText CommonMistake);

/// <summary>Published recommendations, by phase and type.</summary>
internal sealed class PhaseRecommendations(IReadOnlyList<PhaseRecommendation> all)
{
    private const int Shown = 5;

    private static readonly IReadOnlyList<string> Strengths = ["strong", "conditional", "experience"];

    /// <summary>Recommendations for a phase: those for the type before those for all types, strong ones first.</summary>
    public IReadOnlyList<PhaseRecommendation> For(string type, GuidePhase phase) => [.. Ordered(type).Where(recommendation => recommendation.Phase == phase).Take(Shown)];

    /// <summary>Common mistakes of a phase and of all later phases.</summary>
    public IReadOnlyList<PhaseRecommendation> Mistakes(string type, GuidePhase phase) =>
        [.. Ordered(type).Where(recommendation => recommendation.Phase >= phase).Take(3)];

    private IEnumerable<PhaseRecommendation> Ordered(string type) => all
        .Where(recommendation => recommendation.Types.Count == 0 || recommendation.Types.Contains(type))
        .OrderBy(recommendation => recommendation.Types.Count == 0).ThenBy(recommendation => recommendation.Phase)
        .ThenBy(recommendation => Strengths.ToList().IndexOf(recommendation.Strength)).ThenBy(recommendation => recommendation.Id, StringComparer.Ordinal);

    public static PhaseRecommendations Read(SqliteConnection connection)
    {
        var types = connection.Query<(string Id, string Type)>("select recommendation_id, type from recommendation_types order by recommendation_id, type").ToLookup(row => row.Id, row => row.Type);
        var findings = connection.Query<(string Id, string Finding)>("select recommendation_id, finding_id from recommendation_findings order by recommendation_id, position").ToLookup(row => row.Id, row => row.Finding);
        return new([.. connection.Query<(string Id, string De, string? En, string Phase, string Strength, string MistakeDe, string? MistakeEn)>(
            "select id, title_de, title_en, phase, strength, mistake_de, mistake_en from published_recommendations order by id").Select(row => new PhaseRecommendation(
                row.Id, new LocalizedText { De = row.De, En = row.En }, WireEnum.Read<GuidePhase>(row.Phase), row.Strength, [.. types[row.Id]], [.. findings[row.Id]],
                new LocalizedText { De = row.MistakeDe, En = row.MistakeEn }))]);
    }
}
