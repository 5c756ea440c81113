using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AnkerOrte.Api.Http;

/// <summary>
/// CSV as all tables have it: which cells need quotation marks, and how cells are neutralised that a spreadsheet would run as a formula.
/// <see cref="CsvOutput"/> writes it, <see cref="CsvTable"/> reads it.
/// </summary>
internal static partial class Csv
{
    /// <summary>The last column of every file.</summary>
    public const string Attribution = "attribution";

    private const int FlushEvery = 256;

    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create("\"\r\n\t,;'");

    public const string MediaType = "text/csv; charset=utf-8; header=present";

    public static void SetHeaders(HttpResponse response, string name)
    {
        response.ContentType = MediaType;
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}.csv\"";
    }

    /// <summary>What makes sense for CSV only is an error elsewhere, not noise.</summary>
    public static IEnumerable<ProblemError> CheckUnused(ListParameters parameters, params IEnumerable<string> others) =>
        others.Concat(parameters.Bom == true ? ["bom"] : []).Concat(parameters.Delimiter is null ? [] : ["delimiter"]).Select(name => Formats.Belongs(name, "csv"));

    public static async Task WriteAsync(
        Stream body, IReadOnlyList<Column> columns, IEnumerable<JsonDocument> items, Func<JsonElement, IEnumerable<JsonElement>>? rows,
        ListParameters parameters, CancellationToken cancel)
    {
        await using var output = new CsvOutput(body, parameters);
        await output.WriteAsync(columns.Select(column => column.Name).Append(Attribution));
        var written = 0;
        foreach (var item in items)
        {
            using (item)
            {
                foreach (var row in rows is null ? [item.RootElement] : rows(item.RootElement))
                {
                    await output.WriteAsync(columns.Select(column => Write(column.Value(row))).Append(Addresses.Attribution));
                }
            }

            if (++written % FlushEvery == 0)
            {
                await output.FlushAsync(cancel);
            }
        }

        await output.FlushAsync(cancel);
    }

    public static bool NeedsQuotes(string? cell) =>
        cell is { Length: > 0 } && (cell[0] == ' ' || cell[^1] == ' ' || cell.AsSpan().ContainsAny(NeedQuotes));

    /// <summary>A cell for whoever writes without <see cref="CsvOutput"/>.</summary>
    public static string Quoted(string cell) => NeedsQuotes(cell) ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    /// <summary>A cell as it was before it was neutralised.</summary>
    public static string Restore(string cell) => cell.StartsWith('\'') && Dangerous().IsMatch(cell.AsSpan(1)) ? cell[1..] : cell;

    /// <summary>What a spreadsheet would run gets a ' in front; what already looks like that gets one more, so that reading is exact.</summary>
    public static string Neutralise(string cell) => Dangerous().IsMatch(cell) ? "'" + cell : cell;

    private static string Write(object? value) => value switch
    {
        null => "",
        List<string> list => Neutralise(string.Join('|', list)),
        // Numbers and true or false are themselves, also where a number is negative.
        JsonElement element => element.GetRawText(),
        _ => Neutralise(value.ToString()!),
    };

    /// <summary>A number as JSON writes it.</summary>
    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    public static partial Regex JsonNumber();

    [GeneratedRegex(@"^'*[=+\-@\t\r]")]
    private static partial Regex Dangerous();
}
