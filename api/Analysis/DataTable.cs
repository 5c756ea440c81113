namespace AnkerOrte.Api.Analysis;

/// <summary>How values of a column are compared.</summary>
internal enum ColumnKind
{
    Multi,
    Nominal,
    Ordinal,
    Numeric,
    BinaryAsymmetric,
    BinarySymmetric,
}

/// <summary>A dimension of the comparison.</summary>
/// <param name="Key">Unique in its table.</param>
/// <param name="Kind">How values are compared.</param>
/// <param name="Weight">Weight of the dimension, 0 or more.</param>
/// <param name="Levels">Ordinal: number of levels of the scale, not of the data.</param>
/// <param name="Range">Numeric: the difference that counts as dissimilarity 1; null: the range of the data.</param>
internal sealed record DataColumn(string Key, ColumnKind Kind, double Weight = 1, int? Levels = null, double? Range = null);

/// <summary>A known value. An unknown value is absent. An empty <see cref="Multi"/> means that there is explicitly none.</summary>
internal abstract record DataValue
{
    public sealed record Multi(IReadOnlyList<string> Codes) : DataValue;

    public sealed record Nominal(string Code) : DataValue;

    /// <summary>Rank from 1.</summary>
    public sealed record Ordinal(int Rank) : DataValue;

    public sealed record Number(double Value) : DataValue;

    public sealed record Flag(bool Value) : DataValue;
}

/// <param name="Id">Unique in its table. The table sorts rows by id (ordinal).</param>
/// <param name="Values">By column key. An absent key means unknown.</param>
internal sealed record DataRow(string Id, IReadOnlyDictionary<string, DataValue> Values);

/// <summary>One column as numbers: bits for sets, else one number per row.</summary>
/// <param name="Codes">Multi and nominal: the codes that occur, in ordinal order; binary: `true`.</param>
/// <param name="Words">Multi: 64-bit words per row.</param>
/// <param name="Bits">Multi: rows × words.</param>
/// <param name="Numbers">
/// Nominal: index of the code; ordinal: rank; numeric: value; binary: 0 or 1. NaN: unknown or explicitly none.
/// </param>
/// <param name="Known">Whether a row has a value.</param>
/// <param name="Scale">Ordinal and numeric: divisor of a difference; 0: the column cannot be compared.</param>
internal sealed record CodedColumn(IReadOnlyList<string> Codes, int Words, ulong[] Bits, double[] Numbers, bool[] Known, double Scale);

/// <summary>Records by dimensions, immutable and sorted by id (ordinal), so that results do not depend on the order of the input.</summary>
internal sealed class DataTable
{
    /// <summary>The only code of a binary column.</summary>
    public const string True = "true";

    private DataTable(IReadOnlyList<string> ids, IReadOnlyList<DataColumn> columns, IReadOnlyList<CodedColumn> coded)
    {
        Ids = ids;
        Columns = columns;
        Coded = coded;
    }

    public int Count => Ids.Count;

    public IReadOnlyList<string> Ids { get; }

    public IReadOnlyList<DataColumn> Columns { get; }

    public IReadOnlyList<CodedColumn> Coded { get; }

    public double TotalWeight => Columns.Sum(column => column.Weight);

    /// <param name="columns">Columns with unique keys and weights of 0 or more.</param>
    /// <param name="rows">Rows with unique ids. Each value fits the kind of its column.</param>
    public static DataTable Create(IReadOnlyList<DataColumn> columns, IEnumerable<DataRow> rows)
    {
        var ordered = rows.OrderBy(row => row.Id, StringComparer.Ordinal).ToList();
        return new DataTable([.. ordered.Select(row => row.Id)], columns, [.. columns.Select(column => Code(column, ordered))]);
    }

    /// <summary>Share of the total weight in dimensions that are known of a row, 0 to 1; 0 if all weights are 0.</summary>
    public double Coverage(int row)
    {
        var known = 0.0;
        for (var i = 0; i < Columns.Count; i++)
        {
            known += Coded[i].Known[row] ? Columns[i].Weight : 0;
        }

        return TotalWeight > 0 ? known / TotalWeight : 0;
    }

