namespace AnkerOrte.Api.Analysis;

/// <param name="Value">The answered number; null if missing.</param>
/// <param name="Respondent">Number of the respondent, from 0. -1: the respondent sent only this response.</param>
internal readonly record struct NumberResponse(double? Value, IReadOnlyList<int> Groups, int Respondent = -1);

/// <param name="Count">Number of answers; null if suppressed.</param>
/// <param name="Mean">Mean of the answers; null if suppressed or if nobody answered.</param>
internal sealed record NumberCell(IReadOnlyList<string> Keys, int? Count, double? Mean, bool CountSuppressed, bool MeanSuppressed);

/// <param name="MergeCategories">Whether no mean of this breakdown can be shown, but could be with fewer, larger groups.</param>
internal sealed record NumberTable(IReadOnlyList<NumberCell> Cells, bool MergeCategories);

/// <summary>The published results of a numeric question: number of answers and their mean.</summary>
/// <param name="sizes">Number of answers per table and group; null: suppressed.</param>
/// <param name="means">Mean per table and group; null: suppressed, or nobody answered.</param>
internal sealed class NumberCube(CubeKeys keys, int?[][] sizes, double?[][] means)
{
    public int?[][] Sizes => sizes;

    public double?[][] Means => means;

    /// <param name="earlier">All earlier releases of the question.</param>
    public static NumberCube Build(
        CubeKeys keys, IEnumerable<NumberResponse> responses, Minimums minimums, IReadOnlyList<Earlier<NumberCube>>? earlier = null)
    {
        var all = responses.ToArray();
        // Values are summed in a fixed order, so that rounding does not depend on the order of the responses.
        var order = Enumerable.Range(0, all.Length)
            .Where(response => all[response].Value is not null)
            .OrderBy(response => all[response].Value)
            .ToArray();
        NumberResponse[] answered = [.. order.Select(response => all[response])];
        var mean = answered.Sum(response => response.Value!.Value) / Math.Max(1, answered.Length);
        // Values are divided by the mean, so that the thresholds have the same meaning for euros and for opening hours.
        var unit = mean > 0 ? mean : 1;
        EarlierCube[] releases = [.. (earlier ?? []).Select(release => new EarlierCube(
            release.Cube.NumbersFor(keys, (table, group) => release.Cube.Sizes[table][group]),
            [release.Cube.NumbersFor(keys, (table, group) => release.Cube.Sum(table, group) / unit)],
            [.. order.Select(response => release.IsNew[response])],
            release.HasLeft))];
        var members = answered.Select(response => new CubeMember(response.Groups, response.Respondent)).ToArray();
        var groups = new CubeGroups(keys, members, minimums.Sizes, releases);
        var sums = Sum(groups, answered, unit, minimums.Cells, minimums.ZeroSensitive);
        foreach (var release in releases)
        {
            NumberResponse[] news = [.. answered.Where((_, response) => release.IsNew[response])];
            var added = Sum(release.Added!, news, unit, EarlierCube.Minimum, minimums.ZeroSensitive);
            release.Restrict(sums, added, release.Layers[0], zeroSensitive: false);
        }

        // If some values are negative, the share of the largest value in a sum cannot be judged.
        foreach (var table in keys.Shape.Tables.Where(_ => answered.Any(response => response.Value < 0)))
        {
            sums.Withhold(table.Number);
        }

        new CubeProtection(sums, minimums.Cells).Run();
        return new(
            keys,
            [.. keys.Shape.Tables.Select(table => Enumerable.Range(0, table.Groups).Select(group => Size(table.Number, group)).ToArray())],
            [.. keys.Shape.Tables.Select(table => Enumerable.Range(0, table.Groups).Select(group => Mean(table.Number, group)).ToArray())]);

        int? Size(int table, int group) => groups.Sizes.Hidden[table][group] ? null : (int)groups.Sizes.Values[table][group];

        double? Mean(int table, int group) => !sums.Hidden[table][group] && groups.Sizes.Values[table][group] is > 0 and var size
            ? sums.Values[table][group] * unit / size
            : null;
    }

    /// <param name="by">Names of zero to two breakdowns.</param>
    public NumberTable Answer(params IReadOnlyList<string> by)
    {
        var (table, rows) = keys.Find(by);
        var cells = rows.Select(row =>
        {
            var (size, mean) = (sizes[table.Number][row.Group], means[table.Number][row.Group]);
            return new NumberCell(row.Keys, size, mean, size is null, mean is null && size != 0);
        }).ToArray();
        return new(cells, cells.All(cell => cell.MeanSuppressed));
    }

    /// <summary>A copy in which all numbers of some tables are suppressed.</summary>
    public NumberCube Without(IReadOnlySet<int> tables) => new(keys, sizes.Without(tables), means.Without(tables));

    private static CubeLayer Sum(CubeGroups groups, NumberResponse[] answered, double unit, int k, bool zeroSensitive)
    {
        var shape = groups.Keys.Shape;
        var sums = new CubeLayer(shape, parts: 1, groups.Sizes) { Largest = [.. shape.Tables.Select(table => new double[table.Groups])] };
        foreach (var table in shape.Tables)
        {
            var values = sums.Values[table.Number];
            var byRespondent = new Dictionary<(int Group, int Respondent), double>();
            var (smallest, largest) = (new double[table.Groups], new double[table.Groups]);
            Array.Fill(smallest, double.MaxValue);
            for (var response = 0; response < answered.Length; response++)
            {
                var (group, value) = (groups.GroupOf(table, response), answered[response].Value!.Value / unit);
                values[group] += value;
                (smallest[group], largest[group]) = (Math.Min(smallest[group], value), Math.Max(largest[group], value));
                var key = (group, groups.RespondentOf(response));
                byRespondent[key] = byRespondent.GetValueOrDefault(key) + value;
                sums.Largest[table.Number][group] = Math.Max(sums.Largest[table.Number][group], byRespondent[key]);
            }

            for (var group = 0; group < table.Groups; group++)
            {
                var size = (int)groups.Sizes.Persons(new(table.Number, group, 0));
                var isAlike = zeroSensitive && smallest[group] == largest[group];
                sums.Hidden[table.Number][group] = groups.Sizes.Hidden[table.Number][group]
                    || (size > 0 && (isAlike || !Suppression.MayShowSum(size, values[group], sums.Largest[table.Number][group], k)));
            }
        }

        return sums;
    }

    private double? Sum(int table, int group) => sizes[table][group] == 0 ? 0 : means[table][group] * sizes[table][group];

    private double?[][] NumbersFor(CubeKeys other, Func<int, int, double?> number) => other.PlacesIn(keys).Select((groups, table) =>
        groups.Select(group => group < 0 ? 0 : number(table, group)).ToArray()).ToArray();
}
