using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>
/// An earlier item that decides whether this one is asked. Whoever answers a follow-up has chosen certain codes before, so the
/// number of answers to it can reveal a suppressed number of the earlier item.
/// </summary>
/// <param name="Codes">The codes that lead here; null: a combination of several conditions.</param>
internal sealed record SkipLogic(string Item, IReadOnlySet<string>? Codes)
{
    public static IEnumerable<SkipLogic> Of(Condition condition) => condition switch
    {
        Condition.Chosen chosen => [new(chosen.Item, chosen.Values.ToHashSet())],
        // Everybody who answered is counted with the item itself.
        Condition.Answered => [],
        Condition.Several several => several.Parts.SelectMany(Items).Distinct().Select(item => new SkipLogic(item, null)),
        _ => [],
    };

    private static IEnumerable<string> Items(Condition condition) => condition switch
    {
        Condition.Chosen chosen => [chosen.Item],
        Condition.Several several => several.Parts.SelectMany(Items),
        _ => [],
    };
}
