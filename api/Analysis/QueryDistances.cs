using System.Numerics;

namespace AnkerOrte.Api.Analysis;

/// <summary>Gower dissimilarities from a query to all records of a table.</summary>
internal static class QueryDistances
{
    /// <param name="table">The records.</param>
    /// <param name="query">Wanted value by column; null: unknown.</param>
    /// <returns>Dissimilarities (NaN if no known column is shared), and the share of the total weight that could be compared.</returns>
    public static (double[] Distance, double[] Coverage) From(DataTable table, IReadOnlyList<DataValue?> query)
    {
        var sum = new double[table.Count];
        var weight = new double[table.Count];
        for (var c = 0; c < table.Columns.Count; c++)
        {
            if (query[c] is { } value)
            {
                Add(table, c, value, sum, weight);
            }
        }

        var total = table.TotalWeight;
        for (var row = 0; row < sum.Length; row++)
        {
            sum[row] = weight[row] > 0 ? sum[row] / weight[row] : double.NaN;
            weight[row] = total > 0 ? weight[row] / total : 0;
        }

        return (sum, weight);
    }

    private static void Add(DataTable table, int c, DataValue value, double[] sum, double[] weight)
    {
        var (column, coded) = (table.Columns[c], table.Coded[c]);
        if (value is DataValue.Multi multi && column.Kind == ColumnKind.Multi)
        {
            AddSets(column.Weight, coded, multi.Codes, sum, weight);
            return;
        }

        for (var row = 0; row < sum.Length; row++)
        {
            if (coded.Known[row] && Between(column, coded, value, coded.Numbers[row]) is { } distance)
            {
                sum[row] += column.Weight * distance;
                weight[row] += column.Weight;
            }
        }
    }

    private static void AddSets(double columnWeight, CodedColumn coded, IReadOnlyList<string> codes, double[] sum, double[] weight)
    {
        var mask = new ulong[coded.Words];
        var size = 0;
        foreach (var code in codes.Distinct())
        {
            size++;
            for (var i = 0; i < coded.Codes.Count; i++)
            {
                if (coded.Codes[i] == code)
                {
                    mask[i / 64] |= 1UL << (i % 64);
                }
            }
        }

        for (var row = 0; row < sum.Length; row++)
        {
            if (!coded.Known[row])
            {
                continue;
            }

            int common = 0, own = 0;
            for (var word = 0; word < mask.Length; word++)
            {
                var bits = coded.Bits[row * mask.Length + word];
                common += BitOperations.PopCount(bits & mask[word]);
                own += BitOperations.PopCount(bits);
            }

            var union = size + own - common;
            // Two empty sets cannot be compared: joint absence is not a similarity.
            if (union > 0)
            {
                sum[row] += columnWeight * (1 - (double)common / union);
                weight[row] += columnWeight;
            }
        }
    }

    private static double? Between(DataColumn column, CodedColumn coded, DataValue value, double number) => value switch
    {
        DataValue.Nominal nominal => double.IsNaN(number) || coded.Codes[(int)number] != nominal.Code ? 1 : 0,
        DataValue.Ordinal ordinal => Math.Abs(ordinal.Rank - number) / coded.Scale,
        DataValue.Number asked => coded.Scale > 0 ? Math.Min(1, Math.Abs(asked.Value - number) / coded.Scale) : null,
        DataValue.Flag flag when column.Kind == ColumnKind.BinaryAsymmetric && !flag.Value && number == 0 => null,
        DataValue.Flag flag => flag.Value == (number == 1) ? 0 : 1,
        _ => throw new InvalidOperationException($"The column {column.Key} cannot be compared with a {value.GetType().Name}."),
    };
}
