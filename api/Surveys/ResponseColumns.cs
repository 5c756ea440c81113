using System.Globalization;

namespace AnkerOrte.Api.Surveys;

/// <summary>What a column of a table of responses holds.</summary>
internal enum ColumnRole
{
    Id,
    Version,
    Submit,
    SubmitDate,
    Ignored,
    Value,
    Option,
    Row,
    Rank,
    OtherText,
}

/// <param name="Place">Number of the option, row or rank.</param>
internal sealed record ResponseColumn(string Name, ColumnRole Role, UnionItem? Item = null, int Place = 0);

/// <summary>An item as all versions together have it: what later versions dropped is still there.</summary>
internal sealed class UnionItem(ItemDefinition first)
{
    public string Code => first.Code;

    public ItemKind Kind { get; } = first.Kind!.Value;

    public bool Other { get; private set; }

    /// <summary>How many columns a ranking has.</summary>
    public int Ranks { get; private set; }

    public List<UnionName> Options { get; } = [];

    public List<UnionName> Rows { get; } = [];

    public void Add(ItemDefinition item)
    {
        Other |= item.Other;
        AddNew(Options, item.Options.Select(option => new UnionName(option.Code, option.Short)));
        AddNew(Rows, item.Rows.Select(row => new UnionName(row.Code, row.Short)));
        if (Kind == ItemKind.Ranking)
        {
            Ranks = Math.Max(Ranks, (int)Math.Min(item.Max ?? item.Options.Count, item.Options.Count));
        }
    }

    /// <summary>The code that is meant by a code or a short code; the word itself if none is.</summary>
    public string CodeOf(string word) => Kind == ItemKind.SingleChoice && word == LimeSurveyColumns.OtherAnswer && Other
        ? DefinitionLimits.Other
        : Options.Find(option => option.Code == word)?.Code ?? Options.Find(option => option.Short == word)?.Code ?? word;

    private static void AddNew(List<UnionName> names, IEnumerable<UnionName> more)
    {
        foreach (var name in more)
        {
            var place = names.FindIndex(known => known.Code == name.Code);
            if (place < 0)
            {
                names.Add(name);
            }
            else
            {
                names[place] = new(name.Code, names[place].Short ?? name.Short);
            }
        }
    }
}

internal sealed record UnionName(string Code, string? Short)
{
    /// <summary>What LimeSurvey calls it.</summary>
    public string Lime => Short ?? Code;
}

/// <summary>The columns of the tables of responses, for reading and for writing: all versions of a questionnaire together.</summary>
internal sealed class ResponseColumns
{
    public ResponseColumns(IReadOnlyList<Questionnaire> versions)
    {
        Versions = versions.ToDictionary(version => version.Version);
        var items = new Dictionary<string, UnionItem>();
        foreach (var definition in versions.OrderByDescending(version => version.Version).SelectMany(version => version.Definition.Items))
        {
            if (!items.TryGetValue(definition.Code, out var item))
            {
                items.Add(definition.Code, item = new(definition));
                Items.Add(item);
            }

            item.Add(definition);
        }

        Wide = [new("id", ColumnRole.Id), new("version", ColumnRole.Version), new("submit", ColumnRole.Submit), .. Items.SelectMany(WideColumns)];
        Lime = [new("id", ColumnRole.Id), new("submitdate", ColumnRole.SubmitDate), new("lastpage", ColumnRole.Ignored), new("startlanguage", ColumnRole.Ignored),
            .. Items.SelectMany(LimeColumns)];
    }

    public IReadOnlyDictionary<int, Questionnaire> Versions { get; }

    public List<UnionItem> Items { get; } = [];

    public IReadOnlyList<ResponseColumn> Wide { get; }

    public IReadOnlyList<ResponseColumn> Lime { get; }

    public static IReadOnlyList<string> Long { get; } = ["response", "item", "option", "value", "version"];

    /// <summary>Every name under which a column is understood in LimeSurvey's form.</summary>
    public IEnumerable<ResponseColumn> LimeNames() =>
    [
        .. Lime,
        new("version", ColumnRole.Version),
        .. LimeSurveyColumns.Meta.Append("interviewtime").Select(name => new ResponseColumn(name, ColumnRole.Ignored)),
        .. Items.SelectMany(item => Parts(item).SelectMany(part => new[]
        {
            new ResponseColumn($"{item.Code}[{part.Code}]", part.Role, item, part.Place),
            new ResponseColumn($"{item.Code}_{part.Code}", part.Role, item, part.Place),
            new ResponseColumn($"{item.Code}_{part.Lime}", part.Role, item, part.Place),
        })),
    ];

    private static IEnumerable<ResponseColumn> WideColumns(UnionItem item)
    {
        if (!HasParts(item.Kind))
        {
            yield return new(item.Code, ColumnRole.Value, item);
        }

        foreach (var part in Parts(item))
        {
            // Where "other" is a column of 0 and 1 like every option, its text needs one of its own.
            var isText = part.Role == ColumnRole.OtherText && item.Kind == ItemKind.MultiChoice;
            if (isText)
            {
                yield return new($"{item.Code}.{DefinitionLimits.Other}", ColumnRole.Option, item, item.Options.Count);
            }

            yield return new(isText ? $"{item.Code}.{DefinitionLimits.Other}.text" : $"{item.Code}.{part.Code}", part.Role, item, part.Place);
        }
    }

    private static IEnumerable<ResponseColumn> LimeColumns(UnionItem item)
    {
        if (!HasParts(item.Kind))
        {
            yield return new(item.Code, ColumnRole.Value, item);
        }

        foreach (var part in Parts(item))
        {
            yield return new($"{item.Code}[{part.Lime}]", part.Role, item, part.Place);
        }
    }

    private static bool HasParts(ItemKind kind) => kind is ItemKind.MultiChoice or ItemKind.Matrix or ItemKind.Ranking;

    private static IEnumerable<(ColumnRole Role, string Code, string Lime, int Place)> Parts(UnionItem item)
    {
        var (role, names) = item.Kind switch
        {
            ItemKind.MultiChoice => (ColumnRole.Option, item.Options),
            ItemKind.Matrix => (ColumnRole.Row, item.Rows),
            ItemKind.Ranking => (ColumnRole.Rank, [.. Enumerable.Range(1, item.Ranks).Select(rank => new UnionName(rank.ToString(CultureInfo.InvariantCulture), null))]),
            _ => (ColumnRole.Value, []),
        };
        foreach (var (place, name) in names.Index())
        {
            yield return (role, name.Code, name.Lime, place);
        }

        if (item.Other)
        {
            yield return (ColumnRole.OtherText, DefinitionLimits.Other, DefinitionLimits.Other, item.Options.Count);
        }
    }
}
