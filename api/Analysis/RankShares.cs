namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Share of random weightings in which each alternative gets each rank. Weightings are drawn around the chosen one (R. Lahdelma,
/// J. Hokkanen, P. Salminen, "SMAA - stochastic multiobjective acceptability analysis", EJOR 106, 1998).
/// </summary>
internal static class RankShares
{
    public const double UsualConcentration = 30;

    /// <param name="weights">Mean of the weightings: positive, with sum 1.</param>
    /// <param name="fits">Fit by alternative and criterion.</param>
    /// <param name="concentration">Concentration of the Dirichlet distribution. A higher value draws closer to the weights.</param>
    /// <returns>Share by alternative and rank.</returns>
    public static double[][] Draw(IReadOnlyList<double> weights, IReadOnlyList<double[]> fits, double concentration, int draws, ulong seed)
    {
        var random = new SplitMix64(seed);
        var counts = new int[fits.Count][];
        for (var i = 0; i < fits.Count; i++)
        {
            counts[i] = new int[fits.Count];
        }

        var drawn = new double[weights.Count];
        var scores = new double[fits.Count];
        for (var draw = 0; draw < draws; draw++)
        {
            // The division by the sum of the gamma values is left out, because it does not change the order of the scores.
            for (var c = 0; c < weights.Count; c++)
            {
                drawn[c] = Gamma(random, concentration * weights[c]);
            }

            for (var i = 0; i < fits.Count; i++)
            {
                var score = 0.0;
                for (var c = 0; c < weights.Count; c++)
                {
                    score += drawn[c] * fits[i][c];
                }

                scores[i] = score;
            }

            for (var i = 0; i < fits.Count; i++)
            {
                var rank = 0;
                for (var j = 0; j < fits.Count; j++)
                {
                    rank += scores[j] > scores[i] || (scores[j] == scores[i] && j < i) ? 1 : 0;
                }

                counts[i][rank]++;
            }
        }

        return [.. counts.Select(ranks => ranks.Select(count => (double)count / draws).ToArray())];
    }

    /// <summary>
    /// A gamma variate (G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000), with their
    /// boost for shapes below 1.
    /// </summary>
    public static double Gamma(SplitMix64 random, double shape)
    {
        if (shape < 1)
        {
            return Gamma(random, shape + 1) * Math.Pow(1 - random.Unit(), 1 / shape);
        }

        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal(random);
            var v = 1 + c * x;
            if (v <= 0)
            {
                continue;
            }

            v = v * v * v;
            // 1 - Unit() is never 0, so the logarithm exists.
            if (Math.Log(1 - random.Unit()) < .5 * x * x + d - d * v + d * Math.Log(v))
            {
                return d * v;
            }
        }
    }

    /// <summary>A normal variate (Box-Muller). The second value is not used, so that each call draws two numbers.</summary>
    private static double Normal(SplitMix64 random) => Math.Sqrt(-2 * Math.Log(1 - random.Unit())) * Math.Cos(2 * Math.PI * random.Unit());
}
