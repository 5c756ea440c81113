namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Silhouettes (P. J. Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987): how much nearer records are to their own cluster
/// than to the next one, -1 to 1. Undefined for a single cluster. Structure of an average: strong above .70, reasonable above .50,
/// weak above .25, otherwise none (Kaufman and Rousseeuw). For sets of attributes .2 to .4 is usual.
/// </summary>
/// <param name="Values">Silhouette of each record; 0 in a cluster of one record, null outside the partition.</param>
/// <param name="Neighbours">The next cluster of each record; -1 outside the partition.</param>
/// <param name="Average">Mean of the records.</param>
/// <param name="MacroAverage">Mean of the means of the clusters.</param>
internal sealed record Silhouette(double?[] Values, int[] Neighbours, double? Average, double? MacroAverage)
{
    /// <param name="d">Dissimilarities of all pairs, without NaN.</param>
    /// <param name="labels">Cluster of each record from 0; -1 outside the partition.</param>
    public static Silhouette Of(Dissimilarities d, int[] labels, CancellationToken cancel = default)
    {
        var clusters = labels.Length == 0 ? 0 : labels.Max() + 1;
        var sizes = new int[clusters];
        foreach (var label in labels.Where(label => label >= 0))
        {
            sizes[label]++;
        }

        var values = new double?[labels.Length];
        var neighbours = new int[labels.Length];
        Array.Fill(neighbours, -1);
        if (sizes.Count(size => size > 0) < 2)
        {
            return new(values, neighbours, null, null);
        }

        RowLoop.Each(labels.Length, d.Scratch, (i, scratch) =>
        {
            if (labels[i] >= 0)
            {
                (values[i], neighbours[i]) = OfRecord(d.Row(i, scratch), i, labels, sizes);
            }
        }, cancel);
        var byCluster = new double[clusters];
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] >= 0)
            {
                byCluster[labels[i]] += values[i]!.Value;
            }
        }

        return new(values, neighbours, byCluster.Sum() / sizes.Sum(), Enumerable.Range(0, clusters).Where(c => sizes[c] > 0).Average(c => byCluster[c] / sizes[c]));
    }

    /// <summary>Medoid silhouettes from the two nearest medoids: 1 - d1 / d2, and 1 for a medoid. Null with one medoid.</summary>
    public static double?[] OfMedoids(Dissimilarities d, int[] medoids) => [.. Enumerable.Range(0, d.Count).Select(o =>
    {
        var two = medoids.Select(medoid => d[medoid, o]).Order().Take(2).ToArray();
        return two.Length < 2 ? null : (double?)(two[0] == 0 ? 1 : 1 - two[0] / two[1]);
    })];

    private static (double Value, int Neighbour) OfRecord(ReadOnlySpan<double> row, int i, int[] labels, int[] sizes)
    {
        Span<double> sums = sizes.Length <= 64 ? stackalloc double[sizes.Length] : new double[sizes.Length];
        sums.Clear();
        for (var o = 0; o < row.Length; o++)
        {
            if (labels[o] >= 0 && o != i)
            {
                sums[labels[o]] += row[o];
            }
        }

        var neighbour = -1;
        for (var c = 0; c < sizes.Length; c++)
        {
            if (c != labels[i] && sizes[c] > 0 && (neighbour < 0 || sums[c] / sizes[c] < sums[neighbour] / sizes[neighbour] - KMedoids.Epsilon))
            {
                neighbour = c;
            }
        }

        if (sizes[labels[i]] == 1)
        {
            return (0, neighbour);
        }

        var own = sums[labels[i]] / (sizes[labels[i]] - 1);
        var next = sums[neighbour] / sizes[neighbour];
        return (Math.Max(own, next) > 0 ? (next - own) / Math.Max(own, next) : 0, neighbour);
    }
}
