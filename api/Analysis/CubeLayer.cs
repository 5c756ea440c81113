namespace AnkerOrte.Api.Analysis;

/// <summary>The place of a number: a part (option) of a group in a table, or the size of the group.</summary>
internal readonly record struct CubeCell(int Table, int Group, int Part)
{
    public const int Size = -1;
}

/// <summary>
/// One kind of number in every table of the cube; the numbers add up along the groups. A layer is one of four: the sizes of the
/// groups (one part); the options of a single-choice question (parts that add up to the sizes); one option, chosen and not chosen
/// (two such parts, hidden together); or sums of a number (one part).
/// </summary>
/// <param name="sizes">The layer with the sizes of the groups; null if this is that layer.</param>
internal sealed class CubeLayer(CubeShape shape, int parts, CubeLayer? sizes, bool coupled = false)
{
    public CubeShape Shape { get; } = shape;

    public int Parts { get; } = parts;

    /// <summary>Whether both parts are hidden together, because each follows from the other and the size.</summary>
    public bool Coupled { get; } = coupled;

    public CubeLayer Sizes => sizes ?? this;

    public bool IsSizes => sizes is null;

    public bool AddsUpToSizes => Parts > 1;

    /// <summary>The true numbers, per table and cell.</summary>
    public double[][] Values { get; } = [.. shape.Tables.Select(table => new double[table.Groups * parts])];

    /// <summary>The largest contribution of one respondent to each value; null for counts.</summary>
    public double[][]? Largest { get; init; }

    /// <summary>The respondents behind each value. Null if each has one response: then counts are numbers of respondents.</summary>
    public RespondentSets? Respondents { get; init; }

    public bool[][] Hidden { get; } = [.. shape.Tables.Select(table => new bool[table.Groups * parts])];

    /// <summary>Per table: whether none of its numbers is shown.</summary>
    public bool[] Withheld { get; } = new bool[shape.Tables.Count];

    /// <summary>Number of respondents of a cell.</summary>
    public double Persons(CubeCell cell)
    {
        var (layer, index) = Counted(cell);
        return layer.Respondents?.Count(cell.Table, index) ?? layer.Values[cell.Table][index];
    }

    /// <summary>Number of different respondents of several cells of one table.</summary>
    public double PersonsTogether(IReadOnlyList<CubeCell> cells) => cells.Count > 0 && Counted(cells[0]).Layer.Respondents is { } sets
        ? sets.CountTogether(cells[0].Table, cells.Select(cell => Counted(cell).Index))
        : cells.Sum(Persons);

    public double Value(CubeCell cell) => cell.Part == CubeCell.Size ? Sizes.Values[cell.Table][cell.Group] : Values[cell.Table][Index(cell)];

    public bool IsHidden(CubeCell cell) => cell.Part == CubeCell.Size ? IsHiddenGroup(cell.Table, cell.Group) : Hidden[cell.Table][Index(cell)];

    public bool IsWithheld(CubeCell cell) => (cell.Part == CubeCell.Size ? Sizes : this).Withheld[cell.Table];

    public bool IsHiddenGroup(int table, int group) => Sizes.Hidden[table][group];

    public void Hide(CubeCell cell)
    {
        if (!Coupled)
        {
            Hidden[cell.Table][Index(cell)] = true;
            return;
        }

        HideGroup(cell.Table, cell.Group);
    }

    public void HideGroup(int table, int group) => Hidden[table].AsSpan(group * Parts, Parts).Fill(true);

    public void Withhold(int table)
    {
        Withheld[table] = true;
        Array.Fill(Hidden[table], true);
    }

    /// <summary>The layer and index of the count for a cell. For sums this is the size of the group.</summary>
    private (CubeLayer Layer, int Index) Counted(CubeCell cell) =>
        cell.Part == CubeCell.Size || Largest is not null ? (Sizes, cell.Group) : (this, Index(cell));

    private int Index(CubeCell cell) => (cell.Group * Parts) + cell.Part;
}
