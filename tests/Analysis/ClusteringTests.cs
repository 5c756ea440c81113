using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Numbers of k-medoids, silhouettes, linkage, stability and gap that were computed elsewhere.</summary>
public sealed class ClusteringTests
{
    private static readonly Dissimilarities Five = LowerTriangle.Read([[1], [2, 3], [4, 5, 6], [7, 8, 9, 1]]);
    private static readonly string[] Ids = [.. Anker12.Table.Ids];

    [Fact]
    public void The_published_example_of_FasterPAM_is_reached()
    {
        var expected = Vectors.One.GetProperty("fasterpam.kno10");

        var (found, trace) = KMedoids.FasterPam(Five, [0, 1]);

        Assert.Equal(Ints(expected, "medoids"), found.Medoids.Order());
        Assert.Equal(4, found.Objective);
        Assert.Equal((expected.GetProperty("iter").GetInt32(), expected.GetProperty("swaps").GetInt32()), (trace.Passes, trace.Swaps));
        var canonical = KMedoids.Canonical(Five, found);
        Assert.Equal(Ints(expected, "labels"), canonical.Labels);
        var silhouette = Silhouette.Of(Five, canonical.Labels);
        Assert.Equal(expected.GetProperty("sil").GetDouble(), silhouette.Average!.Value, 1e-12);
        Assert.Equal(Doubles(expected, "sil_each"), silhouette.Values.Select(value => Math.Round(value!.Value, 6)));
        Assert.Equal(expected.GetProperty("medsil").GetDouble(), Silhouette.OfMedoids(Five, canonical.Medoids).Average()!.Value, 1e-6);
    }

    [Fact]
    public void One_cluster_has_the_record_that_is_nearest_to_all()
    {
        var (found, _) = KMedoids.FasterPam(Five, [1]);

        Assert.Equal((0, 14.0), (found.Medoids[0], found.Objective));
        Assert.Null(Silhouette.Of(Five, found.Labels).Average);
    }

    [Fact]
    public void Of_two_optima_the_canonical_one_is_told()
    {
        Assert.Equal([0, 3], KMedoids.Build(Five, 2).Order());
        var other = KMedoids.Assign(Five, [0, 4]);
        Assert.Equal(4, other.Objective);

        var canonical = KMedoids.Canonical(Five, other);

        Assert.Equal([0, 3], canonical.Medoids);
        Assert.Equal([0, 0, 0, 1, 1], canonical.Labels);
    }

    [Fact]
    public void Swaps_from_a_bad_start_change_the_objective_by_the_published_amounts()
    {
        var d = Anker12.Distances;
        var search = new SwapSearch(d, [0, 1, 2]);
        Assert.Equal(Vectors.One.GetProperty("fasterpam.start012.loss0").GetDouble(), search.Objective, 1e-6);
        Assert.Equal(Doubles(Vectors.One, "fasterpam.start012.removalLoss"), search.RemovalLosses.Select(loss => Math.Round(loss, 6)));
        foreach (var swap in Vectors.One.GetProperty("fasterpam.start012.bestSwapPerCandidate").EnumerateArray())
        {
            var (replaced, change) = search.BestSwap(Array.IndexOf(Ids, swap[0].GetString()));
            Assert.Equal(swap[1].GetInt32(), replaced);
            Assert.Equal(swap[2].GetDouble(), change, 1e-6);
        }

        var expected = Vectors.One.GetProperty("fasterpam.start012.result");
        var (found, trace) = KMedoids.FasterPam(d, [0, 1, 2]);
        Assert.Equal((expected.GetProperty("iter").GetInt32(), expected.GetProperty("swaps").GetInt32()), (trace.Passes, trace.Swaps));
        var canonical = KMedoids.Canonical(d, found);
        Assert.Equal(expected.GetProperty("medoids").EnumerateArray().Select(id => id.GetString()), canonical.Medoids.Select(medoid => Ids[medoid]));
        Assert.Equal(Ints(expected, "labels"), canonical.Labels);
        Assert.Equal(Vectors.One.GetProperty("build.k3").EnumerateArray().Select(id => id.GetString()), KMedoids.Build(d, 3).Select(medoid => Ids[medoid]));
    }

    [Fact]
    public void The_scan_over_k_gives_the_published_medoids_objectives_and_silhouettes()
    {
        var d = Anker12.Distances;
        foreach (var row in Vectors.One.GetProperty("kscan").EnumerateArray())
        {
            var found = KMedoids.Best(d, row.GetProperty("k").GetInt32(), 50, 1);

            Assert.Equal(row.GetProperty("medoids").EnumerateArray().Select(id => id.GetString()), found.Medoids.Select(medoid => Ids[medoid]));
            Assert.Equal(row.GetProperty("exactLoss").GetDouble(), found.Objective, 1e-6);
            Assert.Equal(Ints(row, "labels"), found.Labels);
            Assert.Equal(row.GetProperty("logW").GetDouble(), GapStatistic.LogWithin(d, found), 1e-6);
            var silhouette = Silhouette.Of(d, found.Labels);
            Same(row.GetProperty("asw"), silhouette.Average);
            Same(row.GetProperty("macroAsw"), silhouette.MacroAverage);
            Same(row.GetProperty("medsil"), Silhouette.OfMedoids(d, found.Medoids).Average());
        }

        static void Same(JsonElement expected, double? actual)
        {
            Assert.Equal(expected.ValueKind == JsonValueKind.Null, actual is null);
            Assert.Equal(actual is null ? 0 : expected.GetDouble(), actual ?? 0, 1e-6);
        }
    }

