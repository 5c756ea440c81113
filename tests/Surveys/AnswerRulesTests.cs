using System.Text;
using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Tests.Surveys;

/// <summary>What is wrong with answers, all of it at once; and the one spelling of what is right.</summary>
public sealed class AnswerRulesTests
{
    [Theory]
    [InlineData("""{"goals":["innovation","participation"],"status":"operating"}""", """{"status":"operating","goals":["participation","innovation"]}""")]
    [InlineData("""{ "priorities": ["money", "need"] }""", """{"priorities":["money","need"]}""")]
    [InlineData("""{"status":"operating","visitors":3900.0}""", """{"status":"operating","visitors":3900}""")]
    [InlineData("""{"area":1.50}""", """{"area":1.5}""")]
    [InlineData("""{"area":12e-1}""", """{"area":1.2}""")]
    [InlineData("""{"area":0.5E2}""", """{"area":50}""")]
    [InlineData("""{"area":-0.0}""", """{"area":0}""")]
    [InlineData("""{"area":0.30000000000000004}""", """{"area":0.30000000000000004}""")]
    [InlineData("""{"note":"B\u00fcrger \"innen\" \/ \ud83d\ude00"}""", """{"note":"Bürger \"innen\" / \uD83D\uDE00"}""")]
    [InlineData("""{"n\u006fte":"a"}""", """{"note":"a"}""")]
    [InlineData("""{"status":"\u006fperating"}""", """{"status":"operating"}""")]
    [InlineData("""{"challenges":{"money":"major","staffing":"minor"}}""", """{"challenges":{"staffing":"minor","money":"major"}}""")]
    [InlineData("""{"challenges":{"money":-77,"staffing":"minor"}}""", """{"challenges":{"staffing":"minor","money":-77}}""")]
    [InlineData("""{"challenges":{"money":-77,"staffing":-77}}""", """{"challenges":-77}""")]
    [InlineData("""{"goals.other":"Teilhabe","goals":["other","community"]}""", """{"goals":["community","other"],"goals.other":"Teilhabe"}""")]
    [InlineData("""{"status":-88,"goals":-77,"agreement":-99,"area":-77.0}""", """{"status":-88,"goals":-77,"area":-77,"agreement":-99}""")]
    [InlineData("""{"agreement":false,"since":"2024-02-29","website":"https://jena.de/ä","ags":"01001000","site":"jedi-jena","opened":"2024-09"}""",
        """{"agreement":false,"since":"2024-02-29","website":"https://jena.de/ä","ags":"01001000","site":"jedi-jena","opened":"2024-09"}""")]
    [InlineData("""{"note":"=cmd()"}""", """{"note":"=cmd()"}""")]
    [InlineData("{}", "{}")]
    public void Equal_answers_are_written_in_one_way(string answers, string normalised)
    {
        Assert.Equal(normalised, Sample.Normalise(answers));
        Assert.Equal(normalised, Sample.Normalise(normalised));
    }

