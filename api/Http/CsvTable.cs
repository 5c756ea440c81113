using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace AnkerOrte.Api.Http;

/// <summary>Reads a CSV file as other programs write it: UTF-8, one header, then rows of as many cells.</summary>
internal sealed class CsvTable : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private const string Delimiters = ",;\t";

    private readonly StreamReader text;
    private readonly CsvParser parser;
    private bool isAtEnd;

    private CsvTable(Stream body, int longestCell)
    {
        // Bytes that are not UTF-8 become U+FFFD.
        text = new StreamReader(body, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, BufferSize, leaveOpen: true);
        parser = new CsvParser(new WholeBlocks(text), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            DetectDelimiter = true,
            GetDelimiter = args => FindDelimiter(args.Text),
            BadDataFound = null,
            MaxFieldSize = longestCell,
            BufferSize = BufferSize,
        });
    }

    /// <summary>The cells of the header, without blanks around them; empty if there is none.</summary>
    public IReadOnlyList<string> Header { get; private set; } = [];

    /// <summary>Why the file has no header that can be read.</summary>
    public ProblemError? HeaderProblem { get; private set; }

    /// <summary>Number of the row that was read last, from 1; blank rows are not counted.</summary>
    public int Row { get; private set; }

    /// <summary>Why the row that was read last has no cells that can be used.</summary>
    public ProblemError? RowProblem { get; private set; }

    /// <summary>A cell of the row that was read last.</summary>
    public string this[int column] => parser[column];

    /// <param name="body">Stays open.</param>
    /// <param name="longestCell">In characters; 0: any length.</param>
    public static async Task<CsvTable> OpenAsync(Stream body, int longestCell = 0)
    {
        var table = new CsvTable(body, longestCell);
        try
        {
            if (await table.parser.ReadAsync())
            {
                table.Header = [.. table.parser.Record!.Select(cell => cell.Trim())];
            }
            else
            {
                table.HeaderProblem = ProblemError.At("", "empty", new("Die Datei ist leer.", "The file is empty."));
            }
        }
        catch (MaxFieldSizeException)
        {
            table.HeaderProblem = ProblemError.At("", "too-long", new("Die Kopfzeile ist zu lang.", "The header is too long."));
        }

        return table;
    }

    /// <summary>Goes to the next row that is not blank: spreadsheets leave rows of nothing but delimiters behind.</summary>
    /// <returns>False at the end of the file.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancel)
    {
        RowProblem = null;
        while (!isAtEnd)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                isAtEnd = !await parser.ReadAsync();
            }
            catch (MaxFieldSizeException)
            {
                isAtEnd = true;
                RowProblem = ProblemError.At("", "too-long", new(
                    "Eine Zelle hat mehr als 1 MB; vermutlich fehlt ein schließendes Anführungszeichen. Ab hier wurde nicht weitergelesen.",
                    "A cell has more than 1 MB; probably a closing quotation mark is missing. Nothing was read from here on."));
            }

            if (RowProblem is null && (isAtEnd || IsBlank()))
            {
                continue;
            }

            Row++;
            RowProblem ??= parser.Count == Header.Count ? null
                : ProblemError.At("", "cells", new(
                    $"{parser.Count} Zellen statt {Header.Count}.", $"{parser.Count} cells instead of {Header.Count}."));
            return true;
        }

        return false;
    }

    public void Dispose()
    {
        parser.Dispose();
        text.Dispose();
    }

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

    /// <summary>
    /// The sign that the header has most of outside quotation marks; names of columns contain none of them. CsvHelper's own rule asks
    /// all lines, whose texts may contain any sign, prefers the comma, and gives up where one line has no delimiter.
    /// </summary>
    private static string FindDelimiter(string start)
    {
        var counts = new int[Delimiters.Length];
        var quoted = false;
        foreach (var letter in start)
        {
            quoted ^= letter == '"';
            if (!quoted && letter is '\n' or '\r')
            {
                break;
            }

            if (!quoted && Delimiters.IndexOf(letter, StringComparison.Ordinal) is var sign and >= 0)
            {
                counts[sign]++;
            }
        }

        return Delimiters[counts.Index().MaxBy(count => count.Item).Index].ToString();
    }

    /// <summary>The delimiter is sought in the first block, so that block must be full, however small the pieces are that arrive.</summary>
    private sealed class WholeBlocks(StreamReader inner) : TextReader
    {
        public override int Read(char[] buffer, int index, int count) => inner.ReadBlock(buffer, index, count);

        public override Task<int> ReadAsync(char[] buffer, int index, int count) => inner.ReadBlockAsync(buffer, index, count);

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadBlockAsync(buffer, cancellationToken);
    }
}

/// <summary>What can be wrong with the header of a CSV file.</summary>
internal static class CsvHeading
{
    /// <param name="name">Of the column.</param>
    /// <param name="place">Of the column, from 0.</param>
    /// <param name="known">Names to suggest one from.</param>
    public static ProblemError Unknown(string name, int place, IEnumerable<string> known)
    {
        if (name.Length == 0)
        {
            return Error("unknown-column", name, new($"Spalte {place + 1} hat keinen Namen.", $"Column {place + 1} has no name."));
        }

        var quoted = ShortQuote.Short(name);
        var nearest = NearestName.To(quoted, known);
        return Error("unknown-column", name, new(
            $"Die Spalte „{quoted}“ ist unbekannt.{(nearest is null ? "" : $" Gemeint ist vielleicht „{nearest}“.")}",
            $"The column \"{quoted}\" is unknown.{(nearest is null ? "" : $" Did you mean \"{nearest}\"?")}"), nearest);
    }

    public static ProblemError Repeated(string name) =>
        Error("duplicate-column", name, new($"Die Spalte „{name}“ kommt mehrmals vor.", $"The column \"{name}\" occurs more than once."));

    public static ProblemError Missing(string name) =>
        Error("missing-column", name, new($"Die Spalte „{name}“ fehlt.", $"The column \"{name}\" is missing."));

    private static ProblemError Error(string code, string column, Text detail, string? suggestion = null) =>
        new("", ShortQuote.Short(column), code, detail, suggestion);
}
