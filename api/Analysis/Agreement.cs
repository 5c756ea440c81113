namespace AnkerOrte.Api.Analysis;

/// <summary>Agreement of two classifications of the same records.</summary>
internal static class Agreement
{
    /// <summary>Adjusted Rand index of two partitions (L. Hubert and P. Arabie, J. Classif. 2, 1985). 1: equal; 0: as by chance.</summary>
    public static double AdjustedRandIndex(IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        var cells = a.Zip(b).CountBy(pair => pair).Sum(cell => Pairs(cell.Value));
        var first = a.CountBy(label => label).Sum(group => Pairs(group.Value));
        var second = b.CountBy(label => label).Sum(group => Pairs(group.Value));
        var expected = Pairs(a.Count) == 0 ? 0 : first * second / Pairs(a.Count);
        var most = (first + second) / 2;
        return Math.Abs(most - expected) < KMedoids.Epsilon ? 1 : (cells - expected) / (most - expected);
    }

    /// <summary>Cohen's kappa of a square table (J. Cohen, Educ. Psychol. Meas. 20, 1960); null if expected agreement is 1.</summary>
    public static double? Cohen(int[,] table)
    {
        double total = 0, agreed = 0, chance = 0;
        for (var i = 0; i < table.GetLength(0); i++)
        {
            double row = 0, column = 0;
            for (var j = 0; j < table.GetLength(1); j++)
            {
                row += table[i, j];
                column += table[j, i];
            }

            total += row;
            agreed += table[i, i];
            chance += row * column;
        }

        if (total == 0)
        {
            return null;
        }

        chance /= total * total;
        return Math.Abs(1 - chance) < KMedoids.Epsilon ? null : (agreed / total - chance) / (1 - chance);
    }

    /// <summary>
    /// Assigns each row of a table to a column so that the sum of the assigned cells is largest (Hungarian method with potentials).
    /// -1: no column, if there are more rows than columns.
    /// </summary>
    public static int[] Match(int[,] table)
    {
        int rows = table.GetLength(0), columns = table.GetLength(1), n = Math.Max(rows, columns);
        long Cost(int i, int j) => i < rows && j < columns ? -table[i, j] : 0;
        var (u, v, owner) = (new long[n + 1], new long[n + 1], new int[n + 1]);
        for (var i = 1; i <= n; i++)
        {
            var (least, way, used) = (new long[n + 1], new int[n + 1], new bool[n + 1]);
            Array.Fill(least, long.MaxValue);
            owner[0] = i;
            var at = 0;
            while (owner[at] != 0)
            {
                used[at] = true;
                var (delta, next) = (long.MaxValue, 0);
                for (var j = 1; j <= n; j++)
                {
                    if (used[j])
                    {
                        continue;
                    }

                    var reduced = Cost(owner[at] - 1, j - 1) - u[owner[at]] - v[j];
                    if (reduced < least[j])
                    {
                        (least[j], way[j]) = (reduced, at);
                    }

                    if (least[j] < delta)
                    {
                        (delta, next) = (least[j], j);
                    }
                }

                for (var j = 0; j <= n; j++)
                {
                    if (used[j])
                    {
                        u[owner[j]] += delta;
                        v[j] -= delta;
                    }
                    else
                    {
                        least[j] -= delta;
                    }
                }

                at = next;
            }

            for (; at != 0; at = way[at])
            {
                owner[at] = owner[way[at]];
            }
        }

        var matched = new int[rows];
        for (var j = 1; j <= n; j++)
        {
            if (owner[j] <= rows)
            {
                matched[owner[j] - 1] = j <= columns ? j - 1 : -1;
            }
        }

        return matched;
    }

    private static double Pairs(int n) => n * (n - 1.0) / 2;
}
