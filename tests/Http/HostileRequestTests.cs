using AnkerOrte.Api.Access;
using AnkerOrte.Benchmarks;

namespace AnkerOrte.Tests.Http;

/// <summary>
/// `tests/Benchmarks -- hostile` attacks the service with each operation that is open to everybody and may be expensive. A new operation
/// fails the test until somebody has decided which kind it is.
/// </summary>
public sealed class HostileRequestTests
{
    private const string OneRecord = "One record by its id, with what belongs to it.";
    private const string Fixed = "The same short text or small document for everybody.";
    private const string Few = "A list of few records, which editors or researchers write.";

    private static readonly Dictionary<string, string> Cheap = new()
    {
        ["getService"] = Fixed,
        ["getLiveness"] = Fixed,
        ["getReadiness"] = "Its checks run in the background; the answer is their last result.",
        ["getContract"] = "A file that is kept in memory, also compressed.",
        ["getContractAsJson"] = "A file that is kept in memory, also compressed.",
        ["getStartPage"] = Fixed,
        ["getStartPageInEnglish"] = Fixed,
        ["getProblemPage"] = Fixed,
        ["getConfirmPage"] = Fixed,
        ["getReleasePage"] = Fixed,
        ["getGuidePage"] = Fixed,
        ["getAnswersSchema"] = Fixed,
        ["getAnchorSite"] = OneRecord,
        ["getMunicipality"] = OneRecord,
        ["getProject"] = OneRecord,
        ["getDimension"] = OneRecord,
        ["getCode"] = OneRecord,
        ["getSource"] = OneRecord,
        ["getFinding"] = OneRecord,
        ["getRecommendation"] = OneRecord,
        ["getInterview"] = OneRecord,
        ["getFocusGroup"] = OneRecord,
        ["getPassage"] = OneRecord,
        ["getPassageImpact"] = "The findings and recommendations that rest on one passage.",
        ["getSourceImpact"] = "The findings and recommendations that rest on one source.",
        ["getSurvey"] = OneRecord,
        ["getSurveyVersion"] = OneRecord,
        ["getSurveyDefinition"] = OneRecord,
        ["getSurveySnippets"] = "Some lines for each question of one questionnaire.",
        ["getTypeValidation"] = "Three counts of one type.",
        ["getCodeHistory"] = "The versions of one code, by pages.",
        ["getSourceHistory"] = "The versions of one source, by pages; those of sites are larger and are attacked.",
        ["listTypologies"] = Few,
        ["listSurveys"] = Few,
        ["listSurveyReleases"] = Few,
        ["listInterviews"] = Few,
        ["listFocusGroups"] = Few,
        ["cancelTypologyRun"] = "Deletes one run; a second time there is nothing to delete.",
        ["deleteAssessment"] = "Deletes one assessment; a second time there is nothing to delete.",
    };

    [Fact]
    public void Every_operation_that_is_open_to_everybody_is_attacked_or_has_a_reason_why_not()
    {
        var open = ContractDocument.Operations.Select(operation => operation.Operation.OperationId).Where(Permissions.IsPublic);
        var attacked = HostileRequest.All.Select(request => request.Operation.Split(',')[0]).Distinct();

        Assert.Equal(open.Order(StringComparer.Ordinal), attacked.Concat(Cheap.Keys).Order(StringComparer.Ordinal));
    }
}
