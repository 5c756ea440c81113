using NJsonSchema;

namespace AnkerOrte.Tests.DecisionGuide;

/// <summary>The questions, the schema of their answers, and how well the guide does.</summary>
public sealed class GuideTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task The_guide_has_twelve_questions_of_which_eight_are_scored()
    {
        var guide = await api.GetAsync("/v1/decision-guide");

        Assert.Equal(12, guide.GetProperty("questions").GetArrayLength());
        Assert.Equal(["goals", "target-groups", "formats", "contents", "area", "setting", "operators", "funding-after"],
            guide.GetProperty("questions").EnumerateArray().Where(question => question.GetProperty("scored").GetBoolean()).ToList().Texts("key"));
        Assert.Equal(["setting", "operators", "budget-per-year", "staff-fte", "floor-area"],
            guide.GetProperty("questions").EnumerateArray().Where(question => question.GetProperty("mustHavePossible").GetBoolean()).ToList().Texts("key"));
        Assert.Equal(33, guide.GetProperty("typeRequirements").GetArrayLength());
        Assert.Empty(guide.GetProperty("known").EnumerateArray());
        Assert.False(guide.TryGetProperty("municipality", out _));
    }

    [Theory]
    [InlineData("16053000", "Jena", "large-city")]
    [InlineData("16053", "Jena", "large-city")]
    [InlineData("16071", "Weimarer Land", "rural-dispersed")]
    public async Task What_is_known_of_a_municipality_comes_with_its_source(string ags, string name, string area)
    {
        var guide = await api.GetAsync("/v1/decision-guide?ags=" + ags);

        Assert.Contains(name, guide.GetProperty("municipality").GetProperty("name").GetString(), StringComparison.Ordinal);
        var known = Assert.Single(guide.GetProperty("known").EnumerateArray());
        Assert.Equal(("area", area), (known.GetProperty("question").GetString(), known.GetProperty("value").GetString()));
        Assert.Contains("Destatis", known.GetProperty("source").GetProperty("de").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_municipality_is_an_error_of_the_parameter()
    {
        var errors = await api.Client.GetAsync("/v1/decision-guide?ags=01999999").ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal("/query/ags", errors[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task The_schema_takes_what_the_service_takes()
    {
        var response = await api.Client.GetAsync("/v1/decision-guide/answers.schema.json");
        Assert.Equal("application/schema+json", response.Content.Headers.ContentType!.MediaType);
        var schema = await JsonSchema.FromJsonAsync(await response.Content.ReadAsStringAsync());

        Assert.Empty(schema.Validate("""{"answers":{"goals":["community"],"area":"small-town","staff-fte":1.5,"setting":null,"operators":"dont-know"},"weights":{"goals":3},"mustHaves":[{"question":"floor-area","value":80}],"strict":true,"ags":"16053000","phase":"planning"}"""));
        Assert.NotEmpty(schema.Validate("""{"answers":{"goals":["village"]}}"""));
        Assert.NotEmpty(schema.Validate("""{"answers":{"colour":"red"}}"""));
        Assert.NotEmpty(schema.Validate("""{"answers":{"goals":["community"]},"weights":{"goals":4}}"""));
    }

    [Fact]
    public async Task The_guide_finds_types_better_than_guessing_and_says_how_sure_that_is()
    {
        var evaluation = await api.GetAsync("/v1/decision-guide/evaluation");
        var (top1, top3) = (evaluation.GetProperty("top1"), evaluation.GetProperty("top3"));

        Assert.Equal(110, evaluation.GetProperty("asked").GetInt32() + evaluation.GetProperty("leftOut").GetInt32());
        Assert.True(evaluation.GetProperty("beatsBaselines").GetBoolean());
        foreach (var baseline in evaluation.GetProperty("baselines").EnumerateArray())
        {
            Assert.True(top1.GetProperty("low").GetDouble() > baseline.GetProperty("top1").GetDouble());
            Assert.True(top3.GetProperty("low").GetDouble() > baseline.GetProperty("top3").GetDouble());
            Assert.True(evaluation.GetProperty("meanReciprocalRank").GetDouble() > baseline.GetProperty("meanReciprocalRank").GetDouble());
        }

        Assert.Equal(8, evaluation.GetProperty("types").GetArrayLength());
        Assert.Equal(evaluation.GetProperty("asked").GetInt32(), evaluation.GetProperty("types").EnumerateArray().Sum(type => type.GetProperty("asked").GetInt32()));
        Assert.Equal(top1.GetProperty("hits").GetInt32(), evaluation.GetProperty("types").EnumerateArray().Sum(type => type.GetProperty("top1").GetProperty("hits").GetInt32()));
        Assert.Equal(top1.GetProperty("hits").GetInt32(), evaluation.GetProperty("confusion").EnumerateArray().Where(cell => cell.GetProperty("type").GetString() == cell.GetProperty("ranked").GetString()).Sum(cell => cell.GetProperty("count").GetInt32()));
        Assert.Equal(16, evaluation.GetProperty("variations").GetArrayLength());
    }

    [Fact]
    public async Task The_evaluation_follows_the_data()
    {
        using var own = new ApiFixture();
        var before = await own.GetAsync("/v1/decision-guide/evaluation");

        await own.As("editor").SendAsync("DELETE", "/v1/anchor-sites/probierladen-jena", ifMatch: "*");

        var after = await own.GetAsync("/v1/decision-guide/evaluation");
        Assert.Equal(before.GetProperty("asked").GetInt32() + before.GetProperty("leftOut").GetInt32() - 1, after.GetProperty("asked").GetInt32() + after.GetProperty("leftOut").GetInt32());
        Assert.NotEqual(before.GetProperty("versions").GetProperty("revision").GetInt64(), after.GetProperty("versions").GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task The_evaluation_is_a_table_of_types()
    {
        var csv = await api.Client.GetStringAsync("/v1/decision-guide/evaluation?format=csv");

        Assert.StartsWith("type,asked,top1Hits,top1,top1Low,top1High,top3Hits,top3,top3Low,top3High,meanReciprocalRank,attribution\r\ncity-lab,16,14,0.875,0.639772,0.965023,16,1,", csv, StringComparison.Ordinal);
        Assert.Equal(9, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
