namespace AnkerOrte.Api.Analysis;

/// <summary>
/// How well what is wanted fits to groups of records, from what their members are known to have. Counts are made once; a fit
/// costs a few additions, and a member can be left out of its group without counting anew.
/// </summary>
internal sealed class MatchModel
{
    /// <summary>Where nothing is known of a group: as if one member had it by half. Shares come out the same by their smoothing.</summary>
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

    /// <param name="table">Columns with codes, and ordinal ones whose ranks run from 1.</param>
    /// <param name="labels">Group of each record, -1: none.</param>
    /// <param name="groups">How many groups there are.</param>
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

    /// <summary>Members of which a column is known.</summary>
    public int Known(int group, int column) => known[group][column];

    /// <summary>Members that have a code.</summary>
    public int With(int group, int column, string code) => Index(column, code) is var index and >= 0 ? counts[group][column][index] : 0;

    /// <summary>Members that have at least one of some codes.</summary>
    public int WithAny(int group, int column, IReadOnlyList<string> codes)
    {
        var indexes = codes.Select(code => Index(column, code)).Where(index => index >= 0).ToList();
        return Enumerable.Range(0, Labels.Length).Count(row => Labels[row] == group && Table.Coded[column].Known[row] && indexes.Exists(index => Table.Has(column, row, index)));
    }

    /// <summary>Of wanted codes the mean smoothed share of members that have them; of a level the mean nearness of members to it.</summary>
    /// <param name="wanted">Codes or a rank.</param>
    /// <param name="without">A member to leave out of the group.</param>
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
