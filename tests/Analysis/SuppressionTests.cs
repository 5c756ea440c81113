using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

public sealed class SuppressionTests
{
    [Fact]
    public void A_small_cell_is_hidden_with_as_many_others_as_protect_it()
    {
        var found = PublishedHeuristic.Table([[12, 2, 7], [5, 9, 6], [8, 4, 3]], 3);

        Assert.Equal(Expected("suppress.k3"), Written([[12, 2, 7], [5, 9, 6], [8, 4, 3]], found));
        Assert.False(found.MergeCategories);
    }

    [Fact]
    public void A_table_in_which_everything_must_be_hidden_says_that_categories_must_be_merged()
    {
        var found = PublishedHeuristic.Table([[1, 1, 9], [7, 8, 6]], 3);

        Assert.Equal(Expected("suppress.k3.b"), Written([[1, 1, 9], [7, 8, 6]], found));
        Assert.True(found.MergeCategories);
    }

    [Fact]
    public void A_zero_is_shown()
    {
        var found = PublishedHeuristic.Table([[0, 3], [4, 5]], 3);

        Assert.Equal(Expected("suppress.none"), Written([[0, 3], [4, 5]], found));
        Assert.False(found.MergeCategories);
    }

    [Fact]
    public void A_small_cell_that_only_zeros_stand_beside_hides_the_table()
    {
        var found = PublishedHeuristic.Table([[1, 0], [0, 5]], 3);

        Assert.True(found.MergeCategories);
        Assert.DoesNotContain(CellState.Open, found.Cells.SelectMany(row => row));
    }

    [Fact]
    public void Of_equal_neighbours_the_first_is_hidden() =>
        Assert.Equal([CellState.Primary, CellState.Secondary, CellState.Open], PublishedHeuristic.Table([[2, 5, 5], [2, 5, 5]], 3).Cells[0]);

    /// <summary>What the service answers hides all of what the published examples hide for being small, and is never left with one hidden cell in a line.</summary>
    [Theory]
    [InlineData("12,2,7;5,9,6;8,4,3", false)]
    [InlineData("1,1,9;7,8,6", true)]
    [InlineData("0,3;4,5", false)]
    public void The_cube_hides_at_least_what_the_published_examples_hide_for_being_small(string written, bool merges)
    {
        var counts = written.Split(';').Select(row => row.Split(',').Select(int.Parse).ToArray()).ToArray();
        var codes = Enumerable.Range(0, counts[0].Length).Select(code => $"c{code}").ToArray();
        var groups = Enumerable.Range(0, counts.Length).Select(group => $"g{group}").ToArray();
        var responses = counts.SelectMany((row, group) => row.SelectMany((count, code) => Enumerable.Repeat(new ResultResponse([code], [group]), count)));

        var found = ResultCube.Build(codes, new([new Breakdown("state", groups)]), responses, ResultKind.Single, new(3, 3)).Answer("state");

        var least = PublishedHeuristic.Table(counts, 3);
        Assert.Equal(merges, least.MergeCategories);
        var hidden = found.Cells.Where(cell => cell.Suppressed).Select(cell => (Array.IndexOf(groups, cell.Keys[0]), Array.IndexOf(codes, cell.Code))).ToHashSet();
        foreach (var (group, code) in from row in Enumerable.Range(0, counts.Length) from column in Enumerable.Range(0, codes.Length) select (row, column))
        {
            if (least.Cells[group][code] == CellState.Primary)
            {
                Assert.Contains((group, code), hidden);
            }
        }

        Assert.DoesNotContain(hidden.Where(cell => cell.Item1 >= 0).CountBy(cell => cell.Item1), line => line.Value == 1);
        Assert.DoesNotContain(hidden.Where(cell => cell.Item1 >= 0).CountBy(cell => cell.Item2), line => line.Value == 1);
    }

    [Fact]
    public void Of_an_option_that_all_but_a_few_chose_the_count_is_hidden()
    {
        int[] counts = [1, 2, 3, 17, 18, 19, 20, 0];

        var states = PublishedHeuristic.MultiChoice(20, 3, counts);

        var expected = Vectors.Two.GetProperty("multi.supp(N=20,k=3,[1,2,3,17,18,19,20,0])").EnumerateArray().Select(cell => cell.ToString());
        Assert.Equal(expected, counts.Zip(states, Written));
    }

    [Theory]
    [InlineData(3, 100, 85, true)]
    [InlineData(3, 100, 86, false)]
    [InlineData(2, 100, 50, false)]
    public void A_sum_is_shown_if_enough_contribute_and_none_too_much(int n, double sum, double largest, bool shown) =>
        Assert.Equal(shown, Suppression.MayShowSum(n, sum, largest, 3));

    private static string[][] Expected(string name) =>
        [.. Vectors.Two.GetProperty(name).EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.ToString()).ToArray())];

    private static string[][] Written(int[][] counts, SuppressedTable found) =>
        [.. counts.Zip(found.Cells, (row, states) => row.Zip(states, Written).ToArray())];

    private static string Written(int count, CellState state) => state switch
    {
        CellState.Primary => "x",
        CellState.Secondary => "X",
        _ => $"{count}",
    };
}
