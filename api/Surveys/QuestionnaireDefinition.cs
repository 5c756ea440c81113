using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

internal enum ItemKind
{
    SingleChoice,
    MultiChoice,
    OrdinalScale,
    Integer,
    Decimal,
    Text,
    YesNo,
    Date,
    Matrix,
    Ranking,
    Url,
}

/// <summary>Who may see what was answered, from the most open to the closest.</summary>
internal enum Privacy
{
    Public,
    Aggregate,
    Confidential,
}

internal enum Subject
{
    Opinion,
    Organisation,
}

/// <summary>What one version of a questionnaire asks, as its author wrote it.</summary>
internal sealed record QuestionnaireDefinition(Text Title, Text? Introduction, string? Changes, IReadOnlyList<ItemDefinition> Items);

internal sealed record ItemDefinition
{
    public required string Code { get; init; }

    /// <summary>Null only while a definition with an unknown kind is being checked.</summary>
    public required ItemKind? Kind { get; init; }

    public required Text Label { get; init; }
    public Text? Help { get; init; }
    public bool Required { get; init; }
    public Privacy Privacy { get; init; } = Privacy.Aggregate;
    public Subject Subject { get; init; } = Subject.Opinion;
    public IReadOnlyList<OptionDefinition> Options { get; init; } = [];
    public IReadOnlyList<RowDefinition> Rows { get; init; } = [];
    public bool Other { get; init; }
    public decimal? Min { get; init; }
    public decimal? Max { get; init; }
    public int? MaxLength { get; init; }
    public Condition? VisibleIf { get; init; }
    public string? MapsTo { get; init; }

    /// <summary>The members that were given; some make sense for some kinds only.</summary>
    public IReadOnlySet<string> Given { get; init; } = new HashSet<string>();
}

internal sealed record OptionDefinition(string Code, string? Short, Text Label, bool Exclusive, string? MapsTo);

internal sealed record RowDefinition(string Code, string? Short, Text Label);

/// <summary>When an item is shown.</summary>
internal abstract record Condition
{
    /// <param name="Every">All of the parts must hold, else any one of them.</param>
    internal sealed record Several(bool Every, IReadOnlyList<Condition> Parts) : Condition;

    /// <param name="Values">One of these codes was chosen.</param>
    internal sealed record Chosen(string Item, IReadOnlyList<string> Values) : Condition;

    internal sealed record Answered(string Item, bool Wanted) : Condition;
}

/// <summary>The limits of a definition, and the words that stand for something.</summary>
internal static class DefinitionLimits
{
    public const int Items = 500;
    public const int Options = 500;
    public const int Rows = 100;
    public const int Label = 1_000;
    public const int LongText = 10_000;
    public const int TextAnswer = 20_000;
    public const int TextAnswerByDefault = 2_000;
    public const int UrlAnswer = 2_000;
    public const int ConditionDepth = 5;
    public const int ConditionParts = 50;

    /// <summary>The option that <c>"other": true</c> adds.</summary>
    public const string Other = "other";

    public static readonly IReadOnlyList<string> YesNo = ["true", "false"];

    public static bool HasOptions(this ItemKind kind) =>
        kind is ItemKind.SingleChoice or ItemKind.MultiChoice or ItemKind.OrdinalScale or ItemKind.Matrix or ItemKind.Ranking;

    /// <summary>Kinds of which a condition can ask what was chosen.</summary>
    public static bool CanBeChosen(this ItemKind kind) =>
        kind is ItemKind.SingleChoice or ItemKind.MultiChoice or ItemKind.OrdinalScale or ItemKind.Ranking or ItemKind.YesNo;

    public static string Wire<T>(this T value) where T : struct, Enum
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
