using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Which number of clusters is suggested, and how records belong to several.</summary>
public sealed class SuggestionTests
{
    [Fact]
    public void The_largest_average_silhouette_wins_among_those_with_large_and_stable_clusters()
    {
        var suggested = Suggestion.Choose(40,
        [
            new(5, .7, [20, 15, 2, 2, 1], .9),
            new(4, .6, [10, 10, 10, 10], .59),
            new(3, .3, [20, 10, 10], .60),
            new(2, .2, [20, 20], .99),
            new(1, null, [40], 1),
        ]);

        Assert.Equal(3, suggested.K);
        Assert.True(suggested.KnowsStability);
        Assert.Equal([(1, [Suggestion.OutOfRange]), (4, [Suggestion.Unstable]), (5, [Suggestion.TooSmall])], suggested.Refusals.Select(refusal => (refusal.K, refusal.Reasons)));
    }

    [Fact]
    public void Of_equal_silhouettes_the_smaller_number_is_suggested() =>
        Assert.Equal(2, Suggestion.Choose(40, [new(3, .3, [20, 10, 10], null), new(2, .3 - 1e-13, [20, 20], null)]).K);

    [Fact]
    public void Of_few_records_nothing_is_suggested()
    {
        var few = Suggestion.Choose(9, [new(2, .9, [5, 4], null)]);

        Assert.Null(few.K);
        Assert.False(few.KnowsStability);
        Assert.Equal([Suggestion.TooFewRecords], few.Refusals[0].Reasons);
        Assert.Null(Suggestion.Choose(0, []).K);
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(14, 2)]
    [InlineData(15, 3)]
    [InlineData(110, 8)]
    public void There_are_five_records_a_cluster_and_no_more_than_eight_clusters(int count, int most) => Assert.Equal(most, Suggestion.DefaultMost(count));

    [Fact]
    public void Of_the_twelve_sites_with_three_types_two_are_suggested_because_there_are_so_few()
    {
        var d = Anker12.Distances;
        var candidates = Enumerable.Range(2, 3).Select(k => KMedoids.Best(d, k, 50, 1)).Select(found => new Candidate(
            found.K, Silhouette.Of(d, found.Labels).Average, found.Sizes, Stability.Bootstrap(d, found, 100, 1).Min(cluster => cluster.Mean))).ToList();

        var suggested = Suggestion.Choose(12, candidates);

        Assert.Equal(2, suggested.K);
        Assert.Equal([(3, [Suggestion.OutOfRange]), (4, [Suggestion.OutOfRange, Suggestion.TooSmall])], suggested.Refusals.Select(refusal => (refusal.K, refusal.Reasons)));
    }

    [Fact]
    public void Records_that_came_together_are_counted_among_the_replicates_that_held_both()
    {
        var together = new CoAssignment(4);

        together.Add([0, 1, 2], [0, 0, 1]);
        together.Add([0, 1], [0, 1]);
        together.Add([1, 2], [0, 0]);

        Assert.Equal(.5, together[0, 1]);
        Assert.Equal(.5, together[1, 0]);
        Assert.Equal(.5, together[2, 1]);
        Assert.Equal(0, together[0, 2]);
        Assert.Equal(1, together[1, 1]);
        Assert.Equal(double.NaN, together[0, 3]);
        Assert.Equal(.25, together.WithGroup(0, [0, 0, 0, 1], 0));
        Assert.Null(together.WithGroup(0, [0, 0, 0, 1], 1));
        Assert.Null(together.WithGroup(3, [0, 0, 0, 1], 0));
    }

    [Fact]
    public void A_hybrid_comes_with_its_own_less_often_than_a_typical_site()
    {
        var d = Anker12.Distances;
        var found = KMedoids.Best(d, 3, 50, 1);

        var together = new CoAssignment(12);
        Stability.Bootstrap(d, found, 100, 1, together);

        var own = Enumerable.Range(0, 12).Select(i => together.WithGroup(i, found.Labels, found.Labels[i])!.Value).ToArray();
        Assert.True(own[11] < own[4], $"H01 {own[11]}, B01 {own[4]}");
        Assert.InRange(together.WithGroup(11, found.Labels, 0)!.Value, .02, own[11]);
    }
}
