namespace AnkerOrte.Tests.Analysis;

/// <summary>Looks for other whole numbers, not negative, that give every published sum but not the true value of a hidden one.</summary>
internal sealed class IntegerSearch
{
    private readonly int[][] _sums;
    private readonly int[][] _of;
    private readonly (int Low, int High)[] _limits;
    private readonly int[] _true;
    private int _steps;

    private IntegerSearch(int[][] sums, (int Low, int High)[] limits, int[] trueValues)
    {
        (_sums, _limits, _true) = (sums, limits, trueValues);
        _of = [.. Enumerable.Range(0, trueValues.Length).Select(unknown => Enumerable.Range(0, sums.Length).Where(sum => sums[sum].Contains(unknown)).ToArray())];
    }

    /// <returns>Whether there is such a case; null if it was not found out in reasonable time.</returns>
    public static bool? CanDiffer(PublishedNumbers numbers, PublishedSum hidden, int steps = 20000)
    {
        var open = numbers.Sums.Where(sum => sum.Open).ToArray();
        var total = numbers.Sums.Max(sum => sum.True) + 1;
        bool? found = false;
        foreach (var limit in new[] { (hidden.True + 1, hidden.True + 1), (hidden.True - 1, hidden.True - 1), (hidden.True + 2, total), (0, hidden.True - 2) }.Where(limit => limit.Item1 <= limit.Item2 && limit.Item2 >= 0))
        {
            var search = new IntegerSearch([.. open.Select(sum => sum.Unknowns), hidden.Unknowns], [.. open.Select(sum => (sum.True, sum.True)), limit], numbers.True) { _steps = steps };
            var answer = search.Solve(new int[numbers.Unknowns], [.. Enumerable.Repeat(total, numbers.Unknowns)]);
            if (answer == true)
            {
                return true;
            }

            found = answer is null ? null : found;
        }

        return found;
    }

    private bool? Solve(int[] low, int[] high)
    {
        if (_steps-- <= 0)
        {
            return null;
        }

        if (!Narrow(low, high))
        {
            return false;
        }

        var next = -1;
        for (var unknown = 0; unknown < low.Length; unknown++)
        {
            if (low[unknown] < high[unknown] && (next < 0 || high[unknown] - low[unknown] < high[next] - low[next]))
            {
                next = unknown;
            }
        }

        if (next < 0)
        {
            return true;
        }

        // The true value first: most unknowns need not change.
        var value = Math.Clamp(_true[next], low[next], high[next]);
        bool? found = false;
        foreach (var (from, to) in new[] { (value, value), (value + 1, high[next]), (low[next], value - 1) }.Where(range => range.Item1 <= range.Item2))
        {
            var (lower, upper) = ((int[])low.Clone(), (int[])high.Clone());
            (lower[next], upper[next]) = (from, to);
            var answer = Solve(lower, upper);
            if (answer == true)
            {
                return true;
            }

            found = answer is null ? null : found;
        }

        return found;
    }

    private bool Narrow(int[] low, int[] high)
    {
        var waiting = new Queue<int>(Enumerable.Range(0, _sums.Length));
        var queued = new bool[_sums.Length];
        Array.Fill(queued, true);
        while (waiting.TryDequeue(out var sum))
        {
            queued[sum] = false;
            int lows = 0, highs = 0;
            foreach (var unknown in _sums[sum])
            {
                (lows, highs) = (lows + low[unknown], highs + high[unknown]);
            }

            var (from, to) = _limits[sum];
            if (lows > to || highs < from)
            {
                return false;
            }

            foreach (var unknown in _sums[sum])
            {
                var lower = Math.Max(low[unknown], from - (highs - high[unknown]));
                var upper = Math.Min(high[unknown], to - (lows - low[unknown]));
                if (lower == low[unknown] && upper == high[unknown])
                {
                    continue;
                }

                if (lower > upper)
                {
                    return false;
                }

                (lows, highs) = (lows + lower - low[unknown], highs + upper - high[unknown]);
                (low[unknown], high[unknown]) = (lower, upper);
                foreach (var other in _of[unknown])
                {
                    if (!queued[other])
                    {
                        queued[other] = true;
                        waiting.Enqueue(other);
                    }
                }
            }
        }

        return true;
    }
}
