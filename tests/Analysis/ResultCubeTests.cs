using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

public sealed class ResultCubeTests
{
    private static readonly Breakdown Cohort = new("cohort", ["first", "second", "third"]);

    [Fact]
    public void Large_numbers_are_shown_with_their_shares_in_the_order_of_codes_and_groups()
    {
        var cube = Cube(ResultKind.Single, 3, [(0, 0, 6), (1, 0, 4), (0, 1, 5), (1, 1, 15), (0, 2, 7), (1, 2, 3), (0, -1, 3), (1, -1, 3)]);

        var found = cube.Answer("cohort");

        Assert.Equal(["first 10", "second 20", "third 10", "unknown 6"], found.Groups.Select(group => $"{group.Keys[0]} {group.Count}"));
        Assert.Equal(
            ["yes first 6 0.6", "no first 4 0.4", "yes second 5 0.25", "no second 15 0.75", "yes third 7 0.7", "no third 3 0.3", "yes unknown 3 0.5", "no unknown 3 0.5"],
            found.Cells.Select(cell => FormattableString.Invariant($"{cell.Code} {cell.Keys[0]} {cell.Count} {cell.Share}")));
        Assert.False(found.MergeCategories);
    }

    [Fact]
    public void A_small_number_takes_its_neighbours_along_so_that_no_difference_reveals_it()
    {
        var cube = Cube(ResultKind.Single, 3, [(0, 0, 2), (1, 0, 8), (0, 1, 5), (1, 1, 15), (0, 2, 9), (1, 2, 12)]);

        Assert.Equal([16, 35], cube.Answer().Cells.Select(cell => cell.Count));
        Assert.Equal([null, null, null, null, 9, 12, 0, 0], cube.Answer("cohort").Cells.Select(cell => cell.Count));
        Assert.Equal([10, 20, 21, 0], cube.Answer("cohort").Groups.Select(group => group.Count));
    }

    [Fact]
    public void A_small_group_is_hidden_as_a_whole_together_with_another_one()
    {
        var cube = Cube(ResultKind.Single, 3, [(0, 0, 1), (1, 0, 1), (0, 1, 5), (1, 1, 6), (0, 2, 9), (1, 2, 12)]);

        var found = cube.Answer("cohort");

        Assert.Equal([null, null, 21, 0], found.Groups.Select(group => group.Count));
        Assert.Equal([null, null, null, null, 9, 12, 0, 0], found.Cells.Select(cell => cell.Count));
        Assert.All(found.Cells.Where(cell => cell.Suppressed), cell => Assert.Null(cell.Share));
    }

    [Fact]
    public void Of_several_answers_those_that_all_but_a_few_gave_are_hidden()
    {
        int[] counts = [1, 2, 3, 17, 18, 19, 20, 0];
        var responses = Enumerable.Range(0, 20).Select(person => new ResultResponse([.. Enumerable.Range(0, 8).Where(code => person < counts[code])], []));

        var found = ResultCube.Build(["a", "b", "c", "d", "e", "f", "g", "h"], new([]), responses, ResultKind.Multi, new(3, 3)).Answer();

        Assert.Equal([null, null, 3, 17, null, null, 20, 0], found.Cells.Select(cell => cell.Count));
    }

    /// <summary>Two hidden groups of two responses each: of four respondents enough to hide each other, of the same two not.</summary>
    [Theory]
    [InlineData(true, 10)]
    [InlineData(false, null)]
    public void Hidden_numbers_of_the_same_respondents_do_not_hide_each_other(bool differ, int? third)
    {
        var responses = Enumerable.Range(0, 14).Select(number => new ResultResponse(
            [number % 2], [number < 2 ? 0 : number < 4 ? 1 : 2], differ || number is < 2 or > 3 ? number : number - 2));

        var cube = ResultCube.Build(["yes", "no"], new([Cohort]), responses, ResultKind.Single, new(3, 3));

        Assert.Equal(14, cube.Answer().Groups[0].Count);
        Assert.Equal([null, null, third], cube.Answer("cohort").Groups.Take(3).Select(group => group.Count));
    }

    [Fact]
    public void Fewer_answers_than_the_minimum_show_nothing()
    {
        var cube = Cube(ResultKind.Single, 3, [(0, 0, 2)]);

        Assert.All(new[] { cube.Answer(), cube.Answer("cohort") }, found =>
        {
            Assert.All(found.Groups, group => Assert.True(group is { Suppressed: true, Count: null }));
            Assert.All(found.Cells, cell => Assert.True(cell is { Suppressed: true, Count: null, Share: null }));
            Assert.True(found.MergeCategories);
        });
    }

    [Fact]
    public void No_answers_are_none_not_hidden_ones()
    {
        var found = Cube(ResultKind.Single, 3, []).Answer();

        Assert.Equal(0, found.Groups[0].Count);
        Assert.All(found.Cells, cell => Assert.True(cell is { Suppressed: false, Count: 0, Share: null }));
    }

    [Fact]
    public void Missing_answers_do_not_count()
    {
        var responses = Enumerable.Range(0, 12).Select(person => new ResultResponse(person < 4 ? null : [person % 2], [0]));

        Assert.Equal(8, ResultCube.Build(["yes", "no"], new([Cohort]), responses, ResultKind.Single, new(3, 3)).Answer().Groups[0].Count);
    }

    [Fact]
    public void That_nobody_or_everybody_gave_a_sensitive_answer_is_hidden()
    {
        (int, int, int)[] given = [(0, 0, 12), (0, 1, 6), (1, 1, 7), (0, 2, 8), (1, 2, 9)];

        Assert.Equal([12, 0], Cube(ResultKind.Single, 3, given).Answer("cohort").Cells.Take(2).Select(cell => cell.Count));
        Assert.Equal([null, null], Cube(ResultKind.Single, 3, given, zeroSensitive: true).Answer("cohort").Cells.Take(2).Select(cell => cell.Count));
    }

