namespace AnkerOrte.Api.Analysis;

/// <summary>
/// A table by zero to two breakdowns. With two, group number = first group * size of the second breakdown + second group.
/// </summary>
internal sealed record CubeTable(int Number, int[] Axes, int Groups, CubeLine[] Lines);

/// <summary>Groups of a table that add up to one group of a table with one breakdown fewer.</summary>
internal sealed record CubeLine(int[] Groups, int MarginTable, int MarginGroup);

/// <summary>All tables that can be requested: the total, each breakdown, each pair of breakdowns.</summary>
internal sealed class CubeShape
{
    public CubeShape(IReadOnlyList<int> sizes)
    {
        Sizes = sizes;
        var axes = Enumerable.Range(0, sizes.Count).ToArray();
        int[][] all = [[], .. axes.Select(axis => new[] { axis }), .. axes.SelectMany(first => axes.Where(second => second > first).Select(second => new[] { first, second }))];
        Tables = [.. all.Select((found, number) => new CubeTable(number, found, found.Aggregate(1, (product, axis) => product * sizes[axis]), LinesOf(found)))];
    }

    public IReadOnlyList<int> Sizes { get; }

    public IReadOnlyList<CubeTable> Tables { get; }

    public static int Single(int axis) => 1 + axis;

    public CubeTable Find(params int[] axes)
    {
        var sorted = axes.Order().ToArray();
        return Tables.First(table => table.Axes.SequenceEqual(sorted));
    }

    /// <param name="member">For each breakdown the group of the member.</param>
    public int GroupOf(CubeTable table, ReadOnlySpan<int> member)
    {
        var group = 0;
        foreach (var axis in table.Axes)
        {
            group = (group * Sizes[axis]) + member[axis];
        }

        return group;
    }

    private CubeLine[] LinesOf(int[] axes) => axes switch
    {
        [] => [],
        [var axis] => [new([.. Enumerable.Range(0, Sizes[axis])], 0, 0)],
        [var first, var second] =>
        [
            .. Enumerable.Range(0, Sizes[second]).Select(b => new CubeLine([.. Enumerable.Range(0, Sizes[first]).Select(a => (a * Sizes[second]) + b)], Single(second), b)),
            .. Enumerable.Range(0, Sizes[first]).Select(a => new CubeLine([.. Enumerable.Range(0, Sizes[second]).Select(b => (a * Sizes[second]) + b)], Single(first), a)),
        ],
        _ => throw new ArgumentException("At most two breakdowns are crossed.", nameof(axes)),
    };
}
