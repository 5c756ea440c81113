using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Proposals;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>What an accepted response says about its site, put before the editors with the response as evidence.</summary>
internal sealed class ResponseProposal(SurveyVersions surveys, Contract contract)
{
    public IResult Create(Write write, string survey, string id)
    {
        if (ResponseHandlers.FindFor(write.Caller!, ResponseQueries.Find(write.Connection, survey, id)) is not { } response)
        {
            return ResponseHandlers.NoSuch(id);
        }

        if (response.State != "accepted")
        {
            return new Problem(Problems.Conflict, new("Nur aus angenommenen Antworten wird ein Vorschlag.", "Only accepted responses become a proposal."));
        }

        var questionnaire = surveys.Published(write.Connection, survey).Single(known => known.Version == response.Version);
        using var rules = new AnswerRules(questionnaire, KnownReferences.Anything);
        rules.Check(response.Answers, submit: false, exported: false, []);
        if (!Consent.AllowsNaming(questionnaire, rules.Sheet))
        {
            return new Problem(Problems.Conflict, new("Einer Veröffentlichung mit dem Namen des Ortes wurde nicht zugestimmt.", "Publication under the name of the site was not agreed to."));
        }

        if (Find(questionnaire, "anchorSite") is not { } place || rules.Sheet.State(place) != AnswerState.Value)
        {
            return Problems.Unprocessable([ProblemError.At("/answers", "no-site", new("Die Antwort nennt keinen Ankerort.", "The response names no anchor site."))]);
        }

        var site = rules.Sheet.Text(place, response.Answers);
        if (!write.Connection.ExecuteScalar<bool>("select exists (select 1 from published_sites where id = @site)", new { site }))
        {
            return Problems.Unprocessable([ProblemError.At("/answers/" + questionnaire.Items[place].Code, "unknown-anchor-site", new(
                $"Es gibt keinen Ankerort „{site}“.", $"There is no anchor site \"{site}\"."))]);
        }

        var patch = Patch(questionnaire, rules.Sheet, response.Answers).Deserialize<JsonElement>();
        return AnchorSiteHandlers.CheckPatch(write, site, patch, contract.Body("replaceAnchorSite")) ?? Store(write, response, site, patch);
    }

    private static Done Store(Write write, ResponseRecord response, string site, JsonElement patch)
    {
        var evidence = response.Evidence;
        var proposal = ProposalQueries.Add(write.Connection, site, ProposalOrigin.SurveyResponse, evidence, evidence, patch, null, write.At);
        return Done.Created(
            WireJson.Write(ProposalMapping.Compose(ProposalQueries.Find(write.Connection, proposal)!)), "/v1/proposals/" + proposal, tagged: false) with
        { Subject = evidence };
    }

    /// <summary>A merge patch of the site. What was not answered, or not known, changes nothing.</summary>
    private static JsonObject Patch(Questionnaire questionnaire, AnswerSheet sheet, byte[] answers)
    {
        var (patch, characteristics, facts) = (new JsonObject(), new JsonObject(), new JsonObject());
        for (var number = 0; number < questionnaire.Items.Length; number++)
        {
            var item = questionnaire.Items[number];
            if (item.Definition.MapsTo is not { } meaning || sheet.State(number) != AnswerState.Value)
            {
                continue;
            }

            if (AnchorSiteDocuments.Dimensions.Contains(meaning))
            {
                characteristics[meaning] = Codes(item, number, sheet, meaning);
            }
            else if (meaning.StartsWith("facts.", StringComparison.Ordinal))
            {
                facts[meaning["facts.".Length..]] = Value(item, number, sheet, answers);
            }
            else if (meaning is "status" or "openedOn" or "website")
            {
                patch[meaning] = Value(item, number, sheet, answers);
            }
        }

        if (characteristics.Count > 0)
        {
            patch["characteristics"] = characteristics;
        }

        if (facts.Count > 0)
        {
            patch["facts"] = facts;
        }

        return patch;
    }

    /// <summary>Chosen options that have a code in the codebook; "other" has none.</summary>
    private static JsonArray Codes(Item item, int number, AnswerSheet sheet, string dimension) => new([.. item.Definition.Options
        .Where((option, i) => sheet.IsChosen(number, i) && option.MapsTo is not null)
        .Select(option => (JsonNode)option.MapsTo![(dimension.Length + 1)..])]);

    private static JsonNode Value(Item item, int number, AnswerSheet sheet, byte[] answers) => item.Kind switch
    {
        ItemKind.Integer or ItemKind.Decimal => JsonValue.Create(sheet.Number(number)),
        ItemKind.SingleChoice => item.OptionCodes[Enumerable.Range(0, item.OptionCodes.Length).First(option => sheet.IsChosen(number, option))],
        _ => sheet.Text(number, answers),
    };

    private static int? Find(Questionnaire questionnaire, string meaning) =>
        Array.FindIndex(questionnaire.Items, item => item.Definition.MapsTo == meaning) is >= 0 and var found ? found : null;
}
