namespace AnkerOrte.Api.Analysis;

/// <summary>
/// k-medoids: BUILD of L. Kaufman and P. J. Rousseeuw ("Finding Groups in Data", 1990), swaps by FasterPAM (E. Schubert and
/// P. J. Rousseeuw, "Fast and eager k-medoids clustering", Information Systems 101, 2021). All pairs need a known dissimilarity.
/// </summary>
internal static class KMedoids
{
    public const double Epsilon = 1e-12;
    private const int MostPasses = 100;

    /// <summary>Candidates that are tried in parallel, at first and at most; and the number of records from which that is done.</summary>
    private const int FirstBatch = 16, LargestBatch = 512, ManyRecords = 1_000;

    /// <summary>Returns the best result of BUILD and of <paramref name="restarts"/> random starts, in canonical form.</summary>
    /// <param name="d">Dissimilarities of all pairs, without NaN.</param>
    /// <param name="k">From 1 to the number of records.</param>
    /// <param name="restarts">Number of starts after BUILD, see <see cref="Restarts"/>.</param>
    /// <param name="seed">Seed of these starts.</param>
    /// <param name="progress">Called with the share that is done, 0 to 1.</param>
    public static Clustering Best(Dissimilarities d, int k, int restarts, ulong seed, Action<double>? progress = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, d.Count);
        if (k == d.Count)
        {
            return Assign(d, [.. Enumerable.Range(0, k)]);
        }

        // BUILD and its swaps count as half of the work, the restarts as the other half.
        var share = k > 1 && restarts > 0 ? .5 : 1;
        var best = Canonical(d, FasterPam(d, Build(d, k, done => progress?.Invoke(.3 * share * done), cancel), done => progress?.Invoke(share * (.3 + .7 * done)), cancel).Result);
        var starts = k > 1 ? Restarts.Starts(d, k, restarts, seed, cancel) : [];
        for (var start = 0; start < starts.Count; start++)
        {
            cancel.ThrowIfCancellationRequested();
            var found = Canonical(d, FasterPam(d, starts[start], cancel: cancel).Result);
            best = IsBetter(found, best) ? found : best;
            progress?.Invoke(share + (1 - share) * (start + 1) / starts.Count);
        }

