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
    /// <param name="d">Known of all pairs; the work grows with the cube of the number of records.</param>
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

        // Where a cluster lies in the square, its number, and its size; in the order of numbers.
        var open = Enumerable.Range(0, n).Select(i => (Slot: i, Number: i, Size: 1)).ToList();
        var merges = new List<Merge>(Math.Max(0, n - 1));
        while (open.Count > 1)
        {
            cancel.ThrowIfCancellationRequested();
            var (a, b) = Nearest(distances, open);
            var (first, second) = (open[a], open[b]);
            var size = first.Size + second.Size;
            merges.Add(new Merge(first.Number, second.Number, distances[first.Slot, second.Slot], size));
            foreach (var (slot, _, _) in open)
            {
                distances[first.Slot, slot] = distances[slot, first.Slot] = method == LinkageMethod.Complete
                    ? Math.Max(distances[first.Slot, slot], distances[second.Slot, slot])
                    : (first.Size * distances[first.Slot, slot] + second.Size * distances[second.Slot, slot]) / size;
            }

            open.RemoveAt(b);
            open.RemoveAt(a);
            open.Add((first.Slot, n + merges.Count - 1, size));
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

    private static (int First, int Second) Nearest(double[,] distances, List<(int Slot, int Number, int Size)> open)
    {
        var best = (First: 0, Second: 1);
        for (var a = 0; a < open.Count; a++)
        {
            for (var b = a + 1; b < open.Count; b++)
            {
                if (distances[open[a].Slot, open[b].Slot] < distances[open[best.First].Slot, open[best.Second].Slot] - KMedoids.Epsilon)
                {
                    best = (a, b);
                }
            }
        }

        return best;
    }
}
