namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Dissimilarities of all pairs, 0 to 1; NaN if two records share no known dimension. A square matrix, so that the row of a record
/// is contiguous. Up to <see cref="LargestExact"/> records are stored in double precision, more in single precision (error of a
/// value at most 3e-8): 10,000 records take 400 MB.
/// </summary>
internal sealed class Dissimilarities
{
    public const int LargestExact = 5_000;

    /// <summary>Largest number of records. More would not fit into an array.</summary>
    public const int Largest = 40_000;

    private readonly double[] exact;
    private readonly float[] rounded;

    public Dissimilarities(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Largest);
        Count = count;
        exact = count <= LargestExact ? GC.AllocateUninitializedArray<double>(count * count) : [];
        rounded = count <= LargestExact ? [] : GC.AllocateUninitializedArray<float>(count * count);
    }

    public int Count { get; }

    public double this[int i, int j]
    {
        get => rounded.Length == 0 ? exact[i * Count + j] : rounded[i * Count + j];
        set
        {
            if (rounded.Length == 0)
            {
                exact[i * Count + j] = value;
            }
            else
            {
                rounded[i * Count + j] = (float)value;
            }
        }
    }

    /// <summary>A buffer for <see cref="Row"/>; empty in double precision, where none is needed.</summary>
    public double[] Scratch() => rounded.Length == 0 ? [] : new double[Count];

    /// <summary>The row of a record.</summary>
    /// <param name="i">The record.</param>
    /// <param name="scratch">Buffer from <see cref="Scratch"/>. Its content is overwritten.</param>
    public ReadOnlySpan<double> Row(int i, Span<double> scratch)
    {
        if (rounded.Length == 0)
        {
            return exact.AsSpan(i * Count, Count);
        }

        var row = rounded.AsSpan(i * Count, Count);
        for (var j = 0; j < row.Length; j++)
        {
            scratch[j] = row[j];
        }

        return scratch;
    }

    /// <summary>Sets the value of all pairs that cannot be compared.</summary>
    /// <returns>Number of such pairs.</returns>
    public int Fill(double value)
    {
        var filled = 0;
        foreach (ref var x in exact.AsSpan())
        {
            if (double.IsNaN(x))
            {
                x = value;
                filled++;
            }
        }

        foreach (ref var x in rounded.AsSpan())
        {
            if (float.IsNaN(x))
            {
                x = (float)value;
                filled++;
            }
        }

        return filled / 2;
    }

    /// <summary>The matrix of some records, by position in ascending order.</summary>
    public Dissimilarities Select(IReadOnlyList<int> rows)
    {
        var result = new Dissimilarities(rows.Count);
        var columns = rows.ToArray();
        var scratch = Scratch();
        for (var i = 0; i < columns.Length; i++)
        {
            var row = Row(columns[i], scratch);
            if (result.rounded.Length == 0)
            {
                Pick(row, columns, result.exact.AsSpan(i * columns.Length, columns.Length));
            }
            else
            {
                // This matrix has at least as many records as the result, so it is in single precision as well.
                Pick(rounded.AsSpan(columns[i] * Count, Count), columns, result.rounded.AsSpan(i * columns.Length, columns.Length));
            }
        }

        return result;
    }

    private static void Pick<T>(ReadOnlySpan<T> from, int[] columns, Span<T> to)
    {
        for (var j = 0; j < columns.Length; j++)
        {
            to[j] = from[columns[j]];
        }
    }

    /// <summary>Copies the lower triangle to the upper one, in tiles that fit the cache.</summary>
    public void Mirror(CancellationToken cancel)
    {
        const int tile = 64;
        RowLoop.Each((Count + tile - 1) / tile, () => 0, (down, _) =>
        {
            for (var right = 0; right <= down; right++)
            {
                for (var i = down * tile; i < Math.Min(Count, (down + 1) * tile); i++)
                {
                    for (var j = right * tile; j < Math.Min(i, (right + 1) * tile); j++)
                    {
                        this[j, i] = this[i, j];
                    }
                }
            }
        }, cancel);
    }
}
