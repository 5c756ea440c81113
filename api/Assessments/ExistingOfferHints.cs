using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>ExistingOfferHints about existing offers of the municipality. They do not affect the ranking.</summary>
internal static class ExistingOfferHints
{
    private const string Question = "existing-offers";

    /// <summary>The code of sites that work with such an offer. Offers without a code get no count.</summary>
    private static readonly IReadOnlyDictionary<string, (string Dimension, string Code)> Codes = new Dictionary<string, (string, string)>
    {
        ["library"] = ("setting", "library"),
        ["workshop-association"] = ("operators", "association"),
        ["youth-centre"] = ("targetGroups", "children-youth"),
        ["social-centre"] = ("setting", "neighbourhood"),
        ["coworking"] = ("formats", "coworking"),
        ["service-point"] = ("setting", "town-hall"),
    };

    public static List<GuideHint> Make(DecisionModel model, AssessmentAnswers sheet) => [.. sheet.Codes(Question).Where(Codes.ContainsKey).Select(option =>
    {
        var (dimension, code) = Codes[option];
        var column = DecisionModel.Column(model.Sites, dimension);
        var index = model.Sites.Coded[column].Codes.ToList().IndexOf(code);
        var known = model.Sites.Coded[column].Known.Count(isKnown => isKnown);
        var with = index < 0 ? 0 : Enumerable.Range(0, model.Sites.Count).Count(row => model.Sites.Coded[column].Known[row] && model.Sites.Has(column, row, index));
        return new GuideHint { Option = option, Sites = with, Known = known, Text = Sentences.OfHint(model.Options[Question + " " + option], with, known) };
    })];
}
