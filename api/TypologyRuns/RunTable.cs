using System.Text.Json;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>Reads the table of a request: columns with declared kinds, and rows whose values must fit these kinds.</summary>
internal static class RunTable
{
    private const int MostErrors = 200;

    /// <summary>Largest absolute value, so that differences do not overflow.</summary>
    private const double LargestNumber = 1e15;

    public static DataColumn Column(JsonElement column, double weight) => new(
        column.GetProperty("key").GetString()!,
        Enum.Parse<ColumnKind>(column.GetProperty("kind").GetString()!, ignoreCase: true),
        weight,
        column.TryGetProperty("levels", out var levels) && levels.ValueKind == JsonValueKind.Number ? levels.GetInt32() : null,
        column.TryGetProperty("range", out var range) && range.ValueKind == JsonValueKind.Number ? range.GetDouble() : null);

    public static List<DataRow> Rows(JsonElement rows, IReadOnlyList<DataColumn> columns, RunLimits limits, List<ProblemError> errors)
    {
        var (read, seen, i) = (new List<DataRow>(), new HashSet<string>(StringComparer.Ordinal), 0);
        var (byKey, codes, count) = (ByKey(columns), new HashSet<(string Column, string Code)>(), (long)rows.GetArrayLength());
        foreach (var row in rows.EnumerateArray())
        {
            if (errors.Count >= MostErrors)
            {
                break;
            }

            var place = $"/source/rows/{i++}";
            read.Add(Row(row, byKey, place, errors));
            codes.UnionWith(read[^1].Values.SelectMany(value => Codes(value.Value).Select(code => (value.Key, code))));
            if (count * codes.Count > limits.Bits)
            {
                errors.Add(ProblemError.At("/source/rows", "limit", new(
                    $"Die Tabelle hat mehr als {limits.Bits / count} verschiedene Codes. Das ist zu viel für {count} Zeilen.",
                        $"The table has more than {limits.Bits / count} distinct codes. That is too many for {count} rows.")));
                break;
            }

            if (!seen.Add(read[^1].Id))
            {
                errors.Add(ProblemError.At(place + "/id", "repeated", new(
                    $"Die Kennung „{read[^1].Id}“ kommt schon vor.",
                    $"The id \"{read[^1].Id}\" has already been used.")));
            }
        }

        return read;
    }

    public static Dictionary<string,
        DataColumn> ByKey(IEnumerable<DataColumn> columns) => columns.ToDictionary(column => column.Key, StringComparer.Ordinal);

    private static IEnumerable<string> Codes(DataValue value) => value switch
    {
        DataValue.Multi multi => multi.Codes,
        DataValue.Nominal nominal => [nominal.Code],
        _ => [],
    };

    /// <summary>Reads one row. An absent value or null means unknown.</summary>
    public static DataRow Row(JsonElement row, Dictionary<string, DataColumn> columns, string place, List<ProblemError> errors)
    {
        var given = row.GetProperty("values");
        var values = new Dictionary<string, DataValue>(StringComparer.Ordinal);
        foreach (var member in given.EnumerateObject())
        {
            if (!columns.TryGetValue(member.Name, out var column))
            {
                var nearest = NearestName.To(member.Name, columns.Keys);
                errors.Add(ProblemError.At(Place(member.Name), "unknown-value", new(
                    $"Es gibt keine Spalte „{member.Name}“.",
                    $"There is no column \"{member.Name}\"."), nearest));
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                if (Value(column, member.Value) is { } value)
                {
                    values.Add(column.Key, value);
                }
                else
                {
                    errors.Add(ProblemError.At(Place(member.Name), "type", Wanted(column)));
                }
            }
        }

        return new DataRow(row.GetProperty("id").GetString()!, values);

        string Place(string member) => $"{place}/values/{member.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
    }

    private static DataValue? Value(DataColumn column, JsonElement value) => (column.Kind, value.ValueKind) switch
    {
        (ColumnKind.Multi, JsonValueKind.Array) when value.EnumerateArray().All(code => code.ValueKind == JsonValueKind.String) =>
            new DataValue.Multi([.. value.EnumerateArray().Select(code => code.GetString()!).Distinct()]),
        (ColumnKind.Nominal, JsonValueKind.String) => new DataValue.Nominal(value.GetString()!),
        (ColumnKind.Nominal, JsonValueKind.Array) when value.GetArrayLength() == 0 => new DataValue.Multi([]),
        (ColumnKind.Ordinal, JsonValueKind.Number) when value.TryGetDouble(out var rank) && rank == Math.Floor(rank) && rank >= 1 && rank <= column.Levels => new DataValue.Ordinal((int)rank),
        (ColumnKind.Numeric, JsonValueKind.Number) when value.TryGetDouble(out var number) && Math.Abs(number) <= LargestNumber => new DataValue.Number(number),
        (ColumnKind.BinaryAsymmetric or ColumnKind.BinarySymmetric, JsonValueKind.True or JsonValueKind.False) => new DataValue.Flag(value.GetBoolean()),
        _ => null,
    };

    private static Text Wanted(DataColumn column) => column.Kind switch
    {
        ColumnKind.Multi => new(
            "Erwartet: eine Liste von Texten. [] bedeutet: ausdrücklich keine.",
            "Expected: an array of strings. [] means: explicitly none."),
        ColumnKind.Nominal => new("Erwartet: ein Text.", "Expected: a string."),
        ColumnKind.Ordinal => new(
            $"Erwartet: eine ganze Zahl von 1 bis {column.Levels}.",
            $"Expected: an integer from 1 to {column.Levels}."),
        ColumnKind.Numeric => new("Erwartet: eine Zahl zwischen -1e15 und 1e15.", "Expected: a number between -1e15 and 1e15."),
        _ => new("Erwartet: true oder false.", "Expected: true or false."),
    };
}
