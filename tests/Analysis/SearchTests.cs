using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>The search for medoids against all there are, against itself done plainly, and at its edges.</summary>
public sealed class SearchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_other_medoids_of_the_twelve_sites_are_better(int k)
    {
        var d = Anker12.Distances;

        Assert.Equal(BestOfAll(d, k), KMedoids.Best(d, k, 50, 1).Objective, 1e-9);
    }

    [Fact]
    public void No_other_medoids_of_twenty_artificial_sets_are_better()
    {
        Assert.All(Enumerable.Range(1, 20), seed =>
        {
            var d = Gower.Compute(Artificial.Table(50, (ulong)seed));
            Assert.Equal(BestOfAll(d, 2), KMedoids.Best(d, 2, 50, 1).Objective, 1e-9);
            Assert.Equal(BestOfAll(d, 3), KMedoids.Best(d, 3, 50, 1).Objective, 1e-9);
        });
    }

    [Theory]
    [InlineData(120, 7)]
    [InlineData(1_100, 5)]
    public void Swaps_are_those_of_the_plain_algorithm_also_where_many_are_tried_at_once(int count, int k)
    {
        var d = Gower.Compute(Artificial.Table(count, 11));
        var start = new SplitMix64(3).Sample(count, k);

        var (found, trace) = KMedoids.FasterPam(d, start);

        var (medoids, swaps) = Plain(d, start);
        Assert.Equal(medoids, found.Medoids);
        Assert.Equal(swaps, trace.Swaps);
        Assert.InRange(trace.Swaps, 5, 1_000);
    }

    [Fact]
    public void With_many_records_restarts_in_samples_find_what_restarts_in_all_records_find()
    {
        Assert.All(new ulong[] { 1, 2, 3 }, seed =>
        {
            var d = Gower.Compute(Artificial.Table(Restarts.LargestAtRandom + 200, seed));
            var random = new SplitMix64(seed + 7);
            var all = Enumerable.Range(0, 10).Min(_ => KMedoids.FasterPam(d, random.Sample(d.Count, 6)).Result.Objective);

            var found = KMedoids.Best(d, 6, 30, 1);

            Assert.InRange(found.Objective, 0, all * 1.001);
            Assert.True(found.Objective <= KMedoids.Best(d, 6, 0, 1).Objective);
            Assert.Equal(found.Medoids, KMedoids.Best(d, 6, 30, 1).Medoids);
        });
    }

    [Fact]
    public void The_order_in_which_records_come_changes_nothing()
    {
        var rows = Artificial.Rows(80, 4);
        var (table, shuffled) = (DataTable.Create(Artificial.Columns, rows), DataTable.Create(Artificial.Columns, new SplitMix64(9).Shuffle(80).Select(i => rows[i])));

        foreach (var k in new[] { 1, 2, 5 })
        {
            var (one, other) = (KMedoids.Best(Gower.Compute(table), k, 10, 1), KMedoids.Best(Gower.Compute(shuffled), k, 10, 1));
            Assert.Equal(one.Objective, other.Objective);
            Assert.Equal(one.Medoids.Select(medoid => table.Ids[medoid]), other.Medoids.Select(medoid => shuffled.Ids[medoid]));
            Assert.Equal(one.Labels, other.Labels);
            Assert.Equal(one.Medoids.Order(), one.Medoids);
        }
    }

    [Fact]
    public void The_scale_of_weights_changes_no_partition()
    {
        var table = Artificial.Table(80, 4);
        var heavier = table.WithWeights([.. table.Columns.Select(column => column.Weight * 3.7)]);

        var (one, other) = (KMedoids.Best(Gower.Compute(table), 4, 10, 1), KMedoids.Best(Gower.Compute(heavier), 4, 10, 1));

        Assert.Equal(one.Labels, other.Labels);
        Assert.Equal(one.Objective, other.Objective, 1e-9);
    }

    [Fact]
    public void As_many_clusters_as_records_leave_no_distance()
    {
        var found = KMedoids.Best(Anker12.Distances, 12, 50, 1);

        Assert.Equal(0, found.Objective);
        Assert.Equal(Enumerable.Range(0, 12), found.Medoids);
        Assert.Equal(Enumerable.Range(0, 12), found.Labels);
        Assert.Equal(0, Silhouette.Of(Anker12.Distances, found.Labels).Average);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(13)]
    public void There_are_no_fewer_clusters_than_one_and_no_more_than_records(int k) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => KMedoids.Best(Anker12.Distances, k, 0, 1));

    [Fact]
    public void Equal_records_are_told_by_their_medoids_each_of_which_keeps_its_own_cluster()
    {
        var same = DataTable.Create(Anker12.Columns, Enumerable.Range(0, 6).Select(i => Anker12.Rows[0] with { Id = $"r{i}" }));
        var d = Gower.Compute(same);

        var found = KMedoids.Best(d, 3, 5, 1);

        Assert.Equal(0, found.Objective);
        Assert.True(KMedoids.HasDuplicateMedoids(d, found));
        Assert.All(found.Medoids, (medoid, cluster) => Assert.Equal(cluster, found.Labels[medoid]));
        Assert.Equal(3, found.Sizes.Count(size => size > 0));
        Assert.All(Silhouette.Of(d, found.Labels).Values, value => Assert.Equal(0, value));
        Assert.False(KMedoids.HasDuplicateMedoids(Anker12.Distances, KMedoids.Best(Anker12.Distances, 3, 0, 1)));
    }

    [Fact]
    public void A_single_record_is_its_own_medoid()
    {
        var found = KMedoids.Best(Gower.Compute(DataTable.Create(Anker12.Columns, [Anker12.Rows[0]])), 1, 50, 1);

        Assert.Equal([0], found.Medoids);
        Assert.Equal([0], found.Labels);
        Assert.Equal(0, found.Objective);
    }

    [Fact]
    public void Progress_grows_to_the_whole()
    {
        var table = Artificial.Table(400, 2);
        var told = new List<double>();

        KMedoids.Best(Gower.Compute(table, share => Assert.InRange(share, 0, 1)), 4, 3, 1, told.Add);
        Stability.Bootstrap(Anker12.Distances, KMedoids.Best(Anker12.Distances, 2, 0, 1), 7, 1, share => Assert.Equal(Math.Round(share * 7) / 7, share, 1e-12));

        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1]);
        Assert.InRange(told.Count, 10, 10_000);
    }

    [Fact]
    public void What_is_cancelled_stops()
    {
        var (table, d) = (Anker12.Table, Anker12.Distances);
        var found = KMedoids.Best(d, 2, 0, 1);
        var cancelled = new CancellationToken(canceled: true);

        Action[] work =
        [
            () => Gower.Compute(table, cancel: cancelled),
            () => Comparable.Choose(table, 0, cancel: cancelled),
            () => KMedoids.Best(d, 2, 5, 1, cancel: cancelled),
            () => Silhouette.Of(d, found.Labels, cancelled),
            () => Stability.Bootstrap(d, found, 5, 1, cancel: cancelled),
            () => Stability.Jackknife(d, found, 0, cancel: cancelled),
            () => GapStatistic.Scan(table, d, [found], 5, 0, 1, cancel: cancelled),
            () => Linkage.Merges(d, LinkageMethod.Average, cancelled),
            () => ClassicalScaling.Map(d, cancelled),
            () => SampledKMedoids.Best(table, 2, 1, cancel: cancelled),
        ];
        Assert.All(work, step => Assert.ThrowsAny<OperationCanceledException>(step));
    }

    [Fact]
    public void Samples_find_what_all_pairs_find_or_nearly_and_always_the_same()
    {
        var table = Artificial.Table(1_500, 8);
        var whole = KMedoids.Best(Gower.Compute(table), 4, 0, 1);

        var (one, other) = (SampledKMedoids.Best(table, 4, 1, size: 400), SampledKMedoids.Best(table, 4, 1, size: 400));

        Assert.Equal(one.Objective, other.Objective);
        Assert.Equal(one.Labels, other.Labels);
        Assert.InRange(one.Objective, whole.Objective * .99, whole.Objective * 1.02);
        Assert.Equal(one.Medoids.Order(), one.Medoids);
        Assert.All(one.Medoids, (medoid, cluster) => Assert.Equal(cluster, one.Labels[medoid]));
    }

    [Fact]
    public void Single_precision_is_off_by_no_more_than_is_said()
    {
        var table = Artificial.Table(Dissimilarities.LargestExact + 1, 6);

        var d = Gower.Compute(table);

        var random = new SplitMix64(1);
        for (var pair = 0; pair < 200; pair++)
        {
            var (i, j) = (random.Below(table.Count), random.Below(table.Count));
            var few = table.Select([.. new[] { i, j }.Order()]);
            Assert.Equal(i == j ? 0 : Gower.Between(few, 0, 1).Distance!.Value, d[i, j], 3e-8);
            Assert.Equal(d[i, j], d[j, i]);
        }

        var part = d.Select([3, 4_000, 5_000]);
        Assert.Equal([d[3, 4_000], d[3, 5_000], d[4_000, 5_000], 0], [part[0, 1], part[0, 2], part[1, 2], part[1, 1]]);
    }

    private static double BestOfAll(Dissimilarities d, int k)
    {
        var best = double.PositiveInfinity;
        Try(0, 0, Enumerable.Repeat(double.PositiveInfinity, d.Count).ToArray());
        return best;

        void Try(int chosen, int from, double[] nearest)
        {
            for (var c = from; c < d.Count; c++)
            {
                var with = new double[d.Count];
                var sum = 0.0;
                for (var o = 0; o < d.Count; o++)
                {
                    with[o] = Math.Min(nearest[o], d[c, o]);
                    sum += with[o];
                }

                if (chosen + 1 == k)
                {
                    best = Math.Min(best, sum);
                }
                else
                {
                    Try(chosen + 1, c + 1, with);
                }
            }
        }
    }

    /// <summary>Each candidate for each medoid, everything counted anew: the first candidate that lowers the objective is taken at once.</summary>
    private static (int[] Medoids, int Swaps) Plain(Dissimilarities d, int[] start)
    {
        var medoids = (int[])start.Clone();
        var objective = Total(d, medoids);
        int swaps = 0, last = -1;
        for (var before = -1; swaps != before;)
        {
            before = swaps;
            for (var c = 0; c < d.Count && c != last; c++)
            {
                if (medoids.Contains(c))
                {
                    continue;
                }

                var changes = medoids.Select((_, m) => Total(d, [.. medoids.Select((medoid, other) => other == m ? c : medoid)]) - objective).ToArray();
                var least = Enumerable.Range(0, medoids.Length).Aggregate((a, b) => changes[b] < changes[a] - 1e-9 ? b : a);
                if (changes[least] < -1e-9)
                {
                    medoids[least] = c;
                    objective = Total(d, medoids);
                    swaps++;
                    last = c;
                }
            }
        }

        return (medoids, swaps);
    }

    private static double Total(Dissimilarities d, int[] medoids)
    {
        var sum = 0.0;
        for (var o = 0; o < d.Count; o++)
        {
            var least = double.PositiveInfinity;
            foreach (var medoid in medoids)
            {
                least = Math.Min(least, d[medoid, o]);
            }

            sum += least;
        }

        return sum;
    }
}
