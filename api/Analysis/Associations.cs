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
        var (least, most) = (Math.Max(0, column - second), Math.Min(first, column));
        // From the likeliest table outwards, by ratios of neighbours: nothing overflows, and no logarithm costs digits.
        var mode = (int)Math.Clamp((first + 1.0) * (column + 1.0) / (first + second + 2.0), least, most);
        var likelihoods = new double[most - least + 1];
        likelihoods[mode - least] = 1;
        for (var cell = mode; cell < most; cell++)
        {
            likelihoods[cell + 1 - least] = likelihoods[cell - least] * ((double)(first - cell) * (column - cell) / ((cell + 1.0) * (second - column + cell + 1.0)));
        }

        for (var cell = mode; cell > least; cell--)
        {
            likelihoods[cell - 1 - least] = likelihoods[cell - least] * (cell * (double)(second - column + cell) / ((first - cell + 1.0) * (column - cell + 1.0)));
        }

        var limit = likelihoods[table.With - least] * (1 + 1e-7);
        return likelihoods.Sum(likelihood => likelihood <= limit ? likelihood : 0) / likelihoods.Sum();
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
    /// Probability of such a table or a more uneven one if rows and columns are independent: by chi-squared, but where more than a
    /// fifth of the cells expect fewer than five cases by random arrangements. Null with a single row or column.
    /// </summary>
    public static double? Independence(IReadOnlyList<int> groups, IReadOnlyList<int> classes, int arrangements, ulong seed)
    {
        var table = Table(groups, classes);
        var found = ChiSquared(table);
        return found.Freedom == 0 ? null
            : ShareOfSmallExpectations(table) > .2 ? Permutation(groups, classes, arrangements, seed)
            : ChiSquaredTail.Of(found.Statistic, found.Freedom);
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

    private static double ShareOfSmallExpectations(int[,] table)
    {
        var rows = Enumerable.Range(0, table.GetLength(0)).Select(i => Enumerable.Range(0, table.GetLength(1)).Sum(j => table[i, j])).Where(sum => sum > 0).ToArray();
        var columns = Enumerable.Range(0, table.GetLength(1)).Select(j => Enumerable.Range(0, table.GetLength(0)).Sum(i => table[i, j])).Where(sum => sum > 0).ToArray();
        double n = rows.Sum();
        return rows.Sum(row => columns.Count(column => row * column / n < 5)) / ((double)rows.Length * columns.Length);
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
}