    /// <summary>A table of some rows, by position in ascending order. It keeps the scales of the whole table.</summary>
    public DataTable Select(IReadOnlyList<int> rows) => new([.. rows.Select(row => Ids[row])], Columns, [.. Coded.Select(column => Pick(column, rows))]);

    public DataTable WithWeights(IReadOnlyList<double> weights) =>
        new(Ids, [.. Columns.Select((column, i) => column with { Weight = weights[i] })], Coded);

    /// <summary>Shuffles each column independently. Margins and missing values stay the same, associations disappear.</summary>
    public DataTable Permute(SplitMix64 random) => new(Ids, Columns, [.. Coded.Select(column => Pick(column, random.Shuffle(Count)))]);

    /// <summary>The codes of a row in a column with codes; null: unknown.</summary>
    public IReadOnlyList<string>? CodesOf(int column, int row)
    {
        var coded = Coded[column];
        return !coded.Known[row] ? null
            : Columns[column].Kind == ColumnKind.Multi ? [.. coded.Codes.Where((_, code) => Has(column, row, code))]
            : Columns[column].Kind == ColumnKind.Nominal && !double.IsNaN(coded.Numbers[row]) ? [coded.Codes[(int)coded.Numbers[row]]]
            : [];
    }

    public bool Has(int column, int row, int code)
    {
        var coded = Coded[column];
        return Columns[column].Kind == ColumnKind.Multi
            ? (coded.Bits[row * coded.Words + code / 64] >> (code % 64) & 1) == 1
            : coded.Numbers[row] == (Columns[column].Kind == ColumnKind.Nominal ? code : 1);
    }

    private static CodedColumn Pick(CodedColumn column, IReadOnlyList<int> rows)
    {
        var bits = new ulong[rows.Count * column.Words];
        for (var i = 0; i < rows.Count; i++)
        {
            column.Bits.AsSpan(rows[i] * column.Words, column.Words).CopyTo(bits.AsSpan(i * column.Words));
        }

        return column with { Bits = bits, Numbers = [.. rows.Select(row => column.Numbers[row])], Known = [.. rows.Select(row => column.Known[row])] };
    }

    private static CodedColumn Code(DataColumn column, List<DataRow> rows)
    {
        var values = rows.Select(row => row.Values.GetValueOrDefault(column.Key)).ToList();
        var isBinary = column.Kind is ColumnKind.BinaryAsymmetric or ColumnKind.BinarySymmetric;
        var codes = isBinary ? [True] : values.SelectMany(value => value switch
        {
            DataValue.Multi multi => multi.Codes,
            DataValue.Nominal nominal => [nominal.Code],
            _ => [],
        }).Distinct().Order(StringComparer.Ordinal).ToList();
        var index = codes.Select((code, i) => (code, i)).ToDictionary(pair => pair.code, pair => pair.i, StringComparer.Ordinal);
        var words = column.Kind == ColumnKind.Multi ? (codes.Count + 63) / 64 : 0;
        var bits = new ulong[rows.Count * words];
        var numbers = new double[rows.Count];
        for (var row = 0; row < rows.Count; row++)
        {
            numbers[row] = values[row] switch
            {
                DataValue.Nominal nominal => index[nominal.Code],
                DataValue.Ordinal ordinal => ordinal.Rank,
                DataValue.Number number => number.Value,
                DataValue.Flag flag => flag.Value ? 1 : 0,
                _ => double.NaN,
            };
            foreach (var code in values[row] is DataValue.Multi multi ? multi.Codes : [])
            {
                bits[row * words + index[code] / 64] |= 1UL << (index[code] % 64);
            }
        }

        return new CodedColumn(codes, words, bits, numbers, [.. values.Select(value => value is not null)], Scale(column, numbers));
    }

    private static double Scale(DataColumn column, double[] numbers) => column.Kind switch
    {
        ColumnKind.Ordinal => column.Levels!.Value - 1,
        ColumnKind.Numeric when column.Range is { } range => range,
        ColumnKind.Numeric => numbers.Where(double.IsFinite).DefaultIfEmpty().Max() - numbers.Where(double.IsFinite).DefaultIfEmpty().Min(),
        _ => 1,
    };
}
