namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Checks whether a reader can derive hidden numbers from all published numbers together. It searches for other non-negative
/// answers that give the same published numbers: it scales starting values to each published number in turn (iterative
/// proportional fitting), which keeps zeros at zero. A hidden number without a second solution counts as revealed.
/// </summary>
internal sealed class CubeAudit
{
    /// <summary>Attempts in a row without success before the search ends.</summary>
    private const int Attempts = 3;

    private const int SweepsPerAttempt = 150;

    /// <summary>Limits of the work. If an audit reaches them, more numbers are withheld.</summary>
    private const int Sweeps = 1000;
    private const long Steps = 80_000_000;

    /// <summary>Tolerance for published numbers. By how much a hidden number must differ is a multiple of it.</summary>
    private const double Exact = 0.002;
    private const double Distinct = 0.3;
    private const double Certainty = 100;
    private const double Visible = 0.5;

    private readonly CubeLayer _layer;
    private readonly int _k;
    private readonly int _level;
    private readonly bool _zeroSensitive;
    private readonly CubeTable[] _tables;
    private readonly Dictionary<int, int> _places;
    private readonly int[][] _groups;
    private readonly int _members;
    private readonly HashSet<CubeCell> _safe = [];
    private readonly SplitMix64 _random = new(1);
    private CubeFit?[] _fits = [];
    private double[]? _fitted;
    private long _sweepsLeft;

    /// <param name="level">Number of breakdowns of the tables whose hidden numbers are checked.</param>
    public CubeAudit(CubeLayer layer, int k, int level, bool zeroSensitive)
    {
        (_layer, _k, _level, _zeroSensitive) = (layer, k, level, zeroSensitive);
        var shape = layer.Shape;
        var axes = Enumerable.Range(0, shape.Sizes.Count).Where(axis => !layer.Sizes.Withheld[CubeShape.Single(axis)]).ToArray();
        // The sizes of groups are decided for all tables before the answers, so readers know them.
        _tables = [.. shape.Tables.Where(table => (table.Axes.Length <= level || !layer.IsSizes) && table.Axes.All(axes.Contains))];
        _places = _tables.Select((table, place) => (table.Number, place)).ToDictionary(found => found.Number, found => found.place);
        var members = Combinations(shape, axes);
        _groups = [.. _tables.Select(table => members.Select(member => shape.GroupOf(table, member)).ToArray())];
        _members = members.Count;
        _sweepsLeft = Math.Clamp(Steps / Math.Max(1, _members * (long)layer.Parts), 20, Sweeps);
    }

    /// <summary>Whether the limits of the work are reached, so that whole tables should be withheld instead of single cells.</summary>
    public bool IsExhausted => _sweepsLeft <= 0;

    public List<CubeCell> Revealed()
    {
        _fits = [.. _tables.Select(table => IsCovered(table) ? null : new CubeFit(_layer, table))];
        // A cell that was safe stays safe when further cells are hidden.
        var targets = Targets().Where(cell => !_safe.Contains(cell)).ToList();
        for (var failed = 0; failed < (IsExhausted ? 1 : Attempts) && targets.Count > 0;)
        {
            var before = targets.Count;
            var numbers = Start(targets);
            var off = Fit(numbers);
            _fitted = off < Exact ? numbers : _fitted;

            var sums = _tables.Select((_, place) => Sum(numbers, place)).ToArray();
            double Difference(CubeCell cell) => Math.Abs(Indexes(cell).Sum(index => sums[_places[cell.Table]][index]) - _layer.Value(cell));
            _safe.UnionWith(targets.Where(cell => Difference(cell) >= Math.Max(Distinct, Certainty * off)));
            targets.RemoveAll(_safe.Contains);
            if (_fitted is null)
            {
                // The fit converges slowly to numbers at the limit of what is possible. Only those are suspects, not all unproven ones.
                var suspects = targets.Where(cell => Difference(cell) < Distinct).ToList();
                return suspects.Count > 0 ? suspects : targets;
            }

            failed = targets.Count < before ? 0 : failed + 1;
        }

        return targets;
    }

    /// <summary>The hidden cells of tables that are shown, and the small cells of all tables.</summary>
    private IEnumerable<CubeCell> Targets() =>
        from table in _tables
        where table.Axes.Length <= _level
        from @group in Enumerable.Range(0, table.Groups)
        from part in Enumerable.Range(0, _layer.Parts).Append(_layer.AddsUpToSizes ? CubeCell.Size : 0).Distinct()
        let cell = new CubeCell(table.Number, @group, part)
        let persons = _layer.Persons(cell)
        let size = _layer.Sizes.Values[table.Number][@group]
        let isShared = _zeroSensitive && size > 0 && _layer.Value(cell) == size
        where _layer.IsHidden(cell)
            && (persons > 0 || (_zeroSensitive && size > 0 && !_layer.IsHiddenGroup(table.Number, @group)))
            && (persons < _k || isShared || !_layer.IsWithheld(cell))
        select cell;

