using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>Evaluates the guide by leave-one-out: for each site, how high its own type is ranked without it.</summary>
internal static class Evaluation
{
    private static readonly double[] Factors = [.8, 1.2];

    private static readonly LocalizedText Caveat = new()
    {
        De = "Die Zahl beweist wenig: Die Entscheidungshilfe fragt nach denselben Merkmalen, aus denen die Typen gebildet sind. Ein hoher "
            + "Wert heißt, dass Entscheidungshilfe und Typologie übereinstimmen. Er heißt nicht, dass der Typ für eine Kommune gut ist. "
            + "Eine einzelne Person hat die Ankerorte zugeordnet. Kleine Typen verlieren am meisten, wenn ein Ankerort fehlt.",
        En = "The number proves little: the guide asks about the same dimensions from which the types were formed. A high rate means that "
            + "guide and typology agree. It does not mean that the type is good for a municipality. A single person assigned the sites. "
            + "Small types lose most when a site is left out.",
    };

    public static GuideEvaluation Make(DecisionModel model)
    {
        var guide = Guide.Shipped;
        var labels = model.Match.Labels;
        var rows = Enumerable.Range(0, labels.Length).Where(row => labels[row] >= 0 && !model.Hybrids.Contains(model.Match.Table.Ids[row])).ToList();
        var weights = guide.Scored.Select(question => question.WeightDefault).ToList();
        var asked = LeaveOneOut.Run(model.Match, weights, rows);
        var sizes = asked.GroupBy(result => result.Group).ToDictionary(group => group.Key, group => group.ToList());
        var (top1, top3) = (Rate(asked, 1), Rate(asked, 3));
        var baselines = Baselines(model, sizes);
        return new GuideEvaluation
        {
            Versions = model.Versions,
            Asked = asked.Count,
            LeftOut = labels.Length - asked.Count,
            Top1 = top1,
            Top3 = top3,
            MeanReciprocalRank = Mrr(asked) ?? 0,
            BeatsBaselines = baselines.All(baseline => top1.Low > baseline.Top1 && top3.Low > baseline.Top3),
            Baselines = baselines,
            Types = [.. model.Types.Select((type, i) => sizes.GetValueOrDefault(i, []) is var of
                ? new TypeEvaluation { Type = type.Key, Asked = of.Count, Top1 = Rate(of, 1), Top3 = Rate(of, 3), MeanReciprocalRank = Mrr(of) } : null!)],
            Confusion = [.. asked.Where(result => result.First >= 0).GroupBy(result => (result.Group, result.First)).OrderBy(cell => cell.Key)
                .Select(cell => new ConfusionCell { Type = model.Types[cell.Key.Group].Key, Ranked = model.Types[cell.Key.First].Key, Count = cell.Count() })],
            Variations = [.. guide.Scored.SelectMany((question, i) => Factors.Select(factor => Vary(model, weights, rows, asked, i, factor)))],
            Caveat = Caveat,
            Self = Addresses.Of("/v1/decision-guide/evaluation"),
        };
    }

    private static WeightVariation Vary(DecisionModel model, List<double> weights, List<int> rows, IReadOnlyList<Asked> usual, int changed, double factor)
    {
        var asked = LeaveOneOut.Run(model.Match, [.. weights.Select((weight, i) => i == changed ? weight * factor : weight)], rows);
        return new WeightVariation
        {
            Question = Guide.Shipped.Scored[changed].Key,
            Factor = factor,
            Top1 = Rate(asked, 1).Rate ?? 0,
            Top3 = Rate(asked, 3).Rate ?? 0,
            MeanReciprocalRank = Mrr(asked) ?? 0,
            SameFirst = Share(asked.Zip(usual).Count(pair => pair.First.First == pair.Second.First), asked.Count) ?? 0,
        };
    }

    private static List<GuideBaseline> Baselines(DecisionModel model, Dictionary<int, List<Asked>> sizes)
    {
        if (sizes.Count == 0)
        {
            return [];
        }

        var majority = HitRates.Majority(sizes.Values.Select(of => of.Count));
        var random = HitRates.Random(model.Types.Count);
        return
        [
            new GuideBaseline { Name = GuideBaselineName.Majority, Top1 = Round(majority.Top1), Top3 = Round(majority.Top3), MeanReciprocalRank = Round(majority.Mrr) },
            new GuideBaseline { Name = GuideBaselineName.Random, Top1 = Round(random.Top1), Top3 = Round(random.Top3), MeanReciprocalRank = Round(random.Mrr) },
        ];
    }

    private static HitRate Rate(IReadOnlyCollection<Asked> asked, int places)
    {
        var hits = HitRates.Within(asked.Select(result => result.Rank), places);
        var interval = HitRates.Wilson(hits, asked.Count);
        return new HitRate { Hits = hits, Of = asked.Count, Rate = Share(hits, asked.Count), Low = Rounded.Of(interval?.Low), High = Rounded.Of(interval?.High) };
    }

    private static double? Mrr(IEnumerable<Asked> asked) => Rounded.Of(HitRates.MeanReciprocalRank([.. asked.Select(result => result.Rank)]));

    private static double? Share(int of, int all) => all == 0 ? null : Round((double)of / all);

    private static double Round(double value) => Math.Round(value, 6);
}