    [Fact]
    public void Each_record_has_the_published_silhouettes()
    {
        var d = Anker12.Distances;
        var found = KMedoids.Best(d, 3, 50, 1);
        var (silhouette, medoids) = (Silhouette.Of(d, found.Labels), Silhouette.OfMedoids(d, found.Medoids));

        Assert.All(Enumerable.Range(0, 12), i =>
        {
            Assert.Equal(Vectors.One.GetProperty("sil.k3").GetProperty(Ids[i]).GetDouble(), silhouette.Values[i]!.Value, 6e-5);
            Assert.Equal(Vectors.One.GetProperty("medsil.k3").GetProperty(Ids[i]).GetDouble(), medoids[i]!.Value, 6e-5);
        });
    }

    [Fact]
    public void Average_linkage_merges_as_published()
    {
        var merges = Linkage.Merges(Anker12.Distances, LinkageMethod.Average);

        Assert.All(merges.Zip(Vectors.One.GetProperty("avglink").EnumerateArray()), pair =>
        {
            Assert.Equal((pair.Second[0].GetInt32(), pair.Second[1].GetInt32(), pair.Second[3].GetInt32()), (pair.First.First, pair.First.Second, pair.First.Size));
            Assert.Equal(pair.Second[2].GetDouble(), pair.First.Height, 1e-6);
        });
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 1], Linkage.Cut(merges, 3));
    }

    [Theory]
    [InlineData(LinkageMethod.Average)]
    [InlineData(LinkageMethod.Complete)]
    internal void Heights_never_fall_and_a_cut_leaves_as_many_clusters_as_asked(LinkageMethod method)
    {
        Assert.All(Enumerable.Range(1, 10), seed =>
        {
            var merges = Linkage.Merges(Gower.Compute(Artificial.Table(60, (ulong)seed)), method);

            Assert.Equal(59, merges.Count);
            Assert.All(merges.Zip(merges.Skip(1)), pair => Assert.True(pair.First.Height <= pair.Second.Height + 1e-12));
            Assert.Equal(60, merges[^1].Size);
            Assert.All(new[] { 1, 2, 7, 60 }, k => Assert.Equal(Enumerable.Range(0, k), Linkage.Cut(merges, k).Distinct()));
        });
        Assert.Empty(Linkage.Merges(Gower.Compute(DataTable.Create(Anker12.Columns, [Anker12.Rows[0]])), method));
    }

    [Fact]
    public void Of_equal_heights_the_lowest_pair_merges_first()
    {
        var merges = Linkage.Merges(LowerTriangle.Read([[1], [1, 1], [1, 1, 1]]), LinkageMethod.Average);

        Assert.Equal([(0, 1), (2, 3), (4, 5)], merges.Select(merge => (merge.First, merge.Second)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Leaving_one_out_gives_the_published_stability(int k)
    {
        var d = Anker12.Distances;

        var together = new CoAssignment(12);
        var report = Stability.Jackknife(d, KMedoids.Best(d, k, 50, 1), restarts: 10, together);

        Assert.Equal(Doubles(Vectors.One, $"jackknife.k{k}"), report.Select(cluster => Math.Round(cluster.Mean!.Value, 4)));
        Assert.Equal(1, together[0, 3]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_bootstrap_is_near_the_published_stability(int k)
    {
        var d = Anker12.Distances;

        var report = Stability.Bootstrap(d, KMedoids.Best(d, k, 50, 1), 100, 1);

        Assert.All(report.Zip(Vectors.One.GetProperty($"clusterboot.k{k}.B100.seed1").EnumerateArray()), pair =>
        {
            Assert.Equal(pair.Second[0].GetDouble(), pair.First.Mean!.Value, .06);
            Assert.InRange(pair.First.Replicates, 50, 100);
        });
    }

    [Fact]
    public void The_gap_is_near_the_published_one_and_chooses_the_same_k()
    {
        var scan = Vectors.One.GetProperty("kscan").EnumerateArray().ToList();
        var d = Anker12.Distances;

        var rows = GapStatistic.Scan(Anker12.Table, d, [.. scan.Select(row => KMedoids.Best(d, row.GetProperty("k").GetInt32(), 50, 1))], 50, 10, 7);

        Assert.All(rows.Zip(scan), pair =>
        {
            Assert.Equal(pair.Second.GetProperty("gap").GetDouble(), pair.First.Gap, .06);
            Assert.Equal(pair.Second.GetProperty("s").GetDouble(), pair.First.Error, .06);
        });
        Assert.Equal(Vectors.One.GetProperty("gap.tibs.k").GetInt32(), GapStatistic.Choose(rows));
    }

    internal static int[] Ints(JsonElement element, string member) => [.. element.GetProperty(member).EnumerateArray().Select(value => value.GetInt32())];

    internal static double[] Doubles(JsonElement element, string member) => [.. element.GetProperty(member).EnumerateArray().Select(value => value.GetDouble())];
}
