using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Sums over rows of dissimilarities that decide which medoid is tried. Four partial sums are added in a fixed order, so that the
/// result is the same with and without vector instructions; no value is NaN. The methods are optimised from the first call on,
/// because a run ends before tiered compilation would optimise them.
/// </summary>
internal static class PartialSums
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(ReadOnlySpan<double> row)
    {
        var lanes = Vector256<double>.Zero;
        var i = 0;
        for (; i + 4 <= row.Length; i += 4)
        {
            lanes += Vector256.Create(row.Slice(i, 4));
        }

        var sum = Total(lanes);
        for (; i < row.Length; i++)
        {
            sum += row[i];
        }

        return sum;
    }

    /// <summary>Sums by how much the record of a row is nearer to each record than its nearest medoid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Gain(ReadOnlySpan<double> row, ReadOnlySpan<double> nearest)
    {
        var lanes = Vector256<double>.Zero;
        var i = 0;
        for (; i + 4 <= row.Length; i += 4)
        {
            lanes += Vector256.MaxNative(Vector256<double>.Zero, Vector256.Create(nearest.Slice(i, 4)) - Vector256.Create(row.Slice(i, 4)));
        }

        var sum = Total(lanes);
        for (; i < row.Length; i++)
        {
            sum += Math.Max(0, nearest[i] - row[i]);
        }

        return sum;
    }

    /// <summary>
    /// Computes how the objective changes if the record of this row becomes a medoid. Returns the gain that does not depend on the
    /// removed medoid. Adds to <paramref name="changes"/>, which must be zero, the correction of the removal loss of each medoid.
    /// </summary>
    /// <param name="row">Dissimilarities of the candidate.</param>
    /// <param name="nearest">Position of the nearest medoid of each record.</param>
    /// <param name="toNearest">Dissimilarity of each record to its nearest medoid.</param>
    /// <param name="toSecond">Dissimilarity of each record to its second nearest medoid.</param>
    /// <param name="changes">Four partial sums for each medoid, so that no sum waits for another.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Changes(ReadOnlySpan<double> row, ReadOnlySpan<int> nearest, ReadOnlySpan<double> toNearest, ReadOnlySpan<double> toSecond, Span<double> changes)
    {
        var gain = Vector256<double>.Zero;
        var i = 0;
        for (; i + 4 <= row.Length; i += 4)
        {
            var x = Vector256.Create(row.Slice(i, 4));
            var first = Vector256.Create(toNearest.Slice(i, 4));
            var second = Vector256.Create(toSecond.Slice(i, 4));
            gain += Vector256.MinNative(x, first) - first;
            var change = Vector256.MinNative(Vector256.MaxNative(x, first), second) - second;
            var medoids = nearest.Slice(i, 4);
            changes[4 * medoids[0]] += change[0];
            changes[4 * medoids[1] + 1] += change[1];
            changes[4 * medoids[2] + 2] += change[2];
            changes[4 * medoids[3] + 3] += change[3];
        }

        var sum = Total(gain);
        for (; i < row.Length; i++)
        {
            sum += Math.Min(row[i], toNearest[i]) - toNearest[i];
            changes[4 * nearest[i]] += Math.Min(Math.Max(row[i], toNearest[i]), toSecond[i]) - toSecond[i];
        }

        return sum;
    }

    private static double Total(Vector256<double> lanes) => lanes[0] + lanes[1] + (lanes[2] + lanes[3]);
}
