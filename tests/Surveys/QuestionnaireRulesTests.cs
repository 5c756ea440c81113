using System.Text;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Tests.Surveys;

/// <summary>What is wrong with a definition, and what a new version may not change.</summary>
public sealed class QuestionnaireRulesTests
{
    [Fact]
    public void The_sample_is_right() => Assert.Empty(Check(_ => { }));

    [Theory]
    [InlineData("/items/5/code", "\"1a\"", "/items/5/code pattern", null)]
    [InlineData("/items/5/code", "\"Goals\"", "/items/5/code duplicate-code", null)]
    [InlineData("/items/5/code", "\"version\"", "/items/5/code reserved", null)]
    [InlineData("/items/5/code", "\"submitDate\"", "/items/5/code reserved", null)]
    [InlineData("/items/5/kind", "\"decimall\"", "/items/5/kind unknown-value", "decimal")]
    [InlineData("/items/5/label", "\"Area\"", "/items/5/label type", null)]
    [InlineData("/items/5/label", "{\"de\":\"Fläche\"}", "/items/5/label/en missing", null)]
    [InlineData("/items/5/required", "\"yes\"", "/items/5/required type", null)]
    [InlineData("/items/5/privacy", "\"secret\"", "/items/5/privacy unknown-value", null)]
    [InlineData("/items/5/visibleif", "true", "/items/5/visibleif unknown-member", "visibleIf")]
    [InlineData("/items/5/min", "-1", "/items/5/min range", null)]
    [InlineData("/items/3/min", "0.5", "/items/3/min type", null)]
    [InlineData("/items/3/min", "20000000", "/items/3/min order", null)]
    [InlineData("/items/1/max", "9", "/items/1/max range", null)]
    [InlineData("/items/6/maxLength", "20001", "/items/6/maxLength range", null)]
    [InlineData("/items/6/options", "[{\"code\":\"a\",\"label\":{\"de\":\"a\",\"en\":\"a\"}}]", "/items/6/options not-for-kind", null)]
    [InlineData("/items/6/other", "true", "/items/6/other not-for-kind", null)]
    [InlineData("/items/2/options", "[]", "/items/2/options empty", null)]
    [InlineData("/items/1/options/1/code", "\"participation\"", "/items/1/options/1/code duplicate-code", null)]
    [InlineData("/items/1/options/1/code", "\"other\"", "/items/1/options/1/code duplicate-code", null)]
    [InlineData("/items/1/options/1/code", "\"a_b\"", "/items/1/options/1/code pattern", null)]
    [InlineData("/items/1/options/1/short", "\"toolong\"", "/items/1/options/1/short pattern", null)]
    [InlineData("/items/1/options/1/short", "\"none\"", "/items/1/options/3/code duplicate-code", null)]
    [InlineData("/items/1/options/1/mapsTo", "\"goals.comunity\"", "/items/1/options/1/mapsTo unknown-code", "goals.community")]
    [InlineData("/items/1/options/1/mapsTo", "\"formats.workshops\"", "/items/1/options/1/mapsTo other-dimension", null)]
    [InlineData("/items/0/options/1/exclusive", "true", "/items/0/options/1/exclusive not-for-kind", null)]
    [InlineData("/items/9/rows/1/code", "\"staffing\"", "/items/9/rows/1/code duplicate-code", null)]
    [InlineData("/items/6/mapsTo", "\"goal\"", "/items/6/mapsTo unknown-value", "goals")]
    [InlineData("/items/6/mapsTo", "\"goals\"", "/items/6/mapsTo not-for-kind, /items/6/mapsTo duplicate-meaning", null)]
    [InlineData("/items/0/mapsTo", "\"facts.participationFee\"", "/items/0/options/0/code unknown-value, /items/0/options/1/code unknown-value", null)]
    [InlineData("/items/3/visibleIf", "{\"item\":\"status\",\"equals\":\"operatin\"}", "/items/3/visibleIf unknown-option", "operating")]
    [InlineData("/items/3/visibleIf", "{\"item\":\"stats\",\"equals\":\"operating\"}", "/items/3/visibleIf/item unknown-item", "status")]
    [InlineData("/items/3/visibleIf", "{\"item\":\"area\",\"answered\":true}", "/items/3/visibleIf/item not-earlier", null)]
    [InlineData("/items/3/visibleIf", "{\"item\":\"visitors\",\"answered\":true}", "/items/3/visibleIf/item not-earlier", null)]
    [InlineData("/items/3/visibleIf", "{\"item\":\"status\"}", "/items/3/visibleIf condition", null)]
    [InlineData("/items/3/visibleIf", "{\"item\":\"status\",\"equals\":\"planned\",\"answered\":true}", "/items/3/visibleIf condition", null)]
    [InlineData("/items/3/visibleIf", "{\"all\":[]}", "/items/3/visibleIf/all empty", null)]
    [InlineData("/items/3/visibleIf", "{\"any\":[{\"item\":\"role\",\"in\":[\"low\",\"medium\"]}]}", "/items/3/visibleIf/any/0 unknown-option", null)]
    [InlineData("/items/6/visibleIf", "{\"item\":\"area\",\"equals\":\"5\"}", "/items/6/visibleIf condition", null)]
    [InlineData("/items/6/visibleIf", "{\"any\":[{\"any\":[{\"any\":[{\"any\":[{\"any\":[{\"any\":[]}]}]}]}]}]}", "/items/6/visibleIf/any/0/any/0/any/0/any/0/any/0 too-deep", null)]
    [InlineData("/items/5", "7", "/items/5 type, /items/5/code missing, /items/5/kind missing, /items/5/label missing", null)]
    [InlineData("/items", "[]", "/items empty", null)]
    [InlineData("/titel", "1", "/titel unknown-member", "title")]
    public void What_is_wrong_is_named_with_its_place(string place, string value, string expected, string? suggestion)
    {
        var errors = Check(definition => Set(definition, place, JsonNode.Parse(value)));

        Assert.Equal(expected, errors.Write());
        Assert.Contains(suggestion, errors.Select(error => error.Suggestion));
    }

