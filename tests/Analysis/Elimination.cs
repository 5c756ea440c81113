using System.Numerics;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Exact Gaussian elimination over whole numbers: which sums follow from the open ones, whatever the unknowns are.</summary>
internal sealed class Elimination
{
    private readonly SortedDictionary<int, BigInteger[]> _rows = [];

    private readonly int _unknowns;

    public Elimination(PublishedNumbers numbers)
    {
        _unknowns = numbers.Unknowns;
        foreach (var sum in numbers.Sums.Where(sum => sum.Open))
        {
            var row = Reduce(sum);
            var pivot = Array.FindIndex(row, entry => !entry.IsZero);
            if (pivot >= 0)
            {
                _rows.Add(pivot, row);
            }
        }
    }

    public bool Determines(PublishedSum sum) => Array.TrueForAll(Reduce(sum), entry => entry.IsZero);

    private BigInteger[] Reduce(PublishedSum sum)
    {
        var row = new BigInteger[_unknowns];
        foreach (var unknown in sum.Unknowns)
        {
            row[unknown] = BigInteger.One;
        }

        foreach (var (pivot, known) in _rows)
        {
            if (row[pivot].IsZero)
            {
                continue;
            }

            var (mine, its) = (row[pivot], known[pivot]);
            var divisor = BigInteger.Zero;
            for (var column = 0; column < _unknowns; column++)
            {
                if (!row[column].IsZero || !known[column].IsZero)
                {
                    row[column] = (row[column] * its) - (known[column] * mine);
                    divisor = BigInteger.GreatestCommonDivisor(divisor, row[column]);
                }
            }

            for (var column = 0; divisor > BigInteger.One && column < _unknowns; column++)
            {
                row[column] /= divisor;
            }
        }

        return row;
    }
}
