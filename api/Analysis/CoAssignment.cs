using System.Runtime.CompilerServices;

namespace AnkerOrte.Api.Analysis;

/// <summary>Share of the replicates with both records in which they are in the same cluster. At most 65,535 replicates.</summary>
internal sealed class CoAssignment(int count)
{
    // Lower triangles with the diagonal. 5,000 records take 50 MB.
    private readonly ushort[] together = new ushort[Index(count, 0)];
    private readonly ushort[] both = new ushort[Index(count, 0)];

    /// <summary>0 to 1; NaN if no replicate contains both records.</summary>
    public double this[int i, int j] => Index(Math.Max(i, j), Math.Min(i, j)) is var at && both[at] == 0 ? double.NaN : (double)together[at] / both[at];

    /// <param name="sample">Records of a replicate, ascending.</param>
    /// <param name="labels">Cluster of each of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int[] sample, int[] labels)
    {
        for (var i = 0; i < sample.Length; i++)
        {
            var row = Index(sample[i], 0);
            for (var j = 0; j <= i; j++)
            {
                both[row + sample[j]]++;
                together[row + sample[j]] += labels[i] == labels[j] ? (ushort)1 : (ushort)0;
            }
        }
    }

    /// <summary>
    /// Mean co-assignment of a record with the other members of a group. A member that is with another group nearly as often is a
    /// hybrid. Null if no replicate contains the record together with one of them.
    /// </summary>
    public double? WithGroup(int record, IReadOnlyList<int> labels, int group)
    {
        var shares = Enumerable.Range(0, count).Where(other => other != record && labels[other] == group).Select(other => this[record, other]).Where(share => !double.IsNaN(share)).ToList();
        return shares.Count == 0 ? null : shares.Average();
    }

    private static int Index(int i, int j) => i * (i + 1) / 2 + j;
}
