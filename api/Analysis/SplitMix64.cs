namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Random numbers (SplitMix64). The same seed gives the same numbers on every machine and in every version of .NET; System.Random
/// does not guarantee that.
/// </summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>An integer from 0 to <paramref name="limit"/> - 1, uniformly distributed.</summary>
    public int Below(int limit)
    {
        var size = (ulong)limit;
        // 2^64 mod size. Without rejecting this many values, small numbers would be more likely.
        var surplus = (ulong.MaxValue % size + 1) % size;
        ulong value;
        do
        {
            value = Next();
        }
        while (value > ulong.MaxValue - surplus);

        return (int)(value % size);
    }

    /// <summary>From 0 inclusive to 1 exclusive, in steps of 2^-53.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The numbers 0 to <paramref name="count"/> - 1 in random order (Fisher-Yates, from the end).</summary>
    public int[] Shuffle(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>Distinct numbers below <paramref name="count"/>, in the order drawn (Fisher-Yates, from the beginning).</summary>
    public int[] Sample(int count, int size)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = 0; i < size; i++)
        {
            var j = i + Below(count - i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order[..size];
    }
}
