using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Numbers of features, tests, typicality and agreement that were computed elsewhere.</summary>
public sealed class FeatureTests
{
    private static readonly string[] Ids = [.. Anker12.Table.Ids];
    private static readonly string[] Types = ["A", "B", "C"];
    private static readonly Standing[] Curated = [.. Enumerable.Range(0, 12).Select(GroupDistances.Of(Anker12.Table, Anker12.Curated, 3).Standing)];

    [Theory]
    [InlineData(0, "ziele", "beteiligung")]
    [InlineData(1, "ziele", "kompetenz")]
    [InlineData(2, "ziele", "innovation")]
    [InlineData(0, "formate", "workshop")]
    [InlineData(1, "formate", "werkstatt")]
    public void A_feature_has_its_published_numbers(int type, string dimension, string code)
    {
        var expected = Vectors.One.GetProperty($"feature.{Types[type]}.{dimension}.{code}");

        var feature = Features.Describe(Anker12.Table, row => Anker12.Curated[row] == type).Single(feature => feature.Dimension == dimension && feature.Code == code).Table;

        Assert.Equal(ClusteringTests.Ints(expected, "table"), new[] { feature.With, feature.Without, feature.OthersWith, feature.OthersWithout });
        Assert.Equal(expected.GetProperty("share").GetDouble(), feature.Share!.Value, 1e-6);
        Assert.Equal(expected.GetProperty("base").GetDouble(), feature.BaseRate!.Value, 1e-6);
        Assert.Equal(expected.GetProperty("lift").GetDouble(), feature.Lift!.Value, 1e-6);
        Assert.Equal(expected.GetProperty("phi").GetDouble(), Math.Abs(feature.Phi!.Value), 1e-6);
        Assert.Equal(expected.GetProperty("fisher").GetDouble(), Associations.Fisher(feature), 1e-6);
    }

    [Fact]
    public void Of_all_features_those_are_significant_that_were_published()
    {
        var tests = Enumerable.Range(0, 3).SelectMany(type => Features.Describe(Anker12.Table, row => Anker12.Curated[row] == type)
            .Where(feature => feature.Dimension != "betrieb")
            .Select(feature => (Name: $"{Types[type]}/{feature.Dimension}/{feature.Code}", P: Associations.Fisher(feature.Table)))).ToList();
        Assert.Equal(Vectors.One.GetProperty("bh.m").GetInt32(), tests.Count);

        var adjusted = Associations.BenjaminiHochberg([.. tests.Select(test => test.P)]);

        var significant = tests.Zip(adjusted).Where(pair => pair.Second <= .10).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        Assert.Equal(Vectors.One.GetProperty("bh.sig(q<=.10)").EnumerateArray().Select(row => row[0].GetString()).Order(), significant.Keys.Order());
        Assert.All(Vectors.One.GetProperty("bh.sig(q<=.10)").EnumerateArray(), row => Assert.Equal(row[2].GetDouble(), significant[row[0].GetString()!], 6e-6));
    }

    [Fact]
    public void The_correction_for_many_tests_gives_the_published_values()
    {
        double[] p = [.01, .04, .03, .005];

        Assert.Equal(ClusteringTests.Doubles(Vectors.One, "bh.example"), Associations.BenjaminiHochberg(p).Select(value => Math.Round(value, 12)));
    }

    [Theory]
    [InlineData(3, 1, 1, 3, .485714)]
    [InlineData(8, 2, 1, 5, .034965)]
    [InlineData(0, 0, 3, 4, 1)]
    public void Fisher_is_that_of_R(int a, int b, int c, int d, double p) => Assert.Equal(p, Associations.Fisher(new(a, b, c, d)), 1e-6);

    [Fact]
    public void Fisher_bears_large_and_extreme_tables()
    {
        Assert.Equal(0, Associations.Fisher(new(3_000, 0, 0, 3_000)));
        Assert.Equal(1, Associations.Fisher(new(2_500, 2_500, 2_500, 2_500)), 1e-9);
        Assert.Equal(1, Associations.Fisher(new(0, 0, 0, 0)));
    }

    [Fact]
    public void Typicality_is_as_published_and_a_prototype_must_be_well_known()
    {

        Assert.All(Vectors.One.GetProperty("typicality.mean1-d").EnumerateObject(), row =>
        {
            var i = Array.IndexOf(Ids, row.Name);
            Assert.Equal(row.Value.GetDouble(), Curated[i].Typicality[Anker12.Curated[i]]!.Value, 6e-5);
        });
        // A04 is nearer to the middle, but much of it is unknown.
        Assert.Equal(["A01", "A02", "A03"], Typicalities.Prototypes(Anker12.Table, Curated, Anker12.Curated, 0, 3).Select(i => Ids[i]));
    }

