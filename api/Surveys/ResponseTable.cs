using System.Globalization;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>A response as it is kept.</summary>
/// <param name="SubmittedAt">Absent for a draft.</param>
internal sealed record StoredResponse(string Id, int Version, string? SubmittedAt, ReadOnlyMemory<byte> Answers);

/// <summary>Turns kept responses into rows of cells; the cells are neutralised already.</summary>
internal sealed class ResponseTable(ResponseColumns columns) : IDisposable
{
    private readonly Dictionary<int, AnswerRules> readers = columns.Versions.ToDictionary(version => version.Key, version => new AnswerRules(version.Value, KnownReferences.Anything));

    private readonly ILookup<UnionItem?, ResponseColumn> wide = columns.Wide.ToLookup(column => column.Item);

    public string[] Wide(StoredResponse response) => Row(response, columns.Wide, lime: false);

    public string[] LimeSurvey(StoredResponse response) => Row(response, columns.Lime, lime: true);

    /// <summary>One row an answer; choices and ranks one row an option, items that were not shown one row with -66.</summary>
    public List<string[]> Long(StoredResponse response)
    {
        var view = Read(response);
        var rows = new List<string[]>();
        foreach (var item in columns.Items)
        {
            if (view.Find(item) is not { } number)
            {
                continue;
            }

            if (view.Missing(number) is { } missing)
            {
                Add(item.Code, "", missing);
                continue;
            }

            foreach (var column in wide[item])
            {
                var value = view.Cell(column, number, lime: false);
                if (value.Length > 0)
                {
                    AddCell(column, value);
                }
            }
        }

        return rows;

        void AddCell(ResponseColumn column, string value)
        {
            var item = column.Item!;
            switch (column.Role)
            {
                case ColumnRole.Option:
                    Add(item.Code, OptionCode(item, column.Place), value);
                    break;
                case ColumnRole.Row:
                    Add(item.Code, item.Rows[column.Place].Code, value);
                    break;
                case ColumnRole.Rank:
                    // What was ranked is the option, its rank the value: ranks can then be averaged.
                    Add(item.Code, value, Write(column.Place + 1));
                    break;
                case ColumnRole.OtherText:
                    Add($"{item.Code}.{DefinitionLimits.Other}", "", value);
                    break;
                default:
                    Add(item.Code, "", value);
                    break;
            }
        }

        void Add(string item, string option, string value) => rows.Add([CsvCells.Neutralise(response.Id), item, option, value, Write(response.Version)]);
    }

    public void Dispose()
    {
        foreach (var reader in readers.Values)
        {
            reader.Dispose();
        }
    }

    private string[] Row(StoredResponse response, IReadOnlyList<ResponseColumn> header, bool lime)
    {
        var view = Read(response);
        var cells = new string[header.Count];
        for (var i = 0; i < cells.Length; i++)
        {
            var column = header[i];
            cells[i] = column.Role switch
            {
                ColumnRole.Id => CsvCells.Neutralise(response.Id),
                ColumnRole.Version => Write(response.Version),
                ColumnRole.Submit => response.SubmittedAt is null ? "0" : "1",
                ColumnRole.SubmitDate => response.SubmittedAt ?? "",
                ColumnRole.Ignored => "",
                _ => view.Find(column.Item!) is { } number ? view.Cell(column, number, lime) : "",
            };
        }

        return cells;
    }

    private View Read(StoredResponse response)
    {
        var rules = readers[response.Version];
        var errors = new List<ProblemError>();
        return rules.Check(response.Answers.Span, submit: false, exported: false, errors)
            ? new(columns.Versions[response.Version], rules.Sheet, response.Answers)
            : throw new InvalidOperationException($"Response {response.Id} is damaged: {errors[0].Pointer} {errors[0].Detail.En}");
    }

    private static string OptionCode(UnionItem item, int place) => place == item.Options.Count ? DefinitionLimits.Other : item.Options[place].Code;

    private static string Write(int number) => number.ToString(CultureInfo.InvariantCulture);

    private readonly record struct View(Questionnaire Questionnaire, AnswerSheet Sheet, ReadOnlyMemory<byte> Message)
    {
        public int? Find(UnionItem item) => Questionnaire.Find(item.Code);

        public string? Missing(int number) => Sheet.IsHidden(number) ? "-66" : (int)Sheet.State(number) < 0 ? Write((int)Sheet.State(number)) : null;

        public string Cell(ResponseColumn column, int number, bool lime)
        {
            var item = Questionnaire.Items[number];
            if (column.Role == ColumnRole.OtherText)
            {
                return Sheet.HasOther(number) ? CsvCells.NeutraliseText(Sheet.Other(number, Message.Span)) : OtherWithoutText(column, number, lime);
            }

            if (Missing(number) is { } missing)
            {
                // LimeSurvey leaves empty what was not shown.
                return !lime || missing != "-66" ? missing : "";
            }

            if (Sheet.State(number) == AnswerState.Absent)
            {
                return "";
            }

            switch (column.Role)
            {
                case ColumnRole.Option:
                    return item.FindOption(OptionCode(column.Item!, column.Place)) is { } option
                        ? Sheet.IsChosen(number, option) ? lime ? "Y" : "1" : lime ? "" : "0"
                        : "";
                case ColumnRole.Row:
                    return item.TryFindRow(System.Text.Encoding.UTF8.GetBytes(column.Item!.Rows[column.Place].Code), out var row)
                        ? Level(column.Item, item, Sheet.Place(number, row), lime) : "";
                case ColumnRole.Rank:
                    return column.Place < Sheet.Count(number) ? Level(column.Item!, item, Sheet.Place(number, column.Place), lime) : "";
                default:
                    return Value(column.Item!, item, number, lime);
            }
        }

        /// <summary>LimeSurvey has one column for the text and the choice.</summary>
        private string OtherWithoutText(ResponseColumn column, int number, bool lime) =>
            lime && column.Item!.Kind == ItemKind.MultiChoice && Sheet.State(number) == AnswerState.Value && Sheet.IsChosen(number, Questionnaire.Items[number].Other) ? "Y" : "";

        private string Value(UnionItem union, Item item, int number, bool lime)
        {
            switch (item.Kind)
            {
                case ItemKind.SingleChoice or ItemKind.OrdinalScale:
                    var chosen = 0;
                    while (!Sheet.IsChosen(number, chosen))
                    {
                        chosen++;
                    }

                    return chosen == item.Other && lime ? LimeSurveyColumns.OtherAnswer : Level(union, item, (short)chosen, lime);
                case ItemKind.YesNo:
                    return Sheet.IsChosen(number, 0) ? lime ? "Y" : "1" : lime ? "N" : "0";
                case ItemKind.Integer or ItemKind.Decimal:
                    return Sheet.Number(number).ToString(CultureInfo.InvariantCulture);
                default:
                    return CsvCells.NeutraliseText(Sheet.Text(number, Message.Span));
            }
        }

        private static string Level(UnionItem union, Item item, short option, bool lime)
        {
            if (option < 0)
            {
                return option == AnswerSheet.NoLevel ? "" : Write(option);
            }

            var code = item.OptionCodes[option];
            return lime ? union.Options.Find(known => known.Code == code)?.Lime ?? code : code;
        }
    }
}
