using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>Checks whether types meet the must-haves. Must-haves do not affect scores.</summary>
internal static class MustHaves
{
    public static MustHaveResult Check(DecisionModel model, int type, MustHave must) => must.Number is { } number ? CheckFigure(model, type, must, number) : CheckCodes(model, type, must);

    private static MustHaveResult CheckFigure(DecisionModel model, int type, MustHave must, double available)
    {
        var need = Guide.Shipped.Requirements.FirstOrDefault(need => need.Type == model.Types[type].Key && need.Requirement == must.Question.Requirement);
        var low = need?.Low ?? need?.High;
        var high = need?.High ?? need?.Low;
        var status = low is null ? MustHaveStatus.Unknown : available >= high ? MustHaveStatus.Met : available >= low ? MustHaveStatus.Conditional : MustHaveStatus.NotMet;
        return new MustHaveResult
        {
            Question = must.Question.Key,
            Status = status,
            Gap = status == MustHaveStatus.NotMet ? Math.Round(low!.Value - available, 6) : null,
            Value = must.Value,
            Low = low,
            High = high,
            Text = Sentences.OfFigure(must, status, available, low, high, need?.Unit),
        };
    }

    private static MustHaveResult CheckCodes(DecisionModel model, int type, MustHave must)
    {
        var column = Guide.Shipped.ScoredIndex(must.Question.Key);
        var known = model.Match.Known(type, column);
        var with = must.Codes.Count == 1 ? model.Match.With(type, column, must.Codes[0]) : model.Match.WithAny(type, column, must.Codes);
        var status = known == 0 ? MustHaveStatus.Unknown : 2 * with >= known ? MustHaveStatus.Met : with > 0 ? MustHaveStatus.Conditional : MustHaveStatus.NotMet;
        return new MustHaveResult
        {
            Question = must.Question.Key,
            Status = status,
            Value = must.Value,
            Share = known == 0 ? null : Rounded.Of((double)with / known),
            Known = known,
            Text = Sentences.OfCodes(model, must, with, known),
        };
    }

    /// <summary>
    /// The smallest relaxation of must-haves with which one type becomes possible: fewest must-haves first, then the smallest step, then
    /// the highest score.
    /// </summary>
    public static NoGoodOption? Relax(IReadOnlyList<(string Type, LocalizedText Label, double Score, IReadOnlyList<MustHaveResult> Results)> types)
    {
        if (types.Count == 0 || types.Any(type => type.Results.All(result => result.Status != MustHaveStatus.NotMet)))
        {
            return null;
        }

        var (key, label, _, results) = types.OrderBy(type => Failed(type.Results).Count())
            .ThenBy(type => Failed(type.Results).Any(result => result.Gap is null) ? 1 : 0)
            .ThenBy(type => Failed(type.Results).Sum(result => result.Gap / Math.Max(1, result.Low ?? 1) ?? 0))
            .ThenByDescending(type => Math.Round(type.Score, 12)).ThenBy(type => type.Type, StringComparer.Ordinal).First();
        var relaxations = Failed(results).Select(result => new Relaxation { Type = key, Question = result.Question, From = result.Value, To = result.Low, Gap = result.Gap }).ToList();
        return new NoGoodOption { Relaxations = relaxations, Text = Sentences.OfRelaxation(label, relaxations) };
    }

    private static IEnumerable<MustHaveResult> Failed(IEnumerable<MustHaveResult> results) => results.Where(result => result.Status == MustHaveStatus.NotMet);
}
