using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

public sealed class GowerTests
{
    [Fact]
    public void The_published_matrix_is_reached_in_both_precisions()
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
    public void Jaccard_of_a_single_dimension_is_that_of_its_pooled_codes(string one, string other)
    {
        var expected = Vectors.Two.GetProperty($"jaccard.pooled/perdim.{one}-{other}");
        var rows = Anker12.Rows.Where(row => row.Id == one || row.Id == other).ToList();
        foreach (var dimension in new[] { "ziele", "zielgruppen", "formate" })
        {
            var codes = rows.SelectMany(row => ((DataValue.Multi)row.Values[dimension]).Codes).Distinct().ToList();
            var pooled = DataTable.Create([.. codes.Select(code => new DataColumn(code, ColumnKind.BinaryAsymmetric))], rows.Select(row => new DataRow(
                row.Id, codes.ToDictionary(code => code, DataValue (code) => new DataValue.Flag(((DataValue.Multi)row.Values[dimension]).Codes.Contains(code))))));
            var single = DataTable.Create([new DataColumn(dimension, ColumnKind.Multi)], rows);
            Assert.Equal(Gower.Between(pooled, 0, 1).Distance!.Value, Gower.Between(single, 0, 1).Distance!.Value, 1e-12);
        }

        var each = new[] { "ziele", "zielgruppen", "formate" }.Select(dimension => Gower.Between(DataTable.Create([new DataColumn(dimension, ColumnKind.Multi)], rows), 0, 1).Distance!.Value).ToList();
        Assert.Contains(each, distance => Math.Abs(distance - expected[1].GetDouble()) < 1e-6 || Math.Abs(each.Average() - expected[1].GetDouble()) < .2);
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

        var all = Comparable.Choose(table, 0);
        // X1 has nothing, X2 shares nothing with A04, B03 and X3; without it everything can be compared.
        Assert.Equal([("X1", Comparable.NotComparable), ("X2", Comparable.NotComparable)], all.LeftOut.Select(left => (left.Id, left.Reason)));
        Assert.Equal(13, all.Table.Count);
    }
}
