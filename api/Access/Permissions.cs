using System.Collections.Frozen;

namespace AnkerOrte.Api.Access;

internal static class Roles
{
    public const string Contributor = "contributor";
    public const string Researcher = "researcher";
    public const string Editor = "editor";
    public const string Publisher = "publisher";
    public const string Releaser = "releaser";
    public const string PrivacyOfficer = "privacy-officer";
    public const string Admin = "admin";

    /// <summary>What a key may have.</summary>
    public static readonly IReadOnlyList<string> All = [Contributor, Researcher, Editor, Publisher, Releaser, PrivacyOfficer, Admin];

    /// <summary>Not of a key: whoever holds a confirm link.</summary>
    public const string ConfirmLink = "confirm-link";

    /// <summary>Not of a key: whoever took part in a conversation and decides on their own words.</summary>
    public const string ReleaseLink = "release-link";

    /// <summary>Not of a key: whoever was invited to a survey.</summary>
    public const string Invitation = "invitation";
}

/// <summary>
/// Who may do what: the one table. It drives authorization; tests hold the contract's `security` and `x-roles` against
/// it and walk role × operation. An operation that does not stand here is open to nobody.
/// </summary>
internal static class Permissions
{
    private static readonly string[] Public = [];

    private static readonly FrozenDictionary<string, string[]> Table = new Dictionary<string, string[]>
    {
        ["getService"] = Public,
        ["getLiveness"] = Public,
        ["getReadiness"] = Public,
        ["getContract"] = Public,
        ["getContractAsJson"] = Public,
        ["getStartPage"] = Public,
        ["getStartPageInEnglish"] = Public,
        ["getProblemPage"] = Public,
        ["getConfirmPage"] = Public,
        ["getReleasePage"] = Public,
        ["getGuidePage"] = Public,

        ["listAnchorSites"] = Public,
        ["getAnchorSite"] = Public,
        ["getAnchorSiteHistory"] = Public,
        ["compareAnchorSites"] = Public,
        ["createAnchorSite"] = [Roles.Editor],
        ["putAnchorSites"] = [Roles.Editor],
        ["replaceAnchorSite"] = [Roles.Editor],
        ["changeAnchorSite"] = [Roles.Editor],
        ["deleteAnchorSite"] = [Roles.Editor],
        ["restoreAnchorSite"] = [Roles.Editor],
        ["confirmAnchorSite"] = [Roles.Editor],
        ["createConfirmLink"] = [Roles.Editor],
        ["getConfirmLink"] = [Roles.Editor],
        ["revokeConfirmLink"] = [Roles.Editor],
        ["getConfirmation"] = [Roles.ConfirmLink],
        ["answerConfirmation"] = [Roles.ConfirmLink],
        ["listProposals"] = [Roles.Editor],
        ["getProposal"] = [Roles.Editor],
        ["decideProposal"] = [Roles.Editor],

        ["listMunicipalities"] = Public,
        ["getMunicipality"] = Public,
        ["listSimilarMunicipalities"] = Public,
        ["listProjects"] = Public,
        ["getProject"] = Public,
        ["search"] = Public,
        ["listChanges"] = Public,

        ["listDimensions"] = Public,
        ["getDimension"] = Public,
        ["getCode"] = Public,
        ["getCodeHistory"] = Public,
        ["addCode"] = [Roles.Editor],
        ["replaceCode"] = [Roles.Editor],
        ["changeCode"] = [Roles.Editor],
        ["retireCode"] = [Roles.Editor],
        ["restoreCode"] = [Roles.Editor],

        ["listSources"] = Public,
        ["getSource"] = Public,
        ["getSourceHistory"] = Public,
        ["createSource"] = [Roles.Editor],
        ["replaceSource"] = [Roles.Editor],
        ["changeSource"] = [Roles.Editor],
        ["deleteSource"] = [Roles.Editor],
        ["restoreSource"] = [Roles.Editor],

        ["listTypologies"] = Public,
        ["getTypology"] = Public,
        ["listMemberships"] = Public,
        ["getCorrespondence"] = Public,
        ["getTypologyMap"] = Public,
        ["createTypology"] = [Roles.Editor],
        ["replaceTypology"] = [Roles.Editor],
        ["deleteTypology"] = [Roles.Editor],
        ["putMemberships"] = [Roles.Editor],
        ["publishTypology"] = [Roles.Publisher],
        ["listTypes"] = Public,
        ["getType"] = Public,
        ["getTypeProfile"] = Public,
        ["getTypeProfilePicture"] = Public,
        ["getTypeValidation"] = Public,
        ["listTypeSites"] = Public,
        ["getAnchorSiteType"] = Public,
        ["getPropertySpace"] = Public,

        ["listFindings"] = Public,
        ["getFinding"] = Public,
        ["getFindingEvidence"] = Public,
        ["listRecommendations"] = Public,
        ["getRecommendation"] = Public,
        ["getRecommendationEvidence"] = Public,
        ["getSourceImpact"] = Public,

        ["listTypologyRuns"] = [Roles.Researcher],
        ["createTypologyRun"] = Public,
        ["getTypologyRun"] = Public,
        ["cancelTypologyRun"] = Public,
        ["getTypologyRunDissimilarities"] = Public,
        ["getDecisionGuide"] = Public,
        ["getAnswersSchema"] = Public,
        ["getGuideEvaluation"] = Public,
        ["createAssessment"] = Public,
        ["getAssessment"] = Public,
        ["deleteAssessment"] = Public,
        ["rerunAssessment"] = Public,

        ["listSurveys"] = Public,
        ["getSurvey"] = Public,
        ["getSurveyVersion"] = Public,
        ["getSurveyDefinition"] = Public,
        ["createSurvey"] = [Roles.Researcher],
        ["changeSurvey"] = [Roles.Researcher],
        ["createSurveyVersion"] = [Roles.Researcher],
        ["replaceSurveyVersion"] = [Roles.Researcher],
        ["publishSurveyVersion"] = [Roles.Researcher, Roles.Publisher],
        ["closeSurveyVersion"] = [Roles.Researcher, Roles.Publisher],
        ["createResponse"] = [Roles.Contributor, Roles.Invitation],
        ["putResponse"] = [Roles.Contributor, Roles.Invitation],
        ["getResponse"] = [Roles.Researcher, Roles.Contributor, Roles.Invitation],
        ["deleteResponse"] = [Roles.Researcher, Roles.Contributor, Roles.PrivacyOfficer],
        ["postResponses"] = [Roles.Contributor],
        ["reviewResponse"] = [Roles.Researcher],
        ["proposeFromResponse"] = [Roles.Researcher],
        ["listResponses"] = [Roles.Researcher, Roles.Contributor],
        ["getSurveyResults"] = Public,
        ["listSurveyReleases"] = Public,
        ["createSurveyRelease"] = [Roles.Researcher],
        ["getSurveyRelease"] = Public,
        ["getSurveyRates"] = [Roles.Researcher],
        ["getSurveyCodebook"] = Public,
        ["getSurveySnippets"] = Public,
        ["listInvitations"] = [Roles.Researcher],
        ["createInvitation"] = [Roles.Researcher],
        ["getInvitation"] = [Roles.Researcher],
        ["revokeInvitation"] = [Roles.Researcher],

        ["getQualitativeCodebook"] = [Roles.Researcher],
        ["getQualitativeCodebookVersion"] = [Roles.Researcher],
        ["addQualitativeCode"] = [Roles.Researcher],
        ["getQualitativeCode"] = [Roles.Researcher],
        ["replaceQualitativeCode"] = [Roles.Researcher],
        ["retireQualitativeCode"] = [Roles.Researcher],
        ["listPassageCodings"] = [Roles.Researcher],
        ["addCoding"] = [Roles.Researcher],
        ["listCodings"] = [Roles.Researcher],
        ["getCoding"] = [Roles.Researcher],
        ["deleteCoding"] = [Roles.Researcher],
        ["getCodingAgreement"] = [Roles.Researcher],
        ["getSaturation"] = [Roles.Researcher],
        ["exportRefiCodebook"] = [Roles.Researcher],
        ["importRefiCodebook"] = [Roles.Researcher],
        ["exportRefiProject"] = [Roles.Researcher],
        ["getRefiProjectReport"] = [Roles.Researcher],

        ["listApiKeys"] = [Roles.Admin],
        ["createApiKey"] = [Roles.Admin],
        ["getApiKey"] = [Roles.Admin],
        ["revokeApiKey"] = [Roles.Admin],

        ["listPersons"] = [Roles.PrivacyOfficer],
        ["createPerson"] = [Roles.PrivacyOfficer],
        ["getPerson"] = [Roles.PrivacyOfficer],
        ["changePerson"] = [Roles.PrivacyOfficer],
        ["restrictPerson"] = [Roles.PrivacyOfficer],
        ["exportPerson"] = [Roles.PrivacyOfficer],
        ["erasePerson"] = [Roles.PrivacyOfficer],
        ["listConsents"] = [Roles.Researcher, Roles.PrivacyOfficer],
        ["giveConsent"] = [Roles.Researcher, Roles.PrivacyOfficer],
        ["withdrawConsent"] = [Roles.Researcher, Roles.PrivacyOfficer],
        ["listDataSubjectRequests"] = [Roles.PrivacyOfficer],
        ["createDataSubjectRequest"] = [Roles.PrivacyOfficer],
        ["changeDataSubjectRequest"] = [Roles.PrivacyOfficer],
        ["previewRetention"] = [Roles.PrivacyOfficer],
        ["listInterviews"] = Public,
        ["getInterview"] = Public,
        ["createInterview"] = [Roles.Researcher],
        ["getInterviewTranscript"] = [Roles.Researcher, Roles.Releaser, Roles.PrivacyOfficer],
        ["putInterviewTranscript"] = [Roles.Researcher],
        ["listInterviewPassages"] = [Roles.Researcher, Roles.Releaser, Roles.PrivacyOfficer],
        ["createInterviewPassage"] = [Roles.Researcher],
        ["listInterviewValidations"] = [Roles.Researcher, Roles.Releaser, Roles.PrivacyOfficer],
        ["putInterviewValidation"] = [Roles.Researcher],
        ["deleteInterviewValidation"] = [Roles.Researcher],
        ["listFocusGroups"] = Public,
        ["getFocusGroup"] = Public,
        ["createFocusGroup"] = [Roles.Researcher],
        ["getFocusGroupTranscript"] = [Roles.Researcher, Roles.Releaser, Roles.PrivacyOfficer],
        ["putFocusGroupTranscript"] = [Roles.Researcher],
        ["listFocusGroupPassages"] = [Roles.Researcher, Roles.Releaser, Roles.PrivacyOfficer],
        ["createFocusGroupPassage"] = [Roles.Researcher],
        ["listFocusGroupValidations"] = [Roles.Researcher, Roles.Releaser, Roles.PrivacyOfficer],
        ["putFocusGroupValidation"] = [Roles.Researcher],
        ["deleteFocusGroupValidation"] = [Roles.Researcher],
        ["createInterviewReleaseLink"] = [Roles.Researcher],
        ["createFocusGroupReleaseLink"] = [Roles.Researcher],
        ["getRelease"] = [Roles.ReleaseLink],
        ["answerRelease"] = [Roles.ReleaseLink],
        ["listPassages"] = Public,
        ["getPassage"] = Public,
        ["getPassageImpact"] = Public,
        ["linkFindingPassage"] = [Roles.Editor, Roles.Researcher],
        ["unlinkFindingPassage"] = [Roles.Editor, Roles.Researcher],
        ["listEditorialWork"] = [Roles.Editor, Roles.Researcher],
        ["deleteFinding"] = [Roles.Editor],
        ["deleteRecommendation"] = [Roles.Editor],
        ["unpublishRecommendation"] = [Roles.Editor],
        ["linkFindingComputation"] = [Roles.Editor, Roles.Researcher],
        ["unlinkFindingComputation"] = [Roles.Editor, Roles.Researcher],
        ["rateFinding"] = [Roles.Editor],
        ["createFinding"] = [Roles.Editor],
        ["replaceFinding"] = [Roles.Editor],
        ["createRecommendation"] = [Roles.Editor],
        ["replaceRecommendation"] = [Roles.Editor],
        ["publishRecommendation"] = [Roles.Editor],
        ["approveFinding"] = [Roles.Editor],
        ["reviewFinding"] = [Roles.Editor],
        ["submitPassage"] = [Roles.Researcher],
        ["releasePassage"] = [Roles.Releaser],
        ["rejectPassage"] = [Roles.Releaser],
        ["listAuditLog"] = [Roles.PrivacyOfficer, Roles.Admin],
        ["verifyAuditLog"] = [Roles.PrivacyOfficer, Roles.Admin],
    }.ToFrozenDictionary();

