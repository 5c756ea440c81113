namespace AnkerOrte.Api.Analysis;

/// <summary>
/// What a reader can work out from everything published together. Looks for other answers than the true ones, not negative and
/// with the same published numbers: random starts are scaled to the published numbers in turn (iterative proportional fitting),
/// which keeps every zero that must be one. A hidden number that is the same in all of them follows from what is published.
/// </summary>
internal sealed class CubeAudit
{
    private const int Attempts = 4;
    private const int MaxSweeps = 200;
    private const double Exact = 0.01;
    private const double Distinct = 0.3;

    private readonly CubeLayer _layer;
    private readonly int _k;
    private readonly bool _zeroSensitive;
    private readonly CubeTable[] _tables;
    private readonly int[][] _groups;
    private readonly int _members;
    private readonly Dictionary<int, int> _places;
    private readonly HashSet<CubeCell> _safe = [];
    private readonly SplitMix64 _random = new(1);
    private double[]? _fitted;
    private CubeFit?[] _fits = [];

    /// <param name="level">How many breakdowns the tables have that are looked at.</param>
    public CubeAudit(CubeLayer layer, int k, int level, bool zeroSensitive)
    {
        (_layer, _k, _zeroSensitive) = (layer, k, zeroSensitive);
        var shape = layer.Shape;
        var axes = Enumerable.Range(0, shape.Sizes.Count).Where(axis => !layer.Sizes.Withheld[CubeShape.Single(axis)]).ToArray();
        _tables = [.. shape.Tables.Where(table => table.Axes.Length <= level && table.Axes.All(axes.Contains))];
        var members = Combinations(shape, axes);
        _groups = [.. _tables.Select(table => members.Select(member => shape.GroupOf(table, member)).ToArray())];
        _members = members.Count;
        _places = _tables.Select((table, place) => (table.Number, place)).ToDictionary(found => found.Number, found => found.place);
    }

    public List<CubeCell> Revealed()
    {
        // What is hidden later takes nothing away from what readers could not work out before.
        _fits = [.. _tables.Select(table => IsCovered(table) ? null : new CubeFit(_layer, table))];
        var targets = Targets().Where(cell => !_safe.Contains(cell)).ToList();
        for (var attempt = 0; attempt < Attempts && targets.Count > 0; attempt++)
        {
            var numbers = Start(targets);
            var off = Fit(numbers);
            if (off < Exact)
            {
                _fitted = numbers;
            }

            var sums = _tables.Select((table, place) => Sum(numbers, place)).ToArray();
            foreach (var cell in targets.Where(cell => Math.Abs(sums[_places[cell.Table]][(cell.Group * _layer.Parts) + cell.Part] - _layer.Value(cell)) >= Math.Max(Distinct, 30 * off)))
            {
                _safe.Add(cell);
            }

            var left = targets.RemoveAll(_safe.Contains);
            File.AppendAllText("/tmp/off", $"members {_members} parts {_layer.Parts} attempt {attempt} off {off:G3} sweeps {Sweeps} proven {left} left {targets.Count}: {string.Join(" ", targets.Take(12).Select(t => $"{t.Table}/{t.Group}/{t.Part}={_layer.Value(t)} n={_layer.Sizes.Value(new(t.Table, t.Group, 0))}"))}\n");
        }

        return targets;
    }

    public static int Sweeps;

    /// <summary>Cells that are hidden in a table that is shown, and small ones everywhere.</summary>
    private List<CubeCell> Targets()
    {
        var cells = new List<CubeCell>();
        foreach (var table in _tables)
        {
            for (var group = 0; group < table.Groups; group++)
            {
                for (var part = 0; part < _layer.Parts; part++)
                {
                    var cell = new CubeCell(table.Number, group, part);
                    var persons = _layer.Persons(cell);
                    var counts = persons > 0 || (_zeroSensitive && _layer.Sizes.Values[table.Number][group] > 0);
                    if (counts && _layer.IsHidden(cell) && (!_layer.Withheld[table.Number] || persons < _k))
                    {
                        cells.Add(cell);
                    }
                }
            }
        }

        return cells;
    }

    /// <summary>Every combination of groups that may have members, as far as readers know.</summary>
    private List<int[]> Combinations(CubeShape shape, int[] axes)
    {
        var pairs = shape.Tables.Where(table => table.Axes.Length > 0 && table.Axes.All(axes.Contains) && !_layer.Sizes.Withheld[table.Number]).ToArray();
        List<int[]> found = [new int[shape.Sizes.Count]];
        foreach (var axis in axes)
        {
            var known = pairs.Where(table => table.Axes[^1] == axis).ToArray();
            found = [.. found.SelectMany(member => Enumerable.Range(0, shape.Sizes[axis]).Select(group =>
            {
                var longer = (int[])member.Clone();
                longer[axis] = group;
                return longer;
            })).Where(member => known.All(table => shape.GroupOf(table, member) is var group
                && (_layer.Sizes.Values[table.Number][group] > 0 || _layer.Sizes.Hidden[table.Number][group])))];
        }

        return found;
    }

    /// <summary>Whether a table with one breakdown more holds all that this one does.</summary>
    private bool IsCovered(CubeTable table) =>
        _tables.Any(other => other.Axes.Length > table.Axes.Length && table.Axes.All(other.Axes.Contains) && !_layer.Sizes.Withheld[other.Number]);

    /// <summary>All alike at first; then what was found, with the cells in question made larger or smaller.</summary>
    private double[] Start(List<CubeCell> targets)
    {
        var numbers = new double[_members * _layer.Parts];
        if (_fitted is null)
        {
            Array.Fill(numbers, 1);
            return numbers;
        }

        _fitted.CopyTo(numbers, 0);
        foreach (var cells in targets.GroupBy(cell => cell.Table))
        {
            var factors = new double[_layer.Values[cells.Key].Length];
            Array.Fill(factors, 1);
            foreach (var cell in cells)
            {
                factors[(cell.Group * _layer.Parts) + cell.Part] = _random.Below(2) == 0 ? 0.25 : 4;
            }

            Scale(numbers, _groups[_places[cells.Key]], factors);
        }

        return numbers;
    }

    private double Fit(double[] numbers)
    {
        var off = double.MaxValue;
        Sweeps = 0;
        for (var sweep = 0; sweep < MaxSweeps && off >= Exact; sweep++)
        {
            Sweeps++;
            off = 0;
            for (var place = 0; place < _tables.Length; place++)
            {
                if (_fits[place] is { } fit)
                {
                    var sums = Sum(numbers, place);
                    off = Math.Max(off, fit.Factors(sums));
                    Scale(numbers, _groups[place], sums);
                }
            }
        }

        return off;
    }

    private double[] Sum(double[] numbers, int place)
    {
        var (groups, parts) = (_groups[place], _layer.Parts);
        var sums = new double[_tables[place].Groups * parts];
        for (int member = 0, from = 0; member < groups.Length; member++, from += parts)
        {
            var to = sums.AsSpan(groups[member] * parts, parts);
            var values = numbers.AsSpan(from, parts);
            for (var part = 0; part < to.Length; part++)
            {
                to[part] += values[part];
            }
        }

        return sums;
    }

    private void Scale(double[] numbers, int[] groups, double[] factors)
    {
        var parts = _layer.Parts;
        for (int member = 0, from = 0; member < groups.Length; member++, from += parts)
        {
            var by = factors.AsSpan(groups[member] * parts, parts);
            var values = numbers.AsSpan(from, parts);
            for (var part = 0; part < by.Length; part++)
            {
                values[part] *= by[part];
            }
        }
    }
}
