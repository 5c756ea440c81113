namespace AnkerOrte.Api.Analysis;

/// <summary>Who answered: the groups of all tables, their sizes, and which of them are too small to be shown.</summary>
internal sealed class CubeGroups
{
    private readonly IReadOnlyList<Breakdown> _breakdowns;
    private readonly int[][] _members;

    public CubeGroups(IReadOnlyList<Breakdown> breakdowns, IReadOnlyList<IReadOnlyList<int>> responses, int k)
    {
        _breakdowns = breakdowns;
        Shape = new([.. breakdowns.Select(breakdown => breakdown.Keys.Count)]);
        _members = [.. responses.Select(groups => breakdowns.Select((breakdown, axis) => groups[axis] >= 0 ? groups[axis] : breakdown.Groups.Count).ToArray())];
        Sizes = new(Shape, parts: 1, sizes: null);
        foreach (var table in Shape.Tables)
        {
            var sizes = Sizes.Values[table.Number];
            foreach (var member in _members)
            {
                sizes[Shape.GroupOf(table, member)]++;
            }

            for (var group = 0; group < table.Groups; group++)
            {
                Sizes.Hidden[table.Number][group] = sizes[group] > 0 && sizes[group] < k;
            }
        }

        if (Sizes.Hidden[0][0])
        {
            foreach (var table in Shape.Tables)
            {
                Sizes.Withhold(table.Number);
            }

            return;
        }

        new CubeProtection(Sizes, k).Run();
    }

    public CubeShape Shape { get; }

    public CubeLayer Sizes { get; }

    public int GroupOf(CubeTable table, int response) => Shape.GroupOf(table, _members[response]);

    public ResultGroup Group(CubeTable table, CubeRow row) => Sizes.Hidden[table.Number][row.Group]
        ? new(row.Keys, null, true)
        : new(row.Keys, (int)Sizes.Values[table.Number][row.Group], false);

    /// <summary>The table of these breakdowns and its groups, ordered by the breakdowns as they are asked for.</summary>
    public (CubeTable Table, IReadOnlyList<CubeRow> Rows) Find(IReadOnlyList<string> by)
    {
        var axes = by.Select(name => _breakdowns.TakeWhile(breakdown => breakdown.Name != name).Count()).ToArray();
        if (axes.Length > 2 || axes.Distinct().Count() < axes.Length || axes.Any(axis => axis == _breakdowns.Count))
        {
            throw new ArgumentException("No, one or two of the breakdowns, each once.", nameof(by));
        }

        var member = new int[_breakdowns.Count];
        var rows = new List<CubeRow>();
        var table = Shape.Find(axes);
        Fill(0);
        return (table, rows);

        void Fill(int place)
        {
            if (place == axes.Length)
            {
                rows.Add(new(Shape.GroupOf(table, member), [.. axes.Select(axis => _breakdowns[axis].Keys[member[axis]])]));
                return;
            }

            for (var group = 0; group < _breakdowns[axes[place]].Keys.Count; group++)
            {
                member[axes[place]] = group;
                Fill(place + 1);
            }
        }
    }
}

/// <param name="Keys">One key per breakdown that was asked for.</param>
internal sealed record CubeRow(int Group, IReadOnlyList<string> Keys);
