namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Gower dissimilarity of records with values of several kinds and with unknown values: the weighted mean of the dissimilarities
/// in the dimensions that are known of both (J. C. Gower, "A general coefficient of similarity and some of its properties",
/// Biometrics 27, 1971). Sets are compared by Jaccard, once per dimension, so that long lists of codes do not outweigh short
/// ones. Except for sets it equals `daisy(metric = "gower")` of R's package cluster.
/// </summary>
internal static class Gower
{
    /// <summary>Compares two records.</summary>
    /// <returns>0 to 1, or null if they share no known dimension; and the share of the weight that could be compared.</returns>
    public static (double? Distance, double Coverage) Between(DataTable table, int i, int j)
    {
        var kernel = new GowerKernel(table);
        Span<double> sum = [0.0];
        Span<double> weight = [0.0];
        kernel.Add(i, j, sum, weight);
        var total = table.TotalWeight;
        return (weight[0] > 0 ? sum[0] / weight[0] : null, total > 0 ? weight[0] / total : 0);
    }

    /// <summary>Computes all pairs. Each pair is computed on its own, so the result does not depend on the number of cores.</summary>
    /// <param name="table">The records.</param>
    /// <param name="progress">Called with the share that is done, 0 to 1, by one thread at a time.</param>
    public static Dissimilarities Compute(DataTable table, Action<double>? progress = null, CancellationToken cancel = default)
    {
        var kernel = new GowerKernel(table);
        var result = new Dissimilarities(table.Count);
        var (done, told, gate) = (0, 0, new Lock());
        // Starts with the last row, which is the longest.
        RowLoop.Each(table.Count, () => (Sum: new double[table.Count], Weight: new double[table.Count]), (step, own) =>
        {
            var i = table.Count - 1 - step;
            var sum = own.Sum.AsSpan(0, i);
            var weight = own.Weight.AsSpan(0, i);
            sum.Clear();
            weight.Clear();
            kernel.Add(i, 0, sum, weight);
            result[i, i] = 0;
            for (var j = 0; j < i; j++)
            {
                result[i, j] = weight[j] > 0 ? sum[j] / weight[j] : double.NaN;
            }

            if (Interlocked.Increment(ref done) is var rows && rows % 256 == 0)
            {
                lock (gate)
                {
                    told = Math.Max(told, rows);
                    progress?.Invoke((double)told / table.Count);
                }
            }
        }, cancel);
        result.Mirror(cancel);
        progress?.Invoke(1);
        return result;
    }

    /// <summary>Dissimilarities from some records to all records, for tables whose square matrix would not fit into memory.</summary>
    public static double[][] Rows(DataTable table, IReadOnlyList<int> records)
    {
        var kernel = new GowerKernel(table);
        var rows = new double[records.Count][];
        Parallel.For(0, records.Count, RowLoop.Options(), r =>
        {
            var sum = new double[table.Count];
            var weight = new double[table.Count];
            kernel.Add(records[r], 0, sum, weight);
            for (var j = 0; j < sum.Length; j++)
            {
                sum[j] = weight[j] > 0 ? sum[j] / weight[j] : double.NaN;
            }

            sum[records[r]] = 0;
            rows[r] = sum;
        });
        return rows;
    }
}
