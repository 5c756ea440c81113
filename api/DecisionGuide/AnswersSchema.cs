using System.Text.Json.Nodes;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>JSON Schema 2020-12 for the body of an assessment, made from the guide. Form generators can render it.</summary>
internal static class AnswersSchema
{
    public const string MediaType = "application/schema+json";
    public const string Path = "/v1/decision-guide/answers.schema.json";

    public static JsonObject Make(Guide guide) => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["$id"] = Addresses.Placeholder + Path,
        ["title"] = $"AnkerOrte: decision guide, version {guide.Version}",
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("answers"),
        ["properties"] = new JsonObject
        {
            ["answers"] = Object(guide.Questions, question => Answer(question, withDontKnow: true)),
            ["weights"] = Object(guide.Questions.Where(question => question.Scored), question => new JsonObject
            {
                ["type"] = "number",
                ["minimum"] = 0,
                ["maximum"] = Guide.LargestWeight,
                ["default"] = question.WeightDefault,
            }),
            ["mustHaves"] = new JsonObject
            {
                ["type"] = "array",
                ["maxItems"] = 20,
                ["items"] = new JsonObject { ["oneOf"] = new JsonArray([.. guide.Questions.Where(question => question.MustHavePossible).Select(MustHave)]) },
            },
            ["strict"] = new JsonObject { ["type"] = "boolean", ["default"] = false },
            ["ags"] = new JsonObject { ["type"] = "string", ["pattern"] = "^(0[1-9]|1[0-6])[0-9]{3}([0-9]{3})?$" },
            ["phase"] = new JsonObject { ["enum"] = new JsonArray([.. Enum.GetValues<GuidePhase>().Select(phase => JsonValue.Create(WireEnum.Write(phase)))]) },
            ["typology"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[1-9][0-9]{0,5}$" },
        },
    };

    private static JsonObject Object(IEnumerable<GuideQuestion> questions, Func<GuideQuestion, JsonNode> make)
    {
        var properties = new JsonObject();
        foreach (var question in questions)
        {
            properties[question.Key] = make(question);
        }

        return new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
    }

    private static JsonObject MustHave(GuideQuestion question) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("question"),
        ["properties"] = new JsonObject { ["question"] = new JsonObject { ["enum"] = new JsonArray(question.Key) }, ["value"] = Answer(question, withDontKnow: false) },
    };

    private static JsonObject Answer(GuideQuestion question, bool withDontKnow)
    {
        var choices = new JsonArray();
        if (question.Kind == QuestionKind.Number)
        {
            choices.Add(new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = AnswerLimits.LargestNumber });
        }
        else
        {
            choices.Add(Options(question));
        }

        if (question.Kind == QuestionKind.Multi)
        {
            choices.Add(new JsonObject { ["type"] = "array", ["uniqueItems"] = true, ["items"] = Options(question) });
        }

        if (question.Kind == QuestionKind.Ordinal)
        {
            choices.Add(new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = question.Options.Count });
        }

        if (withDontKnow)
        {
            choices.Add(new JsonObject { ["enum"] = new JsonArray(null, Guide.DontKnow) });
        }

        return new JsonObject { ["title"] = question.Label.En, ["description"] = question.Help.En, ["x-title-de"] = question.Label.De, ["x-description-de"] = question.Help.De, ["anyOf"] = choices };
    }

    private static JsonObject Options(GuideQuestion question) => new()
    {
        ["oneOf"] = new JsonArray([.. question.Options.Select(option => new JsonObject { ["enum"] = new JsonArray(option.Key), ["title"] = option.Label.En, ["x-title-de"] = option.Label.De })]),
    };
}

internal static class AnswerLimits
{
    public const double LargestNumber = 1_000_000_000;
}
