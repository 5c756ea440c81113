using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

internal enum CellState
{
    Open,

    /// <summary>Hidden because it is small itself.</summary>
    Primary,

    /// <summary>Hidden so that a small one cannot be worked out.</summary>
    Secondary,
}

/// <param name="MergeCategories">Nothing of substance is left to show: the categories must be merged before anything can be published.</param>
internal sealed record SuppressedTable(CellState[][] Cells, bool MergeCategories);

/// <summary>
/// The usual heuristic for one table of which all margins are public, as it is published with worked examples. The service
/// protects more (all breakdowns together); here it says the least that must be hidden.
/// </summary>
internal static class PublishedHeuristic
{
    /// <summary>Counts of the options of a question with several answers by <paramref name="n"/> people: who did not choose must not be few either.</summary>
    public static CellState[] MultiChoice(int n, int k, IReadOnlyList<int> counts) =>
        [.. counts.Select(count => Suppression.IsSmall(count, k) || Suppression.IsSmall(n - count, k) ? CellState.Primary : CellState.Open)];

    /// <summary>
    /// Hides small cells, then in every row and column that has exactly one hidden cell, or hidden ones of less than
    /// <paramref name="k"/> together, the smallest open cell that is not zero (of equal ones the first), until nothing changes.
    /// </summary>
    public static SuppressedTable Table(IReadOnlyList<IReadOnlyList<int>> counts, int k)
    {
        var columns = counts.Count == 0 ? 0 : counts[0].Count;
        var states = counts.Select(row => row.Select(count => Suppression.IsSmall(count, k) ? CellState.Primary : CellState.Open).ToArray()).ToArray();
        var lines = Enumerable.Range(0, counts.Count).Select(row => Enumerable.Range(0, columns).Select(column => (row, column)).ToArray())
            .Concat(Enumerable.Range(0, columns).Select(column => Enumerable.Range(0, counts.Count).Select(row => (row, column)).ToArray()))
            .ToArray();

        var unprotected = false;
        for (var changed = true; changed;)
        {
            changed = unprotected = false;
            foreach (var line in lines)
            {
                var hidden = line.Where(cell => states[cell.row][cell.column] != CellState.Open).Select(cell => counts[cell.row][cell.column]).ToArray();
                if (hidden.Length == 0 || (hidden.Length > 1 && hidden.Sum() >= k))
                {
                    continue;
                }

                var open = line.Where(cell => states[cell.row][cell.column] == CellState.Open && counts[cell.row][cell.column] > 0).ToArray();
                if (open.Length == 0)
                {
                    unprotected = true;
                    continue;
                }

                var (r, c) = open.MinBy(cell => counts[cell.row][cell.column]);
                states[r][c] = CellState.Secondary;
                changed = true;
            }
        }

        var anythingHidden = states.Any(row => row.Any(state => state != CellState.Open));
        var anythingOpen = counts.Where((row, r) => row.Where((count, c) => count > 0 && states[r][c] == CellState.Open).Any()).Any();
        if (!unprotected && !(anythingHidden && !anythingOpen))
        {
            return new(states, false);
        }

        return new([.. states.Select(row => row.Select(state => state == CellState.Open ? CellState.Secondary : state).ToArray())], true);
    }
}
