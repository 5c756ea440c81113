namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Places records on a plane by classical multidimensional scaling of their dissimilarities (W. S. Torgerson, Psychometrika 17,
/// 1952). The signs of the axes are fixed: the record farthest from the centre lies to the upper right.
/// </summary>
internal static class ClassicalScaling
{
    /// <returns>
    /// Coordinates of each record, and the goodness of fit from 0 to 1: squares of the two eigenvalues divided by the squares of all
    /// (K. V. Mardia's second measure).
    /// </returns>
    /// <param name="d">Pairs without a known dissimilarity get the mean of all others.</param>
    public static (IReadOnlyList<(double X, double Y)> Points, double Shown) Map(Dissimilarities d, CancellationToken cancel = default)
    {
        if (d.Count == 0)
        {
            return ([], 0);
        }

        var b = Center(d);
        var pairs = LargestEigenvalues.Of(b, d.Count, 2, cancel);
        var all = b.Sum(x => x * x);
        var x = Scale(pairs[0]);
        var y = pairs.Count > 1 ? Scale(pairs[1]) : new double[d.Count];
        var shown = pairs.Sum(pair => Math.Max(0, pair.Value) * Math.Max(0, pair.Value));
        return ([.. x.Zip(y)], all > 0 ? Math.Min(1, shown / all) : 0);
    }

    private static double[] Center(Dissimilarities d)
    {
        var n = d.Count;
        var (sum, count) = (0.0, 0);
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                sum += double.IsNaN(d[i, j]) ? 0 : d[i, j];
                count += double.IsNaN(d[i, j]) ? 0 : 1;
            }
        }

        var mean = count == 0 ? 0 : sum / count;
        var b = new double[n * n];
        var rows = new double[n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var x = double.IsNaN(d[i, j]) ? mean : d[i, j];
                b[i * n + j] = -.5 * x * x;
                rows[i] += b[i * n + j];
            }

            rows[i] /= n;
        }

        var all = rows.Average();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                b[i * n + j] += all - rows[i] - rows[j];
            }
        }

        return b;
    }

    private static double[] Scale((double Value, double[] Vector) pair)
    {
        var farthest = pair.Vector.Aggregate(0.0, (most, x) => Math.Abs(x) > Math.Abs(most) + 1e-9 ? x : most);
        var scale = Math.Sqrt(Math.Max(0, pair.Value)) * (farthest < 0 ? -1 : 1);
        return [.. pair.Vector.Select(x => x * scale)];
    }
}