    [Fact]
    public void The_order_of_responses_changes_nothing()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var survey = SmallSurvey.Random(seed);
            var random = new SplitMix64(seed);
            var shuffled = survey with { Responses = [.. survey.Responses.OrderBy(_ => random.Next())] };

            Assert.Equal(Written(survey.Cube()), Written(shuffled.Cube()));
        }
    }

    [Fact]
    public void A_pair_of_breakdowns_hides_the_same_in_both_orders()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var cube = SmallSurvey.Random(seed).Cube();
            foreach (var by in PublishedNumbers.Requests().Where(by => by.Length == 2))
            {
                var turned = cube.Answer(by[1], by[0]).Cells.ToDictionary(cell => (cell.Code, cell.Keys[1], cell.Keys[0]));

                Assert.All(cube.Answer(by).Cells, cell => Assert.Equal((cell.Count, cell.Suppressed), (turned[(cell.Code, cell.Keys[0], cell.Keys[1])].Count, turned[(cell.Code, cell.Keys[0], cell.Keys[1])].Suppressed)));
            }
        }
    }

    [Theory]
    [InlineData("cohort", "cohort")]
    [InlineData("county")]
    public void Other_breakdowns_than_the_fixed_ones_are_refused(params string[] by) =>
        Assert.Throws<ArgumentException>(() => Cube(ResultKind.Single, 3, [(0, 0, 9)]).Answer(by));

    [Fact]
    public void Ten_thousand_answers_leave_most_of_what_matters_to_be_seen()
    {
        var random = new SplitMix64(7);
        Breakdown[] breakdowns = [new("state", [.. Enumerable.Range(0, 16).Select(state => $"s{state:00}")]), new("populationClass", [.. Enumerable.Range(0, 7).Select(size => $"p{size}")])];
        var responses = Enumerable.Range(0, 10_000).Select(_ => new ResultResponse([Uneven(16)], [Uneven(16), Uneven(7)])).ToArray();

        var cube = ResultCube.Build(
            [.. Enumerable.Range(0, 16).Select(code => $"c{code:00}")], new(breakdowns), responses, ResultKind.Single, new(3, 3));

        Assert.All(cube.Answer().Cells, cell => Assert.False(cell.Suppressed));
        Assert.All(new[] { "state", "populationClass" }, name => Assert.True(Hidden(cube.Answer(name)) < 0.05));
        Assert.True(Hidden(cube.Answer("state", "populationClass")) < 0.3);

        int Uneven(int size) => Math.Min(random.Below(size), random.Below(size));
        static double Hidden(ResultTable found) =>
            1 - (found.Cells.Sum(cell => cell.Count ?? 0) / 10_000.0);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1000)]
    [InlineData(2000)]
    [InlineData(10000)]
    public void Totals_and_tables_without_small_numbers_are_shown_at_every_size(int size)
    {
        var random = new SplitMix64(5);
        int[] states = [1103, 2056, 1, 413, 4, 1, 421, 726, 941, 396, 2301, 52, 418, 218, 1106, 605];
        var keys = new CubeKeys(
        [
            new("state", [.. states.Select((_, state) => $"s{state}")]), new("populationClass", ["large", "medium", "small", "rural"]),
                Cohort,
            new("type", ["a", "b", "c"]),
        ]);
        // As municipalities are: states of very different size, few in a project, and no site named.
        var members = Enumerable.Range(0, size).Select(_ => new[]
        {
            Draw(states), Draw([80, 620, 2100, 8180]), random.Below(150) == 0 ? random.Below(3) : -1, -1,
        }).ToArray();
        foreach (var (codes, minimums) in new[] { (5, new Minimums(3, 5)), (4, new Minimums(5, 5, ZeroSensitive: true)) })
        {
            var responses = members.Select(groups => new ResultResponse([Math.Min(random.Below(codes), random.Below(codes))], groups))
                .ToList();
            var cube = ResultCube.Build(
                [.. Enumerable.Range(0, codes).Select(code => $"c{code}")], keys, responses, ResultKind.Single, minimums);

            Assert.All(cube.Answer().Cells, cell => Assert.False(cell.Suppressed));
            foreach (var name in new[] { "populationClass", "type" })
            {
                var counts = cube.Answer(name);
                var axis = name == "type" ? 3 : 1;
                var isSmall = counts.Cells.Any(
                    cell => responses.Count(
                    response => response.Chosen![0] == int.Parse(cell.Code[1..], System.Globalization.CultureInfo.InvariantCulture)
                    && keys.Breakdowns[axis].Keys[response.Groups[axis] < 0 ? ^1 : response.Groups[axis]] == cell.Keys[0]) is > 0 and < 5);
                Assert.True(isSmall || counts.Cells.Where((cell, place) => counts.Groups[place / codes].Count > 0)
                    .All(cell => !cell.Suppressed), $"{size} {name}");
            }
        }

        int Draw(int[] weights)
        {
            var left = random.Below(weights.Sum());
            return Enumerable.Range(0, weights.Length).First(place => (left -= weights[place]) < 0);
        }
    }

    private static ResultCube Cube(ResultKind kind, int k, (int Code, int Group, int Count)[] given, bool zeroSensitive = false) =>
        ResultCube.Build(
            ["yes", "no"], new([Cohort]),
            given.SelectMany(found => Enumerable.Repeat(new ResultResponse([found.Code], [found.Group]), found.Count)), kind,
            new(k, k, zeroSensitive));

    private static string Written(ResultCube cube) => JsonSerializer.Serialize(PublishedNumbers.Requests().Select(by => cube.Answer(by)));
}
