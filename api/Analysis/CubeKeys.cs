namespace AnkerOrte.Api.Analysis;

/// <summary>The breakdowns of a cube: names and keys of the groups, and the shape of all tables.</summary>
internal sealed class CubeKeys(IReadOnlyList<Breakdown> breakdowns)
{
    public IReadOnlyList<Breakdown> Breakdowns { get; } = breakdowns;

    public CubeShape Shape { get; } = new([.. breakdowns.Select(breakdown => breakdown.Keys.Count)]);

    /// <summary>Finds the table of some breakdowns and its groups, in the order of the breakdowns in the request.</summary>
    /// <param name="by">Names of zero to two breakdowns.</param>
    public (CubeTable Table, IReadOnlyList<CubeRow> Rows) Find(IReadOnlyList<string> by)
    {
        var axes = by.Select(name => Breakdowns.TakeWhile(breakdown => breakdown.Name != name).Count()).ToArray();
        if (axes.Length > 2 || axes.Distinct().Count() < axes.Length || axes.Any(axis => axis == Breakdowns.Count))
        {
            throw new ArgumentException("Expected: zero to two of the breakdowns, each once.", nameof(by));
        }

        var member = new int[Breakdowns.Count];
        var rows = new List<CubeRow>();
        var table = Shape.Find(axes);
        Fill(0);
        return (table, rows);

        void Fill(int place)
        {
            if (place == axes.Length)
            {
                rows.Add(new(Shape.GroupOf(table, member), [.. axes.Select(axis => Breakdowns[axis].Keys[member[axis]])]));
                return;
            }

            for (var group = 0; group < Breakdowns[axes[place]].Keys.Count; group++)
            {
                member[axes[place]] = group;
                Fill(place + 1);
            }
        }
    }

    /// <summary>For each table and group, the group with the same keys in another cube; -1 if there is none.</summary>
    public int[][] PlacesIn(CubeKeys other)
    {
        var groups = Breakdowns
            .Select((breakdown, axis) => breakdown.Keys.Select(key => other.Breakdowns[axis].Keys.ToList().IndexOf(key)).ToArray())
            .ToArray();
        return [.. Shape.Tables.Select(table => Enumerable.Range(0, table.Groups).Select(group => Place(table, group)).ToArray())];

        int Place(CubeTable table, int group)
        {
            var member = new int[Breakdowns.Count];
            foreach (var axis in table.Axes.Reverse())
            {
                member[axis] = groups[axis][group % Shape.Sizes[axis]];
                group /= Shape.Sizes[axis];
            }

            return table.Axes.Any(axis => member[axis] < 0) ? -1 : other.Shape.GroupOf(other.Shape.Tables[table.Number], member);
        }
    }
}

/// <param name="Keys">One key per requested breakdown.</param>
internal sealed record CubeRow(int Group, IReadOnlyList<string> Keys);
