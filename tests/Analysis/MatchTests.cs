using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>The match of a question to groups, held against numbers that were computed elsewhere.</summary>
public sealed class MatchTests
{
    private static readonly string[] Types = ["A", "B", "C"];
    private static readonly double[] Weights = [.30, .20, .15, .10, .15, .10];

    private static readonly DataValue?[] Query =
    [
        new DataValue.Multi(["kompetenz", "begegnung"]), new DataValue.Multi(["jugend", "buerger"]), new DataValue.Multi(["workshop"]),
        new DataValue.Nominal("kommune"), new DataValue.Ordinal(3), null,
    ];

    /// <summary>Numbers are not matched: the last column goes.</summary>
    private static DataTable WithoutNumbers => DataTable.Create(
        [.. Anker12.Columns.Take(5)], Anker12.Rows.Select(row => row with { Values = row.Values.Where(value => value.Key != "flaeche").ToDictionary() }));

    private static readonly MatchModel Model = MatchModel.Of(WithoutNumbers, Anker12.Curated, 3);

    private static double?[] Fits(int group) => [.. Query.Select((value, column) => value is null ? (double?)null : Model.Fit(group, column, value))];

    private static double[] Answered(int group) => [.. Fits(group).Take(5).Select(fit => fit!.Value)];

    private static double[] NormalWeights => [.. Weights.Take(5).Select(weight => weight / .9)];