    [Theory]
    [InlineData("""{"gaols":["community"]}""", "/answers/gaols unknown-item", "goals")]
    [InlineData("""{"area.other":"x"}""", "/answers/area.other unknown-item", "goals.other")]
    [InlineData("""{"goals":["community","particpation"]}""", "/answers/goals/1 unknown-option", "participation")]
    [InlineData("""{"goals":["community","community"]}""", "/answers/goals/1 duplicate", null)]
    [InlineData("""{"goals":["none","community"]}""", "/answers/goals exclusive", null)]
    [InlineData("""{"goals":["participation","community","innovation","other"]}""", "/answers/goals count", null)]
    [InlineData("""{"goals":["community",null]}""", "/answers/goals/1 type", null)]
    [InlineData("""{"goals":"community"}""", "/answers/goals type", null)]
    [InlineData("""{"goals":[]}""", "/answers/goals empty", "-99")]
    [InlineData("""{"goals":null}""", "/answers/goals empty", "-99")]
    [InlineData("""{"note":""}""", "/answers/note empty", "-99")]
    [InlineData("""{"note":" \u00a0\n"}""", "/answers/note empty", "-99")]
    [InlineData("""{"status":""}""", "/answers/status empty", "-99")]
    [InlineData("""{"status":"-77"}""", "/answers/status unknown-option", "-77")]
    [InlineData("""{"status":["planned"]}""", "/answers/status type", null)]
    [InlineData("""{"status":true}""", "/answers/status type", null)]
    [InlineData("""{"status":-66}""", "/answers/status not-for-input", null)]
    [InlineData("""{"status":-1}""", "/answers/status type", null)]
    [InlineData("""{"status":"planned","status.other":"x"}""", "/answers/status.other other-not-chosen", null)]
    [InlineData("""{"goals.other":7}""", "/answers/goals.other type", null)]
    [InlineData("""{"area":"12"}""", "/answers/area type", null)]
    [InlineData("""{"area":-5}""", "/answers/area range", null)]
    [InlineData("""{"area":1e400}""", "/answers/area range", null)]
    [InlineData("""{"area":1e999999999999999}""", "/answers/area range", null)]
    [InlineData("""{"area":1234567890.123456789}""", "/answers/area precision", null)]
    [InlineData("""{"status":"operating","visitors":1.5}""", "/answers/visitors type", null)]
    [InlineData("""{"status":"operating","visitors":10000001}""", "/answers/visitors range", null)]
    [InlineData("""{"note":"a\u0000b"}""", "/answers/note control-character", null)]
    [InlineData("""{"note":"\ud800"}""", "/answers/note encoding", null)]
    [InlineData("""{"agreement":"yes"}""", "/answers/agreement type", null)]
    [InlineData("""{"since":"2023-02-29"}""", "/answers/since date", null)]
    [InlineData("""{"since":"2023-02"}""", "/answers/since date", null)]
    [InlineData("""{"website":"jena.de"}""", "/answers/website url", null)]
    [InlineData("""{"website":"javascript:alert(1)"}""", "/answers/website url", null)]
    [InlineData("""{"challenges":{"staff":"minor"}}""", "/answers/challenges/staff unknown-row", "staffing")]
    [InlineData("""{"challenges":{"money":"mayor"}}""", "/answers/challenges/money unknown-option", "major")]
    [InlineData("""{"challenges":{"money":1}}""", "/answers/challenges/money type", null)]
    [InlineData("""{"challenges":{"money":"minor","money":"major"}}""", "/answers/challenges/money duplicate-member", null)]
    [InlineData("""{"challenges":{}}""", "/answers/challenges empty", "-99")]
    [InlineData("""{"priorities":["need","need"]}""", "/answers/priorities/1 duplicate", null)]
    [InlineData("""{"priorities":["need","staff","money"]}""", "/answers/priorities count", null)]
    [InlineData("""{"note":"a","note":"b"}""", "/answers/note duplicate-member", null)]
    [InlineData("""{"status":"planned","visitors":5}""", "/answers/visitors hidden-item", null)]
    [InlineData("""{"status":"planned","visitors":-99}""", "/answers/visitors hidden-item", null)]
    [InlineData("""{"visitors":5,"basis":"x"}""", "/answers/visitors hidden-item, /answers/basis hidden-item", null)]
    [InlineData("""{"status":"operating","visitors":-77,"basis":"x"}""", "/answers/basis hidden-item", null)]
    [InlineData("""{"a~b/c":1}""", "/answers/a~0b~1c unknown-item", null)]
    [InlineData("[]", "/answers type", null)]
    [InlineData("null", "/answers type", null)]
    [InlineData("""{"note":"a" """, "/answers not-json", null)]
    [InlineData("""{"note":"a",}""", "/answers not-json", null)]
    [InlineData("", "/answers not-json", null)]
    public void What_is_wrong_is_named_with_its_place(string answers, string expected, string? suggestion)
    {
        var errors = Sample.Check(answers);

        Assert.Equal(expected, errors.Write());
        Assert.Contains(suggestion, errors.Select(error => error.Suggestion));
        Assert.All(errors, error => Assert.NotEqual(error.Detail.De, error.Detail.En));
    }

    [Theory]
    [InlineData("""{"ags":"1001000"}""", "/answers/ags unknown-municipality", "01001000")]
    [InlineData("""{"ags":"160530000000"}""", "/answers/ags unknown-municipality", "16053000")]
    [InlineData("""{"ags":"99999999"}""", "/answers/ags unknown-municipality", null)]
    [InlineData("""{"site":"probierladen-jna"}""", "/answers/site unknown-anchor-site", "probierladen-jena")]
    [InlineData("""{"opened":"2023-13"}""", "/answers/opened date", null)]
    public void What_refers_to_nothing_known_is_taken_and_noted_for_the_reviewer(string answers, string expected, string? suggestion)
    {
        using var rules = new AnswerRules(Sample.Questionnaire, Sample.Known);
        var errors = new List<Api.Http.ProblemError>();

        Assert.True(rules.Check(Encoding.UTF8.GetBytes(answers), submit: false, exported: false, errors));

        Assert.Empty(errors);
        Assert.Equal(expected, rules.Issues.Write());
        Assert.Equal(suggestion, rules.Issues[0].Suggestion);
        Assert.True(rules.Check("{}"u8, submit: false, exported: false, errors));
        Assert.Empty(rules.Issues);
    }

