namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Scales the sums of a table to its published numbers and margins. Hidden cells are scaled to the remainder of their line. Scaling
/// whole lines would take hundreds of rounds if a few small hidden cells are beside large published ones.
/// </summary>
internal sealed class CubeFit
{
    private const int Rounds = 200;
    private const double Exact = 0.0005;

    private readonly double[] _values;
    private readonly bool[] _hidden;
    private readonly (int[] Cells, double Left)[] _rests;

    public CubeFit(CubeLayer layer, CubeTable table)
    {
        (_values, _hidden) = (layer.Values[table.Number], layer.Hidden[table.Number]);
        var parts = Enumerable.Range(0, layer.Parts).ToArray();
        var rests = new List<int[]>();
        foreach (var line in table.Lines.Where(line => !layer.Sizes.Withheld[line.MarginTable]))
        {
            foreach (var part in parts.Where(part => !layer.IsHidden(new(line.MarginTable, line.MarginGroup, part))))
            {
                rests.Add([.. line.Groups.Select(group => (group * layer.Parts) + part).Where(cell => _hidden[cell])]);
            }

            if (layer.AddsUpToSizes && !layer.IsHiddenGroup(line.MarginTable, line.MarginGroup))
            {
                rests.Add([.. line.Groups.Where(group => layer.IsHiddenGroup(table.Number, group)).SelectMany(group => parts.Select(part => (group * layer.Parts) + part))]);
            }
        }

        if (layer.AddsUpToSizes)
        {
            rests.AddRange(Enumerable.Range(0, table.Groups).Where(group => !layer.IsHiddenGroup(table.Number, group))
                .Select(group => parts.Select(part => (group * layer.Parts) + part).Where(cell => _hidden[cell]).ToArray()));
        }

        _rests = [.. rests.Where(cells => cells.Length > 0).Select(cells => (cells, cells.Sum(cell => _values[cell])))];
    }

    /// <summary>Replaces the sums by the factors that make them fit.</summary>
    /// <returns>The largest difference between the sums and the published numbers.</returns>
    public double Factors(double[] sums)
    {
        var fitted = new double[sums.Length];
        var off = 0.0;
        for (var cell = 0; cell < sums.Length; cell++)
        {
            fitted[cell] = _hidden[cell] ? sums[cell] : _values[cell];
            off = Math.Max(off, Math.Abs(fitted[cell] - sums[cell]));
        }

        for (var round = 0; round < Rounds; round++)
        {
            var still = 0.0;
            foreach (var (cells, rest) in _rests)
            {
                var sum = 0.0;
                foreach (var cell in cells)
                {
                    sum += fitted[cell];
                }

                still = Math.Max(still, Math.Abs(sum - rest));
                var factor = sum > 0 ? rest / sum : 0;
                foreach (var cell in cells)
                {
                    fitted[cell] *= factor;
                }
            }

            off = round == 0 ? Math.Max(off, still) : off;
            if (still < Exact)
            {
                break;
            }
        }

        for (var cell = 0; cell < sums.Length; cell++)
        {
            sums[cell] = sums[cell] > 0 ? fitted[cell] / sums[cell] : 0;
        }

        return off;
    }
}
