namespace AnkerOrte.Api.Analysis;

/// <summary>
/// A map of records from their dissimilarities: classical multidimensional scaling (W. S. Torgerson, Psychometrika 17, 1952), the two
/// largest eigenvalues by power iteration. Deterministic: fixed start, and the record farthest from the middle lies to the right and above.
/// </summary>
internal static class ClassicalScaling
{
    private const int MostSteps = 1000;

    /// <returns>Coordinates of each record, and the share of the variation (sum of absolute eigenvalues by the trace) that the map shows.</returns>
    /// <param name="d">Pairs that cannot be compared count as the mean of all others.</param>
    public static (IReadOnlyList<(double X, double Y)> Points, double Shown) Map(Dissimilarities d)
    {
        var n = d.Count;
        if (n == 0)
        {
            return ([], 0);
        }

        var b = Center(d);
        var (first, firstValue) = Eigenvector(b, n, null);
        var (second, secondValue) = Eigenvector(b, n, first);
        var trace = Enumerable.Range(0, n).Sum(i => Math.Abs(b[i * n + i]));
        var (x, y) = (Scale(first, firstValue), Scale(second, secondValue));
        return ([.. x.Zip(y)], trace > 0 ? Math.Min(1, (Math.Max(0, firstValue) + Math.Max(0, secondValue)) / trace) : 0);
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

    /// <summary>Of the largest eigenvalue, orthogonal to another. The matrix is shifted so that the largest is also the largest in amount.</summary>
    private static (double[] Vector, double Value) Eigenvector(double[] b, int n, double[]? other)
    {
        var shift = Enumerable.Range(0, n).Max(i => Enumerable.Range(0, n).Sum(j => Math.Abs(b[i * n + j])));
        var random = new SplitMix64(1);
        var vector = Enumerable.Range(0, n).Select(_ => random.Unit() - .5).ToArray();
        var value = 0.0;
        for (var step = 0; step < MostSteps; step++)
        {
            Normalize(vector, other);
            var next = new double[n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    next[i] += b[i * n + j] * vector[j];
                }
            }

            var before = value;
            value = next.Zip(vector).Sum(pair => pair.First * pair.Second);
            for (var i = 0; i < n; i++)
            {
                next[i] += shift * vector[i];
            }

            vector = next;
            if (step > 10 && Math.Abs(value - before) <= 1e-13 * Math.Max(1, shift))
            {
                break;
            }
        }

        Normalize(vector, other);
        return (vector, value);
    }

    private static void Normalize(double[] vector, double[]? other)
    {
        if (other is not null)
        {
            var along = vector.Zip(other).Sum(pair => pair.First * pair.Second);
            for (var i = 0; i < vector.Length; i++)
            {
                vector[i] -= along * other[i];
            }
        }

        var length = Math.Sqrt(vector.Sum(x => x * x));
        for (var i = 0; i < vector.Length && length > 0; i++)
        {
            vector[i] /= length;
        }
    }

    private static double[] Scale(double[] vector, double value)
    {
        var farthest = vector.Aggregate(0.0, (most, x) => Math.Abs(x) > Math.Abs(most) + 1e-9 ? x : most);
        var scale = Math.Sqrt(Math.Max(0, value)) * (farthest < 0 ? -1 : 1);
        return [.. vector.Select(x => x * scale)];
    }
}