    [Fact]
    public void All_mistakes_come_at_once()
    {
        var errors = Sample.Check("""{"status":"plan","goals":["x"],"area":"1","nope":1,"since":"gestern","challenges":{"money":"x","y":"minor"}}""");

        Assert.Equal("""
            /answers/status unknown-option, /answers/goals/0 unknown-option, /answers/area type, /answers/nope unknown-item, /answers/since date, /answers/challenges/money unknown-option, /answers/challenges/y unknown-row
            """, errors.Write());
    }

    [Fact]
    public void Nothing_is_said_about_items_that_hang_on_a_wrong_answer()
    {
        Assert.Equal("/answers/status unknown-option", Sample.Check("""{"status":"operatin","visitors":5}""").Write());
        Assert.Equal("/answers/status unknown-option", Sample.Check("""{"status":"operatin"}""", submit: true).Write());
    }

    [Theory]
    [InlineData("{}", "/answers/status required")]
    [InlineData("""{"status":-99}""", "/answers/status required")]
    [InlineData("""{"status":-77}""", "")]
    [InlineData("""{"status":-88}""", "")]
    [InlineData("""{"status":"planned"}""", "")]
    [InlineData("""{"status":"operating"}""", "/answers/visitors required")]
    [InlineData("""{"status":"operating","visitors":-77}""", "")]
    [InlineData("""{"status":"planned","goals":["community"]}""", "/answers/goals count")]
    [InlineData("""{"status":"planned","goals":["none"]}""", "")]
    public void Required_answers_are_asked_for_when_it_is_submitted(string answers, string expected)
    {
        Assert.Equal(expected, Sample.Check(answers, submit: true).Write());
        Assert.Empty(Sample.Check(answers, submit: false));
    }

    [Fact]
    public void Not_shown_is_understood_from_exports_where_it_is_true()
    {
        Assert.Equal("""{"status":"planned"}""", Sample.Normalise("""{"status":"planned","visitors":-66,"basis":-66}""", exported: true));
        Assert.Equal("/answers/visitors not-hidden", Sample.Check("""{"status":"operating","visitors":-66}""", exported: true).Write());
    }

    [Fact]
    public void A_text_of_a_megabyte_is_refused_by_its_length()
    {
        var errors = Sample.Check($$"""{"note":"{{new string('ä', 500_000)}}","area":"x"}""");

        Assert.Equal("/answers/note length, /answers/area type", errors.Write());
        Assert.Contains("500000", errors[0].Detail.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Length_is_counted_in_characters_not_bytes()
    {
        Assert.Empty(Sample.Check($$"""{"note":"{{new string('ä', 2000)}}"}"""));
        Assert.Equal("/answers/note length", Sample.Check($$"""{"note":"{{new string('ä', 2001)}}"}""").Write());
    }

    [Theory]
    [InlineData("{\"nope\":", 100)]
    [InlineData("{\"goals\":[", 100_000)]
    public void Deep_nesting_is_refused(string opening, int depth)
    {
        var errors = Sample.Check(string.Concat(Enumerable.Repeat(opening, depth)));

        Assert.Equal("too-deep", errors[^1].Code);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        Assert.Equal("/answers encoding", Sample.Check(Encoding.Latin1.GetBytes("""{"note":"Bürger"}""")).Write());
    }

    [Fact]
    public void The_list_of_mistakes_has_an_end()
    {
        var errors = Sample.Check($$"""{"goals":[{{string.Join(',', Enumerable.Repeat("\"x\"", 10_000))}}]}""");

        Assert.Equal(AnswerRules.MostErrors, errors.Count);
    }

    [Fact]
    public void One_instance_checks_response_after_response()
    {
        using var rules = new AnswerRules(Sample.Questionnaire, Sample.Known);
        var errors = new List<Api.Http.ProblemError>();

        Assert.False(rules.Check("""{"goals":["community","x"],"note":"\u0061","challenges":{"money":"minor"}}"""u8, false, false, errors));
        Assert.True(rules.Check("""{"priorities":["money"]}"""u8, false, false, errors));

        Assert.Equal("""{"priorities":["money"]}""", Encoding.UTF8.GetString(rules.Sheet.Normalised.Span));
        Assert.Single(errors);
    }

    [Fact]
    public void Checking_right_answers_allocates_nothing()
    {
        using var rules = new AnswerRules(Sample.Questionnaire, Sample.Known);
        var errors = new List<Api.Http.ProblemError>();
        var answers = """{"status":"operating","goals":["innovation","community"],"role":"high","visitors":3900,"area":120.5,"note":"B\u00fcrger","challenges":{"money":"major"},"priorities":["need"],"ags":"16053000"}"""u8.ToArray();
        Assert.True(rules.Check(answers, true, false, errors));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            rules.Check(answers, true, false, errors);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
    }
}
