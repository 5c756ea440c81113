using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.SurveyExports;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>What is counted: an item over all its versions, or one row of a matrix.</summary>
internal sealed class Question
{
    private readonly UnionItem item;
    private readonly string? row;
    private readonly ItemDefinition newest;
    private readonly List<(string Code, LocalizedText? Label)> codes;
    private readonly Dictionary<string, int> numbers;
    private readonly List<Route> routes;
    private readonly List<int[]?> chosen = [];
    private readonly List<double?> values = [];

    private Question(UnionItem item, string? row, IReadOnlyList<Questionnaire> versions)
    {
        this.item = item;
        this.row = row;
        var definitions = versions.Where(version => version.Find(item.Code) is not null).Select(version => version.Items[version.Find(item.Code)!.Value].Definition).ToList();
        newest = definitions[^1];
        routes = [.. definitions.Where(definition => definition.VisibleIf is not null).SelectMany(definition => Route.Of(definition.VisibleIf!))];
        codes = item.Kind == ItemKind.YesNo
            ? [("true", new LocalizedText { De = "ja", En = "yes" }), ("false", new LocalizedText { De = "nein", En = "no" })]
            : [.. item.Options.Select(option => (option.Code, Label(definitions.SelectMany(definition => definition.Options).Last(known => known.Code == option.Code).Label)))];
        if (item.Other)
        {
            codes.Add((DefinitionLimits.Other, new LocalizedText { De = "Anderes", En = "Other" }));
        }

        numbers = codes.Index().ToDictionary(code => code.Item.Code, code => code.Index);
    }

    public string Item => item.Code;

    /// <summary>What the answers to this item depend on, over all versions.</summary>
    public IEnumerable<Route> Routes => routes;

    private bool IsNumber => item.Kind is ItemKind.Integer or ItemKind.Decimal;

    /// <summary>Facts about an organisation may be published from 3 cases on, opinions from 5 (methods, small cells).</summary>
    private int Minimum => newest.Subject == Subject.Organisation ? 3 : 5;

    public static IEnumerable<Question> Of(UnionItem item, IReadOnlyList<Questionnaire> versions) => item.Kind == ItemKind.Matrix
        ? item.Rows.Select(row => new Question(item, row.Code, versions))
        : [new Question(item, null, versions)];

    /// <summary>One response more; what it does not answer is missing.</summary>
    public void Add(Questionnaire questionnaire, AnswerSheet sheet)
    {
        var found = questionnaire.Find(item.Code);
        var isAnswered = found is { } number && sheet.State(number) == AnswerState.Value;
        if (IsNumber)
        {
            values.Add(isAnswered ? (double)sheet.Number(found!.Value) : null);
        }
        else
        {
            chosen.Add(isAnswered ? Chosen(questionnaire.Items[found!.Value], found.Value, sheet) : null);
        }
    }

    public ResultTables Build(IReadOnlyList<Breakdown> breakdowns, IReadOnlyList<IReadOnlyList<int>> groups)
    {
        var about = new ResultItem
        {
            Item = item.Code,
            Kind = item.Kind.Wire(),
            Label = SurveyColumns.ToContract(newest.Label),
            Row = row,
            RowLabel = row is null ? null : Label(newest.Rows.FirstOrDefault(known => known.Code == row)?.Label),
            Minimum = Minimum,
            Withheld = false,
        };
        if (IsNumber)
        {
            return new NumberTables(about, NumberCube.Build(breakdowns, values.Select((value, i) => new NumberResponse(value, groups[i])), Minimum));
        }

        // A ranking tells what was ranked at all.
        var kind = item.Kind is ItemKind.MultiChoice or ItemKind.Ranking ? ResultKind.Multi : ResultKind.Single;
        var cube = ResultCube.Build([.. codes.Select(code => code.Code)], breakdowns, chosen.Select((choice, i) => new ResultResponse(choice, groups[i])), kind, Minimum);
        return new CodeTables(about, codes.ToDictionary(code => code.Code, code => code.Label), cube, isMulti: kind == ResultKind.Multi);
    }

    private int[]? Chosen(Item asked, int number, AnswerSheet sheet)
    {
        switch (item.Kind)
        {
            case ItemKind.Matrix:
                var place = Array.FindIndex([.. asked.Definition.Rows], known => known.Code == row);
                var level = place < 0 ? AnswerSheet.NoLevel : sheet.Place(number, place);
                return level < 0 ? null : [numbers[asked.OptionCodes[level]]];
            case ItemKind.Ranking:
                return [.. Enumerable.Range(0, sheet.Count(number)).Select(rank => numbers[asked.OptionCodes[sheet.Place(number, rank)]])];
            default:
                return [.. Enumerable.Range(0, asked.OptionCodes.Length).Where(option => sheet.IsChosen(number, option)).Select(option => numbers[asked.OptionCodes[option]])];
        }
    }

    private static LocalizedText? Label(Http.Text? text) => text is null ? null : SurveyColumns.ToContract(text);
}