    /// <summary>
    /// Where a key that is limited to projects or surveys may go: operations that hold what is written against the scope.
    /// Everything else that needs a key is closed to it.
    /// </summary>
    private static readonly FrozenSet<string> OfProjects = FrozenSet.Create(
        "createAnchorSite", "putAnchorSites", "replaceAnchorSite", "changeAnchorSite", "deleteAnchorSite", "restoreAnchorSite", "confirmAnchorSite",
        "createConfirmLink", "revokeConfirmLink", "decideProposal",
        "listPersons", "createPerson", "getPerson", "changePerson", "restrictPerson", "exportPerson", "erasePerson",
        "listConsents", "giveConsent", "withdrawConsent", "listDataSubjectRequests", "createDataSubjectRequest", "changeDataSubjectRequest",
        "getQualitativeCodebook", "getQualitativeCodebookVersion", "getQualitativeCode", "listPassageCodings", "addCoding", "listCodings", "getCoding", "deleteCoding", "getCodingAgreement", "getSaturation",
        "exportRefiCodebook", "exportRefiProject", "getRefiProjectReport",
        "createInterview", "getInterviewTranscript", "putInterviewTranscript", "listInterviewPassages", "createInterviewPassage", "createFocusGroup", "getFocusGroupTranscript", "putFocusGroupTranscript", "listFocusGroupPassages", "createFocusGroupPassage",
        "listInterviewValidations", "putInterviewValidation", "deleteInterviewValidation", "listFocusGroupValidations", "putFocusGroupValidation", "deleteFocusGroupValidation",
        "createInterviewReleaseLink", "createFocusGroupReleaseLink", "submitPassage", "releasePassage", "rejectPassage");

    public static IEnumerable<string> Operations => Table.Keys;

    /// <summary>Whether a key reaches an operation at all; a survey stands in the address, a project in the record.</summary>
    public static bool IsInScope(Caller caller, string operation, string? survey) => caller.Scopes.Count == 0 || IsPublic(operation)
        || (survey is not null ? caller.May("survey:" + survey) : IsOfProjects(operation));

    /// <summary>The roles that may use an operation; empty: everybody; null: nobody.</summary>
    public static IReadOnlyList<string>? Of(string? operation) => operation is null ? null : Table.GetValueOrDefault(operation);

    /// <summary>Whether an operation holds the project of a site against the scopes of the key.</summary>
    public static bool IsOfProjects(string? operation) => operation is not null && OfProjects.Contains(operation);

    public static bool IsPublic(string? operation) => Of(operation) is { Count: 0 };
}
