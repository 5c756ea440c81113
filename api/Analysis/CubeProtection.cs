namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Secondary suppression: the small cells of a layer are hidden already; this hides further cells until no hidden number can be
/// derived from the published ones. It works level by level: total, single breakdowns, pairs. A later level never changes an earlier.
/// </summary>
/// <param name="keepsZeros">Whether the zeros of a table are shown even if all its other numbers are hidden.</param>
internal sealed class CubeProtection(CubeLayer layer, int k, bool zeroSensitive = false, bool keepsZeros = false)
{
    private const int Rounds = 30;

    private readonly CubeShape _shape = layer.Shape;

    public void Run()
    {
        // Later levels count as hidden for now: of their tables only the sizes of the groups are known.
        var small = layer.Hidden.Select(hidden => (bool[])hidden.Clone()).ToArray();
        foreach (var hidden in layer.Hidden)
        {
            Array.Fill(hidden, true);
        }

        for (var level = 0; level <= 2; level++)
        {
            var tables = _shape.Tables.Where(table => table.Axes.Length == level).ToArray();
            foreach (var table in tables)
            {
                small[table.Number].CopyTo(layer.Hidden[table.Number], 0);
                if (layer.Sizes.Withheld[table.Number] || (level == 2 && table.Axes.Any(axis => layer.Withheld[CubeShape.Single(axis)])))
                {
                    layer.Withhold(table.Number);
                }
            }

            Protect(level, tables);
        }
    }

    private void Protect(int level, CubeTable[] tables)
    {
        var audit = new CubeAudit(layer, k, level, zeroSensitive);
        for (var round = 0; ; round++)
        {
            CloseLines(tables);
            var revealed = audit.Revealed();
            if (revealed.Count == 0)
            {
                return;
            }

            // Hides one more neighbour for each revealed cell. Tables for which that does not help are withheld.
            var hidden = false;
            if (round < Rounds && !audit.IsExhausted)
            {
                foreach (var cell in revealed)
                {
                    hidden |= HideNear(cell, level);
                }
            }

            if (!hidden && !WithholdFor(revealed, level))
            {
                return;
            }
        }
    }

