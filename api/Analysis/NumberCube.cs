namespace AnkerOrte.Api.Analysis;

/// <param name="Value">The number answered, not negative; null if missing.</param>
internal readonly record struct NumberResponse(double? Value, IReadOnlyList<int> Groups);

/// <param name="Count">How many answered; null if suppressed.</param>
/// <param name="Mean">Null if suppressed or if nobody answered.</param>
internal sealed record NumberCell(IReadOnlyList<string> Keys, int? Count, double? Mean, bool CountSuppressed, bool MeanSuppressed);

/// <param name="MergeCategories">No mean of this breakdown can be shown; with fewer, larger groups one could.</param>
internal sealed record NumberTable(IReadOnlyList<NumberCell> Cells, bool MergeCategories);

/// <summary>The published results of a question that is answered by a number: how many answered, and their mean.</summary>
internal sealed class NumberCube
{
    private readonly CubeGroups _groups;
    private readonly CubeLayer _sums;
    private readonly double _unit;

    private NumberCube(CubeGroups groups, CubeLayer sums, double unit) => (_groups, _sums, _unit) = (groups, sums, unit);

    public static NumberCube Build(IReadOnlyList<Breakdown> breakdowns, IEnumerable<NumberResponse> responses, int k)
    {
        var answered = responses.Where(response => response.Value is not null).OrderBy(response => response.Value).ToArray();
        var groups = new CubeGroups(breakdowns, [.. answered.Select(response => response.Groups)], k);
        var mean = answered.Sum(response => response.Value!.Value) / Math.Max(1, answered.Length);
        // In units of the mean, so that "about one person's contribution" is the same for euros and for opening hours.
        var unit = mean > 0 ? mean : 1;
        var sums = new CubeLayer(groups.Shape, parts: 1, groups.Sizes) { Largest = [.. groups.Shape.Tables.Select(table => new double[table.Groups])] };
        foreach (var table in groups.Shape.Tables)
        {
            var (values, largest) = (sums.Values[table.Number], sums.Largest[table.Number]);
            for (var response = 0; response < answered.Length; response++)
            {
                var (group, value) = (groups.GroupOf(table, response), answered[response].Value!.Value / unit);
                values[group] += value;
                largest[group] = Math.Max(largest[group], value);
            }

            for (var group = 0; group < table.Groups; group++)
            {
                var size = (int)groups.Sizes.Values[table.Number][group];
                sums.Hidden[table.Number][group] = groups.Sizes.Hidden[table.Number][group]
                    || (size > 0 && !Suppression.MayShowSum(size, values[group], largest[group], k));
            }
        }

        new CubeProtection(sums, k).Run();
        return new(groups, sums, unit);
    }

    /// <param name="by">No, one or two names of breakdowns.</param>
    public NumberTable Answer(params IReadOnlyList<string> by)
    {
        var found = _groups.Find(by);
        var cells = found.Rows.Select(row =>
        {
            var group = _groups.Group(found.Table, row);
            var cell = new CubeCell(found.Table.Number, row.Group, 0);
            var size = _groups.Sizes.Values[found.Table.Number][row.Group];
            var hidden = _sums.IsHidden(cell);
            return new NumberCell(row.Keys, group.Count, hidden || size == 0 ? null : _sums.Value(cell) * _unit / size, group.Suppressed, hidden);
        }).ToArray();
        return new(cells, cells.All(cell => cell.MeanSuppressed));
    }
}
