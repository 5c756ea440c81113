namespace AnkerOrte.Api.Analysis;

/// <summary>The new codes of one run of interviews. <paramref name="Ratio"/> is null if the first interviews have no code.</summary>
internal sealed record SaturationStep(int Last, int NewCodes, double? Ratio);

/// <summary>
/// Saturation after G. Guest, E. Namey and M. Chen (PLoS ONE 15(5): e0232076, 2020): number of new codes in a run, divided by the
/// number of codes in the first interviews.
/// </summary>
internal static class SaturationRuns
{
    /// <summary>Computes all runs. Each run starts one interview after the previous one, so they overlap.</summary>
    public static (int BaseCodes, List<SaturationStep> Steps) Of(IReadOnlyList<IReadOnlySet<string>> interviews, int first, int run)
    {
        var seen = new HashSet<string>(interviews.Take(first).SelectMany(codes => codes), StringComparer.Ordinal);
        var (baseCodes, steps) = (seen.Count, new List<SaturationStep>());
        for (var start = first; start + run <= interviews.Count; start++)
        {
            var added = interviews.Skip(start).Take(run).SelectMany(codes => codes).Distinct(StringComparer.Ordinal).Count(code => !seen.Contains(code));
            steps.Add(new(start + run, added, baseCodes == 0 ? null : (double)added / baseCodes));
            seen.UnionWith(interviews[start]);
        }

        return (baseCodes, steps);
    }

    /// <summary>
    /// Number of interviews at the end of the first run at or below the threshold, and at the end of the first run from which on all
    /// runs are at or below it.
    /// </summary>
    public static (int? FirstReached, int? SustainedFrom) Reached(IReadOnlyList<SaturationStep> steps, double threshold)
    {
        bool IsLow(SaturationStep step) => step.Ratio <= threshold + KMedoids.Epsilon;
        return (steps.FirstOrDefault(IsLow)?.Last, steps.Reverse().TakeWhile(IsLow).LastOrDefault()?.Last);
    }

    /// <summary>Medians over random orders of the interviews; null if half of the orders never reach the threshold.</summary>
    public static (double? FirstReached, double? SustainedFrom) Medians(IReadOnlyList<IReadOnlySet<string>> interviews, int first, int run, double threshold, int count, ulong seed)
    {
        var random = new SplitMix64(seed);
        var (reached, sustained) = (new List<double>(), new List<double>());
        for (var i = 0; i < count; i++)
        {
            var order = random.Shuffle(interviews.Count);
            var found = Reached(Of([.. order.Select(at => interviews[at])], first, run).Steps, threshold);
            reached.Add(found.FirstReached ?? double.PositiveInfinity);
            sustained.Add(found.SustainedFrom ?? double.PositiveInfinity);
        }

        return (Median(reached), Median(sustained));
    }

    private static double? Median(List<double> values)
    {
        values.Sort();
        var middle = (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;
        return double.IsFinite(middle) ? middle : null;
    }
}
