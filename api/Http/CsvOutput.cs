using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace AnkerOrte.Api.Http;

/// <summary>Writes CSV after RFC 4180, in UTF-8, part by part. What a cell may contain is decided by <see cref="Csv"/>.</summary>
internal sealed class CsvOutput : IAsyncDisposable
{
    private readonly Stream body;
    private readonly MemoryStream buffer = new();
    private readonly StreamWriter text;
    private readonly CsvWriter csv;

    /// <param name="body">Stays open.</param>
    /// <param name="parameters">Say the delimiter and whether a byte order mark comes first.</param>
    public CsvOutput(Stream body, ListParameters parameters)
    {
        this.body = body;
        text = new StreamWriter(buffer, new UTF8Encoding(parameters.Bom == true), leaveOpen: true);
        csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = parameters.Delimiter switch { null => ",", "tab" => "\t", var other => other },
            NewLine = "\r\n",
            // Its own rule overlooks a lone \n once NewLine is set.
            ShouldQuote = args => Csv.NeedsQuotes(args.Field),
        }, leaveOpen: true);
    }

    /// <param name="cells">Neutralised where they are texts.</param>
    public Task WriteAsync(IEnumerable<string> cells)
    {
        foreach (var cell in cells)
        {
            csv.WriteField(cell);
        }

        return csv.NextRecordAsync();
    }

    /// <summary>Sends what was written since the last time.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        await csv.FlushAsync();
        await text.FlushAsync(cancel);
        await body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancel);
        buffer.SetLength(0);
    }

    public async ValueTask DisposeAsync()
    {
        await csv.DisposeAsync();
        await text.DisposeAsync();
        await buffer.DisposeAsync();
    }
}
