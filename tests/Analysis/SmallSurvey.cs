using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>A made-up survey question with at most four breakdowns, as uneven and as entangled as real ones.</summary>
internal sealed record SmallSurvey(ResultKind Kind, int K, string[] Codes, Breakdown[] Breakdowns, ResultResponse[] Responses)
{
    public static readonly string[] Names = ["state", "populationClass", "cohort", "type"];

    public ResultCube Cube(bool zeroSensitive = false) =>
        ResultCube.Build(Codes, new(Breakdowns), Responses, Kind, new(K, K, zeroSensitive));

    public static SmallSurvey Random(ulong seed, int largest = 60)
    {
        var random = new SplitMix64(seed);
        var codes = 2 + random.Below(3);
        int[] sizes = [.. Names.Select(_ => 1 + random.Below(3))];
        var kind = random.Below(2) == 0 ? ResultKind.Single : ResultKind.Multi;
        var nested = random.Below(3) == 0;
        var unknown = random.Below(3) == 0;
        var responses = Enumerable.Range(0, 3 + random.Below(largest - 2)).Select(_ =>
        {
            int[] groups = [.. sizes.Select(size => unknown && random.Below(12) == 0 ? -1 : Uneven(size))];
            groups[1] = nested && groups[0] >= 0 ? Math.Min(groups[0], sizes[1] - 1) : groups[1];
            var leaning = groups[2] > 0 ? groups[2] % codes : Uneven(codes);
            int[]? chosen = random.Below(15) == 0 ? null
                : kind == ResultKind.Single ? [random.Below(3) == 0 ? leaning : Uneven(codes)]
                : [.. Enumerable.Range(0, codes).Where(code => code == leaning || random.Below(3) == 0)];
            return new ResultResponse(chosen, groups);
        }).ToArray();

        return new(
            kind, random.Below(2) == 0 ? 3 : 5, [.. Enumerable.Range(0, codes).Select(code => $"c{code}")],
            [.. Names.Select((name, axis) => new Breakdown(name, [.. Enumerable.Range(0, sizes[axis]).Select(group => $"{name[0]}{group}")]))], responses);

        // Each group is about twice as large as the next one.
        int Uneven(int size) => Math.Min(size - 1, random.Below(2) + (random.Below(3) == 0 ? random.Below(size) : 0));
    }
}