    /// <summary>All combinations of groups that may have members according to the published numbers.</summary>
    private List<int[]> Combinations(CubeShape shape, int[] axes)
    {
        var sizes = _layer.Sizes;
        List<int[]> found = [new int[shape.Sizes.Count]];
        foreach (var axis in axes)
        {
            var known = _tables.Where(table => table.Axes.Contains(axis) && table.Axes[^1] == axis && !sizes.Withheld[table.Number]).ToArray();
            found = [.. found.SelectMany(member => Enumerable.Range(0, shape.Sizes[axis]).Select(group =>
            {
                var longer = (int[])member.Clone();
                longer[axis] = group;
                return longer;
            })).Where(member => known.All(table => shape.GroupOf(table, member) is var group
                && (sizes.Values[table.Number][group] > 0 || sizes.Hidden[table.Number][group])))];
        }

        return found;
    }

    /// <summary>Whether a table with one more breakdown contains all numbers of this table.</summary>
    private bool IsCovered(CubeTable table) => !_layer.Hidden[table.Number].Contains(true)
        && _tables.Any(other => other.Axes.Length > table.Axes.Length && table.Axes.All(other.Axes.Contains));

    /// <summary>Starting values: equal at first, later the last solution with the cells in question made larger or smaller.</summary>
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
                var factor = _random.Below(2) == 0 ? 0.25 : 4;
                foreach (var index in Indexes(cell))
                {
                    factors[index] *= factor;
                }

                if (factor > 1)
                {
                    Raise(numbers, cell);
                }
            }

            Scale(numbers, _places[cells.Key], factors);
        }

        return numbers;
    }

    /// <summary>Raises numbers that earlier fits made nearly zero, because the fit would need many steps to raise them again.</summary>
    private void Raise(double[] numbers, CubeCell cell)
    {
        var groups = _groups[_places[cell.Table]];
        var least = Visible / groups.Count(group => group == cell.Group);
        for (var member = 0; member < groups.Length; member++)
        {
            for (var part = 0; groups[member] == cell.Group && part < _layer.Parts; part++)
            {
                if (cell.Part == CubeCell.Size || part == cell.Part)
                {
                    ref var number = ref numbers[(member * _layer.Parts) + part];
                    number = Math.Max(number, least);
                }
            }
        }
    }

    private IEnumerable<int> Indexes(CubeCell cell) =>
        cell.Part == CubeCell.Size ? Enumerable.Range(cell.Group * _layer.Parts, _layer.Parts) : [(cell.Group * _layer.Parts) + cell.Part];

    /// <summary>Fits to the published numbers.</summary>
    /// <returns>The largest difference to a published number in the last round.</returns>
    private double Fit(double[] numbers)
    {
        var off = double.MaxValue;
        var limit = (int)Math.Clamp(_sweepsLeft, 20, SweepsPerAttempt);
        for (var sweep = 0; sweep < limit && off >= Exact; sweep++, _sweepsLeft--)
        {
            off = 0;
            for (var place = 0; place < _tables.Length; place++)
            {
                if (_fits[place] is { } fit)
                {
                    var sums = Sum(numbers, place);
                    off = Math.Max(off, fit.Factors(sums));
                    Scale(numbers, place, sums);
                }
            }
        }

        return off;
    }

    private double[] Sum(double[] numbers, int place)
    {
        var (groups, parts) = (_groups[place], _layer.Parts);
        var sums = new double[_tables[place].Groups * parts];
        for (var member = 0; member < groups.Length; member++)
        {
            var values = numbers.AsSpan(member * parts, parts);
            var to = sums.AsSpan(groups[member] * parts, parts);
            for (var part = 0; part < to.Length; part++)
            {
                to[part] += values[part];
            }
        }

        return sums;
    }

    private void Scale(double[] numbers, int place, double[] factors)
    {
        var (groups, parts) = (_groups[place], _layer.Parts);
        for (var member = 0; member < groups.Length; member++)
        {
            var values = numbers.AsSpan(member * parts, parts);
            var by = factors.AsSpan(groups[member] * parts, parts);
            for (var part = 0; part < by.Length; part++)
            {
                values[part] *= by[part];
            }
        }
    }
}