    private static double[] Gaps => [.. Answered(1).Zip(Answered(0), (b, a) => b - a)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Scores_are_those_of_the_vectors(int group)
    {
        var expected = Vectors.Two.GetProperty("match." + Types[group]);

        var match = WeightedMatch.Score(Weights, Fits(group));

        Assert.Equal(expected.GetProperty("score").GetDouble(), match.Score, 6);
        Assert.Equal(expected.GetProperty("coverage").GetDouble(), match.Coverage, 9);
        Assert.Equal(expected.GetProperty("interval")[0].GetDouble(), match.Low, 4);
        Assert.Equal(expected.GetProperty("interval")[1].GetDouble(), match.High, 4);
        Assert.All(expected.GetProperty("contrib").EnumerateObject().Zip(Answered(group)), pair => Assert.Equal(pair.First.Value.GetDouble(), pair.Second, 4));
        Assert.Equal(match.Score, match.Contributions.Sum(), 12);
    }

    [Fact]
    public void Smallest_changes_are_those_of_the_vectors()
    {
        Assert.Equal(Vectors.Two.GetProperty("sens.gap").GetDouble(), Sensitivity.Lead(NormalWeights, Gaps), 6);
        Assert.Equal(Vectors.Two.GetProperty("sens.minL2").GetDouble(), Sensitivity.SmallestShift(NormalWeights, Gaps)!.Value, 6);
        var flips = Vectors.Two.GetProperty("sens.flip");
        for (var criterion = 0; criterion < 5; criterion++)
        {
            var expected = flips.GetProperty(Anker12.Columns[criterion].Key);
            Assert.Equal(expected.GetProperty("w").GetDouble(), NormalWeights[criterion], 4);
            Assert.Equal(expected.GetProperty("g").GetDouble(), Gaps[criterion], 4);
            var flip = Sensitivity.Flip(NormalWeights, Gaps, criterion);
            if (Anker12.Columns[criterion].Key == "zielgruppen")
            {
                // Both fit alike; the vector's change would give all weight to a question that separates nothing.
                Assert.Null(flip);
                continue;
            }

            Assert.Equal(expected.GetProperty("delta").GetDouble(), flip!.Value, 4);
            double[] changed =
            [
                .. NormalWeights.Select((weight, i) =>
                    i == criterion ? weight + flip.Value : weight * (1 - NormalWeights[criterion] - flip.Value) / (1 - NormalWeights[criterion])),
            ];
            Assert.Equal(0, Sensitivity.Lead(changed, Gaps), 12);
            Assert.Equal(1, changed.Sum(), 12);
        }
    }

    [Theory]
    [InlineData("smaa.kappa10", 10)]
    [InlineData("smaa.kappa30", 30)]
    [InlineData("smaa.kappa100", 100)]
    public void Shares_of_weightings_are_those_of_the_vectors(string vector, double concentration)
    {
        var shares = RankShares.Draw(NormalWeights, [Answered(0), Answered(1), Answered(2)], concentration, 10_000, 2024);

        for (var group = 0; group < 3; group++)
        {
            Assert.All(Vectors.Two.GetProperty(vector).GetProperty(Types[group]).EnumerateArray().Zip(shares[group]), pair => Assert.InRange(pair.Second, pair.First.GetDouble() - .02, pair.First.GetDouble() + .02));
        }

        Assert.Equal(shares.SelectMany(ranks => ranks), RankShares.Draw(NormalWeights, [Answered(0), Answered(1), Answered(2)], concentration, 10_000, 2024).SelectMany(ranks => ranks));
    }

    [Theory]
    [InlineData(.2)]
    [InlineData(1)]
    [InlineData(7.5)]
    public void Gamma_has_mean_and_variance_of_its_shape(double shape)
    {
        var random = new SplitMix64(7);
        var drawn = Enumerable.Range(0, 100_000).Select(_ => RankShares.Gamma(random, shape)).ToList();

        var mean = drawn.Average();
        Assert.InRange(mean, shape - .03 * Math.Max(1, shape), shape + .03 * Math.Max(1, shape));
        Assert.InRange(drawn.Average(value => (value - mean) * (value - mean)) / shape, .95, 1.05);
    }

    [Fact]
    public void A_further_alternative_never_reorders_the_others()
    {
        var random = new SplitMix64(11);
        for (var trial = 0; trial < 500; trial++)
        {
            var criteria = 1 + random.Below(8);
            var weights = Enumerable.Range(0, criteria).Select(_ => .01 + random.Unit()).ToList();
            var fits = Enumerable.Range(0, 2 + random.Below(8)).Select(_ => Enumerable.Range(0, criteria).Select(_ => (double?)random.Unit()).ToArray()).ToList();
            var before = WeightedMatch.Order([.. fits.Select(fit => WeightedMatch.Score(weights, fit).Score)]);

            // Dominated by the first, as in the example that reorders under methods of distances to an ideal.
            fits.Add([.. fits[0].Select(fit => fit * random.Unit())]);

            Assert.Equal(before, WeightedMatch.Order([.. fits.Select(fit => WeightedMatch.Score(weights, fit).Score)]).Where(i => i < fits.Count - 1));
        }

        var reversal = new double?[][] { [.9, .6], [.6, .8], [.6, .2] }.Select(fit => WeightedMatch.Score([.5, .5], fit).Score).ToList();
        Assert.Equal(Vectors.Two.GetProperty("topsis.rankreversal")[3].EnumerateObject().Select(score => score.Value.GetDouble()), reversal.Select(score => Math.Round(score, 6)));
    }

    [Fact]
    public void The_nearest_records_are_those_of_the_vectors()
    {
        var (distance, coverage) = QueryDistances.From(Anker12.Table, Query);

        var nearest = Enumerable.Range(0, 12).OrderBy(row => distance[row]).Take(4).ToList();
        Assert.All(Vectors.Two.GetProperty("nearest.Q").EnumerateArray().Zip(nearest), pair =>
        {
            Assert.Equal(pair.First[0].GetString(), Anker12.Table.Ids[pair.Second]);
            Assert.Equal(pair.First[1].GetDouble(), distance[pair.Second], 4);
            Assert.Equal(pair.First[2].GetDouble(), coverage[pair.Second], 4);
        });
    }

    [Fact]
    public void Distances_of_a_question_are_those_between_records()
    {
        for (var i = 0; i < 12; i++)
        {
            var query = Enumerable.Range(0, 6).Select(column => Anker12.Rows[i].Values.GetValueOrDefault(Anker12.Columns[column].Key)).ToList();
            var (distance, coverage) = QueryDistances.From(Anker12.Table, query);
            for (var j = 0; j < 12; j++)
            {
                var between = Gower.Between(Anker12.Table, i, j);
                Assert.Equal(between.Distance!.Value, distance[j], 12);
                Assert.Equal(between.Coverage, coverage[j], 12);
            }
        }
    }

    [Fact]
    public void Left_out_sites_find_their_group_again()
    {
        var rows = Enumerable.Range(0, 11).ToList();
        var all = LeaveOneOut.Run(Model, [1, 1, 1, 1, 1], rows);
        var one = LeaveOneOut.Run(Model, [0, 1, 0, 0, 0], rows);

        Check("loo.ranks", "loo.top1,mrr", all);
        Check("loo.onlyZielgruppen", "loo.onlyZg.top1,mrr", one);
        // Two of a group and one that is alone.
        var alone = MatchModel.Of(Model.Table, [0, 0, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1], 2);
        Assert.Equal([1, 1, null], LeaveOneOut.Run(alone, [1, 1, 1, 1, 1], [0, 1, 2]).Select(result => result.Rank));

        static void Check(string ranks, string rates, IReadOnlyList<Asked> found)
        {
            Assert.Equal(Vectors.Two.GetProperty(ranks).EnumerateObject().Select(rank => (rank.Name, (int?)rank.Value.GetInt32())), found.Select(result => (Model.Table.Ids[result.Row], result.Rank)));
            Assert.Equal(Vectors.Two.GetProperty(rates)[0].GetDouble(), HitRates.Within(found.Select(result => result.Rank), 1) / 11.0, 6);
            Assert.Equal(Vectors.Two.GetProperty(rates)[1].GetDouble(), HitRates.MeanReciprocalRank([.. found.Select(result => result.Rank)])!.Value, 6);
        }
    }

    [Fact]
    public void Rates_and_baselines_are_those_of_the_vectors()
    {
        Wilson("wilson(9,11)", 9, 11);
        Wilson("wilson(50,50)", 50, 50);
        Assert.Null(HitRates.Wilson(0, 0));
        Assert.Equal(Vectors.Two.GetProperty("mrr.example").GetDouble(), HitRates.MeanReciprocalRank([1, 2, 1, 4, 1])!.Value, 9);
        Assert.Equal(.4, HitRates.MeanReciprocalRank([1, null, null, null, 1])!.Value, 9);
        Assert.Equal(Vectors.Two.GetProperty("baseline.random.mrr k=3").GetDouble(), HitRates.Random(3).Mrr, 6);
        Assert.Equal(Vectors.Two.GetProperty("baseline.majority").GetDouble(), HitRates.Majority([4, 4, 3]).Top1, 6);

        static void Wilson(string vector, int hits, int of)
        {
            var (low, high) = HitRates.Wilson(hits, of)!.Value;
            Assert.Equal(Vectors.Two.GetProperty(vector)[0].GetDouble(), low, 4);
            Assert.Equal(Vectors.Two.GetProperty(vector)[1].GetDouble(), high, 4);
        }
    }

    [Fact]
    public void Nothing_known_of_a_group_speaks_neither_way()
    {
        var model = MatchModel.Of(Model.Table, [-1, -1, -1, 0, -1, -1, -1, -1, -1, -1, -1, -1], 1);

        // The formats of A04 are unknown.
        Assert.Equal(.5, model.Fit(0, 2, new DataValue.Multi(["workshop"])));
        Assert.Equal(.5, model.Fit(0, 4, new DataValue.Ordinal(2), without: 3));
    }
}
