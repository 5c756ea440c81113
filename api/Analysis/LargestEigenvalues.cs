namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Largest eigenvalues of a symmetric matrix and their eigenvectors: the Lanczos method (C. Lanczos, J. Res. Natl. Bur. Stand. 45,
/// 1950) with full reorthogonalisation and a fixed start vector. Jacobi rotations solve the small tridiagonal matrix.
/// </summary>
internal static class LargestEigenvalues
{
    private const int FirstLook = 40;
    private const double Precision = 1e-13;

    /// <param name="matrix">The matrix, row by row.</param>
    /// <param name="n">Number of rows.</param>
    /// <param name="wanted">Number of eigenvalues. The result has fewer if the matrix has fewer rows.</param>
    public static IReadOnlyList<(double Value, double[] Vector)> Of(double[] matrix, int n, int wanted, CancellationToken cancel = default)
    {
        var random = new SplitMix64(1);
        var directions = new List<double[]>();
        var (diagonal, beside) = (new List<double>(), new List<double>());
        var next = Direction(random, n, directions);
        for (var look = FirstLook; ;)
        {
            cancel.ThrowIfCancellationRequested();
            directions.Add(next);
            var image = Times(matrix, n, next, cancel);
            diagonal.Add(Dot(image, next));
            Clear(image, directions);
            var length = Math.Sqrt(Dot(image, image));
            var largest = diagonal.Concat(beside).Max(Math.Abs);
            var isClosed = length <= Precision * Math.Max(largest, double.Epsilon);
            if (directions.Count == n)
            {
                return Rotate(diagonal, beside, directions, wanted);
            }

            if (directions.Count >= look)
            {
                look *= 2;
                var found = Rotate(diagonal, beside, directions, wanted);
                if (!isClosed && found.All(pair => length * Math.Abs(Dot(pair.Vector, next)) <= Precision * largest))
                {
                    return found;
                }
            }

            // The Krylov space of the start vector is exhausted. Continue with a new direction.
            beside.Add(isClosed ? 0 : length);
            next = isClosed ? Direction(random, n, directions) : [.. image.Select(x => x / length)];
        }
    }

    private static double[] Direction(SplitMix64 random, int n, List<double[]> others)
    {
        while (true)
        {
            var vector = Enumerable.Range(0, n).Select(_ => random.Unit() - .5).ToArray();
            Clear(vector, others);
            var length = Math.Sqrt(Dot(vector, vector));
            if (length > 1e-6)
            {
                vector = [.. vector.Select(x => x / length)];
                Clear(vector, others);
                return vector;
            }
        }
    }

    /// <summary>Makes a vector orthogonal to the directions. Done twice, because rounding leaves a remainder the first time.</summary>
    private static void Clear(double[] vector, List<double[]> directions)
    {
        foreach (var direction in directions.Concat(directions))
        {
            var along = Dot(vector, direction);
            for (var i = 0; i < vector.Length; i++)
            {
                vector[i] -= along * direction[i];
            }
        }
    }

    private static double[] Times(double[] matrix, int n, double[] vector, CancellationToken cancel)
    {
        var image = new double[n];
        RowLoop.Each(n, () => 0, (i, _) => image[i] = Dot(matrix.AsSpan(i * n, n), vector), cancel);
        return image;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Eigenvalues and eigenvectors of the small matrix. The vectors are converted to the space of the large matrix.</summary>
    private static IReadOnlyList<(double Value, double[] Vector)> Rotate(List<double> diagonal, List<double> beside, List<double[]> directions, int wanted)
    {
        var m = diagonal.Count;
        var a = new double[m, m];
        var v = new double[m, m];
        for (var i = 0; i < m; i++)
        {
            (a[i, i], v[i, i]) = (diagonal[i], 1);
            if (i + 1 < m)
            {
                a[i, i + 1] = a[i + 1, i] = beside[i];
            }
        }

        Jacobi(a, v, m);
        return [.. Enumerable.Range(0, m).OrderByDescending(i => a[i, i]).ThenBy(i => i).Take(wanted).Select(at =>
        {
            var vector = new double[directions[0].Length];
            for (var j = 0; j < m; j++)
            {
                for (var i = 0; i < vector.Length; i++)
                {
                    vector[i] += v[j, at] * directions[j][i];
                }
            }

            return (a[at, at], vector);
        })];
    }

    private static void Jacobi(double[,] a, double[,] v, int m)
    {
        for (var sweep = 0; sweep < 50; sweep++)
        {
            var off = 0.0;
            for (var p = 0; p < m; p++)
            {
                for (var q = p + 1; q < m; q++)
                {
                    off = Math.Max(off, Math.Abs(a[p, q]));
                    if (a[p, q] != 0)
                    {
                        Turn(a, v, m, p, q);
                    }
                }
            }

            if (off < 1e-300)
            {
                return;
            }
        }
    }

    private static void Turn(double[,] a, double[,] v, int m, int p, int q)
    {
        var theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        var tangent = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        var cosine = 1 / Math.Sqrt(tangent * tangent + 1);
        var sine = tangent * cosine;
        for (var i = 0; i < m; i++)
        {
            (a[i, p], a[i, q]) = (cosine * a[i, p] - sine * a[i, q], sine * a[i, p] + cosine * a[i, q]);
            (v[i, p], v[i, q]) = (cosine * v[i, p] - sine * v[i, q], sine * v[i, p] + cosine * v[i, q]);
        }

        for (var i = 0; i < m; i++)
        {
            (a[p, i], a[q, i]) = (cosine * a[p, i] - sine * a[q, i], sine * a[p, i] + cosine * a[q, i]);
        }

        a[p, q] = a[q, p] = 0;
    }
}