    private void CloseLines(CubeTable[] tables)
    {
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var table in tables.Where(table => !layer.Withheld[table.Number]))
            {
                foreach (var line in table.Lines)
                {
                    for (var part = 0; part < layer.Parts; part++)
                    {
                        var cells = Cells(table, line, part);
                        changed |= NeedsMore(cells, layer.IsHidden(new(line.MarginTable, line.MarginGroup, part))) && (HideSmallest(cells) || HideZero(cells));
                    }
                }

                if (layer.AddsUpToSizes && !layer.Coupled)
                {
                    for (var group = 0; group < table.Groups; group++)
                    {
                        if (!layer.IsHiddenGroup(table.Number, group))
                        {
                            var cells = Options(table.Number, group);
                            changed |= NeedsMore(cells, marginHidden: false) && (HideSmallest(cells) || HideZero(cells));
                        }
                    }
                }

                var all = Enumerable.Range(0, table.Groups).SelectMany(group => Options(table.Number, group)).ToArray();
                if (!keepsZeros && all.Any(layer.IsHidden) && !all.Any(IsOpen))
                {
                    layer.Withhold(table.Number);
                }
            }
        }
    }

    private bool NeedsMore(CubeCell[] cells, bool marginHidden)
    {
        int hidden = 0, atLeastOne = 0;
        double all = 0, persons = 0, count = 0, sum = 0, largest = 0;
        foreach (var cell in cells)
        {
            var those = layer.Persons(cell);
            all += those;
            if (layer.IsHidden(cell))
            {
                hidden++;
                persons += those;
                count += layer.Largest is null ? layer.Value(cell) : those;
                sum += layer.Value(cell);
                largest = Math.Max(largest, layer.Largest?[cell.Table][cell.Group] ?? 0);
                // Zeros are shown. Therefore a reader knows that a hidden cell is at least 1, except in a group that is hidden as a whole.
                atLeastOne += layer.IsSizes || (layer.AddsUpToSizes && !layer.IsHiddenGroup(cell.Table, cell.Group)) ? 1 : 0;
            }
        }

        if (all == 0 || marginHidden)
        {
            return all > 0 && hidden == 0;
        }

        return hidden == 1 || (hidden > 0 && (persons < k || count <= atLeastOne || largest > Suppression.LargestShare * sum
            // The cells may contain the same respondents.
            || (layer.Sizes.Respondents is not null && layer.PersonsTogether([.. cells.Where(layer.IsHidden)]) < k)));
    }

    private bool HideSmallest(IEnumerable<CubeCell> cells)
    {
        var open = cells.Where(IsOpen).ToArray();
        if (open.Length == 0)
        {
            return false;
        }

        layer.Hide(open.MinBy(layer.Persons));
        return true;
    }

    /// <summary>
    /// Hides a zero if a hidden cell has only zeros beside it. Chooses the zero in the largest group, which has the most other cells.
    /// </summary>
    private bool HideZero(CubeCell[] cells)
    {
        var zeros = cells.Where(cell => !layer.IsHidden(cell) && (layer.IsSizes || Size(cell) > 0)).ToArray();
        if (cells.Count(layer.IsHidden) > 1 || zeros.Length == 0)
        {
            return false;
        }

        layer.Hide(zeros.MaxBy(Size));
        return true;
    }

    /// <summary>
    /// Hides one more cell in a line with the cell or, if all cells there are hidden, in a line with one of those. For a cell of an
    /// earlier level, hides one more in each line that adds up to it.
    /// </summary>
    private bool HideNear(CubeCell cell, int level)
    {
        var table = _shape.Tables[cell.Table];
        if (table.Axes.Length == level)
        {
            var near = Near(table, cell);
            return HideSmallest(near) || HideSmallest(near.SelectMany(neighbour => Near(table, neighbour)));
        }

        var hidden = false;
        foreach (var below in _shape.Tables.Where(below => below.Axes.Length == level && !layer.Withheld[below.Number]))
        {
            foreach (var line in below.Lines.Where(line => line.MarginTable == cell.Table && line.MarginGroup == cell.Group))
            {
                hidden |= HideSmallest(Along(below, line, cell.Part));
            }
        }

        return hidden;
    }

    private CubeCell[] Near(CubeTable table, CubeCell cell) =>
    [
        .. table.Lines.Where(line => line.Groups.Contains(cell.Group)).SelectMany(line => Along(table, line, cell.Part)),
        .. layer.Coupled ? [] : Options(cell.Table, cell.Group),
    ];

    /// <summary>
    /// Withholds the tables of the revealed cells at the most detailed level that still shows tables. If no table there is concerned,
    /// withholds all tables of that level.
    /// </summary>
    /// <returns>Whether a table was withheld.</returns>
    private bool WithholdFor(List<CubeCell> revealed, int level)
    {
        var shown = _shape.Tables.Where(table => table.Axes.Length <= level && !layer.Withheld[table.Number]).ToArray();
        shown = [.. shown.Where(table => table.Axes.Length == shown[^1].Axes.Length)];
        var concerned = shown.Where(table => revealed.Any(cell => cell.Table == table.Number)).ToArray();
        if (concerned.Length == 0)
        {
            concerned = [.. shown.Where(table => revealed.Any(cell => _shape.Tables[cell.Table].Axes is [var axis] && table.Axes.Contains(axis)))];
        }

        foreach (var table in concerned.Length == 0 ? shown : concerned)
        {
            layer.Withhold(table.Number);
        }

        return shown.Length > 0;
    }

    private double Size(CubeCell cell) => layer.Sizes.Values[cell.Table][cell.Group];

    private bool IsOpen(CubeCell cell) => !layer.IsHidden(cell) && layer.Persons(cell) > 0;

    private static CubeCell[] Cells(CubeTable table, CubeLine line, int part) => [.. line.Groups.Select(group => new CubeCell(table.Number, group, part))];

    /// <summary>The cells of a line for one part. For the size of a group these are all parts.</summary>
    private CubeCell[] Along(CubeTable table, CubeLine line, int part) =>
        part == CubeCell.Size ? [.. line.Groups.SelectMany(group => Options(table.Number, group))] : Cells(table, line, part);

    private CubeCell[] Options(int table, int group) => [.. Enumerable.Range(0, layer.Parts).Select(part => new CubeCell(table, group, part))];
}
