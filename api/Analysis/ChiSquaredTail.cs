namespace AnkerOrte.Api.Analysis;

/// <summary>Upper tail of the chi-squared distribution: the regularised incomplete gamma function, by its series or its continued fraction.</summary>
internal static class ChiSquaredTail
{
    private const int MostTerms = 10_000;

    public static double Of(double statistic, int freedom)
    {
        var (a, x) = (freedom / 2.0, statistic / 2);
        if (x <= 0)
        {
            return 1;
        }

        var scale = Math.Exp(a * Math.Log(x) - x - LogGamma(freedom));
        return Math.Clamp(x < a + 1 ? 1 - scale * Series(a, x) : scale * Fraction(a, x), 0, 1);
    }

    private static double Series(double a, double x)
    {
        var (sum, term) = (1 / a, 1 / a);
        for (var n = 1; n < MostTerms && term > sum * 1e-17; n++)
        {
            term *= x / (a + n);
            sum += term;
        }

        return sum;
    }

    // W. J. Lentz, Appl. Opt. 15, 1976.
    private static double Fraction(double a, double x)
    {
        var b = x + 1 - a;
        var (c, d) = (1e300, 1 / b);
        var value = d;
        for (var n = 1; n < MostTerms; n++)
        {
            var factor = -n * (n - a);
            b += 2;
            d = 1 / (factor * d + b);
            c = b + factor / c;
            value *= d * c;
            if (Math.Abs(d * c - 1) < 1e-16)
            {
                break;
            }
        }

        return value;
    }

    /// <summary>Logarithm of the gamma function at half a whole number.</summary>
    private static double LogGamma(int twice)
    {
        var sum = twice % 2 == 0 ? 0 : Math.Log(Math.PI) / 2;
        for (var x = twice % 2 == 0 ? 1.0 : .5; x < twice / 2.0; x++)
        {
            sum += Math.Log(x);
        }

        return sum;
    }
}