    [Fact]
    public void Fuzzy_memberships_are_as_published()
    {
        Assert.Equal(ClusteringTests.Doubles(Vectors.One, "fuzzy.[0.2,0.4,0.8].m2"), Typicalities.Memberships([.2, .4, .8], 2)!.Select(u => Math.Round(u, 6)));
        Assert.Equal(ClusteringTests.Doubles(Vectors.One, "fuzzy.[0.2,0.4,0.8].m1.5"), Typicalities.Memberships([.2, .4, .8], 1.5)!.Select(u => Math.Round(u, 6)));
        Assert.Equal([.5, 0, .5], Typicalities.Memberships([0, .4, 0], 1.5)!);
        Assert.Null(Typicalities.Memberships([null, null], 1.5));
        Assert.Equal(ClusteringTests.Doubles(Vectors.One, "fuzzy.H01.meanDist(A,B,C)"), Curated[11].Typicality.Select(typicality => Math.Round(1 - typicality!.Value, 6)));
        Assert.Equal(ClusteringTests.Doubles(Vectors.One, "fuzzy.H01.u.m1.5"), Curated[11].Membership!.Select(u => Math.Round(u, 6)));
        Assert.Equal(ClusteringTests.Doubles(Vectors.One, "fuzzy.B01.u.m1.5"), Curated[4].Membership!.Select(u => Math.Round(u, 6)));
    }

    [Fact]
    public void The_hybrid_is_found_and_nothing_else()
    {
        var d = Anker12.Distances;
        var silhouettes = Silhouette.OfMedoids(d, KMedoids.Best(d, 3, 50, 1).Medoids);

        Assert.Equal(["H01"], Enumerable.Range(0, 12).Where(i => Typicalities.IsHybrid(Curated[i], silhouettes[i])).Select(i => Ids[i]));
        Assert.DoesNotContain(Curated, Typicalities.IsOutlier);
        Assert.True(Typicalities.IsOutlier(new([.1, .29, null], null)));
        Assert.False(Typicalities.IsOutlier(new([.1, .30, null], null)));
        Assert.False(Typicalities.IsOutlier(new([null, null], null)));
        Assert.False(Typicalities.IsHybrid(new([null, null], null), .01));
        Assert.False(Typicalities.IsHybrid(new([.4], [1]), .01));
    }

    [Fact]
    public void Silhouettes_without_a_square_are_the_same()
    {
        var found = KMedoids.Best(Anker12.Distances, 3, 50, 1);
        var (silhouette, groups) = (Silhouette.Of(Anker12.Distances, found.Labels), GroupDistances.Of(Anker12.Table, found.Labels, 3));

        Assert.All(Enumerable.Range(0, 12), i => Assert.Equal(silhouette.Values[i]!.Value, groups.Silhouette(i, found.Labels[i], found.Sizes[found.Labels[i]])!.Value, 1e-12));
        Assert.Equal(0, groups.Silhouette(0, found.Labels[0], 1));
        Assert.Null(GroupDistances.Of(Anker12.Table, new int[12], 1).Silhouette(0, 0, 12));
    }

    [Theory]
    [InlineData(4, 0, 0, 8, "defining")]
    [InlineData(4, 0, 1, 7, "core")]
    [InlineData(4, 1, 5, 0, "core")]
    [InlineData(5, 5, 3, 9, "typical")]
    [InlineData(5, 5, 8, 4, "possible")]
    [InlineData(1, 9, 0, 12, "possible")]
    [InlineData(1, 10, 12, 0, "atypical")]
    [InlineData(0, 0, 3, 4, null)]
    public void A_code_has_the_role_of_its_share_and_lift(int with, int without, int othersWith, int othersWithout, string? role) =>
        Assert.Equal(role, new FeatureTable(with, without, othersWith, othersWithout).Role);

    [Fact]
    public void What_is_not_known_of_anybody_is_null_and_not_zero()
    {
        var nobody = new FeatureTable(0, 0, 0, 0);
        Assert.Equal((null, null, null, null), (nobody.Share, nobody.BaseRate, nobody.Lift, nobody.Phi));
        var noMember = new FeatureTable(0, 0, 3, 1);
        Assert.Equal((null, .75, null, null), (noMember.Share, noMember.BaseRate, noMember.Lift, noMember.Phi));
        var never = new FeatureTable(0, 4, 0, 4);
        Assert.Equal((0.0, 0.0, null, null), (never.Share, never.BaseRate, never.Lift, never.Phi));
    }

