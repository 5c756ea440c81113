using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Records of all kinds of values with three hidden profiles and some unknown values; every pair can be compared.</summary>
internal static class Artificial
{
    public static readonly IReadOnlyList<DataColumn> Columns =
    [
        new("set", ColumnKind.Multi, 2),
        new("class", ColumnKind.Nominal),
        new("level", ColumnKind.Ordinal, 1, Levels: 5),
        new("number", ColumnKind.Numeric, .5),
        new("has", ColumnKind.BinaryAsymmetric),
        new("is", ColumnKind.BinarySymmetric),
    ];

    public static DataTable Table(int count, ulong seed) => DataTable.Create(Columns, Rows(count, seed));

    public static List<DataRow> Rows(int count, ulong seed)
    {
        var random = new SplitMix64(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var profile = random.Below(3);
            var values = new Dictionary<string, DataValue>();
            Add("set", () => new DataValue.Multi([.. Enumerable.Range(0, 9).Where(code => random.Unit() < (code / 3 == profile ? .7 : .15)).Select(code => $"c{code}")]));
            Add("class", () => new DataValue.Nominal($"k{(random.Below(3) == 0 ? random.Below(4) : profile)}"));
            Add("level", () => new DataValue.Ordinal(1 + Math.Min(4, profile + random.Below(3))));
            // Known of all, so that all share something.
            values.Add("number", new DataValue.Number(100 * profile + random.Below(150)));
            Add("has", () => new DataValue.Flag(random.Below(4) <= profile));
            Add("is", () => new DataValue.Flag(random.Below(2) == 0));
            return new DataRow($"r{i:00000}", values);

            void Add(string key, Func<DataValue> value)
            {
                var drawn = value();
                if (random.Unit() >= .08)
                {
                    values.Add(key, drawn);
                }
            }
        })];
    }
}
