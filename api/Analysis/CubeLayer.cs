namespace AnkerOrte.Api.Analysis;

/// <summary>A hidden or open number: part (an option) of a group of a table, or the size of the group.</summary>
internal readonly record struct CubeCell(int Table, int Group, int Part)
{
    public const int Size = -1;
}

/// <summary>
/// Numbers that stand in every table of the cube and add up along its groups: the sizes of the groups (one part), the options
/// of a question with one answer (parts that add up to the sizes), an option chosen and not chosen (two such parts, hidden
/// together), or sums of a number (one part).
/// </summary>
/// <param name="sizes">The layer of the groups' sizes; null if this is it.</param>
internal sealed class CubeLayer(CubeShape shape, int parts, CubeLayer? sizes, bool coupled = false)
{
    public CubeShape Shape { get; } = shape;

    public int Parts { get; } = parts;

    /// <summary>Whether the parts are hidden together, since each is the rest of the other.</summary>
    public bool Coupled { get; } = coupled;

    public CubeLayer Sizes => sizes ?? this;

    public bool IsSizes => sizes is null;

    public bool AddsUpToSizes => Parts > 1;

    /// <summary>What is to be published, per table and cell.</summary>
    public double[][] Values { get; } = [.. shape.Tables.Select(table => new double[table.Groups * parts])];

    /// <summary>The largest sum of one respondent in each value; null for counts.</summary>
    public double[][]? Largest { get; init; }

    /// <summary>The respondents behind each value; null if each has one response, so that counts are numbers of respondents.</summary>
    public RespondentSets? Respondents { get; init; }

    public bool[][] Hidden { get; } = [.. shape.Tables.Select(table => new bool[table.Groups * parts])];

    /// <summary>Tables of which nothing is shown.</summary>
    public bool[] Withheld { get; } = new bool[shape.Tables.Count];

    /// <summary>How many respondents a cell has.</summary>
    public double Persons(CubeCell cell)
    {
        var (layer, index) = Counted(cell);
        return layer.Respondents?.Count(cell.Table, index) ?? layer.Values[cell.Table][index];
    }

    /// <summary>How many different respondents some cells of one table have together.</summary>
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

    /// <summary>The layer and place with the count of a cell: for sums, the size of the group.</summary>
    private (CubeLayer Layer, int Index) Counted(CubeCell cell) =>
        cell.Part == CubeCell.Size || Largest is not null ? (Sizes, cell.Group) : (this, Index(cell));

    private int Index(CubeCell cell) => (cell.Group * Parts) + cell.Part;
}
