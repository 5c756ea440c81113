using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using AnkerOrte.Api.Http;
using CsvHelper;
using CsvHelper.Configuration;

namespace AnkerOrte.Api.Surveys;

/// <summary>
/// Reads responses from CSV, the own wide form or LimeSurvey's, row by row into the same objects that come as JSON.
/// What a cell means is decided here; whether it is right, by <see cref="AnswerRules"/>.
/// </summary>
internal sealed class ResponseCsv : IDisposable
{
    private const int LongestHeader = 1024 * 1024;

    private readonly StreamReader text;
    private readonly CsvParser parser;
    private readonly CsvRowWriter? rows;
    private readonly int cells;

    private ResponseCsv(StreamReader text, CsvParser parser, CsvRowWriter? rows, IReadOnlyList<ProblemError> headerErrors)
    {
        this.text = text;
        this.parser = parser;
        this.rows = rows;
        cells = parser.Count;
        HeaderErrors = headerErrors;
    }

    /// <summary>If there are any, the file as a whole cannot be read.</summary>
    public IReadOnlyList<ProblemError> HeaderErrors { get; }

    /// <param name="current">The version of rows that do not name one; only LimeSurvey's form may leave it out.</param>
    public static async Task<ResponseCsv> OpenAsync(Stream body, ResponseColumns columns, int current, CancellationToken cancel)
    {
        // Bytes that are not UTF-8 become U+FFFD, which is then found in the row it belongs to.
        var text = new StreamReader(body, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024, leaveOpen: true);
        var (start, delimiter) = await ReadHeaderAsync(text, cancel);
        var parser = new CsvParser(new ContinuedReader(start, text), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            BadDataFound = null,
            MaxFieldSize = ResponseRow.MostBytes,
            BufferSize = 64 * 1024,
            CountBytes = false,
        });
        var errors = new List<ProblemError>();
        CsvRowWriter? rows = null;
        try
        {
            if (await parser.ReadAsync())
            {
                var header = new CsvHeader(columns, errors).Read(parser.Record!);
                rows = new(header, columns, current);
            }
            else
            {
                errors.Add(new("", null, "empty", new("Die Datei ist leer.", "The file is empty.")));
            }
        }
        catch (MaxFieldSizeException)
        {
            errors.Add(new("", null, "too-long", new("Die Kopfzeile ist zu lang.", "The header is too long.")));
        }

        return new(text, parser, rows, errors);
    }

    public async IAsyncEnumerable<ResponseRow> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var number = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            ResponseRow? last = null;
            try
            {
                if (!await parser.ReadAsync())
                {
                    yield break;
                }
            }
            catch (MaxFieldSizeException)
            {
                last = ResponseRow.Refused(number + 1, "too-long", new(
                    "Eine Zelle hat mehr als 1 MB; vermutlich fehlt ein schließendes Anführungszeichen. Ab hier wurde nicht weitergelesen.",
                    "A cell has more than 1 MB; probably a closing quotation mark is missing. Nothing was read from here on."));
            }

            if (last is { } broken)
            {
                yield return broken;
                yield break;
            }

            if (IsBlank())
            {
                continue;
            }

            number++;
            yield return parser.Count != cells
                ? ResponseRow.Refused(number, "cells", new($"{parser.Count} Zellen statt {cells}.", $"{parser.Count} cells instead of {cells}."))
                : rows!.Write(number, parser);
        }
    }

    public void Dispose()
    {
        rows?.Dispose();
        parser.Dispose();
        text.Dispose();
    }

    /// <summary>Spreadsheets leave rows of nothing but delimiters behind.</summary>
    private bool IsBlank()
    {
        for (var i = 0; i < parser.Count; i++)
        {
            if (!string.IsNullOrWhiteSpace(parser[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The delimiter is the sign of the three that the first line has most of, outside quotation marks.</summary>
    private static async Task<(ReadOnlyMemory<char> Start, string Delimiter)> ReadHeaderAsync(StreamReader text, CancellationToken cancel)
    {
        var buffer = new char[4096];
        var length = 0;
        while (true)
        {
            var read = await text.ReadAsync(buffer.AsMemory(length), cancel);
            var hasEnd = buffer.AsSpan(length, read).ContainsAny('\n', '\r');
            length += read;
            if (read == 0 || hasEnd || length > LongestHeader)
            {
                break;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }

        var counts = new int[3];
        var quoted = false;
        foreach (var letter in buffer.AsSpan(0, length))
        {
            quoted ^= letter == '"';
            if (!quoted && letter is '\n' or '\r')
            {
                break;
            }

            if (!quoted && ",;\t".IndexOf(letter, StringComparison.Ordinal) is var sign and >= 0)
            {
                counts[sign]++;
            }
        }

        return (buffer.AsMemory(0, length), ",;\t"[counts.Index().MaxBy(count => count.Item).Index].ToString());
    }

    /// <summary>Gives again what was read to find the delimiter.</summary>
    private sealed class ContinuedReader(ReadOnlyMemory<char> start, StreamReader rest) : TextReader
    {
        private ReadOnlyMemory<char> start = start;

        public override int Read(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask().GetAwaiter().GetResult();

        public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask();

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
        {
            if (start.IsEmpty)
            {
                return rest.ReadAsync(buffer, cancellationToken);
            }

            var count = Math.Min(start.Length, buffer.Length);
            start[..count].CopyTo(buffer);
            start = start[count..];
            return ValueTask.FromResult(count);
        }
    }
}
