namespace AnkerOrte.Api.Analysis;

/// <summary>Two clusters become one. Records are 0 to n - 1; the cluster made by step t is n + t.</summary>
internal sealed record Merge(int First, int Second, double Height, int Size);

internal enum LinkageMethod
{
    Average,
    Complete,
}

/// <summary>
/// Agglomerative clustering by the formulas of Lance and Williams, as a second opinion. Ward is not offered: it wants squared
/// Euclidean distances, which Gower's are not.
/// </summary>
internal static class Linkage
{
    /// <param name="d">Known of all pairs.</param>
    /// <param name="method">Average (UPGMA) or complete.</param>
    public static IReadOnlyList<Merge> Merges(Dissimilarities d, LinkageMethod method, CancellationToken cancel = default)
    {
        var n = d.Count;
        var distances = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                distances[i, j] = d[i, j];
            }
        }

        // By slot in the square: the number of the cluster that lies there and its size. In the order of numbers: the open slots.
        var (number, size) = (Enumerable.Range(0, n).ToArray(), Enumerable.Repeat(1, n).ToArray());
        var open = Enumerable.Range(0, n).ToList();
        // By slot: the nearest of the open slots that come later; -1 for the last.
        var nearest = new int[n];
        for (var at = 0; at < n; at++)
        {
            nearest[open[at]] = NearestName(distances, open, at);
        }

        var merges = new List<Merge>(Math.Max(0, n - 1));
        while (open.Count > 1)
        {
            cancel.ThrowIfCancellationRequested();
            var kept = open[0];
            foreach (var slot in open.Take(open.Count - 1))
            {
                kept = distances[slot, nearest[slot]] < distances[kept, nearest[kept]] - KMedoids.Epsilon ? slot : kept;
            }

            var gone = nearest[kept];
            var both = size[kept] + size[gone];
            merges.Add(new Merge(number[kept], number[gone], distances[kept, gone], both));
            open.Remove(kept);
            open.Remove(gone);
            foreach (var slot in open)
            {
                distances[kept, slot] = distances[slot, kept] = method == LinkageMethod.Complete
                    ? Math.Max(distances[kept, slot], distances[gone, slot])
                    : (size[kept] * distances[kept, slot] + size[gone] * distances[gone, slot]) / both;
            }

            (number[kept], size[kept]) = (n + merges.Count - 1, both);
            open.Add(kept);
            for (var at = 0; at < open.Count; at++)
            {
                var slot = open[at];
                if (at == open.Count - 1 || nearest[slot] == kept || nearest[slot] == gone || nearest[slot] < 0)
                {
                    nearest[slot] = NearestName(distances, open, at);
                }
                else if (distances[slot, kept] < distances[slot, nearest[slot]] - KMedoids.Epsilon)
                {
                    nearest[slot] = kept;
                }
            }
        }

        return merges;
    }

    /// <summary>Cluster of each record, numbered by their first records, when the last merges are undone.</summary>
    public static int[] Cut(IReadOnlyList<Merge> merges, int k)
    {
        var n = merges.Count + 1;
        var parent = Enumerable.Range(0, n + merges.Count).ToArray();
        for (var t = 0; t < n - k; t++)
        {
            parent[merges[t].First] = parent[merges[t].Second] = n + t;
        }

        var numbers = new Dictionary<int, int>();
        return [.. Enumerable.Range(0, n).Select(i =>
        {
            while (parent[i] != i)
            {
                i = parent[i];
            }

            return numbers.TryGetValue(i, out var number) ? number : numbers[i] = numbers.Count;
        })];
    }

    /// <summary>Records from left to right: those of the first cluster of each merge before those of its second.</summary>
    public static IReadOnlyList<int> Order(IReadOnlyList<Merge> merges)
    {
        var n = merges.Count + 1;
        var order = new List<int>(n);
        var open = new Stack<int>([n + merges.Count - 1]);
        while (open.TryPop(out var cluster))
        {
            if (cluster < n)
            {
                order.Add(cluster);
            }
            else
            {
                open.Push(merges[cluster - n].Second);
                open.Push(merges[cluster - n].First);
            }
        }

        return order;
    }

    /// <summary>
    /// Correlation of the dissimilarities with the heights at which pairs meet (R. R. Sokal and F. J. Rohlf, Taxon 11, 1962);
    /// null if one of them does not vary.
    /// </summary>
    public static double? CopheneticCorrelation(Dissimilarities d, IReadOnlyList<Merge> merges)
    {
        var members = Enumerable.Range(0, d.Count).Select(record => new List<int> { record }).ToList();
        var pairs = new List<(double Height, double Distance)>();
        foreach (var merge in merges)
        {
            pairs.AddRange(from one in members[merge.First] from other in members[merge.Second] select (merge.Height, d[one, other]));
            members.Add([.. members[merge.First], .. members[merge.Second]]);
        }

        if (pairs.Count == 0)
        {
            return null;
        }

        var (height, distance) = (pairs.Average(pair => pair.Height), pairs.Average(pair => pair.Distance));
        var heights = pairs.Sum(pair => (pair.Height - height) * (pair.Height - height));
        var distances = pairs.Sum(pair => (pair.Distance - distance) * (pair.Distance - distance));
        return heights < KMedoids.Epsilon || distances < KMedoids.Epsilon ? null
            : pairs.Sum(pair => (pair.Height - height) * (pair.Distance - distance)) / Math.Sqrt(heights * distances);
    }

    private static int NearestName(double[,] distances, List<int> open, int at)
    {
        var best = at + 1 < open.Count ? open[at + 1] : -1;
        for (var later = at + 2; later < open.Count; later++)
        {
            best = distances[open[at], open[later]] < distances[open[at], best] - KMedoids.Epsilon ? open[later] : best;
        }

        return best;
    }
}
