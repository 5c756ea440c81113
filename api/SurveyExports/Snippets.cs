using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.SurveyExports;

/// <summary>Programs that post one valid response, made from the questionnaire: paste, set the key, run.</summary>
internal static class Snippets
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    public static IResult Get(string survey, int version, HttpContext http, Answers answers, SurveyVersions surveys, Database.Database database)
    {
        using var connection = database.Open();
        var questionnaire = surveys.Published(connection, survey).FirstOrDefault(known => known.Version == version);
        if (questionnaire is null)
        {
            return Problems.NoSuch(new("Die Version", "version"), version.ToString(CultureInfo.InvariantCulture));
        }

        var address = $"{answers.Base(http)}/v1/surveys/{survey}/responses";
        var body = new JsonObject { ["version"] = version, ["submit"] = true, ["answers"] = ExampleAnswers(questionnaire) }.ToJsonString(Indented);
        return answers.Item(http, WireJson.Write(new SurveySnippets
        {
            Survey = survey,
            Version = version,
            Curl = Curl(address, body),
            Python = Python(address, body),
            R = R(address, body),
        }));
    }

    /// <summary>What is required is answered, in order, so that routing sees what comes before.</summary>
    private static JsonObject ExampleAnswers(Questionnaire questionnaire)
    {
        var answers = new JsonObject();
        using var rules = new AnswerRules(questionnaire, KnownReferences.Anything);
        foreach (var item in questionnaire.Items.Where(item => item.Required))
        {
            answers[item.Code] = Example(item);
            // A hidden item must not be answered; the rules know best what is hidden.
            if (!rules.Check(System.Text.Encoding.UTF8.GetBytes(answers.ToJsonString()), submit: false, exported: false, []))
            {
                answers.Remove(item.Code);
            }
        }

        return answers;
    }

    private static JsonNode Example(Item item) => item.Kind switch
    {
        ItemKind.SingleChoice or ItemKind.OrdinalScale => item.OptionCodes[0],
        ItemKind.MultiChoice or ItemKind.Ranking => new JsonArray([.. item.OptionCodes.Take(Math.Max(1, (int)item.Min)).Select(code => (JsonNode)code)]),
        ItemKind.YesNo => true,
        ItemKind.Integer or ItemKind.Decimal => JsonValue.Create(item.Min),
        ItemKind.Date => "2026-01-31",
        ItemKind.Url => "https://example.org/",
        ItemKind.Matrix => new JsonObject(item.Definition.Rows.Select(row => KeyValuePair.Create<string, JsonNode?>(row.Code, item.OptionCodes[0]))),
        _ => item.Reference switch { Reference.Municipality => "16053000", Reference.AnchorSite => "probierladen-jena", Reference.PartialDate => "2024", _ => "Beispiel" },
    };

    private static string Curl(string address, string body) =>
        $"""
        # An id of your own makes it safe to send the same again: the second time nothing is written.
        curl --fail-with-body -X PUT "{address}/my-response-1" \
          -H "Authorization: Bearer $ANKERORTE_KEY" \
          -H "Content-Type: application/json" \
          --data-binary @- <<'JSON'
        {body.ReplaceLineEndings("\n")}
        JSON
        """.ReplaceLineEndings("\n") + "\n";

    private static string Python(string address, string body) =>
        $$""""
        import json, os, urllib.error, urllib.request

        response = json.loads(r"""
        {{body.ReplaceLineEndings("\n")}}
        """)
        request = urllib.request.Request(
            "{{address}}/my-response-1", method="PUT", data=json.dumps(response).encode(),
            headers={"Authorization": "Bearer " + os.environ["ANKERORTE_KEY"], "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                print(answer.status, json.load(answer)["state"])
        except urllib.error.HTTPError as problem:
            print(problem.code, problem.read().decode())  # says what is wrong, item by item
            raise SystemExit(1)
        """".ReplaceLineEndings("\n") + "\n";

    private static string R(string address, string body) =>
        $"""
        # install.packages("httr2")
        library(httr2)
        response <- '{body.ReplaceLineEndings("\n").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'
        request("{address}/my-response-1") |>
          req_method("PUT") |>
          req_auth_bearer_token(Sys.getenv("ANKERORTE_KEY")) |>
          req_body_raw(response, type = "application/json") |>
          req_perform() |>
          resp_body_json()
        """.ReplaceLineEndings("\n") + "\n";
}
