namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Mean dissimilarity of each record to each group of a partition, without the record itself. Computed pair by pair without a square
/// matrix, so that ten thousand records need time but little memory.
/// </summary>
/// <param name="Means">By record and group; null if no pair can be compared.</param>
internal sealed record GroupDistances(double?[][] Means)
{
    public static GroupDistances Of(DataTable table, int[] labels, int groups, CancellationToken cancel = default)
    {
        var kernel = new GowerKernel(table);
        var means = new double?[table.Count][];
        RowLoop.Each(table.Count, () => (Sum: new double[table.Count], Weight: new double[table.Count]), (i, own) =>
        {
            own.Sum.AsSpan().Clear();
            own.Weight.AsSpan().Clear();
            kernel.Add(i, 0, own.Sum, own.Weight);
            var (sums, counts) = (new double[groups], new int[groups]);
            for (var o = 0; o < labels.Length; o++)
            {
                if (o != i && labels[o] >= 0 && own.Weight[o] > 0)
                {
                    sums[labels[o]] += own.Sum[o] / own.Weight[o];
                    counts[labels[o]]++;
                }
            }

            means[i] = [.. sums.Select((sum, group) => counts[group] == 0 ? (double?)null : sum / counts[group])];
        }, cancel);
        return new(means);
    }

    public Standing Standing(int record) =>
        new([.. Means[record].Select(mean => 1 - mean)], Typicalities.Memberships(Means[record], Typicalities.Fuzzifier));

    /// <summary>Silhouette of a record in a group; 0 if it is the only member, null if it cannot be computed.</summary>
    public double? Silhouette(int record, int group, int size)
    {
        var others = Means[record].Where((_, other) => other != group).OfType<double>().ToList();
        if (group < 0 || others.Count == 0)
        {
            return null;
        }

        return size == 1 ? 0 : Means[record][group] is not { } own ? null
            : Math.Max(own, others.Min()) is > 0 and var most ? (others.Min() - own) / most : 0;
    }
}