    [Fact]
    public void Agreement_is_as_published()
    {
        var found = KMedoids.Best(Anker12.Distances, 3, 50, 1).Labels;

        Assert.Equal(Vectors.One.GetProperty("ari.k3_vs_curated").GetDouble(), Agreement.AdjustedRandIndex(found, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3]), 1e-6);
        Assert.Equal(Vectors.One.GetProperty("ari.example").GetDouble(), Agreement.AdjustedRandIndex([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]), 1e-6);
        Assert.Equal(1, Agreement.AdjustedRandIndex([0, 0, 1, 1], [7, 7, 3, 3]));
        Assert.Equal(1, Agreement.AdjustedRandIndex([0, 0, 0], [1, 1, 1]));
        Assert.Equal(Vectors.One.GetProperty("cohen.wiki(20,5,10,15)").GetDouble(), Agreement.Cohen(new[,] { { 20, 5 }, { 10, 15 } })!.Value, 1e-12);
        Assert.Null(Agreement.Cohen(new[,] { { 5, 0 }, { 0, 0 } }));
    }

    [Fact]
    public void Matching_finds_the_best_of_all_matchings()
    {
        var random = new SplitMix64(3);
        for (var round = 0; round < 200; round++)
        {
            var (rows, columns) = (1 + random.Below(5), 1 + random.Below(5));
            var table = new int[rows, columns];
            for (var cell = 0; cell < rows * columns; cell++)
            {
                table[cell / columns, cell % columns] = random.Below(9);
            }

            var matched = Agreement.Match(table);

            Assert.Equal(matched.Where(column => column >= 0).Distinct().Count(), Math.Min(rows, columns));
            Assert.Equal(Best(table, 0, []), Enumerable.Range(0, rows).Sum(row => matched[row] < 0 ? 0 : table[row, matched[row]]));
        }

        static int Best(int[,] table, int row, HashSet<int> used) => row == table.GetLength(0) ? 0
            : Enumerable.Range(0, table.GetLength(1)).Where(column => !used.Contains(column)).Select(column => table[row, column] + Best(table, row + 1, [.. used, column]))
                .Append(table.GetLength(0) > table.GetLength(1) ? Best(table, row + 1, used) : 0).Max();
    }

    [Fact]
    public void A_map_of_equal_distances_or_of_hardly_any_records_is_as_good_as_any()
    {
        var (even, shown) = ClassicalScaling.Map(LowerTriangle.Read([[1], [1, 1], [1, 1, 1]]));
        // Three directions of .5 each.
        Assert.Equal(2 / 3.0, shown, 1e-9);
        Assert.Equal(.5, even.Sum(point => point.X * point.X), 1e-9);
        Assert.Equal(.5, even.Sum(point => point.Y * point.Y), 1e-9);
        Assert.Equal(even, ClassicalScaling.Map(LowerTriangle.Read([[1], [1, 1], [1, 1, 1]])).Points);

        Assert.Equal([(0, 0), (0, 0), (0, 0)], ClassicalScaling.Map(LowerTriangle.Read([[0], [0, 0]])).Points);
        Assert.Equal([(0, 0)], ClassicalScaling.Map(LowerTriangle.Read([])).Points);
        var (pair, all) = ClassicalScaling.Map(LowerTriangle.Read([[.6]]));
        Assert.Equal((.6, 1), (Math.Round(Math.Abs(pair[0].X - pair[1].X), 9), Math.Round(all, 9)));
        // What cannot be compared lies where the others do on average.
        Assert.Equal(even[0].X, ClassicalScaling.Map(LowerTriangle.Read([[double.NaN], [1, 1], [1, 1, 1]])).Points[0].X, 1e-9);
    }

    [Fact]
    public void The_map_keeps_distances_that_lie_in_a_plane()
    {
        (double X, double Y)[] points = [(0, 0), (4, 0), (4, 1), (0, 1), (2, .5)];
        var d = new Dissimilarities(5);
        for (var cell = 0; cell < 25; cell++)
        {
            var (a, b) = (points[cell / 5], points[cell % 5]);
            d[cell / 5, cell % 5] = Math.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y)) / 5;
        }

        var (map, shown) = ClassicalScaling.Map(d);

        Assert.Equal(1, shown, 1e-9);
        Assert.All(Enumerable.Range(0, 25), cell =>
        {
            var (a, b) = (map[cell / 5], map[cell % 5]);
            Assert.Equal(d[cell / 5, cell % 5], Math.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y)), 1e-6);
        });
    }
}