    [Fact]
    public void All_mistakes_come_at_once()
    {
        var errors = Check(definition =>
        {
            Set(definition, "/items/0/kind", "x");
            Set(definition, "/items/1/options/1/short", "toolong");
            Set(definition, "/items/5/min", -5);
            Set(definition, "/items/12/mapsTo", "anchorSite");
        });

        Assert.Equal("/items/0/kind unknown-value, /items/1/options/1/short pattern, /items/5/min range, /items/13/mapsTo duplicate-meaning", errors.Write());
    }

    [Fact]
    public void Ten_thousand_options_are_one_mistake()
    {
        var options = new JsonArray([.. Enumerable.Range(0, 10_000).Select(number => JsonNode.Parse($$$"""{"code":"o{{{number}}}","label":{"de":"{{{number}}}","en":"{{{number}}}"}}"""))]);

        var error = Assert.Single(Check(definition => Set(definition, "/items/2/options", options)));

        Assert.Equal("/items/2/options", error.Pointer);
        Assert.Equal("too-many", error.Code);
        Assert.Contains("500", error.Detail.En, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_twice_in_one_object_is_a_mistake()
    {
        var errors = new List<ProblemError>();

        QuestionnaireRules.Check(JsonDocument.Parse(Sample.Definition.Replace("\"code\": \"area\"", "\"code\": \"area\", \"code\": \"zone\"", StringComparison.Ordinal)).RootElement, Sample.Codes, errors);

        Assert.Equal("/items/5/code duplicate-member", errors.Write());
    }

    [Theory]
    [InlineData("/items/5/kind", "\"integer\"", "/items/5/kind changed-kind")]
    [InlineData("/items/5/code", "\"Area\"", "/items/5/code changed-code")]
    [InlineData("/items/1/mapsTo", "null", "/items/1/mapsTo changed-meaning")]
    [InlineData("/items/1/other", "false", "/items/1/other removed-option")]
    [InlineData("/items/1/options/0/code", "\"part\"", "/items/1/options removed-option")]
    [InlineData("/items/1/options/0/label", "{\"de\":\"Mitreden\",\"en\":\"Participation\"}", "/items/1/options/0/label changed-meaning")]
    [InlineData("/items/1/options/0/mapsTo", "\"goals.community\"", "/items/1/options/0/mapsTo changed-meaning")]
    [InlineData("/items/1/options/0/short", "\"p\"", "/items/1/options/0/short changed-code")]
    [InlineData("/items/1/options/3/short", "\"n\"", "")]
    [InlineData("/items/9/rows/0/label", "{\"de\":\"x\",\"en\":\"y\"}", "/items/9/rows/0/label changed-meaning")]
    [InlineData("/items/5/privacy", "\"public\"", "/items/5/privacy opened-privacy")]
    [InlineData("/items/5/privacy", "\"confidential\"", "")]
    [InlineData("/items/5/label", "{\"de\":\"Nutzfläche\",\"en\":\"Floor area\"}", "")]
    [InlineData("/items/5/max", "7", "")]
    public void A_code_keeps_its_meaning_through_all_versions(string place, string value, string expected)
    {
        var draft = Read(definition => Set(definition, place, JsonNode.Parse(value)));

        var errors = QuestionnaireCompatibility.Check(draft, [(1, Sample.Questionnaire.Definition), (2, Sample.Questionnaire.Definition)]);

        Assert.Equal(expected, errors.Write());
        Assert.All(errors, error => Assert.Contains("version 2", error.Detail.En, StringComparison.Ordinal));
    }

    [Fact]
    public void Options_and_items_may_be_added_and_levels_keep_their_order()
    {
        var level = JsonNode.Parse("""{"code":"medium","label":{"de":"Mittel","en":"Medium"}}""");
        var added = Read(definition => definition["items"]![2]!["options"]!.AsArray().Insert(1, level!.DeepClone()));
        var swapped = Read(definition =>
        {
            var options = definition["items"]![2]!["options"]!.AsArray();
            var first = options[0]!.DeepClone();
            options.RemoveAt(0);
            options.Add(first);
        });

        Assert.Empty(QuestionnaireCompatibility.Check(added, [(1, Sample.Questionnaire.Definition)]));
        Assert.Equal("/items/2/options/0 changed-order", QuestionnaireCompatibility.Check(swapped, [(1, Sample.Questionnaire.Definition)]).Write());
    }

    [Fact]
    public void A_code_that_an_older_version_had_is_not_free_for_something_else()
    {
        var between = Read(definition => definition["items"]!.AsArray().RemoveAt(5));
        var draft = Read(definition => Set(definition, "/items/5/kind", "integer"));

        var errors = QuestionnaireCompatibility.Check(draft, [(1, Sample.Questionnaire.Definition), (2, between)]);

        Assert.Equal("/items/5/kind changed-kind", errors.Write());
        Assert.Contains("version 1", errors[0].Detail.En, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_questionnaire_is_right_and_speaks_the_language_of_the_codebook()
    {
        var labels = Repository.Shipped("codebook.json").GetProperty("dimensions").EnumerateArray()
            .SelectMany(dimension => dimension.GetProperty("codes").EnumerateArray().Select(code => (dimension, code)))
            .ToDictionary(
                pair => $"{pair.dimension.GetProperty("key").GetString()}.{pair.code.GetProperty("key").GetString()}",
                pair => new Text(pair.code.GetProperty("label").GetProperty("de").GetString()!, pair.code.GetProperty("label").GetProperty("en").GetString()!));
        var errors = new List<ProblemError>();

        var shipped = QuestionnaireRules.Check(Repository.Shipped("questionnaire-umsetzende-kommunen.json"), labels.Keys.ToHashSet(), errors);

        Assert.Empty(errors);
        var mapped = shipped.Items.SelectMany(item => item.Options).Where(option => option.MapsTo is not null).ToList();
        Assert.Equal(labels.Keys.Order(), mapped.Select(option => option.MapsTo).Order());
        Assert.All(mapped, option => Assert.Equal(labels[option.MapsTo!], option.Label));
        Assert.All(mapped, option => Assert.EndsWith("." + option.Code, option.MapsTo, StringComparison.Ordinal));
        Assert.All(shipped.Items.SelectMany(item => item.Options), option => Assert.NotNull(option.Short));
        Assert.Empty(Enum.GetValues<ItemKind>().Except(shipped.Items.Select(item => item.Kind!.Value)).Except([ItemKind.Date]));
        Assert.Equal(36, new Questionnaire(1, shipped).Items.Length);
    }

    private static List<ProblemError> Check(Action<JsonObject> change)
    {
        var errors = new List<ProblemError>();
        QuestionnaireRules.Check(Changed(change), Sample.Codes, errors);
        return errors;
    }

    private static QuestionnaireDefinition Read(Action<JsonObject> change) => new DefinitionReader([]).Read(Changed(change));

    private static JsonElement Changed(Action<JsonObject> change)
    {
        var definition = JsonNode.Parse(Sample.Definition)!.AsObject();
        change(definition);
        return JsonDocument.Parse(Encoding.UTF8.GetBytes(definition.ToJsonString())).RootElement;
    }

    private static void Set(JsonNode node, string place, JsonNode? value)
    {
        var parts = place.Split('/')[1..];
        foreach (var part in parts[..^1])
        {
            node = int.TryParse(part, out var index) ? node[index]! : node[part]!;
        }

        if (int.TryParse(parts[^1], out var last))
        {
            node[last] = value;
        }
        else if (value is null)
        {
            node.AsObject().Remove(parts[^1]);
        }
        else
        {
            node[parts[^1]] = value;
        }
    }
}
