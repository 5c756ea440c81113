using AnkerOrte.Api.Analysis;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>All tables of one question of a release, with the questions that lead to it.</summary>
internal sealed class QuestionTables(
    ResultItem about, IReadOnlyList<PublishedCode> codes, bool isMulti, ResultCube? counts, NumberCube? numbers)
{
    public string Item => about.Item;

    /// <summary>Tables of the items that decide whether this one is asked; null where those are not published.</summary>
    public IReadOnlyList<(SkipLogic Skip, QuestionTables? Parent)> Parents { get; set; } = [];

    /// <summary>The numbers to publish: no table whose numbers would reveal suppressed ones of an item that leads here.</summary>
    public PublishedItem Publish(CubeKeys keys)
    {
        var revealing = keys.Shape.Tables.Where(table => IsRevealing([.. table.Axes.Select(axis => keys.Breakdowns[axis].Name)]))
            .Select(table => table.Number).ToHashSet();
        return numbers is not null ? PublishedItem.Of(about, numbers.Without(revealing))
            : PublishedItem.Of(about, codes, isMulti, counts!.Without(revealing));
    }

    /// <summary>The parts of a suppressed table add up to it, so tables with more breakdowns are suppressed as well.</summary>
    private bool IsRevealing(IReadOnlyList<string> by) => Parents.Count > 0 && Parts(by).Any(part => Parents.Any(parent =>
        parent.Parent is null || parent.Parent.IsRevealing(part) || parent.Parent.IsRevealedBy(parent.Skip.Codes, part)));

    /// <summary>Whether the number of people who chose one of some codes says more than is published.</summary>
    /// <param name="chosen">Null: any of the codes.</param>
    private bool IsRevealedBy(IReadOnlySet<string>? chosen, IReadOnlyList<string> by) =>
        // Of a number, the only condition is whether it was answered, and that is published or suppressed with it.
        counts is not null && counts.Answer(by).Cells.GroupBy(cell => string.Join('\n', cell.Keys)).Any(group =>
        {
            var hidden = group.Where(cell => cell.Suppressed).Select(cell => cell.Code).ToList();
            // Codes that exclude each other add up: the sum of all suppressed ones is known anyway, that of some of them is not.
            return hidden.Count > 0
                && (chosen is null
                || (isMulti ? hidden.Any(chosen.Contains) : hidden.Any(chosen.Contains) && !hidden.All(chosen.Contains)));
        });

    private static IEnumerable<IReadOnlyList<string>> Parts(IReadOnlyList<string> by) =>
        by.Count == 2 ? [[], [by[0]], [by[1]], by] : by.Count == 1 ? [[], by] : [by];
}
