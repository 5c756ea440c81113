using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>Turns the cells of one row into a response object.</summary>
internal sealed class CsvRowWriter : IDisposable
{
    private readonly ResponseColumn[] header;
    private readonly int current;
    private readonly bool hasVersion;
    private readonly Group[] groups;
    private readonly ArrayBufferWriter<byte> buffer = new(4096);
    private readonly Utf8JsonWriter writer;
    private readonly List<ProblemError> errors = [];
    private CsvTable cells;

    public CsvRowWriter(ResponseColumn[] header, ResponseColumns columns, int current)
    {
        this.header = header;
        this.current = current;
        hasVersion = header.Any(column => column.Role == ColumnRole.Version);
        var places = header.Index().Where(cell => cell.Item.Item is not null).ToLookup(cell => cell.Item.Item!, cell => cell.Index);
        groups = [.. columns.Items.Where(places.Contains).Select(item => new Group(item, places[item], header))];
        writer = new(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        cells = null!;
    }

    public ResponseRow Write(int number, CsvTable row)
    {
        cells = row;
        errors.Clear();
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        var id = WriteFrame();
        writer.WriteStartObject("answers");
        foreach (var group in groups)
        {
            CheckEncoding(group);
            WriteGroup(group);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenCount > ResponseRow.MostBytes
            ? ResponseRow.TooLong(number) with { Id = id }
            : new(number, buffer.WrittenMemory, id, errors.Count == 0 ? null : [.. errors]);
    }

    public void Dispose() => writer.Dispose();

    private string? WriteFrame()
    {
        string? id = null;
        for (var i = 0; i < header.Length; i++)
        {
            var cell = cells[i].Trim();
            switch (header[i].Role)
            {
                case ColumnRole.Id when cell.Length > 0:
                    id = CsvCells.Restore(cell);
                    writer.WriteString("id", id);
                    break;
                case ColumnRole.Version when int.TryParse(cell, out var version):
                    writer.WriteNumber("version", version);
                    break;
                case ColumnRole.Version when cell.Length > 0:
                    writer.WriteString("version", cell);
                    break;
                case ColumnRole.Submit when CsvCells.Chosen(cell) is { } submit:
                    writer.WriteBoolean("submit", submit);
                    break;
                case ColumnRole.Submit:
                    writer.WriteString("submit", cell);
                    break;
                case ColumnRole.SubmitDate:
                    writer.WriteBoolean("submit", cell.Length > 0);
                    break;
            }
        }

        if (!hasVersion)
        {
            writer.WriteNumber("version", current);
        }

        return id;
    }

    private void WriteGroup(Group group)
    {
        switch (group.Item.Kind)
        {
            case ItemKind.MultiChoice:
                WriteChoices(group);
                return;
            case ItemKind.Ranking:
                WriteRanking(group);
                return;
            case ItemKind.Matrix:
                WriteRows(group);
                return;
        }

        foreach (var column in group.Columns)
        {
            var cell = cells[column];
            if (cell.Length == 0)
            {
                continue;
            }

            if (header[column].Role == ColumnRole.OtherText)
            {
                WriteOther(group, cell);
                continue;
            }

            writer.WritePropertyName(group.Item.Code);
            if (CsvCells.MissingCode(cell) is { } missing)
            {
                writer.WriteNumberValue(missing);
            }
            else
            {
                WriteValue(group.Item, cell, column);
            }
        }
    }

    private void WriteValue(UnionItem item, string cell, int column)
    {
        var word = cell.Trim();
        switch (item.Kind)
        {
            case ItemKind.SingleChoice or ItemKind.OrdinalScale:
                writer.WriteStringValue(item.CodeOf(word));
                break;
            case ItemKind.YesNo when word is "yes" or "no" || (word.Length > 0 && CsvCells.Chosen(word) is not null):
                writer.WriteBooleanValue(word is "yes" || CsvCells.Chosen(word) == true);
                break;
            case ItemKind.Integer or ItemKind.Decimal when Csv.JsonNumber().IsMatch(word):
                writer.WriteRawValue(word, skipInputValidation: true);
                break;
            case ItemKind.Integer or ItemKind.Decimal when CsvCells.DecimalComma().IsMatch(word):
                // The row is refused anyway; a number keeps the other checks from complaining about it again.
                writer.WriteNumberValue(0);
                Add(item, column, "decimal-comma", new("Zahlen haben einen Dezimalpunkt.", "Numbers have a decimal point."), word.Replace(',', '.'));
                break;
            case ItemKind.Date:
                writer.WriteStringValue(word.EndsWith(" 00:00:00", StringComparison.Ordinal) ? word[..^9] : word);
                break;
            case ItemKind.Text:
                writer.WriteStringValue(CsvCells.Restore(cell));
                break;
            default:
                writer.WriteStringValue(CsvCells.Restore(word));
                break;
        }
    }

    private void WriteChoices(Group group)
    {
        if (WriteIfMissing(group))
        {
            return;
        }

        string? other = null;
        var hasOtherOption = false;
        var any = false;
        foreach (var column in group.Columns)
        {
            var cell = cells[column];
            if (header[column].Role == ColumnRole.OtherText)
            {
                other = cell.Length > 0 && CsvCells.MissingCode(cell) is null ? cell : null;
                continue;
            }

            var place = header[column].Place;
            var isOther = place == group.Item.Options.Count;
            hasOtherOption |= isOther;
            var chosen = CsvCells.Chosen(cell);
            if (chosen is null)
            {
                // Whoever has one column for both may write the text where the 1 belongs.
                if (!isOther || CsvCells.MissingCode(cell) is not null)
                {
                    AddNotZeroOrOne(group.Item, column, cell);
                    continue;
                }

                other = cell;
            }

            if (chosen != false)
            {
                Choose(isOther ? DefinitionLimits.Other : group.Item.Options[place].Code);
            }
        }

        if (other is not null && !hasOtherOption)
        {
            Choose(DefinitionLimits.Other);
            // LimeSurvey has one column for the text and the choice.
            other = CsvCells.Chosen(other) == true ? null : other;
        }

        if (any)
        {
            writer.WriteEndArray();
        }

        if (other is not null)
        {
            WriteOther(group, other);
        }

        void Choose(string code)
        {
            if (!any)
            {
                writer.WriteStartArray(group.Item.Code);
                any = true;
            }

            writer.WriteStringValue(code);
        }
    }

    private void WriteRanking(Group group)
    {
        if (WriteIfMissing(group))
        {
            return;
        }

        var next = 0;
        foreach (var column in group.Columns)
        {
            var cell = cells[column].Trim();
            if (cell.Length == 0)
            {
                continue;
            }

            if (header[column].Place != next)
            {
                Add(group.Item, column, "gap", new($"Rang {next + 1} fehlt.", $"Rank {next + 1} is missing."));
            }

            if (next == 0)
            {
                writer.WriteStartArray(group.Item.Code);
            }

            next = header[column].Place + 1;
            writer.WriteStringValue(group.Item.CodeOf(cell));
        }

        if (next > 0)
        {
            writer.WriteEndArray();
        }
    }

    private void WriteRows(Group group)
    {
        if (WriteIfMissing(group))
        {
            return;
        }

        var any = false;
        foreach (var column in group.Columns)
        {
            var cell = cells[column].Trim();
            if (cell.Length == 0)
            {
                continue;
            }

            if (!any)
            {
                writer.WriteStartObject(group.Item.Code);
                any = true;
            }

            writer.WritePropertyName(group.Item.Rows[header[column].Place].Code);
            if (CsvCells.MissingCode(cell) is { } missing)
            {
                writer.WriteNumberValue(missing);
            }
            else
            {
                writer.WriteStringValue(group.Item.CodeOf(cell));
            }
        }

        if (any)
        {
            writer.WriteEndObject();
        }
    }

    /// <summary>One missing code in every column stands for the whole item.</summary>
    private bool WriteIfMissing(Group group)
    {
        int? all = null;
        foreach (var column in group.Columns)
        {
            var cell = cells[column];
            if (cell.Length == 0 && header[column].Role == ColumnRole.OtherText)
            {
                continue;
            }

            if (CsvCells.MissingCode(cell) is not { } missing || (all ?? missing) != missing)
            {
                return false;
            }

            all = missing;
        }

        if (all is { } code)
        {
            writer.WriteNumber(group.Item.Code, code);
        }

        return all is not null;
    }

    private void WriteOther(Group group, string cell)
    {
        if (CsvCells.MissingCode(cell) is null)
        {
            writer.WriteString($"{group.Item.Code}.{DefinitionLimits.Other}", CsvCells.Restore(cell));
        }
    }

    private void CheckEncoding(Group group)
    {
        foreach (var column in group.Columns)
        {
            if (cells[column].Contains('\uFFFD', StringComparison.Ordinal))
            {
                Add(group.Item, column, "encoding", new("Nicht in UTF-8.", "Not in UTF-8."));
            }
        }
    }

    private void AddNotZeroOrOne(UnionItem item, int column, string cell) => Add(item, column, "type", CsvCells.MissingCode(cell) is null
        ? new($"Erwartet wird 1 oder 0, nicht „{ShortQuote.Short(cell)}“.", $"Expected is 1 or 0, not \"{ShortQuote.Short(cell)}\".")
        : new("Codes für fehlende Angaben gelten für alle Spalten der Frage.", "Missing codes apply to all columns of the item."));

    private void Add(UnionItem item, int column, string code, Text detail, string? suggestion = null) =>
        errors.Add(new("/answers/" + item.Code, header[column].Name, code, detail, suggestion));

    /// <summary>The columns of one item, by their places.</summary>
    private sealed class Group(UnionItem item, IEnumerable<int> columns, ResponseColumn[] header)
    {
        public UnionItem Item => item;

        public int[] Columns { get; } = [.. columns.OrderBy(column => header[column].Role == ColumnRole.OtherText).ThenBy(column => header[column].Place)];
    }
}
