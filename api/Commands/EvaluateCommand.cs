using System.CommandLine;
using System.Globalization;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.KnowledgeBase;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Commands;

/// <summary>`evaluate` measures by leave-one-out how often the decision guide ranks the type of a site first.</summary>
internal static class EvaluateCommand
{
    public static Command Evaluate()
    {
        var command = new Command(
            "evaluate",
            "Evaluate the decision guide by leave-one-out over all sites. "
                + "Exit code 0: better than guessing. 1: not better. 2: the database is empty.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        using var database = CommandLine.OpenDatabase();
        using var snapshot = database.Read();
        if (!ContentLoader.IsLoaded(snapshot.Connection))
        {
            Console.Error.WriteLine("The database is empty. The first start of the service fills it.");
            return 2;
        }

        var evaluation = new DecisionModels().Get(snapshot, TypologyQueries.Current(snapshot.Connection)).Evaluation.Value;
        Print("all", evaluation.Asked, evaluation.Top1, evaluation.Top3, evaluation.MeanReciprocalRank);
        foreach (var type in evaluation.Types)
        {
            Print(type.Type, type.Asked, type.Top1, type.Top3, type.MeanReciprocalRank);
        }

        foreach (var baseline in evaluation.Baselines)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"guess: " + Http.WireEnum.Write(baseline.Name),-20} {"",5}  top 1 {baseline.Top1:0.000} {"",16} top 3 {baseline.Top3:0.000} {"",16} MRR {baseline.MeanReciprocalRank:0.000}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Each weight 20 % lower or higher: top 1 {evaluation.Variations.Min(variation => variation.Top1):0.000} to "
                + $"{evaluation.Variations.Max(variation => variation.Top1):0.000}; at least "
                + $"{evaluation.Variations.Min(variation => variation.SameFirst):P0} of the sites keep their first type"));
        Console.WriteLine(evaluation.Caveat.En);
        return evaluation.BeatsBaselines ? 0 : 1;
    }

    private static void Print(string name, int asked, HitRate top1, HitRate top3, double? mrr) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name,-20} {asked,5}  top 1 {Rate(top1)} top 3 {Rate(top3)} MRR {mrr:0.000}"));

    private static string Rate(HitRate rate) => string.Create(CultureInfo.InvariantCulture, $"{rate.Rate:0.000} ({rate.Low:0.000}–{rate.High:0.000})");
}
