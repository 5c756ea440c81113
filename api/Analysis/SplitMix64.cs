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
}
