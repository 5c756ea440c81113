namespace AnkerOrte.Api.Analysis;

/// <summary>
/// How well wanted values fit groups of records, according to the known values of the members. Values are counted once. A fit then
/// needs a few additions, and a member can be left out of its group without counting again.
/// </summary>
internal sealed class MatchModel
{
    /// <summary>Fit if nothing is known of a group. Smoothed shares have the same value without members.</summary>
    private const double Nothing = .5;

    private readonly int[][][] counts;
    private readonly int[][] known;

    private MatchModel(DataTable table, int[] labels, int groups, int[][][] counts, int[][] known)
    {
        Table = table;
        Labels = labels;
        Groups = groups;
        this.counts = counts;
        this.known = known;
    }

    public DataTable Table { get; }

    /// <summary>Group of each record; -1: none.</summary>
    public int[] Labels { get; }

    public int Groups { get; }

    /// <param name="table">Columns must have codes, or be ordinal with ranks from 1.</param>
    /// <param name="labels">Group of each record; -1: none.</param>
    /// <param name="groups">Number of groups.</param>
    public static MatchModel Of(DataTable table, int[] labels, int groups)
    {
        var counts = new int[groups][][];
        var known = new int[groups][];
        for (var group = 0; group < groups; group++)
        {
            counts[group] = [.. table.Columns.Select((column, c) => new int[column.Kind == ColumnKind.Ordinal ? column.Levels!.Value : table.Coded[c].Codes.Count])];
            known[group] = new int[table.Columns.Count];
        }

        for (var row = 0; row < table.Count; row++)
        {
            for (var column = 0; column < table.Columns.Count && labels[row] >= 0; column++)
            {
                if (table.Coded[column].Known[row])
                {
                    known[labels[row]][column]++;
                    var of = counts[labels[row]][column];
                    for (var value = 0; value < of.Length; value++)
                    {
                        of[value] += Has(table, column, row, value) ? 1 : 0;
                    }
                }
            }
        }

        return new(table, labels, groups, counts, known);
    }

    /// <summary>Number of members for which a column is known.</summary>
    public int Known(int group, int column) => known[group][column];

    /// <summary>Number of members that have a code.</summary>
    public int With(int group, int column, string code) => Index(column, code) is var index and >= 0 ? counts[group][column][index] : 0;

    /// <summary>Number of members that have at least one of some codes.</summary>
    public int WithAny(int group, int column, IReadOnlyList<string> codes)
    {
        var indexes = codes.Select(code => Index(column, code)).Where(index => index >= 0).ToList();
        return Enumerable.Range(0, Labels.Length).Count(row => Labels[row] == group && Table.Coded[column].Known[row] && indexes.Exists(index => Table.Has(column, row, index)));
    }

    /// <summary>
    /// Fit from 0 to 1. For codes: mean of the smoothed shares of members with each code. For a rank: mean closeness of members.
    /// </summary>
    /// <param name="wanted">The wanted codes or the wanted rank.</param>
    /// <param name="without">A member that is left out of the group; null: none.</param>
    public double Fit(int group, int column, DataValue wanted, int? without = null)
    {
        var isLeftOut = without is { } row && Labels[row] == group && Table.Coded[column].Known[row];
        var members = known[group][column] - (isLeftOut ? 1 : 0);
        var sum = 0.0;
        if (wanted is DataValue.Ordinal(var level))
        {
            if (members == 0)
            {
                return Nothing;
            }

            var of = counts[group][column];
            for (var i = 0; i < of.Length; i++)
            {
                var count = of[i] - (isLeftOut && Has(Table, column, without!.Value, i) ? 1 : 0);
                sum += count * (1 - Math.Abs(level - (i + 1)) / (double)(of.Length - 1));
            }

            return sum / members;
        }

        var codes = wanted is DataValue.Nominal(var single) ? [single] : ((DataValue.Multi)wanted).Codes;
        foreach (var code in codes)
        {
            var index = Index(column, code);
            var with = index < 0 ? 0 : counts[group][column][index] - (isLeftOut && Table.Has(column, without!.Value, index) ? 1 : 0);
            sum += (with + .5) / (members + 1);
        }

        return sum / codes.Count;
    }

    private static bool Has(DataTable table, int column, int row, int value) =>
        table.Columns[column].Kind == ColumnKind.Ordinal ? table.Coded[column].Numbers[row] == value + 1 : table.Has(column, row, value);

    private int Index(int column, string code)
    {
        var codes = Table.Coded[column].Codes;
        for (var i = 0; i < codes.Count; i++)
        {
            if (string.Equals(codes[i], code, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
