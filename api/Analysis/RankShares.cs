namespace AnkerOrte.Api.Analysis;

/// <summary>
/// In which share of weightings each alternative reaches each rank, weightings being drawn around the chosen one (R. Lahdelma,
/// J. Hokkanen, P. Salminen, "SMAA - stochastic multiobjective acceptability analysis", EJOR 106, 1998).
/// </summary>
internal static class RankShares
{
    public const double UsualConcentration = 30;

    /// <param name="weights">Positive, with sum 1; the mean of the weightings.</param>
    /// <param name="fits">Alternative by criterion.</param>
    /// <param name="concentration">Of the Dirichlet distribution: the higher, the nearer to the weights.</param>
    /// <returns>Alternative by rank.</returns>
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
            // The sum of the gammas would divide all scores alike, so it is left out.
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

    /// <summary>G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000; below shape 1 by their boost.</summary>
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
            // 1 - unit is never 0.
            if (Math.Log(1 - random.Unit()) < .5 * x * x + d - d * v + d * Math.Log(v))
            {
                return d * v;
            }
        }
    }

    /// <summary>Box and Muller; the second value is dropped, so that the order of draws stays simple.</summary>
    private static double Normal(SplitMix64 random) => Math.Sqrt(-2 * Math.Log(1 - random.Unit())) * Math.Cos(2 * Math.PI * random.Unit());
}
