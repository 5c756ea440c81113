using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

public sealed class NumberCubeTests
{
    private static readonly Breakdown Cohort = new("cohort", ["first", "second", "third"]);

    [Fact]
    public void Means_of_enough_answers_are_shown()
    {
        var cube = Cube([10, 20, 30], [5, 5, 8], [1, 2, 3]);

        Assert.Equal(9, cube.Answer().Cells[0].Count);
        Assert.Equal(84.0 / 9, cube.Answer().Cells[0].Mean!.Value, 9);
        Assert.Equal([20, 6, 2, null], Means(cube));
    }

    [Fact]
    public void A_mean_that_one_answer_makes_up_is_hidden_with_another_one()
    {
        var cube = Cube([1, 1, 98], [20, 30, 25], [40, 50, 45, 60], [70, 75, 80]);

        Assert.Equal([null, null, 48.75, 75], Means(cube));
        Assert.Equal([3, 3, 4, 3], cube.Answer("cohort").Cells.Select(cell => cell.Count));
    }

    [Fact]
    public void Two_hidden_means_that_one_answer_makes_up_together_take_a_third_one_along()
    {
        var cube = Cube([1, 1, 980], [2, 3, 2], [400, 500, 450, 600], [700, 750, 800, 850]);

        Assert.Equal([null, null, null, 775], Means(cube));
    }

    [Fact]
    public void A_group_of_too_few_is_hidden_with_its_number()
    {
        var cube = Cube([10, 20], [5, 5, 8], [1, 2, 3, 4]);

        Assert.Equal([null, null, 4, 0], cube.Answer("cohort").Cells.Select(cell => cell.Count));
        Assert.Equal([null, null, 2.5, null], Means(cube));
    }

    [Fact]
    public void Missing_numbers_do_not_count() => Assert.Equal(3, NumberCube.Build(
        new([Cohort]), [.. new double?[] { 1, null, 2, 3 }.Select(value => new NumberResponse(value, [0]))], new(3, 3))
            .Answer().Cells[0].Count);

    [Fact]
    public void No_hidden_mean_follows_from_all_published_ones()
    {
        var attacked = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var survey = SmallSurvey.Random(seed);
            var random = new SplitMix64(seed);
            var responses = survey.Responses.Select(response => new NumberResponse(1 + random.Below(random.Below(4) == 0 ? 100 : 8), response.Groups)).ToArray();
            var numbers = PublishedNumbers.Of(
                survey, responses, NumberCube.Build(new(survey.Breakdowns), responses, new(survey.K, survey.K)));
            var reader = new Elimination(numbers);
            foreach (var hidden in numbers.Sums.Where(sum => sum is { Open: false, True: > 0, TableShown: true }))
            {
                Assert.False(reader.Determines(hidden), $"{hidden.Name} = {hidden.True} follows");
                attacked++;
            }
        }

        Assert.True(attacked > 1000);
    }

    /// <param name="groups">Answers of the first group, the second, the third, and of unknown ones.</param>
    private static NumberCube Cube(params double[][] groups) => NumberCube.Build(
        new([Cohort]), groups.SelectMany((values, group) => values.Select(value => new NumberResponse(value, [group < 3 ? group : -1]))),
            new(3, 3));

    private static IEnumerable<double?> Means(NumberCube cube) =>
        cube.Answer("cohort").Cells.Select(cell => cell.Mean is { } mean ? Math.Round(mean, 9) : (double?)null);
}
