using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.SurveyExports;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>Collects the answers to one question: an item over all its versions, or one row of a matrix.</summary>
internal sealed class ResultQuestion
{
    private readonly UnionItem item;
    private readonly string? row;
    private readonly ItemDefinition newest;
    private readonly List<(string Code, LocalizedText? Label)> codes;
    private readonly Dictionary<string, int> numbers;
    private readonly List<SkipLogic> skips;
    private readonly List<int[]?> chosen = [];
    private readonly List<double?> values = [];

    private ResultQuestion(UnionItem item, string? row, IReadOnlyList<Questionnaire> versions)
    {
        this.item = item;
        this.row = row;
        var definitions = versions.Where(version => version.Find(item.Code) is not null).Select(version => version.Items[version.Find(item.Code)!.Value].Definition).ToList();
        newest = definitions[^1];
        skips = [.. definitions.Where(definition => definition.VisibleIf is not null)
            .SelectMany(definition => SkipLogic.Of(definition.VisibleIf!))];
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

    public string? Row => row;

    /// <summary>The earlier items that decide whether this one is asked, over all versions.</summary>
    public IEnumerable<SkipLogic> Skips => skips;

    /// <summary>Fewest respondents behind a published number: 3 for facts about the organisation, 5 for opinions (methods 4.4).</summary>
    public int Minimum => newest.Subject == Subject.Organisation ? 3 : 5;

    private bool IsNumber => item.Kind is ItemKind.Integer or ItemKind.Decimal;

    public static IEnumerable<ResultQuestion> Of(UnionItem item, IReadOnlyList<Questionnaire> versions) => item.Kind == ItemKind.Matrix
        ? item.Rows.Select(row => new ResultQuestion(item, row.Code, versions))
        : [new ResultQuestion(item, null, versions)];

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

    /// <param name="members">Group and respondent of each response, in the order in which they were added.</param>
    /// <param name="sizeMinimum">Fewest respondents of a group whose size is published.</param>
    /// <param name="earlier">The same question in earlier releases.</param>
    public QuestionTables Build(
        CubeKeys keys, IReadOnlyList<CubeMember> members, int sizeMinimum, IReadOnlyList<Earlier<EarlierItem>> earlier)
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
        var minimums = new Minimums(Minimum, sizeMinimum, ZeroSensitive: newest.Subject != Subject.Organisation);
        if (IsNumber)
        {
            var numbers = NumberCube.Build(
                keys,
                values.Select((value, i) => new NumberResponse(value, members[i].Groups, members[i].Respondent)),
                minimums,
                Comparable(earlier, release => release.Item.ToNumbers(release.Keys)));
            return new QuestionTables(about, [], isMulti: false, null, numbers);
        }

        // Of a ranking, only what was ranked at all is counted.
        var kind = item.Kind is ItemKind.MultiChoice or ItemKind.Ranking ? ResultKind.Multi : ResultKind.Single;
        var counts = ResultCube.Build(
            [.. codes.Select(code => code.Code)],
            keys,
            chosen.Select((choice, i) => new ResultResponse(choice, members[i].Groups, members[i].Respondent)),
            kind,
            minimums,
            Comparable(earlier, release => release.Item.ToCounts(release.Keys)));
        return new QuestionTables(
            about, [.. codes.Select(code => new PublishedCode(code.Code, code.Label))], kind == ResultKind.Multi, counts, null);
    }

    /// <summary>The earlier releases in which the item had numbers of the same kind.</summary>
    private static IReadOnlyList<Earlier<T>> Comparable<T>(IReadOnlyList<Earlier<EarlierItem>> earlier, Func<EarlierItem, T?> read)
        where T : class =>
    [
        .. from release in earlier
           let cube = read(release.Cube)
           where cube is not null
           select new Earlier<T>(cube, release.IsNew, release.HasLeft),
    ];

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

/// <summary>A question in an earlier release, with the breakdowns of that release.</summary>
internal sealed record EarlierItem(PublishedItem Item, CubeKeys Keys);
