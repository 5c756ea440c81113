using System.Text.Json;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.KnowledgeBase;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>A recommendation as far as an assessment shows it.</summary>
/// <param name="Types">Empty: for all.</param>
internal sealed record ShelvedRecommendation(
    string Id, LocalizedText Title, GuidePhase Phase, string Strength, IReadOnlyList<string> Types, IReadOnlyList<string> Findings, LocalizedText? CommonMistake);

/// <summary>Published recommendations, by phase and type.</summary>
internal sealed class RecommendationShelf(IReadOnlyList<ShelvedRecommendation> all)
{
    private const int Shown = 5;

    private static readonly IReadOnlyList<string> Strengths = ["strong", "conditional", "experience"];

    /// <summary>For the phase; what is about the type before what is for all, strong ones first.</summary>
    public IReadOnlyList<ShelvedRecommendation> For(string type, GuidePhase phase) => [.. Ordered(type).Where(recommendation => recommendation.Phase == phase).Take(Shown)];

    /// <summary>Mistakes of the phase and of those that follow.</summary>
    public IReadOnlyList<ShelvedRecommendation> Mistakes(string type, GuidePhase phase) =>
        [.. Ordered(type).Where(recommendation => recommendation.CommonMistake is not null && recommendation.Phase >= phase).Take(3)];

    private IEnumerable<ShelvedRecommendation> Ordered(string type) => all
        .Where(recommendation => recommendation.Types.Count == 0 || recommendation.Types.Contains(type))
        .OrderBy(recommendation => recommendation.Types.Count == 0).ThenBy(recommendation => recommendation.Phase)
        .ThenBy(recommendation => Strengths.ToList().IndexOf(recommendation.Strength)).ThenBy(recommendation => recommendation.Id, StringComparer.Ordinal);

    public static RecommendationShelf Read(SqliteConnection connection)
    {
        _ = connection;
        return new([.. JsonSerializer.Deserialize<List<Shipped>>(Content.Read("recommendations.json"), WireJson.Options)!.Select(shipped => new ShelvedRecommendation(
            shipped.Id, shipped.Title, WireEnum.Read<GuidePhase>(shipped.Phase), shipped.Strength, shipped.Types, shipped.Findings, shipped.CommonMistake))]);
    }

    private sealed record Shipped(string Id, LocalizedText Title, string Phase, IReadOnlyList<string> Types, string Strength, IReadOnlyList<string> Findings, LocalizedText? CommonMistake);
}
