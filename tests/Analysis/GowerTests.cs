using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

public sealed class GowerTests
{
    private static readonly string[] Sets = ["ziele", "zielgruppen", "formate"];

    [Fact]
    public void The_published_matrix_is_reached()
    {
        var d = Anker12.Distances;
        var rows = Vectors.One.GetProperty("gower.matrix.lower").EnumerateArray().ToList();
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                Assert.Equal(rows[i][j].GetDouble(), d[i + 1, j], 6e-7);
                Assert.Equal(d[i + 1, j], d[j, i + 1]);
            }
        }

        var full = JsonDocument.Parse(File.ReadAllBytes(Repository.File("tests", "Analysis", "vectors", "gower-12x12.json"))).RootElement.GetProperty("D");
        Assert.All(Enumerable.Range(0, 144), cell => Assert.Equal(full[cell / 12][cell % 12].GetDouble(), d[cell / 12, cell % 12], 1e-12));
    }

    [Theory]
    [InlineData("A01", "A02", .287179, 1.0)]
    [InlineData("A01", "A04", .066667, .769231)]
    [InlineData("A01", "C01", .936752, 1.0)]
    [InlineData("B03", "A04", .933333, .769231)]
    public void A_pair_has_its_published_distance_and_coverage(string one, string other, double distance, double coverage)
    {
        var ids = Anker12.Table.Ids.ToList();

        var between = Gower.Between(Anker12.Table, ids.IndexOf(one), ids.IndexOf(other));

        Assert.Equal(distance, between.Distance!.Value, 6e-7);
        Assert.Equal(coverage, between.Coverage, 6e-7);
    }

    [Fact]
    public void Explicitly_none_is_not_unknown()
    {
        var none = Anker12.Row("x", "", null, null, null, null, null);
        DataTable Pair(DataRow other) => DataTable.Create(Anker12.Columns, [none, other]);

        Assert.Equal((null, 0.0), Gower.Between(Pair(none with { Id = "y" }), 0, 1));
        var (distance, coverage) = Gower.Between(Pair(Anker12.Row("y", "kompetenz", null, null, null, null, null)), 0, 1);
        Assert.Equal(1, distance);
        Assert.Equal(Vectors.One.GetProperty("gower.edge.emptyVsOne")[1].GetDouble(), coverage, 1e-12);
        Assert.Equal((null, 0.0), Gower.Between(Pair(Anker12.Row("y", null, "schulen", null, null, null, null)), 0, 1));
        Assert.True(double.IsNaN(Gower.Compute(Pair(none with { Id = "y" }))[0, 1]));
    }

    [Theory]
    [InlineData("A02", "H01")]
    [InlineData("B01", "B03")]
    [InlineData("C01", "C03")]
    public void Jaccard_is_as_published_pooled_and_by_dimension(string one, string other)
    {
        var expected = Vectors.Two.GetProperty($"jaccard.pooled/perdim.{one}-{other}");

        Assert.Equal(expected[0].GetDouble(), Pooled(one, other), 1e-6);
        Assert.Equal(expected[1].GetDouble(), ByDimension(one, other), 1e-6);
    }

    [Fact]
    public void Jaccard_of_the_first_pair_is_as_published()
    {
        Assert.Equal(Vectors.One.GetProperty("jaccard.pooled.A01-A02").GetDouble(), Pooled("A01", "A02"), 1e-6);
        Assert.Equal(Vectors.One.GetProperty("jaccard.perdim.mean.A01-A02").GetDouble(), ByDimension("A01", "A02"), 1e-6);
    }

    [Fact]
    public void One_comparison_a_dimension_keeps_long_lists_from_outweighing_short_ones()
    {
        DataRow Row(string id, string format) => new(id, new Dictionary<string, DataValue> { ["goals"] = new DataValue.Multi(["a", "b", "c", "d", "e", "f"]), ["formats"] = new DataValue.Multi([format]) });

        Assert.Equal(.5, Gower.Between(DataTable.Create([new("goals", ColumnKind.Multi), new("formats", ColumnKind.Multi)], [Row("x", "p"), Row("y", "q")]), 0, 1).Distance);
    }

    [Fact]
    public void The_order_of_rows_and_the_scale_of_weights_change_nothing()
    {
        var random = new SplitMix64(5);
        var shuffled = DataTable.Create(Anker12.Columns, random.Shuffle(12).Select(i => Anker12.Rows[i]));
        var heavier = Anker12.Table.WithWeights([.. Anker12.Columns.Select(column => column.Weight * 4)]);
        var (d, again, scaled) = (Anker12.Distances, Gower.Compute(shuffled), Gower.Compute(heavier));

        Assert.All(Enumerable.Range(0, 144), cell =>
        {
            Assert.Equal(d[cell / 12, cell % 12], again[cell / 12, cell % 12]);
            Assert.Equal(d[cell / 12, cell % 12], scaled[cell / 12, cell % 12], 1e-15);
        });
    }

    [Fact]
    public void A_dimension_unknown_of_one_changes_no_distance()
    {
        var wider = DataTable.Create([.. Anker12.Columns, new DataColumn("extra", ColumnKind.BinarySymmetric, 3)], Anker12.Rows.Select((row, i) =>
            i == 4 ? row with { Values = new Dictionary<string, DataValue>(row.Values) { ["extra"] = new DataValue.Flag(true) } } : row));

        Assert.All(Enumerable.Range(0, 12), i => Assert.Equal(Gower.Between(Anker12.Table, 4, i).Distance, Gower.Between(wider, 4, i).Distance));
    }

    [Fact]
    public void A_dimension_with_weight_zero_or_a_range_of_zero_compares_nothing()
    {
        DataRow Row(string id, double number) => new(id, new Dictionary<string, DataValue> { ["number"] = new DataValue.Number(number) });

        Assert.Null(Gower.Between(DataTable.Create([new("number", ColumnKind.Numeric)], [Row("x", 4), Row("y", 4)]), 0, 1).Distance);
        Assert.Null(Gower.Between(DataTable.Create([new("number", ColumnKind.Numeric, 0)], [Row("x", 4), Row("y", 5)]), 0, 1).Distance);
        Assert.Equal(1, Gower.Between(DataTable.Create([new("number", ColumnKind.Numeric, 1, Range: 2)], [Row("x", 4), Row("y", 9)]), 0, 1).Distance);
    }

    [Fact]
    public void Records_that_cannot_be_compared_are_left_out_one_by_one_and_named()
    {
        var rows = Anker12.Rows.Append(Anker12.Row("X1", null, null, null, null, null, null)).Append(Anker12.Row("X2", null, null, null, null, null, 100))
            .Append(Anker12.Row("X3", "kompetenz", null, null, null, null, null));
        var table = DataTable.Create(Anker12.Columns, rows);

        var strict = Comparable.Choose(table, .5);
        Assert.Equal([("X1", Comparable.LowCoverage), ("X2", Comparable.LowCoverage), ("X3", Comparable.LowCoverage)], strict.LeftOut.Select(left => (left.Id, left.Reason)));

        var some = Comparable.Choose(table, .05);
        // X2 shares nothing with A04, B03 and X3; without it everything can be compared.
        Assert.Equal([("X1", Comparable.LowCoverage), ("X2", Comparable.NotComparable)], some.LeftOut.Select(left => (left.Id, left.Reason)));
        Assert.Equal(13, some.Table.Count);
        Assert.Equal(0, some.AssumedPairs);
    }

    [Fact]
    public void Where_all_records_count_pairs_that_share_nothing_are_as_unlike_as_can_be_and_are_told()
    {
        var rows = Anker12.Rows.Append(Anker12.Row("X1", null, null, null, null, null, null)).Append(Anker12.Row("X2", null, null, null, null, null, 100));

        var all = Comparable.Choose(DataTable.Create(Anker12.Columns, rows), 0);

        Assert.Empty(all.LeftOut);
        Assert.Equal(14, all.Table.Count);
        // X1 shares nothing with the 13 others, X2 nothing with A04 and B03 either.
        Assert.Equal(15, all.AssumedPairs);
        Assert.Equal(["X1"], all.Unknown);
        Assert.All(Enumerable.Range(0, 12), i => Assert.Equal(1, all.Distances[12, i]));
        Assert.Equal(0, all.Distances[12, 12]);
    }

    [Fact]
    public void Of_two_records_that_share_nothing_the_one_with_the_higher_id_is_left_out()
    {
        var columns = new DataColumn[] { new("p", ColumnKind.BinaryAsymmetric), new("q", ColumnKind.BinaryAsymmetric) };
        DataRow Row(string id, bool p, bool q) => new(id, new Dictionary<string, DataValue> { ["p"] = new DataValue.Flag(p), ["q"] = new DataValue.Flag(q) });

        var chosen = Comparable.Choose(DataTable.Create(columns, [Row("b", false, false), Row("c", true, false), Row("a", false, false)]), .5);

        Assert.Equal(["a", "c"], chosen.Table.Ids);
        Assert.Equal([new LeftOut("b", 1, Comparable.NotComparable)], chosen.LeftOut);
    }

    [Fact]
    public void Without_weight_nothing_is_known_of_anybody()
    {
        var table = Anker12.Table.WithWeights([0, 0, 0, 0, 0, 0]);

        Assert.Equal(0, table.Coverage(0));
        Assert.Equal(12, Comparable.Choose(table, .5).LeftOut.Count);
        Assert.Equal(Anker12.Table.Ids, Comparable.Choose(table, 0).Unknown);
    }

    [Fact]
    public void A_single_value_that_is_explicitly_none_is_compared_with_nothing()
    {
        var columns = new DataColumn[] { new("operator", ColumnKind.Nominal), new("goals", ColumnKind.Multi) };
        DataRow Row(string id, DataValue value) => new(id, new Dictionary<string, DataValue> { ["operator"] = value, ["goals"] = new DataValue.Multi(["a"]) });
        var table = DataTable.Create(columns, [Row("x", new DataValue.Multi([])), Row("y", new DataValue.Nominal("p")), Row("z", new DataValue.Nominal("q"))]);

        Assert.False(table.Has(0, 0, 0));
        Assert.Empty(table.CodesOf(0, 0)!);
        Assert.Equal((0, .5), Gower.Between(table, 0, 1));
        Assert.Equal((.5, 1), Gower.Between(table, 1, 2));
    }

    private static List<DataRow> Pair(string one, string other) => [.. Anker12.Rows.Where(row => row.Id == one || row.Id == other)];

    private static double ByDimension(string one, string other) =>
        Gower.Between(DataTable.Create([.. Sets.Select(key => new DataColumn(key, ColumnKind.Multi))], Pair(one, other)), 0, 1).Distance!.Value;

    private static double Pooled(string one, string other)
    {
        var codes = Pair(one, other).ToDictionary(row => row.Id, row => Sets.SelectMany(key => ((DataValue.Multi)row.Values[key]).Codes.Select(code => $"{key}/{code}")).ToHashSet());
        var columns = codes.Values.SelectMany(set => set).Distinct().Select(code => new DataColumn(code, ColumnKind.BinaryAsymmetric)).ToList();
        return Gower.Between(DataTable.Create(columns, codes.Select(row => new DataRow(
            row.Key, columns.ToDictionary(column => column.Key, DataValue (column) => new DataValue.Flag(row.Value.Contains(column.Key)))))), 0, 1).Distance!.Value;
    }
}
