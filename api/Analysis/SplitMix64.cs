namespace AnkerOrte.Api.Analysis;

/// <summary>Random numbers that are the same on every machine and in every version of .NET, which System.Random does not promise.</summary>
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

    /// <summary>A whole number from 0 to <paramref name="limit"/> - 1, each equally likely.</summary>
    public int Below(int limit)
    {
        var size = (ulong)limit;
        // 2^64 mod size: the values above the last full round would favour small numbers.
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

    /// <summary>0 to <paramref name="count"/> - 1 in random order (Fisher and Yates, from the end).</summary>
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

    /// <summary>Different numbers below <paramref name="count"/>, in the order drawn (Fisher and Yates, from the beginning).</summary>
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
