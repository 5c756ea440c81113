using System.Numerics;

namespace AnkerOrte.Api.Analysis;

/// <summary>
/// The respondents of each cell of a layer, one bit per respondent. Needed because a respondent may send several responses.
/// </summary>
/// <param name="respondents">Number of respondents.</param>
/// <param name="parts">Number of parts of the layer.</param>
internal sealed class RespondentSets(CubeShape shape, int parts, int respondents)
{
    private readonly int words = (respondents + 63) / 64;
    private readonly ulong[]?[] bits = new ulong[shape.Tables.Count][];

    public void Add(int table, int index, int respondent)
    {
        var all = bits[table] ??= new ulong[shape.Tables[table].Groups * parts * words];
        all[(index * words) + (respondent / 64)] |= 1UL << (respondent % 64);
    }

    public int Count(int table, int index) => bits[table] is { } all ? Ones(all.AsSpan(index * words, words)) : 0;

    public int CountTogether(int table, IEnumerable<int> indexes)
    {
        if (bits[table] is not { } all)
        {
            return 0;
        }

        var union = new ulong[words];
        foreach (var index in indexes)
        {
            for (var word = 0; word < words; word++)
            {
                union[word] |= all[(index * words) + word];
            }
        }

        return Ones(union);
    }

    private static int Ones(ReadOnlySpan<ulong> set)
    {
        var ones = 0;
        foreach (var word in set)
        {
            ones += BitOperations.PopCount(word);
        }

        return ones;
    }
}
