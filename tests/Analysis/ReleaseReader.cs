using System.Globalization;
using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>One of several releases of a made-up survey.</summary>
/// <param name="Counted">Whether it counts each response.</param>
internal sealed record SurveyRelease(ResultCube Cube, bool[] Counted);

/// <summary>A number of interest: the sum of some unknowns, less others.</summary>
internal sealed record ReleaseTarget(string Name, int[] Unknowns, int[] Subtracted, int True);

/// <summary>
/// What a reader of several releases knows, as linear programs. The unknowns are the numbers of people by combination of groups,
/// code, and the releases that count them; every published number is an equation. A number that is protected must have a range.
/// </summary>
/// <param name="codes">The codes of the question; null: any other one.</param>
/// <param name="hasLeft">Whether responses of a release are missing in a later one.</param>
internal sealed class ReleaseReader(
    SmallSurvey survey, IReadOnlyList<SurveyRelease> releases, string?[] codes, bool hasLeft, Func<ResultResponse, int, bool> gave)
{
    private readonly List<string[]> combinations = [.. survey.Breakdowns.Aggregate(
        new List<string[]> { Array.Empty<string>() }, (found, breakdown) =>
        [.. found.SelectMany(keys => breakdown.Keys.Select(key => (string[])[.. keys, key]))])];

    /// <summary>
    /// The sets of releases that may count somebody: bit 0 is the first release. If nobody left, readers know that as well.
    /// </summary>
    private readonly int[] patterns = [.. Enumerable.Range(1, (1 << releases.Count) - 1)
        .Where(pattern => hasLeft || ((pattern | (pattern - 1)) == (1 << releases.Count) - 1))];

    /// <summary>For a question with one answer one reader; for one with several, one for each code.</summary>
    public static IEnumerable<ReleaseReader> Of(SmallSurvey survey, IReadOnlyList<SurveyRelease> releases, bool hasLeft) =>
        survey.Kind == ResultKind.Single
        ? [new(survey, releases, survey.Codes, hasLeft, (response, code) => response.Chosen![0] == code)]
        : survey.Codes.Select(
            (name, option) =>
            new ReleaseReader(
            survey, releases, [name, null], hasLeft, (response, code) => response.Chosen!.Contains(option) == (code == 0)));

    /// <summary>Releases of a made-up survey: responses arrive in waves, and some leave.</summary>
    public static List<SurveyRelease> Publish(SmallSurvey survey, ulong seed, int count, bool leaving)
    {
        var random = new SplitMix64(seed);
        var waves = survey.Responses.Select(_ => random.Below(3) == 0 ? 1 + random.Below(count - 1) : 0).ToArray();
        var left = survey.Responses.Select((_, response) => leaving && waves[response] == 0 && random.Below(12) == 0).ToArray();
        var releases = new List<SurveyRelease>();
        for (var number = 0; number < count; number++)
        {
            bool[] counted = [.. waves.Select((wave, response) => wave <= number && !(left[response] && number > 0))];
            int[] places = [.. Enumerable.Range(0, counted.Length).Where(response => counted[response])];
            var cube = ResultCube.Build(
                survey.Codes,
                new(survey.Breakdowns),
                places.Select(response => survey.Responses[response]),
                survey.Kind,
                new(survey.K, survey.K),
                [.. releases.Select(earlier => new Earlier<ResultCube>(
                    earlier.Cube,
                    [.. places.Select(response => !earlier.Counted[response])],
                    earlier.Counted.Where((was, response) => was && !counted[response]).Any()))]);
            releases.Add(new(cube, counted));
        }

        return releases;
    }

    /// <summary>Small numbers to protect: those that a release suppresses, and differences between two releases.</summary>
    public IReadOnlyList<ReleaseTarget> Targets()
    {
        var targets = new List<ReleaseTarget>();
        foreach (var (by, group, part, members) in Cells())
        {
            var cell = $"{(part < 0 ? "n" : codes[part] ?? "others")}({string.Join(',', group)})";
            int[] counts = [.. releases.Select(release => Count(by, group, part, response => release.Counted[response]))];
            int[][] unknowns = [.. releases.Select((_, number) => Unknowns(members, part, pattern => Has(pattern, number)))];
            for (var number = 0; number < releases.Count; number++)
            {
                if (Suppression.IsSmall(counts[number], survey.K))
                {
                    targets.Add(new($"release {number + 1}: {cell}", unknowns[number], [], counts[number]));
                }

                for (var earlier = 0; earlier < number; earlier++)
                {
                    if (Suppression.IsSmall(Math.Abs(counts[number] - counts[earlier]), EarlierCube.Minimum))
                    {
                        targets.Add(new(
                            $"release {number + 1} against {earlier + 1}: {cell}",
                            [.. unknowns[number].Except(unknowns[earlier])],
                            [.. unknowns[earlier].Except(unknowns[number])],
                            counts[number] - counts[earlier]));
                    }
                }
            }
        }

        return targets;
    }

    /// <summary>A linear program in CPLEX format with an independent copy of all unknowns for each target.</summary>
    public string Program(IReadOnlyList<ReleaseTarget> targets, bool maximise)
    {
        var equations = Equations().ToList();
        var zero = equations.Where(equation => equation.Value == 0).SelectMany(equation => equation.Unknowns).ToHashSet();
        var text = new System.Text.StringBuilder(maximise ? "Maximize\n obj:" : "Minimize\n obj:");
        for (var copy = 0; copy < targets.Count; copy++)
        {
            Write(targets[copy].Unknowns, copy);
            Write(targets[copy].Subtracted, copy, "-");
        }

        text.Append("\nSubject To\n");
        for (var copy = 0; copy < targets.Count; copy++)
        {
            foreach (var (unknowns, value) in equations.Where(equation => equation.Value > 0))
            {
                Write(unknowns, copy);
                text.Append(CultureInfo.InvariantCulture, $" = {value}\n");
            }

            // What nothing limits would make the program unbounded.
            Write([.. targets[copy].Unknowns, .. targets[copy].Subtracted], copy);
            text.Append(" <= 1000\n");
        }

        return text.Append("End\n").ToString();

        void Write(int[] unknowns, int copy, string sign = "+")
        {
            var written = 0;
            foreach (var unknown in unknowns.Where(unknown => !zero.Contains(unknown)))
            {
                text.Append(CultureInfo.InvariantCulture, $" {sign} x{copy}_{unknown}");
                text.Append(++written % 20 == 0 ? "\n" : "");
            }

            // An empty sum is nothing that the format can say.
            text.Append(written == 0 ? FormattableString.Invariant($" + 0 none{copy}") : "");
        }
    }

    private IEnumerable<(int[] Unknowns, int Value)> Equations()
    {
        for (var number = 0; number < releases.Count; number++)
        {
            var release = number;
            foreach (var by in PublishedNumbers.Requests())
            {
                var table = releases[number].Cube.Answer(by);
                foreach (var group in table.Groups)
                {
                    var members = Members(by, group.Keys);
                    if (group.Count is { } size)
                    {
                        yield return (Unknowns(members, -1, pattern => Has(pattern, release)), size);
                    }

                    foreach (var (part, cell) in codes.Select(
                        (code, part) =>
                        (part, table.Cells.SingleOrDefault(cell => cell.Code == code && cell.Keys.SequenceEqual(group.Keys)))))
                    {
                        if (cell?.Count is { } count)
                        {
                            yield return (Unknowns(members, part, pattern => Has(pattern, release)), count);
                        }
                    }
                }
            }
        }
    }

    private IEnumerable<(string[] By, IReadOnlyList<string> Group, int Part, int[] Members)> Cells() =>
        from asked in PublishedNumbers.Requests()
        from @group in releases[0].Cube.Answer(asked).Groups
        from part in Enumerable.Range(-1, codes.Length + 1)
        select (asked, @group.Keys, part, Members(asked, @group.Keys));

    private int[] Members(string[] by, IReadOnlyList<string> keys)
    {
        var axes = by.Select(name => Array.IndexOf(SmallSurvey.Names, name)).ToArray();
        return [.. Enumerable.Range(0, combinations.Count)
            .Where(member => axes.Select(axis => combinations[member][axis]).SequenceEqual(keys))];
    }

    /// <param name="part">-1: all codes.</param>
    private int[] Unknowns(int[] members, int part, Func<int, bool> counts) =>
    [
        .. from member in members
           from code in part < 0 ? Enumerable.Range(0, codes.Length) : [part]
           from pattern in patterns
           where counts(pattern)
           select (((member * codes.Length) + code) * (1 << releases.Count)) + pattern,
    ];

    private int Count(string[] by, IReadOnlyList<string> keys, int part, Func<int, bool> isCounted)
    {
        var axes = by.Select(name => Array.IndexOf(SmallSurvey.Names, name)).ToArray();
        return survey.Responses.Where(
            (response, number) => response.Chosen is not null && isCounted(number) && (part < 0 || gave(response, part))
            && axes.Select(
                axis => survey.Breakdowns[axis].Keys[response.Groups[axis] >= 0 ? response.Groups[axis]
                : survey.Breakdowns[axis].Groups.Count]).SequenceEqual(keys)).Count();
    }

    private static bool Has(int pattern, int release) => (pattern & (1 << release)) != 0;
}
