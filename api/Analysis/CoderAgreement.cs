namespace AnkerOrte.Api.Analysis;

/// <summary>Agreement of several coders on the same units.</summary>
internal static class CoderAgreement
{
    /// <summary>
    /// Fleiss' kappa (J. L. Fleiss, Psychol. Bull. 76, 1971) of a table of units by categories. Each row must have the same number of
    /// ratings. Null if the numbers differ, if there are fewer than two ratings, or if expected agreement is 1.
    /// </summary>
    public static double? Fleiss(IReadOnlyList<IReadOnlyList<int>> table)
    {
        if (table.Count == 0 || table[0].Sum() is var raters && (raters < 2 || table.Any(row => row.Sum() != raters)))
        {
            return null;
        }

        double n = table[0].Sum(), agreed = 0, chance = 0;
        foreach (var row in table)
        {
            agreed += (row.Sum(count => (double)count * count) - n) / (n * (n - 1));
        }

        agreed /= table.Count;
        for (var category = 0; category < table[0].Count; category++)
        {
            var share = table.Sum(row => (double)row[category]) / (table.Count * n);
            chance += share * share;
        }

        return Math.Abs(1 - chance) < KMedoids.Epsilon ? null : (agreed - chance) / (1 - chance);
    }

    /// <summary>
    /// Krippendorff's alpha (K. Krippendorff, Content Analysis, 4th ed. 2019, ch. 12). Units may have different numbers of values;
    /// units with fewer than two are ignored. Null if no values can be paired, or if all values are equal.
    /// </summary>
    public static double? Alpha<T>(IEnumerable<IReadOnlyList<T>> units, Func<T, T, double> distance) where T : notnull
    {
        var pairable = units.Where(unit => unit.Count > 1).ToList();
        var values = pairable.SelectMany(unit => unit).CountBy(value => value).ToList();
        double n = values.Sum(value => (double)value.Value), observed = 0, expected = 0;
        foreach (var unit in pairable)
        {
            double sum = 0;
            for (var i = 0; i < unit.Count; i++)
            {
                for (var j = 0; j < unit.Count; j++)
                {
                    sum += i == j ? 0 : distance(unit[i], unit[j]);
                }
            }

            observed += sum / (unit.Count - 1);
        }

        foreach (var first in values)
        {
            foreach (var second in values)
            {
                expected += distance(first.Key, second.Key) * first.Value * second.Value;
            }
        }

        return n == 0 || expected < KMedoids.Epsilon ? null : 1 - (n - 1) * observed / expected;
    }

    public static double Nominal<T>(T a, T b) where T : notnull => a.Equals(b) ? 0 : 1;

    /// <summary>MASI distance of two sets of codes (R. Passonneau, LREC 2006): 1 - Jaccard × monotonicity.</summary>
    public static double Masi(IReadOnlySet<string> a, IReadOnlySet<string> b)
    {
        double both = a.Count(b.Contains), either = a.Count + b.Count - both;
        if (either == 0)
        {
            return 0;
        }

        var containment = both == either ? 1.0 : both == Math.Min(a.Count, b.Count) ? 2.0 / 3 : 1.0 / 3;
        return both == 0 ? 1 : 1 - both / either * containment;
    }
}
