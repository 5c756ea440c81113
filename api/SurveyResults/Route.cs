using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>
/// How answers to one item depend on another: whoever answers a follow-up has told what they chose before. So the number of
/// answers to it can tell a cell that is hidden.
/// </summary>
/// <param name="Codes">Who chose one of these is asked; null: it is not that simple, or it was asked whether anything was answered.</param>
internal sealed record Route(string Item, IReadOnlySet<string>? Codes)
{
    public static IEnumerable<Route> Of(Condition condition) => condition switch
    {
        Condition.Chosen chosen => [new(chosen.Item, chosen.Values.ToHashSet())],
        // Everybody who answered is counted with the item itself.
        Condition.Answered => [],
        Condition.Several several => several.Parts.SelectMany(Items).Distinct().Select(item => new Route(item, null)),
        _ => [],
    };

    private static IEnumerable<string> Items(Condition condition) => condition switch
    {
        Condition.Chosen chosen => [chosen.Item],
        Condition.Several several => several.Parts.SelectMany(Items),
        _ => [],
    };
}
