using System.Runtime.Intrinsics;

namespace AnkerOrte.Api.Analysis;

/// <summary>
/// k-medoids: BUILD of L. Kaufman and P. J. Rousseeuw ("Finding Groups in Data", 1990), swaps by FasterPAM (E. Schubert and
/// P. J. Rousseeuw, "Fast and eager k-medoids clustering", Information Systems 101, 2021). Dissimilarities must be known of all pairs.
/// </summary>
internal static class KMedoids
{
    public const double Epsilon = 1e-12;
    private const int MostPasses = 100;

    /// <summary>The best of BUILD and of <paramref name="restarts"/> random starts, in canonical form; k from 1 to the number of records.</summary>
    public static Clustering Best(Dissimilarities d, int k, int restarts, ulong seed, CancellationToken cancel = default)
    {
        var best = Canonical(d, FasterPam(d, Build(d, k, cancel), cancel).Result);
        var random = new SplitMix64(seed);
        for (var restart = 0; restart < restarts && k > 1 && k < d.Count; restart++)
        {
            cancel.ThrowIfCancellationRequested();
            var found = Canonical(d, FasterPam(d, random.Sample(d.Count, k), cancel).Result);
            if (IsBetter(found, best))
            {
                best = found;
            }
        }

        return best;
    }

    /// <summary>Medoids in the order in which BUILD picks them.</summary>
    public static int[] Build(Dissimilarities d, int k, CancellationToken cancel = default)
    {
        var nearest = new double[d.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        var medoids = new int[k];
        var gains = new double[d.Count];
        var chosen = new bool[d.Count];
        for (var m = 0; m < k; m++)
        {
            var isFirst = m == 0;
            Parallel.For(0, d.Count, new ParallelOptions { CancellationToken = cancel }, () => new double[d.Count], (c, _, scratch) =>
            {
                gains[c] = chosen[c] ? double.NegativeInfinity : isFirst ? -Sum(d.Row(c, scratch)) : Gain(d.Row(c, scratch), nearest);
                return scratch;
            }, _ => { });
            var best = Array.IndexOf(chosen, false);
            for (var c = best + 1; c < d.Count; c++)
            {
                best = gains[c] > gains[best] + Epsilon ? c : best;
            }

            medoids[m] = best;
            chosen[best] = true;
            var row = d.Row(best, new double[d.Count]);
            for (var o = 0; o < d.Count; o++)
            {
                nearest[o] = Math.Min(nearest[o], row[o]);
            }
        }

        return medoids;
    }

    /// <summary>Swaps a medoid for another record as soon as that lowers the objective, until no swap does.</summary>
    public static (Clustering Result, SearchTrace Trace) FasterPam(Dissimilarities d, int[] start, CancellationToken cancel = default)
    {
        if (start.Length == 1)
        {
            var sums = Enumerable.Range(0, d.Count).Select(c => Sum(d.Row(c, new double[d.Count]))).ToArray();
            return (Assign(d, [LowestOf(sums)]), new(1, 0));
        }

        var state = new SwapSearch(d, start);
        int passes = 0, swaps = 0, last = -1;
        for (var before = -1; passes < MostPasses && swaps != before;)
        {
            before = swaps;
            passes++;
            for (var c = 0; c < d.Count && c != last; c++)
            {
                if (c % 256 == 0)
                {
                    cancel.ThrowIfCancellationRequested();
                }

                if (!state.IsMedoid(c) && state.BestSwap(c) is var (replaced, change) && change < -Epsilon)
                {
                    state.Swap(replaced, c);
                    swaps++;
                    last = c;
                }
            }
        }

        return (Assign(d, state.Medoids), new(passes, swaps));
    }

    /// <summary>Each record to its nearest medoid, the first of equally near ones; a medoid always to itself.</summary>
    public static Clustering Assign(Dissimilarities d, int[] medoids)
    {
        var labels = new int[d.Count];
        var distances = new double[d.Count];
        Array.Fill(distances, double.PositiveInfinity);
        var scratch = new double[d.Count];
        for (var m = 0; m < medoids.Length; m++)
        {
            var row = d.Row(medoids[m], scratch);
            for (var o = 0; o < d.Count; o++)
            {
                if (row[o] < distances[o] - Epsilon)
                {
                    (labels[o], distances[o]) = (m, row[o]);
                }
            }
        }

        for (var m = 0; m < medoids.Length; m++)
        {
            (labels[medoids[m]], distances[medoids[m]]) = (m, 0);
        }

        var objective = 0.0;
        foreach (var distance in distances)
        {
            objective += distance;
        }

        return new Clustering(medoids.Length, objective, medoids, labels);
    }

    /// <summary>The lowest medoid of those that serve a cluster equally well, clusters in the order of their medoids.</summary>
    public static Clustering Canonical(Dissimilarities d, Clustering found)
    {
        var medoids = new int[found.K];
        for (var m = 0; m < found.K; m++)
        {
            var members = Enumerable.Range(0, d.Count).Where(o => found.Labels[o] == m).ToArray();
            var sums = new double[members.Length];
            Parallel.For(0, members.Length, c =>
            {
                var sum = 0.0;
                foreach (var o in members)
                {
                    sum += d[members[c], o];
                }

                sums[c] = sum;
            });
            medoids[m] = members[LowestOf(sums)];
        }

        Array.Sort(medoids);
        var canonical = Assign(d, medoids);
        if (canonical.Objective <= found.Objective + Epsilon)
        {
            return canonical;
        }

        var sorted = (int[])found.Medoids.Clone();
        Array.Sort(sorted);
        return Assign(d, sorted);
    }

    /// <summary>Smaller objective (to 1e-9), then the medoids that come first.</summary>
    private static bool IsBetter(Clustering one, Clustering other)
    {
        var (a, b) = (Math.Round(one.Objective, 9), Math.Round(other.Objective, 9));
        return a < b || (a == b && one.Medoids.AsSpan().SequenceCompareTo(other.Medoids) < 0);
    }

    private static int LowestOf(double[] values)
    {
        var lowest = 0;
        for (var i = 1; i < values.Length; i++)
        {
            lowest = values[i] < values[lowest] - Epsilon ? i : lowest;
        }

        return lowest;
    }

    // Four sums side by side, added in a fixed order: fast, and the same with or without vector instructions.
    private static double Sum(ReadOnlySpan<double> row)
    {
        var lanes = Vector256<double>.Zero;
        var i = 0;
        for (; i + 4 <= row.Length; i += 4)
        {
            lanes += Vector256.Create(row.Slice(i, 4));
        }

        var sum = lanes[0] + lanes[1] + (lanes[2] + lanes[3]);
        for (; i < row.Length; i++)
        {
            sum += row[i];
        }

        return sum;
    }

    private static double Gain(ReadOnlySpan<double> row, ReadOnlySpan<double> nearest)
    {
        var lanes = Vector256<double>.Zero;
        var i = 0;
        for (; i + 4 <= row.Length; i += 4)
        {
            lanes += Vector256.Max(Vector256<double>.Zero, Vector256.Create(nearest.Slice(i, 4)) - Vector256.Create(row.Slice(i, 4)));
        }

        var sum = lanes[0] + lanes[1] + (lanes[2] + lanes[3]);
        for (; i < row.Length; i++)
        {
            sum += Math.Max(0, nearest[i] - row[i]);
        }

        return sum;
    }
}
