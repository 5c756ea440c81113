using System.Globalization;
using AnkerOrte.Tests.Analysis;

namespace AnkerOrte.Tests.Outside;

/// <summary>Attacks on several releases together, with the linear programs of another program (COIN-OR CBC).</summary>
public sealed class LinearProgramTests
{
    /// <summary>Five made-up surveys; ANKERORTE_LP_SURVEYS=20 takes twenty.</summary>
    public static TheoryData<int> Seeds() =>
        [.. Enumerable.Range(
        1, int.Parse(Environment.GetEnvironmentVariable("ANKERORTE_LP_SURVEYS") ?? "5", CultureInfo.InvariantCulture))];

    [ToolTheory("cbc")]
    [MemberData(nameof(Seeds))]
    public async Task No_small_number_follows_from_several_releases(int seed)
    {
        var survey = SmallSurvey.Random((ulong)seed, largest: 120);
        var hasLeft = seed % 4 < 2;
        var releases = ReleaseReader.Publish(survey, (ulong)seed, count: 2 + (seed % 2), hasLeft);
        var attacked = 0;
        foreach (var reader in ReleaseReader.Of(survey, releases, hasLeft))
        {
            var targets = reader.Targets();
            var (least, most) = (await SolveAsync(reader, targets, maximise: false), await SolveAsync(reader, targets, maximise: true));
            for (var target = 0; target < targets.Count; target++)
            {
                Assert.True(most[target] - least[target] > 0.99,
                    $"{targets[target].Name} = {targets[target].True}: {least[target]:0.###} to {most[target]:0.###}");
                attacked++;
            }
        }

        Assert.NotEqual(0, attacked);
    }

    private static async Task<double[]> SolveAsync(ReleaseReader reader, IReadOnlyList<ReleaseTarget> targets, bool maximise)
    {
        var folder = Directory.CreateTempSubdirectory("ankerorte-lp-");
        try
        {
            var (program, solution) = (Path.Combine(folder.FullName, "p.lp"), Path.Combine(folder.FullName, "p.txt"));
            await File.WriteAllTextAsync(program, reader.Program(targets, maximise));
            (await Tools.RunAsync("cbc", program, "solve", "printingOptions", "normal", "solution", solution)).ShouldSucceed();
            var lines = await File.ReadAllLinesAsync(solution);
            Assert.StartsWith("Optimal", lines[0], StringComparison.Ordinal);
            var values = lines.Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(parts => parts[1].StartsWith('x'))
                .ToDictionary(parts => parts[1], parts => double.Parse(parts[2], CultureInfo.InvariantCulture));
            return [.. targets.Select((target, copy) => Sum(target.Unknowns, copy) - Sum(target.Subtracted, copy))];

            double Sum(int[] unknowns, int copy) =>
                unknowns.Sum(unknown => values.GetValueOrDefault(FormattableString.Invariant($"x{copy}_{unknown}")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
