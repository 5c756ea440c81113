namespace AnkerOrte.Api.Analysis;

/// <param name="Statistic">Pearson's chi-squared.</param>
/// <param name="Freedom">Degrees of freedom.</param>
/// <param name="CramersV">0 to 1; null if the table has a single row or column.</param>
/// <param name="CorrectedV">The same with the bias of small samples taken out (W. Bergsma, J. Korean Stat. Soc. 42, 2013).</param>
internal sealed record Association(double Statistic, int Freedom, double? CramersV, double? CorrectedV);

/// <summary>Tests of tables, and corrections for many of them.</summary>
internal static class Associations
{
    /// <summary>Two-sided exact test of a fourfold table: all tables that are no likelier than this one, to 1e-7 of it, as in R.</summary>
    public static double Fisher(FeatureTable table)
    {
        var (first, second, column) = (table.With + table.Without, table.OthersWith + table.OthersWithout, table.With + table.OthersWith);
        var all = LogChoose(first + second, column);
        double Probability(int cell) => Math.Exp(LogChoose(first, cell) + LogChoose(second, column - cell) - all);
        var observed = Probability(table.With);
        var p = 0.0;
        for (var cell = Math.Max(0, column - second); cell <= Math.Min(first, column); cell++)
        {
            var probability = Probability(cell);
            p += probability <= observed * (1 + 1e-7) ? probability : 0;
        }

        return Math.Min(1, p);
    }

    /// <summary>Adjusted for the false discovery rate (Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 57, 1995), in the order given.</summary>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> p)
    {
        var adjusted = new double[p.Count];
        var least = 1.0;
        var rank = p.Count;
        foreach (var i in Enumerable.Range(0, p.Count).OrderByDescending(i => p[i]).ThenByDescending(i => i))
        {
            least = Math.Min(least, p[i] * p.Count / rank--);
            adjusted[i] = least;
        }

        return adjusted;
    }

    /// <summary>Adjusted for any error at all (S. Holm, Scand. J. Stat. 6, 1979), in the order given.</summary>
    public static double[] Holm(IReadOnlyList<double> p)
    {
        var adjusted = new double[p.Count];
        var most = 0.0;
        var left = p.Count;
        foreach (var i in Enumerable.Range(0, p.Count).OrderBy(i => p[i]).ThenBy(i => i))
        {
            most = Math.Max(most, Math.Min(1, p[i] * left--));
            adjusted[i] = most;
        }

        return adjusted;
    }

    /// <summary>Rows and columns without cases do not count.</summary>
    public static Association ChiSquared(int[,] table)
    {
        var rows = Enumerable.Range(0, table.GetLength(0)).Select(i => Enumerable.Range(0, table.GetLength(1)).Sum(j => table[i, j])).ToArray();
        var columns = Enumerable.Range(0, table.GetLength(1)).Select(j => Enumerable.Range(0, table.GetLength(0)).Sum(i => table[i, j])).ToArray();
        double n = rows.Sum();
        double r = rows.Count(sum => sum > 0), c = columns.Count(sum => sum > 0);
        var statistic = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                var expected = rows[i] * columns[j] / n;
                statistic += expected > 0 ? (table[i, j] - expected) * (table[i, j] - expected) / expected : 0;
            }
        }

        if (Math.Min(r, c) < 2)
        {
            return new(0, 0, null, null);
        }

        var phi = Math.Max(0, statistic / n - (r - 1) * (c - 1) / (n - 1));
        var least = Math.Min(r - (r - 1) * (r - 1) / (n - 1), c - (c - 1) * (c - 1) / (n - 1)) - 1;
        return new(statistic, (int)((r - 1) * (c - 1)), Math.Sqrt(statistic / (n * Math.Min(r - 1, c - 1))), least > 0 ? Math.Sqrt(phi / least) : null);
    }

    /// <summary>
    /// Share of random arrangements with the same margins whose chi-squared is no smaller, the observed one counted with them.
    /// For tables in which most cells expect fewer than five cases.
    /// </summary>
    public static double Permutation(IReadOnlyList<int> groups, IReadOnlyList<int> classes, int arrangements, ulong seed)
    {
        var observed = ChiSquared(Table(groups, classes)).Statistic;
        var random = new SplitMix64(seed);
        var asLarge = 1;
        for (var a = 0; a < arrangements; a++)
        {
            var order = random.Shuffle(classes.Count);
            asLarge += ChiSquared(Table(groups, [.. order.Select(i => classes[i])])).Statistic >= observed - 1e-9 ? 1 : 0;
        }

        return (double)asLarge / (arrangements + 1);
    }

    public static int[,] Table(IReadOnlyList<int> groups, IReadOnlyList<int> classes)
    {
        var table = new int[groups.DefaultIfEmpty(-1).Max() + 1, classes.DefaultIfEmpty(-1).Max() + 1];
        for (var i = 0; i < groups.Count; i++)
        {
            table[groups[i], classes[i]]++;
        }

        return table;
    }

    private static double LogChoose(int n, int k)
    {
        // By sums, in an order of its own, so that it is exact to the last digits up to some ten thousand cases.
        var sum = 0.0;
        for (var i = 1; i <= Math.Min(k, n - k); i++)
        {
            sum += Math.Log((double)(n - Math.Min(k, n - k) + i) / i);
        }

        return sum;
    }
}
