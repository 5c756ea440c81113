using System.Text;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Tests.Surveys;

/// <summary>A questionnaire with one item of each kind, and what a test does with it.</summary>
internal static class Sample
{
    public const string Definition = """
        {
          "title": { "de": "Probe", "en": "Sample" },
          "items": [
            { "code": "status", "kind": "singleChoice", "label": { "de": "Status", "en": "Status" }, "required": true, "other": true,
              "options": [
                { "code": "planned", "short": "plan", "label": { "de": "Geplant", "en": "Planned" } },
                { "code": "operating", "short": "oper", "label": { "de": "In Betrieb", "en": "Operating" } } ] },
            { "code": "goals", "kind": "multiChoice", "label": { "de": "Ziele", "en": "Goals" }, "other": true, "min": 2, "max": 3, "mapsTo": "goals",
              "options": [
                { "code": "participation", "short": "parti", "label": { "de": "Beteiligung", "en": "Participation" }, "mapsTo": "goals.participation" },
                { "code": "community", "short": "commu", "label": { "de": "Begegnung", "en": "Community" }, "mapsTo": "goals.community" },
                { "code": "innovation", "short": "innov", "label": { "de": "Innovation", "en": "Innovation" }, "mapsTo": "goals.innovation" },
                { "code": "none", "label": { "de": "Keine", "en": "None" }, "exclusive": true } ] },
            { "code": "role", "kind": "ordinalScale", "label": { "de": "Rolle", "en": "Role" },
              "options": [ { "code": "low", "label": { "de": "Gering", "en": "Low" } }, { "code": "high", "label": { "de": "Hoch", "en": "High" } } ] },
            { "code": "visitors", "kind": "integer", "label": { "de": "Besuche", "en": "Visits" }, "max": 10000000, "required": true,
              "visibleIf": { "item": "status", "equals": "operating" } },
            { "code": "basis", "kind": "text", "label": { "de": "Grundlage", "en": "Basis" }, "visibleIf": { "item": "visitors", "answered": true } },
            { "code": "area", "kind": "decimal", "label": { "de": "Fläche", "en": "Area" } },
            { "code": "note", "kind": "text", "label": { "de": "Notiz", "en": "Note" }, "maxLength": 2000 },
            { "code": "agreement", "kind": "yesNo", "label": { "de": "Vereinbarung", "en": "Agreement" } },
            { "code": "since", "kind": "date", "label": { "de": "Seit", "en": "Since" } },
            { "code": "challenges", "kind": "matrix", "label": { "de": "Schwierigkeiten", "en": "Challenges" },
              "options": [ { "code": "minor", "label": { "de": "Etwas", "en": "Some" } }, { "code": "major", "label": { "de": "Viel", "en": "Much" } } ],
              "rows": [ { "code": "staffing", "short": "staff", "label": { "de": "Personal", "en": "Staff" } }, { "code": "money", "label": { "de": "Geld", "en": "Money" } } ] },
            { "code": "priorities", "kind": "ranking", "label": { "de": "Rang", "en": "Rank" }, "max": 2,
              "options": [ { "code": "need", "label": { "de": "Bedarf", "en": "Need" } }, { "code": "staff", "label": { "de": "Personal", "en": "Staff" } }, { "code": "money", "label": { "de": "Geld", "en": "Money" } } ] },
            { "code": "website", "kind": "url", "label": { "de": "Adresse", "en": "Address" } },
            { "code": "ags", "kind": "text", "label": { "de": "Kommune", "en": "Municipality" }, "mapsTo": "municipality" },
            { "code": "site", "kind": "text", "label": { "de": "Ort", "en": "Site" }, "mapsTo": "anchorSite" },
            { "code": "opened", "kind": "text", "label": { "de": "Eröffnet", "en": "Opened" }, "mapsTo": "openedOn" }
          ]
        }
        """;

    public static readonly Questionnaire Questionnaire = Questionnaire.Parse(1, Encoding.UTF8.GetBytes(Definition));

    public static readonly KnownReferences Known = new(new(["16053000", "01001000"]), new(["probierladen-jena", "jedi-jena"]));

    public static readonly HashSet<string> Codes = ["goals.participation", "goals.community", "goals.innovation", "formats.workshops"];

    /// <summary>What is wrong with the answers: pointer, code, suggestion.</summary>
    public static List<ProblemError> Check(string answers, bool submit = false, bool exported = false) => Check(Encoding.UTF8.GetBytes(answers), submit, exported);

    public static List<ProblemError> Check(byte[] answers, bool submit = false, bool exported = false)
    {
        var errors = new List<ProblemError>();
        using var rules = new AnswerRules(Questionnaire, Known);
        Assert.Equal(errors.Count == 0, rules.Check(answers, submit, exported, errors) || errors.Count > 0);
        return errors;
    }

    public static string Normalise(string answers, bool exported = false)
    {
        var errors = new List<ProblemError>();
        using var rules = new AnswerRules(Questionnaire, Known);
        Assert.True(rules.Check(Encoding.UTF8.GetBytes(answers), submit: false, exported, errors), string.Join('\n', errors));
        return Encoding.UTF8.GetString(rules.Sheet.Normalised.Span);
    }

    public static string Write(this IEnumerable<ProblemError> errors) => string.Join(", ", errors.Select(error => $"{error.Pointer} {error.Code}"));
}
