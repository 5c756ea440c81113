namespace AnkerOrte.Api.Analysis;

/// <summary>Fisher's exact test of a 2×2 table, and the correction of p values for multiple tests.</summary>
internal static class Associations
{
    /// <summary>
    /// Fisher's exact test of a 2×2 table, two-sided: the p value sums all tables that are at most as likely as this one, with a
    /// relative tolerance of 1e-7, as in R.
    /// </summary>
    public static double Fisher(FeatureTable table)
    {
        var (first, second, column) = (table.With + table.Without, table.OthersWith + table.OthersWithout, table.With + table.OthersWith);
        var (least, most) = (Math.Max(0, column - second), Math.Min(first, column));
        // Starts at the most likely table and multiplies ratios of neighbouring tables. This avoids overflow and the rounding of
        // logarithms.
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

    /// <summary>
    /// P values adjusted for the false discovery rate (Y. Benjamini and Y. Hochberg, J. R. Stat. Soc. B 57, 1995), in the order given.
    /// </summary>
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
}
