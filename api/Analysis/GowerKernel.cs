using System.Numerics;
using System.Runtime.CompilerServices;

namespace AnkerOrte.Api.Analysis;

/// <summary>
/// The inner loops of <see cref="Gower"/>: one pass over many records for each dimension. Binary dimensions of equal weight
/// share 64-bit words, so that one instruction counts many of them.
/// </summary>
internal sealed class GowerKernel
{
    private readonly List<Step> steps = [];

    public GowerKernel(DataTable table)
    {
        for (var c = 0; c < table.Columns.Count; c++)
        {
            var (column, coded) = (table.Columns[c], table.Coded[c]);
            if (column.Weight <= 0)
            {
                continue;
            }

            switch (column.Kind)
            {
                case ColumnKind.BinaryAsymmetric or ColumnKind.BinarySymmetric:
                    var block = steps.OfType<Binary>().LastOrDefault(block => block.Takes(column)) ?? Begin(column, table.Count);
                    block.Include(coded.Numbers);
                    break;
                case ColumnKind.Multi:
                    steps.Add(new Sets(column.Weight, coded));
                    break;
                case ColumnKind.Nominal:
                    steps.Add(new Classes(column.Weight, coded.Numbers));
                    break;
                default:
                    steps.Add(new Numbers(column.Weight, coded.Numbers, coded.Scale));
                    break;
            }
        }
    }

    /// <summary>
    /// Compares record <paramref name="i"/> with the records from <paramref name="first"/> on. Adds the weighted dissimilarities to
    /// <paramref name="sum"/> and the weights of the compared dimensions to <paramref name="weight"/>.
    /// </summary>
    public void Add(int i, int first, Span<double> sum, Span<double> weight)
    {
        foreach (var step in steps)
        {
            step.Add(i, first, sum, weight);
        }
    }

    private Binary Begin(DataColumn column, int count)
    {
        var block = new Binary(column.Kind, column.Weight, count);
        steps.Add(block);
        return block;
    }

    private abstract class Step
    {
        public abstract void Add(int i, int first, Span<double> sum, Span<double> weight);
    }

    private sealed class Binary(ColumnKind kind, double columnWeight, int count) : Step
    {
        private readonly ulong[] known = new ulong[count];
        private readonly ulong[] set = new ulong[count];
        private int columns;

        public bool Takes(DataColumn column) => columns < 64 && column.Kind == kind && column.Weight == columnWeight;

        public void Include(double[] numbers)
        {
            for (var row = 0; row < numbers.Length; row++)
            {
                known[row] |= (double.IsNaN(numbers[row]) ? 0UL : 1UL) << columns;
                set[row] |= (numbers[row] == 1 ? 1UL : 0UL) << columns;
            }

            columns++;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Add(int i, int first, Span<double> sum, Span<double> weight)
        {
            var (knownHere, setHere) = (known[i], set[i]);
            // In asymmetric dimensions joint absence is not a similarity.
            var everything = kind == ColumnKind.BinarySymmetric ? ulong.MaxValue : 0;
            for (var o = 0; o < sum.Length; o++)
            {
                var both = knownHere & known[first + o];
                var there = set[first + o];
                sum[o] += columnWeight * BitOperations.PopCount((setHere ^ there) & both);
                weight[o] += columnWeight * BitOperations.PopCount((setHere | there | everything) & both);
            }
        }
    }

    private sealed class Sets(double columnWeight, CodedColumn column) : Step
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Add(int i, int first, Span<double> sum, Span<double> weight)
        {
            if (!column.Known[i])
            {
                return;
            }

            var here = column.Bits.AsSpan(i * column.Words, column.Words);
            for (var o = 0; o < sum.Length; o++)
            {
                if (!column.Known[first + o])
                {
                    continue;
                }

                var there = column.Bits.AsSpan((first + o) * column.Words, column.Words);
                int shared = 0, either = 0;
                for (var word = 0; word < here.Length; word++)
                {
                    shared += BitOperations.PopCount(here[word] & there[word]);
                    either += BitOperations.PopCount(here[word] | there[word]);
                }

                // Two empty sets cannot be compared.
                if (either > 0)
                {
                    sum[o] += columnWeight * (either - shared) / either;
                    weight[o] += columnWeight;
                }
            }
        }
    }

    private sealed class Classes(double columnWeight, double[] numbers) : Step
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Add(int i, int first, Span<double> sum, Span<double> weight)
        {
            var here = numbers[i];
            for (var o = 0; o < sum.Length; o++)
            {
                var there = numbers[first + o];
                if (!double.IsNaN(here) && !double.IsNaN(there))
                {
                    sum[o] += here == there ? 0 : columnWeight;
                    weight[o] += columnWeight;
                }
            }
        }
    }

    private sealed class Numbers(double columnWeight, double[] numbers, double scale) : Step
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Add(int i, int first, Span<double> sum, Span<double> weight)
        {
            var here = numbers[i];
            for (var o = 0; scale > 0 && o < sum.Length; o++)
            {
                var difference = Math.Abs(here - numbers[first + o]);
                if (!double.IsNaN(difference))
                {
                    sum[o] += columnWeight * Math.Min(1, difference / scale);
                    weight[o] += columnWeight;
                }
            }
        }
    }
}
