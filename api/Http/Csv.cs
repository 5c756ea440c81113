using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsvHelper;
using CsvHelper.Configuration;

namespace AnkerOrte.Api.Http;

/// <summary>CSV after RFC 4180, in UTF-8. Cells that a spreadsheet would run as a formula are neutralised.</summary>
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
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = parameters.Delimiter switch { null => ",", "tab" => "\t", var other => other },
            NewLine = "\r\n",
            // Its own rule overlooks a lone \n once NewLine is set.
            ShouldQuote = args => args.Field is { Length: > 0 } field && (field[0] == ' ' || field[^1] == ' ' || field.AsSpan().ContainsAny(NeedQuotes)),
        };
        using var buffer = new MemoryStream();
        await using var text = new StreamWriter(buffer, new UTF8Encoding(parameters.Bom == true), leaveOpen: true);
        await using var csv = new CsvWriter(text, configuration, leaveOpen: true);
        foreach (var column in columns)
        {
            csv.WriteField(column.Name);
        }

        csv.WriteField(Attribution);
        await csv.NextRecordAsync();
        var written = 0;
        foreach (var item in items)
        {
            using (item)
            {
                foreach (var row in rows is null ? [item.RootElement] : rows(item.RootElement))
                {
                    foreach (var column in columns)
                    {
                        csv.WriteField(Write(column.Value(row)));
                    }

                    csv.WriteField(Addresses.Attribution);
                    await csv.NextRecordAsync();
                }
            }

            if (++written % FlushEvery == 0)
            {
                await FlushAsync();
            }
        }

        await FlushAsync();

        async Task FlushAsync()
        {
            await csv.FlushAsync();
            await text.FlushAsync(cancel);
            await body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancel);
            buffer.SetLength(0);
        }
    }

    /// <summary>A cell as it was before it was neutralised.</summary>
    public static string Restore(string cell) => cell.StartsWith('\'') && Dangerous().IsMatch(cell.AsSpan(1)) ? cell[1..] : cell;

    /// <summary>What a spreadsheet would run gets a ' in front; what already looks like that gets one more, so that reading is exact.</summary>
    private static string Neutralise(string cell) => Dangerous().IsMatch(cell) ? "'" + cell : cell;

    private static string Write(object? value) => value switch
    {
        null => "",
        List<string> list => Neutralise(string.Join('|', list)),
        // Numbers and true or false are themselves, also where a number is negative.
        JsonElement element => element.GetRawText(),
        _ => Neutralise(value.ToString()!),
    };

    [GeneratedRegex(@"^'*[=+\-@\t\r]")]
    private static partial Regex Dangerous();
}
