using System.Globalization;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Tests.TypologyRuns;

namespace AnkerOrte.Tests.Outside;

/// <summary>
/// R and its package cluster, on two of its own data sets and on tables. Optima are not unique, so medoids are not compared; our silhouettes
/// are those of R's partition.
/// </summary>
public sealed class RTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly DataColumn[] Flower =
    [
        new("V1", ColumnKind.BinarySymmetric),
        new("V2", ColumnKind.BinarySymmetric),
        new("V3", ColumnKind.BinarySymmetric),
        new("V4", ColumnKind.Nominal),
        new("V5", ColumnKind.Ordinal, Levels: 3),
        new("V6", ColumnKind.Ordinal, Levels: 18),
        new("V7", ColumnKind.Numeric),
        new("V8", ColumnKind.Numeric),
    ];

    private static readonly DataColumn[] Animals =
        [.. new[] { "war", "fly", "ver", "end", "gro", "hai" }.Select(key => new DataColumn(key, ColumnKind.BinarySymmetric))];

    [ToolTheory("Rscript")]
    [InlineData("flower")]
    [InlineData("animals")]
    public async Task Dissimilarities_are_those_of_daisy(string name)
    {
        var (d, expected) = await ReadAsync(name);

        var square = Numbers(expected.GetProperty("dissimilarities"));
        Assert.Equal(square.Length, d.Count);
        Assert.All(Enumerable.Range(0, d.Count * d.Count), cell => Assert.Equal(square[cell / d.Count][cell % d.Count], d[cell / d.Count, cell % d.Count], 1e-12));
    }

    [ToolTheory("Rscript")]
    [InlineData("flower")]
    [InlineData("animals")]
    public async Task The_total_is_never_above_that_of_pam_and_silhouettes_of_its_partition_are_the_same(string name)
    {
        var (d, expected) = await ReadAsync(name);
        var partitions = expected.GetProperty("partitions").EnumerateArray().ToList();

        Assert.Equal([2, 3, 4, 5, 6], partitions.Select(partition => partition.GetProperty("k").GetInt32()));
        Assert.All(partitions, partition =>
        {
            var found = KMedoids.Best(d, partition.GetProperty("k").GetInt32(), 50, 1);
            Assert.True(found.Objective <= partition.GetProperty("total").GetDouble() + 1e-12, $"{found.Objective} above {partition.GetProperty("total")}");

            var silhouette = Silhouette.Of(d, [.. partition.GetProperty("clustering").EnumerateArray().Select(cluster => cluster.GetInt32() - 1)]);
            Assert.All(silhouette.Values.Zip(partition.GetProperty("silhouettes").EnumerateArray()), pair => Assert.Equal(pair.Second.GetDouble(), pair.First!.Value, 1e-9));
            Assert.Equal(partition.GetProperty("average").GetDouble(), silhouette.Average!.Value, 1e-9);
        });
    }

    [ToolFact("Rscript")]
    public async Task Linkage_merges_at_the_heights_of_hclust()
    {
        var (d, expected) = await ReadAsync("flower");

        foreach (var (method, heights) in new[] { (LinkageMethod.Average, "average"), (LinkageMethod.Complete, "complete") })
        {
            Assert.All(Linkage.Merges(d, method).Zip(expected.GetProperty("heights").GetProperty(heights).EnumerateArray()), pair =>
                Assert.Equal(pair.Second.GetDouble(), pair.First.Height, 1e-12));
        }
    }

    [ToolTheory("Rscript")]
    [InlineData("flower")]
    [InlineData("animals")]
    public async Task The_map_is_that_of_cmdscale_but_for_its_directions(string name)
    {
        var (d, expected) = await ReadAsync(name);

        var (points, _) = ClassicalScaling.Map(d);

        var theirs = Numbers(expected.GetProperty("map"));
        Assert.All(Enumerable.Range(0, d.Count), i =>
        {
            Assert.Equal(Math.Abs(theirs[i][0]), Math.Abs(points[i].X), 1e-8);
            Assert.Equal(Math.Abs(theirs[i][1]), Math.Abs(points[i].Y), 1e-8);
        });
    }

    [ToolTheory("Rscript")]
    [InlineData("flower")]
    [InlineData("animals")]
    public async Task A_stranger_gets_the_same_over_http(string name)
    {
        var (_, expected) = await ReadAsync(name);
        var columns = name == "flower" ? Flower : Animals;
        var request = Runs.Table(
            columns.Select(column => Declared(column)),
            Rows(name, expected).Select(row => new { id = row.Id, values = row.Values.ToDictionary(value => value.Key, value => Runs.Plain(value.Value)) }),
            new { kMin = 2, kMax = 6, minCoverage = 0 });

        var run = await Runs.FinishAsync(api.Client, request);

        var matrix = await MatrixAsync(run);
        var square = Numbers(expected.GetProperty("dissimilarities"));
        Assert.Equal(square.Length, matrix.Length);
        Assert.All(square.Zip(matrix), rows => Assert.All(rows.First.Zip(rows.Second), pair => Assert.Equal(pair.First, pair.Second, 1e-12)));
        Assert.All(run.GetProperty("result").GetProperty("clusterings").EnumerateArray().Zip(expected.GetProperty("partitions").EnumerateArray()), pair =>
        {
            Assert.Equal(pair.Second.GetProperty("k").GetInt32(), pair.First.GetProperty("k").GetInt32());
            Assert.InRange(pair.First.GetProperty("objective").GetDouble(), 0, pair.Second.GetProperty("total").GetDouble() + 1e-9);
        });
    }

    [ToolFact("Rscript")]
    public async Task Kappa_and_alpha_are_those_of_other_formulas_for_the_same()
    {
        var random = new Random(20);
        var sets = Enumerable.Range(0, 30).Select(number =>
        {
            var (raters, levels) = (2 + number % 4, 2 + number % 3);
            // The first unit has all levels it can, so that no set is all the same.
            var full = Enumerable.Range(0, 25).Select(unit => Enumerable.Range(0, raters).Select(rater => unit == 0 ? 1 + rater % levels : random.Next(3) == 0 ? 1 + random.Next(levels) : 1 + unit % levels).ToArray()).ToArray();
            return (Full: full, WithGaps: full.Select(unit => unit.Select(value => random.Next(4) == 0 ? (int?)null : value).ToArray()).ToArray(), Levels: levels);
        }).ToList();
        var file = Path.Combine(Directory.CreateTempSubdirectory("ankerorte-r-").FullName, "ratings.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(sets.Select(set => new { full = set.Full, withGaps = set.WithGaps })));

        var theirs = (await Tools.RunAsync("Rscript", "--vanilla", "reference.R", "agreement", file)).ShouldSucceed().Json;

        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.Equal(sets.Count, theirs.GetArrayLength());
        Assert.All(sets.Zip(theirs.EnumerateArray()), pair =>
        {
            var (set, r) = pair;
            Assert.Equal(r.GetProperty("kappa").GetDouble(), CoderAgreement.Fleiss([.. set.Full.Select(unit => (IReadOnlyList<int>)[.. Enumerable.Range(1, set.Levels).Select(level => unit.Count(value => value == level))])])!.Value, 1e-9);
            Assert.Equal(r.GetProperty("alpha").GetDouble(), CoderAgreement.Alpha(set.WithGaps.Select(unit => (IReadOnlyList<int>)[.. unit.OfType<int>()]), CoderAgreement.Nominal)!.Value, 1e-9);
        });
    }

    [ToolFact("Rscript")]
    public async Task A_statistician_repeats_the_audit_of_the_inventory_from_its_exported_matrix()
    {
        var run = await Runs.FinishAsync(api.Client, new { source = new { kind = "inventory" } });
        var folder = Directory.CreateTempSubdirectory("ankerorte-r-");
        try
        {
            var (result, matrix) = (Path.Combine(folder.FullName, "run.json"), Path.Combine(folder.FullName, "matrix.csv"));
            await File.WriteAllTextAsync(result, run.GetRawText());
            await File.WriteAllBytesAsync(matrix, await api.Client.GetByteArrayAsync(run.GetProperty("dissimilarities").GetString()));

            var audit = (await Tools.RunAsync("Rscript", "--vanilla", "reference.R", "run", result, matrix)).ShouldSucceed().Json;

            Assert.Equal(7, audit.GetProperty("clusterings").GetArrayLength());
            Assert.All(audit.GetProperty("clusterings").EnumerateArray().Zip(run.GetProperty("result").GetProperty("clusterings").EnumerateArray()), pair =>
            {
                Assert.Equal(pair.First.GetProperty("objective").GetDouble(), pair.Second.GetProperty("objective").GetDouble(), 1e-9);
                Assert.Equal(pair.First.GetProperty("averageSilhouette").GetDouble(), pair.Second.GetProperty("averageSilhouette").GetDouble(), 1e-9);
                Assert.All(pair.First.GetProperty("silhouettes").EnumerateArray().Zip(pair.Second.GetProperty("assignments").EnumerateArray()), one =>
                    Assert.Equal(one.First.GetDouble(), one.Second.GetProperty("silhouette").GetDouble(), 1e-9));
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [ToolTheory("Rscript")]
    [InlineData("average")]
    [InlineData("complete")]
    public async Task The_dendrogram_of_a_run_is_that_of_hclust(string linkage)
    {
        var run = await Runs.FinishAsync(api.Client, Runs.Table(Runs.Anker12Columns, Runs.Anker12Rows(), new { kMin = 2, kMax = 6, linkage }, weights: true));
        var folder = Directory.CreateTempSubdirectory("ankerorte-r-");
        try
        {
            var (result, matrix) = (Path.Combine(folder.FullName, "run.json"), Path.Combine(folder.FullName, "matrix.csv"));
            await File.WriteAllTextAsync(result, run.GetRawText());
            await File.WriteAllBytesAsync(matrix, await api.Client.GetByteArrayAsync(run.GetProperty("dissimilarities").GetString()));

            var tree = (await Tools.RunAsync("Rscript", "--vanilla", "reference.R", "run", result, matrix)).ShouldSucceed().Json.GetProperty("tree");

            var dendrogram = run.GetProperty("result").GetProperty("dendrogram");
            Assert.Equal(11, dendrogram.GetProperty("merges").GetArrayLength());
            Assert.All(dendrogram.GetProperty("merges").EnumerateArray().Zip(Numbers(tree.GetProperty("merge")), tree.GetProperty("height").EnumerateArray()), step =>
            {
                Assert.Equal((step.Second[0], step.Second[1]), (step.First.GetProperty("first").GetInt32(), step.First.GetProperty("second").GetInt32()));
                Assert.Equal(step.Third.GetDouble(), step.First.GetProperty("height").GetDouble(), 1e-9);
            });
            Assert.Equal(tree.GetProperty("order").EnumerateArray().Select(id => id.GetString()), dendrogram.GetProperty("order").EnumerateArray().Select(id => id.GetString()));
            Assert.Equal(tree.GetProperty("cophenetic").GetDouble(), dendrogram.GetProperty("copheneticCorrelation").GetDouble(), 1e-9);
            Assert.All(run.GetProperty("result").GetProperty("clusterings").EnumerateArray().Zip(tree.GetProperty("cuts").EnumerateArray()), pair =>
            {
                var own = pair.First.GetProperty("assignments").EnumerateArray().Select(row => row.GetProperty("cluster").GetInt32()).ToArray();
                Assert.Equal(
                    Agreement.AdjustedRandIndex(own, [.. pair.Second.EnumerateArray().Select(label => label.GetInt32())]),
                    pair.First.GetProperty("linkageRandIndex").GetDouble(), 1e-9);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [ToolFact("Rscript")]
    public async Task Exact_tests_and_their_correction_are_those_of_R()
    {
        var expected = (await Tools.RunAsync("Rscript", "--vanilla", "reference.R", "tables")).ShouldSucceed().Json;

        var fisher = Numbers(expected.GetProperty("fourfold")).Select(cells => Associations.Fisher(new((int)cells[0], (int)cells[1], (int)cells[2], (int)cells[3]))).ToList();
        Same("fisher", fisher, 1e-9);
        Same("benjaminiHochberg", Associations.BenjaminiHochberg(fisher), 1e-9);

        void Same(string member, IEnumerable<double> actual, double tolerance) =>
            Assert.All(expected.GetProperty(member).EnumerateArray().Zip(actual, (theirs, ours) => (theirs, ours)), pair => Assert.Equal(pair.theirs.GetDouble(), pair.ours, tolerance));
    }

    private static async Task<(Dissimilarities Distances, JsonElement Expected)> ReadAsync(string name)
    {
        var expected = (await Tools.RunAsync("Rscript", "--vanilla", "reference.R", name)).ShouldSucceed().Json;
        return (Gower.Compute(DataTable.Create(name == "flower" ? Flower : Animals, Rows(name, expected))), expected);
    }

    private static List<DataRow> Rows(string name, JsonElement expected)
    {
        var columns = name == "flower" ? Flower : Animals;
        var values = columns.Select(column => expected.GetProperty("values").GetProperty(column.Key).EnumerateArray().ToList()).ToList();
        return [.. Enumerable.Range(0, values[0].Count).Select(i => new DataRow($"{i:000}", columns
            .Select((column, c) => (column, Value: values[c][i])).Where(cell => cell.Value.ValueKind != JsonValueKind.Null)
            .ToDictionary(cell => cell.column.Key, cell => Value(cell.column.Kind, cell.Value.GetInt32(), name == "flower" ? 1 : 2))))];
    }

    private static Dictionary<string, object> Declared(DataColumn column)
    {
        var declared = new Dictionary<string, object> { ["key"] = column.Key, ["kind"] = JsonNamingPolicy.CamelCase.ConvertName(column.Kind.ToString()) };
        if (column.Levels is { } levels)
        {
            declared["levels"] = levels;
        }

        return declared;
    }

    private async Task<double[][]> MatrixAsync(JsonElement run) =>
        [.. (await api.Client.GetStringAsync(run.GetProperty("dissimilarities").GetString())).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line.Split(',').Skip(1).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];

    private static DataValue Value(ColumnKind kind, int value, int yes) => kind switch
    {
        ColumnKind.BinarySymmetric => new DataValue.Flag(value == yes),
        ColumnKind.Nominal => new DataValue.Nominal($"{value}"),
        ColumnKind.Ordinal => new DataValue.Ordinal(value),
        _ => new DataValue.Number(value),
    };

    private static double[][] Numbers(JsonElement matrix) => [.. matrix.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
}
