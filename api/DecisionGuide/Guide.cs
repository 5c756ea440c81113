using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>The shipped questions. A change of how answers are scored needs a new version of the guide.</summary>
internal sealed class Guide
{
    public const string DontKnow = "dont-know";
    public const double LargestWeight = 3;

    /// <summary>The question that can be answered from the register of municipalities.</summary>
    public const string Area = "area";
    public const int AreaLevels = 5;

    private Guide(ShippedGuide shipped)
    {
        Version = shipped.Version;
        Questions = [.. shipped.Questions.Select(ToQuestion)];
        Scored = [.. Questions.Where(question => question.Scored)];
        Requirements = [.. shipped.TypeRequirements.Select(need => new TypeRequirement
        {
            Type = need.Type,
            Requirement = need.Requirement,
            Low = need.Low,
            Typical = need.Typical,
            High = need.High,
            Unit = need.Unit,
            Sources = need.Evidence,
            Note = new LocalizedText { De = need.Note },
        })];
    }

    public static Guide Shipped { get; } = new(ShippedFiles.Parse<ShippedGuide>(ShippedFiles.Read("decision-guide.json")));

    public string Version { get; }

    public IReadOnlyList<GuideQuestion> Questions { get; }

    /// <summary>The questions that affect the score, in their order.</summary>
    public IReadOnlyList<GuideQuestion> Scored { get; }

    public IReadOnlyList<TypeRequirement> Requirements { get; }

    public GuideQuestion? Find(string key) => Questions.FirstOrDefault(question => question.Key == key);

    public int ScoredIndex(string key) => Scored.Select((question, i) => (question.Key, i)).Where(pair => pair.Key == key).Select(pair => pair.i).DefaultIfEmpty(-1).First();

    /// <summary>
    /// Level by population: 2 village, 3 small town, 4 medium-sized town, 5 city. Level 1 is for counties and large rural areas.
    /// </summary>
    public static int Level(long population) => population < 5_000 ? 2 : population < 20_000 ? 3 : population < 100_000 ? 4 : 5;

    private static GuideQuestion ToQuestion(ShippedQuestion question) => new()
    {
        Key = question.Key,
        Label = question.Label,
        Help = question.Help,
        Kind = Http.WireEnum.Read<QuestionKind>(question.Kind),
        Dimension = question.Dimension,
        Options = [.. question.Options.Select((option, i) => new GuideOption { Key = option.Key, Label = option.Label, Level = question.Kind == "ordinal" ? i + 1 : null })],
        WeightDefault = question.WeightDefault,
        Scored = question.Dimension is not null || question.Key == Area,
        MustHavePossible = question.MustHavePossible,
        Requirement = question.Requirement,
    };

    private sealed record ShippedGuide(string Version, IReadOnlyList<ShippedQuestion> Questions, IReadOnlyList<ShippedRequirement> TypeRequirements);

    private sealed record ShippedQuestion(
        string Key, LocalizedText Label, LocalizedText Help, string Kind, string? Dimension, IReadOnlyList<ShippedOption> Options,
        double WeightDefault, bool MustHavePossible, string? Requirement);

    private sealed record ShippedOption(string Key, LocalizedText Label);

    private sealed record ShippedRequirement(
        string Type, string Requirement, double? Low, double? Typical, double? High, string Unit, IReadOnlyList<string> Evidence, string Note);
}