/// <summary>All tables of one question, by any breakdown.</summary>
internal abstract class ResultTables(ResultItem about)
{
    public string Item => about.Item;

    protected ResultItem About => about;

    /// <summary>Tables of the items that decide whether this one is shown; null where those are not published.</summary>
    public IReadOnlyList<(Route Route, ResultTables? Parent)> Parents { get; set; } = [];

    public ResultItem Describe(IReadOnlyList<string> by) => about with { Withheld = IsWithheld(by) };

    /// <summary>All cells; hidden as a whole where their number would tell a hidden cell of the item that routes to this one.</summary>
    public IEnumerable<Contracts.ResultCell> Cells(IReadOnlyList<string> by) => IsToldByRouting(by)
        ? Read(by).Select(cell => cell with { Count = null, Share = null, Mean = null, Suppressed = true })
        : Read(by);

    protected abstract IEnumerable<Contracts.ResultCell> Read(IReadOnlyList<string> by);

    protected abstract bool IsEmpty(IReadOnlyList<string> by);

    /// <summary>Whether knowing how many chose one of these codes would tell more than is published.</summary>
    /// <param name="codes">Null: not known which.</param>
    protected abstract bool IsTold(IReadOnlySet<string>? codes, IReadOnlyList<string> by);

    private bool IsWithheld(IReadOnlyList<string> by) => IsEmpty(by) || IsToldByRouting(by);

    /// <summary>What is hidden in a part adds up to the whole, so it is hidden in every finer answer, too.</summary>
    private bool IsToldByRouting(IReadOnlyList<string> by) => Parents.Count > 0 && Parts(by).Any(part => Parents.Any(parent =>
        parent.Parent is null || parent.Parent.IsToldByRouting(part) || parent.Parent.IsTold(parent.Route.Codes, part)));

    private static IEnumerable<IReadOnlyList<string>> Parts(IReadOnlyList<string> by) =>
        by.Count == 2 ? [[], [by[0]], [by[1]], by] : by.Count == 1 ? [[], by] : [by];

    /// <param name="keys">The groups, one for each name in <paramref name="by"/>.</param>
    protected Contracts.ResultCell Cell(string? code, IReadOnlyList<string> by, IReadOnlyList<string> keys, long? count, bool suppressed)
    {
        return new()
        {
            Item = about.Item,
            Row = about.Row,
            Code = code,
            State = Key("state"),
            PopulationClass = Key("populationClass"),
            Cohort = Key("cohort"),
            Type = Key("type"),
            Count = count,
            Share = null,
            Suppressed = suppressed,
        };

        string? Key(string name)
        {
            var place = by.ToList().IndexOf(name);
            return place < 0 ? null : keys[place];
        }
    }
}

internal sealed class CodeTables(ResultItem about, IReadOnlyDictionary<string, LocalizedText?> labels, ResultCube cube, bool isMulti) : ResultTables(about)
{
    protected override IEnumerable<Contracts.ResultCell> Read(IReadOnlyList<string> by)
    {
        var table = cube.Answer([.. by]);
        return
        [
            .. table.Groups.Select(group => Cell(null, by, group.Keys, group.Count, group.Suppressed)),
            .. table.Cells.Select(cell => Cell(cell.Code, by, cell.Keys, cell.Count, cell.Suppressed) with { Share = cell.Share is { } share ? Math.Round(share, 4) : null, Label = labels[cell.Code] }),
        ];
    }

    protected override bool IsEmpty(IReadOnlyList<string> by) => cube.Answer([.. by]).MergeCategories;

    protected override bool IsTold(IReadOnlySet<string>? codes, IReadOnlyList<string> by) => cube.Answer([.. by]).Cells.GroupBy(cell => string.Join('\n', cell.Keys)).Any(group =>
    {
        var hidden = group.Where(cell => cell.Suppressed).Select(cell => cell.Code).ToList();
        // Codes that exclude each other add up: the sum of all that is hidden is known anyway, that of some of it is not.
        return hidden.Count > 0 && (codes is null || (isMulti ? hidden.Any(codes.Contains) : hidden.Any(codes.Contains) && !hidden.All(codes.Contains)));
    });
}

internal sealed class NumberTables(ResultItem about, NumberCube cube) : ResultTables(about)
{
    protected override IEnumerable<Contracts.ResultCell> Read(IReadOnlyList<string> by) => cube.Answer([.. by]).Cells.SelectMany(cell => new[]
    {
        Cell(null, by, cell.Keys, cell.Count, cell.CountSuppressed),
        Cell("mean", by, cell.Keys, null, cell.MeanSuppressed) with { Mean = cell.Mean is { } mean ? Math.Round(mean, 2) : null },
    });

    protected override bool IsEmpty(IReadOnlyList<string> by) => cube.Answer([.. by]).MergeCategories;

    /// <summary>Of a number it can only be asked whether it was answered, and how many did is published or hidden as such.</summary>
    protected override bool IsTold(IReadOnlySet<string>? codes, IReadOnlyList<string> by) => false;
}
