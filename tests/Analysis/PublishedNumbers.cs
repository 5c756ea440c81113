using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>A sum of unknowns that a reader sees, or that is hidden from him.</summary>
internal sealed record PublishedSum(string Name, int[] Unknowns, int True, bool Open, bool TableShown);

/// <summary>
/// What a reader of all answers knows about who answered what. The unknowns are how many there are of each combination of groups
/// (and code); combinations that a published zero rules out are none.
/// </summary>
internal sealed class PublishedNumbers
{
    public int Unknowns { get; private init; }

    public int[] True { get; private init; } = [];

    public IReadOnlyList<PublishedSum> Sums { get; private init; } = [];

    /// <summary>One system for a question with one answer; of one with several, one for each code, and one for the groups.</summary>
    public static IEnumerable<PublishedNumbers> Of(SmallSurvey survey)
    {
        var cube = survey.Cube();
        if (survey.Kind == ResultKind.Single)
        {
            yield return new Reader(survey, cube, survey.Codes, (response, code) => response.Chosen![0] == code).Read();
            yield break;
        }

        yield return new Reader(survey, cube, [null], (_, _) => true).Read();
        for (var chosen = 0; chosen < survey.Codes.Length; chosen++)
        {
            var option = chosen;
            yield return new Reader(survey, cube, [survey.Codes[option], null], (response, code) => response.Chosen!.Contains(option) == (code == 0)).Read();
        }
    }

    /// <summary>Sums of a number, which readers know where they see the mean.</summary>
    public static PublishedNumbers Of(SmallSurvey survey, IReadOnlyList<NumberResponse> responses, NumberCube cube)
    {
        var combinations = Combinations(survey);
        var sums = Requests().SelectMany(by =>
        {
            var cells = cube.Answer(by).Cells;
            var axes = by.Select(name => Array.IndexOf(SmallSurvey.Names, name)).ToArray();
            return cells.Select(cell =>
            {
                var of = Enumerable.Range(0, combinations.Count).Where(member => axes.Select(axis => combinations[member][axis]).SequenceEqual(cell.Keys)).ToArray();
                var sum = (int)responses.Where(response => axes.Select(axis => Key(survey, axis, response.Groups[axis])).SequenceEqual(cell.Keys)).Sum(response => response.Value!.Value);
                Assert.True(cell.Mean is null || Math.Abs((cell.Mean.Value * cell.Count!.Value) - sum) < 1e-6);
                return new PublishedSum(string.Join(',', cell.Keys), of, sum, !cell.MeanSuppressed, cells.Any(other => other.Mean is not null));
            });
        });
        return WithoutZeros([.. sums], combinations.Count, _ => 0);
    }

    private static List<string[]> Combinations(SmallSurvey survey) => survey.Breakdowns.Aggregate(new List<string[]> { Array.Empty<string>() }, (found, breakdown) =>
        [.. found.SelectMany(keys => breakdown.Keys.Select(key => (string[])[.. keys, key]))]);

    private static string Key(SmallSurvey survey, int axis, int group) => survey.Breakdowns[axis].Keys[group >= 0 ? group : survey.Breakdowns[axis].Groups.Count];

    private static PublishedNumbers WithoutZeros(PublishedSum[] sums, int unknowns, Func<int, int> trueValue)
    {
        var none = sums.Where(sum => sum is { Open: true, True: 0 }).SelectMany(sum => sum.Unknowns).ToHashSet();
        int[] left = [.. Enumerable.Range(0, unknowns).Where(unknown => !none.Contains(unknown))];
        var place = left.Select((unknown, number) => (unknown, number)).ToDictionary(found => found.unknown, found => found.number);
        return new()
        {
            Unknowns = left.Length,
            True = [.. left.Select(trueValue)],
            Sums = [.. sums.Select(sum => sum with { Unknowns = [.. sum.Unknowns.Where(place.ContainsKey).Select(unknown => place[unknown])] })],
        };
    }

    /// <summary>The same numbers, others of them hidden.</summary>
    public PublishedNumbers With(Func<PublishedSum, bool> open) => new() { Unknowns = Unknowns, True = True, Sums = [.. Sums.Select(sum => sum with { Open = open(sum) })] };

    /// <summary>All eleven answers: the total, four breakdowns, six pairs.</summary>
    public static IEnumerable<string[]> Requests() =>
        [[], .. SmallSurvey.Names.Select(name => new[] { name }), .. SmallSurvey.Names.SelectMany((first, place) => SmallSurvey.Names.Skip(place + 1).Select(second => new[] { first, second }))];

    private sealed class Reader(SmallSurvey survey, ResultCube cube, string?[] codes, Func<ResultResponse, int, bool> gave)
    {
        private readonly ResultResponse[] _answered = [.. survey.Responses.Where(response => response.Chosen is not null)];

        public PublishedNumbers Read()
        {
            var combinations = Combinations(survey);
            return WithoutZeros([.. Requests().SelectMany(by => Sums(by, cube.Answer(by), combinations))], combinations.Count * codes.Length, unknown =>
                Count(SmallSurvey.Names, combinations[unknown / codes.Length], unknown % codes.Length));
        }

        private IEnumerable<PublishedSum> Sums(string[] by, ResultTable table, List<string[]> combinations)
        {
            var axes = by.Select(name => Array.IndexOf(SmallSurvey.Names, name)).ToArray();
            foreach (var group in table.Groups)
            {
                var members = Enumerable.Range(0, combinations.Count).Where(member => axes.Select(axis => combinations[member][axis]).SequenceEqual(group.Keys)).ToArray();
                var size = codes.Select((_, code) => Count(by, group.Keys, code)).Sum();
                var groupsShown = table.Groups.Any(other => other is { Suppressed: false, Count: > 0 });
                Assert.True(group.Suppressed || group.Count == size);
                yield return new($"n({string.Join(',', group.Keys)})", [.. members.SelectMany(member => codes.Select((_, code) => (member * codes.Length) + code))], size, !group.Suppressed, groupsShown);
                foreach (var (name, code) in codes.Select((name, code) => (name, code)))
                {
                    if (name is null)
                    {
                        continue;
                    }

                    var cell = table.Cells.Single(cell => cell.Code == name && cell.Keys.SequenceEqual(group.Keys));
                    var count = Count(by, group.Keys, code);
                    var shown = table.Cells.Any(other => other is { Suppressed: false } && (codes.Length == 2 && codes[1] is null ? other.Code == name : other.Count > 0));
                    Assert.True(cell.Suppressed ? cell is { Count: null, Share: null } : cell.Count == count);
                    yield return new($"{name}({string.Join(',', group.Keys)})", [.. members.Select(member => (member * codes.Length) + code)], count, !cell.Suppressed, shown);
                    if (codes[^1] is null)
                    {
                        // Who did not choose it: known from both numbers.
                        yield return new($"not {name}({string.Join(',', group.Keys)})", [.. members.Select(member => (member * codes.Length) + 1)], size - count, !cell.Suppressed && !group.Suppressed, shown);
                    }
                }
            }
        }

        private int Count(IEnumerable<string> by, IReadOnlyList<string> keys, int code)
        {
            var axes = by.Select(name => Array.IndexOf(SmallSurvey.Names, name)).ToArray();
            return _answered.Count(response => gave(response, code)
                && axes.Select((axis, place) => Key(survey, axis, response.Groups[axis]) == keys[place]).All(same => same));
        }
    }
}