        progress?.Invoke(1);
        return best;
    }

    /// <summary>Medoids in the order in which BUILD picks them.</summary>
    public static int[] Build(Dissimilarities d, int k, Action<double>? progress = null, CancellationToken cancel = default)
    {
        var nearest = new double[d.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        var medoids = new int[k];
        var gains = new double[d.Count];
        var chosen = new bool[d.Count];
        for (var m = 0; m < k; m++)
        {
            var isFirst = m == 0;
            RowLoop.Each(d.Count, d.Scratch, (c, scratch) =>
                gains[c] = chosen[c] ? double.NegativeInfinity : isFirst ? -PartialSums.Sum(d.Row(c, scratch)) : PartialSums.Gain(d.Row(c, scratch), nearest), cancel);
            var best = Array.IndexOf(chosen, false);
            for (var c = best + 1; c < d.Count; c++)
            {
                best = gains[c] > gains[best] + Epsilon ? c : best;
            }

            medoids[m] = best;
            chosen[best] = true;
            var row = d.Row(best, d.Scratch());
            for (var o = 0; o < d.Count; o++)
            {
                nearest[o] = Math.Min(nearest[o], row[o]);
            }

            progress?.Invoke((m + 1.0) / k);
        }

        return medoids;
    }

    /// <summary>Swaps a medoid with another record as soon as that lowers the objective, until no swap lowers it.</summary>
    public static (Clustering Result, SearchTrace Trace) FasterPam(Dissimilarities d, int[] start, Action<double>? progress = null, CancellationToken cancel = default)
    {
        if (start.Length == 1)
        {
            var sums = new double[d.Count];
            RowLoop.Each(d.Count, d.Scratch, (c, scratch) => sums[c] = PartialSums.Sum(d.Row(c, scratch)), cancel);
            return (Assign(d, [LowestOf(sums)]), new(1, 0));
        }

        var state = new SwapSearch(d, start);
        int passes = 0, swaps = 0, last = -1;
        for (var before = -1; passes < MostPasses && swaps != before;)
        {
            before = swaps;
            passes++;
            var batch = FirstBatch;
            for (var c = 0; c < d.Count && c != last;)
            {
                cancel.ThrowIfCancellationRequested();
                var end = Math.Min(d.Count, c + batch);
                end = last >= c && last < end ? last : end;
                var (candidate, replaced) = Improvement(state, c, end, d.Count >= ManyRecords);
                if (candidate < 0)
                {
                    c = end;
                    batch = Math.Min(batch * 2, LargestBatch);
                }
                else
                {
                    state.Swap(replaced, candidate);
                    swaps++;
                    last = candidate;
                    c = candidate + 1;
                    batch = FirstBatch;
                }

                // The number of passes is unknown. Each pass counts as half of the remaining progress.
                progress?.Invoke(1 - Math.Pow(.5, passes - 1) * (1 - .5 * c / d.Count));
            }
        }

        return (Assign(d, state.Medoids), new(passes, swaps));
    }

    /// <summary>Assigns each record to its nearest medoid, to the first of equally near ones. A medoid belongs to itself.</summary>
    public static Clustering Assign(Dissimilarities d, int[] medoids)
    {
        var labels = new int[d.Count];
        var distances = new double[d.Count];
        Array.Fill(distances, double.PositiveInfinity);
        var scratch = d.Scratch();
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

    /// <summary>The canonical form: in each cluster the first of equally good medoids; clusters in the order of their medoids.</summary>
    public static Clustering Canonical(Dissimilarities d, Clustering found)
    {
        var members = Enumerable.Range(0, found.K).Select(_ => new List<int>()).ToArray();
        for (var o = 0; o < d.Count; o++)
        {
            members[found.Labels[o]].Add(o);
        }

        var sums = new double[d.Count];
        RowLoop.Each(d.Count, d.Scratch, (c, scratch) =>
        {
            var row = d.Row(c, scratch);
            foreach (var o in members[found.Labels[c]])
            {
                sums[c] += row[o];
            }
        });
        var medoids = members.Select(cluster => cluster[LowestOf([.. cluster.Select(o => sums[o])])]).Order().ToArray();
        var canonical = Assign(d, medoids);
        return canonical.Objective <= found.Objective + Epsilon ? canonical : Assign(d, [.. found.Medoids.Order()]);
    }

    /// <summary>Whether two medoids have dissimilarity 0: the data have fewer distinct records than clusters, or hardly more.</summary>
    public static bool HasDuplicateMedoids(Dissimilarities d, Clustering found) =>
        found.Medoids.Any(one => found.Medoids.Any(other => one != other && d[one, other] == 0));

    /// <summary>
    /// Finds the first candidate whose swap lowers the objective; -1 if there is none. With many records several candidates are tried
    /// in parallel. The result is the same, because up to the first swap all candidates are compared with the same medoids.
    /// </summary>
    private static (int Candidate, int Replaced) Improvement(SwapSearch state, int first, int end, bool isLarge)
    {
        if (!isLarge)
        {
            for (var c = first; c < end; c++)
            {
                if (!state.IsMedoid(c) && state.BestSwap(c) is var (replaced, change) && change < -Epsilon)
                {
                    return (c, replaced);
                }
            }

            return (-1, -1);
        }

        var swaps = new (int Replaced, double Change)[end - first];
        Parallel.For(first, end, RowLoop.Options(), state.Workspace, (c, _, own) =>
        {
            swaps[c - first] = state.IsMedoid(c) ? (-1, 0) : state.BestSwap(c, own);
            return own;
        }, _ => { });
        var better = Array.FindIndex(swaps, swap => swap.Change < -Epsilon);
        return better < 0 ? (-1, -1) : (first + better, swaps[better].Replaced);
    }

    /// <summary>Compares by objective (tolerance 1e-9), then by the positions of the medoids.</summary>
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
}
