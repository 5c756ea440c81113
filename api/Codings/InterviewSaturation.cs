using System.Globalization;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Codings;

/// <summary>Saturation of the coded interviews in the order of their dates.</summary>
internal static class InterviewSaturation
{
    private const int Permutations = 200;
    private const int Seed = 1;

    public static Saturation Of(IReadOnlyList<(string Conversation, string? Code)> coded, int first, int run, double threshold)
    {
        var interviews = coded.GroupBy(row => row.Conversation).ToList();
        var sets = interviews.Select(IReadOnlySet<string> (interview) => interview.Select(row => row.Code).OfType<string>().ToHashSet(StringComparer.Ordinal)).ToList();
        var (baseCodes, steps) = SaturationRuns.Of(sets, first, run);
        var (reached, sustained) = SaturationRuns.Reached(steps, threshold);
        var needed = Math.Max(4, first + run);
        var isAssessable = sets.Count >= needed && baseCodes > 0;
        var medians = isAssessable ? SaturationRuns.Medians(sets, first, run, threshold, Permutations, Seed) : default;
        return new()
        {
            Interviews = [.. interviews.Select(interview => interview.Key)],
            Base = first,
            Run = run,
            Threshold = threshold,
            BaseCodes = baseCodes,
            Runs = [.. steps.Select(step => new SaturationRunResult { Last = step.Last, NewCodes = step.NewCodes, Ratio = step.Ratio })],
            FirstReached = isAssessable ? reached : null,
            SustainedFrom = isAssessable ? sustained : null,
            Permutations = new() { Count = isAssessable ? Permutations : 0, Seed = Seed, FirstReached = medians.FirstReached, SustainedFrom = medians.SustainedFrom },
            Assessable = isAssessable,
            Reason = isAssessable ? null : sets.Count < needed
                ? new()
                {
                    De = string.Create(
                        CultureInfo.InvariantCulture,
                        $"Die Sättigung ist nicht beurteilbar. Es gibt {sets.Count} codierte Interviews, nötig sind {needed}."),
                    En = string.Create(
                        CultureInfo.InvariantCulture,
                        $"Saturation cannot be assessed. There are {sets.Count} coded interviews, {needed} are needed."),
                }
                : new()
                {
                    De = "Die Sättigung ist nicht beurteilbar. Die ersten Interviews haben keinen Code.",
                    En = "Saturation cannot be assessed. The first interviews have no code.",
                },
        };
    }
}
