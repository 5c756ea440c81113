namespace AnkerOrte.Api.Analysis;

/// <summary>What came of asking for one record whose group is known.</summary>
/// <param name="Rank">Place of its own group; null: a miss, because without it the group is empty or nothing is known of it.</param>
/// <param name="First">The group that came first; -1: none.</param>
internal sealed record Asked(int Row, int Group, int? Rank, int First);

/// <summary>Takes each record out of its group and asks for it with what is known of it.</summary>
internal static class LeaveOneOut
{
    public static IReadOnlyList<Asked> Run(MatchModel model, IReadOnlyList<double> weights, IReadOnlyList<int> rows)
    {
        var sizes = Enumerable.Range(0, model.Groups).Select(group => model.Labels.Count(label => label == group)).ToArray();
        return [.. rows.Select(row => Ask(model, weights, row, sizes[model.Labels[row]]))];
    }

    private static Asked Ask(MatchModel model, IReadOnlyList<double> weights, int row, int size)
    {
        var own = model.Labels[row];
        var query = Enumerable.Range(0, model.Table.Columns.Count).Select(column => Value(model.Table, column, row)).ToArray();
        if (size == 1 || !query.Where((value, column) => value is not null && weights[column] > 0).Any())
        {
            return new(row, own, null, -1);
        }

        var scores = Enumerable.Range(0, model.Groups).Select(group => WeightedMatch.Score(
            weights, [.. query.Select((value, column) => value is null ? (double?)null : model.Fit(group, column, value, row))]).Score).ToList();
        var order = WeightedMatch.Order(scores);
        return new(row, own, Array.IndexOf(order, own) + 1, order[0]);
    }

    /// <summary>What a record would answer; null where it is unknown, or explicitly nothing, which cannot be wanted.</summary>
    public static DataValue? Value(DataTable table, int column, int row) => !table.Coded[column].Known[row] ? null
        : table.Columns[column].Kind == ColumnKind.Ordinal ? new DataValue.Ordinal((int)table.Coded[column].Numbers[row])
        : table.CodesOf(column, row) is { Count: > 0 } codes ? new DataValue.Multi(codes) : null;
}
