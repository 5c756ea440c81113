using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Writing;
using AnkerOrte.Tests.Surveys;
using Dapper;

namespace AnkerOrte.Tests.Privacy;

/// <summary>
/// The journal of what no backup may undo. Every operation that changes something is listed here: with the kind of its entry, or with
/// the reason why it has none. A new operation fails the first test until somebody has decided.
/// </summary>
public sealed class JournalTests : IDisposable
{
    private const string Content = "Ordinary content: a restore shows an earlier version, and nothing that anybody was promised to be gone.";
    private const string Addition = "Adds something. A restore loses it, which is what a restore does.";
    private const string Again = "A restore undoes it visibly, and it can be done again; until then nothing is revealed.";

    private static readonly Dictionary<string, string> Kinds = new()
    {
        ["erasePerson"] = Tombstones.Person,
        ["withdrawConsent"] = Tombstones.Withdrawal,
        ["changePerson"] = Tombstones.Rectification,
        ["restrictPerson"] = Tombstones.Restriction,
        ["deleteResponse"] = Tombstones.SurveyResponse,
        ["deleteAssessment"] = Tombstones.Assessment,
        ["revokeApiKey"] = Tombstones.ApiKey,
        ["revokeInvitation"] = Tombstones.Invitation,
        ["revokeConfirmLink"] = Tombstones.ConfirmLink,
        ["answerRelease"] = Tombstones.ReleaseLink,
        ["rejectPassage"] = Tombstones.RejectedPassage,
        ["deleteAnchorSite"] = Tombstones.Record,
        ["restoreAnchorSite"] = Tombstones.Record,
        ["deleteSource"] = Tombstones.Record,
        ["restoreSource"] = Tombstones.Record,
        ["deleteFinding"] = Tombstones.Record,
        ["reviewFinding"] = Tombstones.Record,
        ["approveFinding"] = Tombstones.Record,
        ["deleteRecommendation"] = Tombstones.Record,
        ["unpublishRecommendation"] = Tombstones.Record,
        ["publishRecommendation"] = Tombstones.Record,
        ["createSurveyRelease"] = Tombstones.SurveyRelease,
        ["closeSurveyVersion"] = Tombstones.SurveyRelease,
    };

    /// <summary>Kinds of entries that the command `retention` writes.</summary>
    private static readonly string[] OfRetention = [Tombstones.Person, Tombstones.Conversation, Tombstones.Invitation];

    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["createAnchorSite"] = Addition,
        ["putAnchorSites"] = Content,
        ["replaceAnchorSite"] = Content,
        ["changeAnchorSite"] = Content,
        ["confirmAnchorSite"] = Again,
        ["createConfirmLink"] = Addition,
        ["answerConfirmation"] = "A confirm link is good for several answers; what it proposed is lost with the restore and can be proposed again.",
        ["decideProposal"] = "A decided proposal is open again, and an editor decides again; it is never public by itself.",
        ["addCode"] = Addition,
        ["replaceCode"] = Content,
        ["changeCode"] = Content,
        ["retireCode"] = Again,
        ["restoreCode"] = Again,
        ["createSource"] = Addition,
        ["replaceSource"] = Content,
        ["changeSource"] = Content,
        ["createTypology"] = Addition,
        ["replaceTypology"] = Content,
        ["deleteTypology"] = "Only drafts are deleted; a draft that is back is not public.",
        ["publishTypology"] = Addition,
        ["putMemberships"] = Content,
        ["createTypologyRun"] = Addition,
        ["cancelTypologyRun"] = "A run that is back is not computed and expires on its old day.",
        ["linkFindingPassage"] = Content,
        ["unlinkFindingPassage"] = "The passage stays released; a finding that quotes it again is ordinary content.",
        ["linkFindingComputation"] = Content,
        ["unlinkFindingComputation"] = Content,
        ["rateFinding"] = Content,
        ["createFinding"] = Addition,
        ["replaceFinding"] = Content,
        ["createRecommendation"] = Addition,
        ["replaceRecommendation"] = Content,
        ["createInterviewReleaseLink"] = Addition,
        ["createFocusGroupReleaseLink"] = Addition,
        ["createInterview"] = Addition,
        ["putInterviewTranscript"] = Addition,
        ["createInterviewPassage"] = Addition,
        ["putInterviewValidation"] = Content,
        ["deleteInterviewValidation"] = Again,
        ["createFocusGroup"] = Addition,
        ["putFocusGroupTranscript"] = Addition,
        ["createFocusGroupPassage"] = Addition,
        ["putFocusGroupValidation"] = Content,
        ["deleteFocusGroupValidation"] = Again,
        ["submitPassage"] = Again,
        ["releasePassage"] = Addition,
        ["addQualitativeCode"] = Addition,
        ["replaceQualitativeCode"] = Content,
        ["retireQualitativeCode"] = Again,
        ["addCoding"] = Addition,
        ["deleteCoding"] = "Only researchers see codings, and a coder can take it back again. Codings of erased words go with the erasure.",
        ["importRefiCodebook"] = Content,
        ["createPerson"] = Addition,
        ["giveConsent"] = "A consent that is lost must be given again; until then less is shown, not more.",
        ["createDataSubjectRequest"] = Addition,
        ["changeDataSubjectRequest"] = "A closed request is open again and due; what was done for it has entries of its own.",
        ["createAssessment"] = Addition,
        ["createSurvey"] = Addition,
        ["changeSurvey"] = Content,
        ["createSurveyVersion"] = Addition,
        ["replaceSurveyVersion"] = "Only drafts are replaced.",
        ["publishSurveyVersion"] = Addition,
        ["createResponse"] = Addition,
        ["postResponses"] = Addition,
        ["putResponse"] = "The respondent sees the earlier answers and can put them right again; deleting them has an entry.",
        ["reviewResponse"] = Again,
        ["proposeFromResponse"] = Addition,
        ["createInvitation"] = "An invitation that was used is unused again, because its response is lost: whoever was invited may answer again.",
        ["createApiKey"] = Addition,
    };

    private readonly OutlivingFile file = new();

    [Fact]
    public void Every_operation_that_changes_something_is_in_the_journal_or_has_a_reason()
    {
        var operations = ContractDocument.Operations.Where(operation => operation.Method is not ("get" or "head"))
            .Select(operation => operation.Operation.OperationId).ToList();

        Assert.Equal(operations.Order(StringComparer.Ordinal), Kinds.Keys.Concat(Reasons.Keys).Order(StringComparer.Ordinal));
        var known = typeof(Tombstones).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(known.Order(StringComparer.Ordinal), Kinds.Values.Concat(OfRetention).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_done_after_a_backup_still_holds_when_the_backup_is_restored()
    {
        const string Wrong = "falsch@example.org";
        string key, invitation, link, release, talk, person, restricted, lifted, assessment;
        string keyId, invitationId, linkId, published;
        using (var api = file.StartNew())
        {
            var (officer, researcher, editor, admin) = (
                api.As("privacy-officer"), api.As("researcher", "owner-r"), api.As("editor"), api.As("admin"));
            talk = Talks.Add(
                api, passages: [("p-anna", "Das war 2021.", "under-review"), ("p-bert", "Wir waren skeptisch.", "under-review"),
                ("p-anna", "Heute ist es voll.", "under-review")]);
            async Task<string> AddPersonAsync(string name, string? email = null) => "/v1/persons/"
                + (await officer.SendAsync("POST", "/v1/persons", new { name, email, phone = "0364", deleteAfter = "2099-01-01" })
                .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
            person = await AddPersonAsync("Anna Falsch", Wrong);
            restricted = await AddPersonAsync("Bert");
            lifted = await AddPersonAsync("Cora");
            await officer.SendAsync("PUT", lifted + "/restriction", new { restricted = true }).ShouldBeAsync(HttpStatusCode.OK);
            var madeKey = await admin.SendAsync("POST", "/v1/api-keys", new { label = "verloren", roles = new[] { "researcher" } })
                .ShouldBeAsync(HttpStatusCode.Created);
            (key, keyId) = (madeKey.GetProperty("key").GetString()!, madeKey.GetProperty("id").GetString()!);
            var invited = await researcher.SendAsync("POST", "/v1/surveys/umsetzende-kommunen/invitations", new { })
                .ShouldBeAsync(HttpStatusCode.Created);
            (invitation, invitationId) = (invited.GetProperty("token").GetString()!, invited.GetProperty("id").GetString()!);
            var confirm = await editor.SendAsync("POST", "/v1/anchor-sites/probierladen-jena/confirm-links", new { })
                .ShouldBeAsync(HttpStatusCode.Created);
            (link, linkId) = (confirm.GetProperty("token").GetString()!, confirm.GetProperty("id").GetString()!);
            release = (await researcher.SendAsync("POST", $"/v1/focus-groups/{talk}/release-links", new { pseudonym = "p-anna" })
                .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!;
            assessment = (
                await api.Client.SendAsync("POST", "/v1/assessments", new { answers = new { goals = new[] { "inclusion" } } })
                .ShouldBeAsync(HttpStatusCode.Created)).GetRawText();
            await api.PostAcceptedAsync(0, 20);
            file.Backup();

            await api.ReleaseAsync();
            published = await api.Client.GetStringAsync("/v1/surveys/umsetzende-kommunen/releases/1?by=state");
            var hash = Redaction.Hash(Talks.Text);
            await officer.SendAsync(
                "PATCH", person, new { name = "Anna Richtig", email = "richtig@example.org", legalHold = true }, ifMatch: "*",
                mediaType: "application/merge-patch+json").ShouldBeAsync(HttpStatusCode.OK);
            await officer.SendAsync("PUT", restricted + "/restriction", new { restricted = true }).ShouldBeAsync(HttpStatusCode.OK);
            await officer.SendAsync("PUT", lifted + "/restriction", new { restricted = false }).ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(HttpStatusCode.NoContent, (await admin.SendAsync("DELETE", "/v1/api-keys/" + keyId)).StatusCode);
            Assert.Equal(
                HttpStatusCode.NoContent,
                (await researcher.SendAsync("DELETE", "/v1/surveys/umsetzende-kommunen/invitations/" + invitationId)).StatusCode);
            Assert.Equal(HttpStatusCode.NoContent, (await editor.SendAsync("DELETE", "/v1/confirm-links/" + linkId)).StatusCode);
            await api.With(release)
                .SendAsync("POST", "/v1/release",
                new { decisions = new[] { new { passage = talk + "-0", release = false, textSha256 = hash } } })
                .ShouldBeAsync(HttpStatusCode.OK);
            await api.As("releaser", "owner-l").SendAsync("POST", $"/v1/passages/{talk}-1/reject", new { textSha256 = hash })
                .ShouldBeAsync(HttpStatusCode.OK);
            using (var delete = new HttpRequestMessage(
                HttpMethod.Delete, "/v1/assessments/" + JsonDocument.Parse(assessment).RootElement.GetProperty("id").GetString()))
            {
                delete.Headers.Add("X-Delete-Token", JsonDocument.Parse(assessment).RootElement.GetProperty("deleteToken").GetString());
                Assert.Equal(HttpStatusCode.NoContent, (await api.Client.SendAsync(delete)).StatusCode);
            }

            // Content: a site, a finding and recommendations; one site came back before the restore.
            Assert.Equal(
                HttpStatusCode.NoContent,
                (await editor.SendAsync("DELETE", "/v1/anchor-sites/probierladen-jena", ifMatch: "*")).StatusCode);
            var kept = (await api.GetAsync("/v1/anchor-sites?limit=1")).Items()[0].GetProperty("id").GetString();
            Assert.Equal(HttpStatusCode.NoContent, (await editor.SendAsync("DELETE", "/v1/anchor-sites/" + kept, ifMatch: "*")).StatusCode);
            await editor.SendAsync("POST", $"/v1/anchor-sites/{kept}/restore").ShouldBeAsync(HttpStatusCode.OK);
            Assert.True((await editor.SendAsync("DELETE", "/v1/findings/f-problem-zuerst", ifMatch: "*")).IsSuccessStatusCode);
            await editor.SendAsync("POST", $"/v1/recommendations/{await RecommendationAsync(api)}/unpublish")
                .ShouldBeAsync(HttpStatusCode.OK);
        }

        // The journal names nothing of what was wrong, right or deleted.
        var journal = await File.ReadAllTextAsync(file.Path + ".erasures");
        Assert.All(new[] { "Anna", "example.org", "Das war", key, invitation, link, release },
            word => Assert.DoesNotContain(word, journal, StringComparison.Ordinal));
        var (unpublished, site) = await NamesAsync();

        file.Restore();
        using (var api = file.Start())
        {
            var (officer, researcher) = (api.As("privacy-officer"), api.As("researcher"));
            var rectified = await (await officer.GetAsync(person)).JsonAsync();
            Assert.DoesNotContain("Falsch", rectified.GetRawText(), StringComparison.OrdinalIgnoreCase);
            Assert.Equal(
                ("[rectified, enter again]", "0364", true),
                (rectified.GetProperty("name").GetString(), rectified.GetProperty("phone").GetString(), rectified.GetProperty("legalHold")
                .GetBoolean()));
            Assert.True((await (await officer.GetAsync(restricted)).JsonAsync()).GetProperty("restricted").GetBoolean());
            Assert.False((await (await officer.GetAsync(lifted)).JsonAsync()).GetProperty("restricted").GetBoolean());
            foreach (var (
                token, address) in new[] { (key, "/v1/codings"), (invitation, "/v1/surveys/umsetzende-kommunen/responses/x"),
                (link, "/v1/confirmation"), (release, "/v1/release") })
            {
                await (await api.With(token).GetAsync(address)).ShouldBeProblemAsync(401, "unauthorized");
            }

            Assert.Equal(["rejected", "rejected", "under-review"], Talks.Passages(api, talk).Select(passage => passage.State));
            await (await api.Client.GetAsync("/v1/assessments/" + JsonDocument.Parse(assessment).RootElement.GetProperty("id").GetString()))
                .ShouldBeProblemAsync(410, "gone");
            await (await api.Client.GetAsync("/v1/anchor-sites/probierladen-jena")).ShouldBeProblemAsync(410, "gone");
            Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/v1/anchor-sites/" + site)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/findings/f-problem-zuerst")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/recommendations/" + unpublished)).StatusCode);
            Assert.Equal(published, await api.Client.GetStringAsync("/v1/surveys/umsetzende-kommunen/releases/1?by=state"));
            // Which responses it counts is lost, so differences are compared by the published numbers alone.
            await api.PostAcceptedAsync(20, 4);
            await researcher.SendAsync("POST", "/v1/surveys/umsetzende-kommunen/releases").ShouldBeProblemAsync(409, "conflict");
            await api.PostAcceptedAsync(24, 1);
            Assert.Equal(2, (await api.ReleaseAsync()).GetProperty("release").GetProperty("number").GetInt32());
            Assert.DoesNotContain(Wrong, await Files.ReadAsync(api), StringComparison.Ordinal);
            var kinds = Talks.Read(api, connection => connection.Query<string>("select distinct kind from tombstones").ToHashSet());
            // Erasure, withdrawal, transcripts and responses are tested beside this one.
            Assert.Equal(
                Kinds.Values.Concat(OfRetention).Distinct()
                .Except([Tombstones.Person, Tombstones.Withdrawal, Tombstones.SurveyResponse, Tombstones.Conversation]).Order(),
                kinds.Order());
            Assert.True((await (await officer.GetAsync("/v1/audit-log/verification")).JsonAsync()).GetProperty("isIntact").GetBoolean());
            Assert.Empty(AnkerOrte.Api.Commands.IntegrityCheck.Run(file.Path));
        }
    }

    private async Task<(string Recommendation, string Site)> NamesAsync()
    {
        var entries = (await File.ReadAllLinesAsync(file.Path + ".erasures")).Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        string Find(string action) =>
            entries.Single(entry => entry.GetProperty("kind").GetString() == "record" && entry.GetProperty("reason").GetString() == action)
            .GetProperty("id").GetString()!.Split('/')[1];
        return (Find("unpublished"), Find("restored"));
    }

    private static async Task<string> RecommendationAsync(ApiFixture api) => (await api.GetAsync("/v1/recommendations?limit=1")).Items()[0]
        .GetProperty("id").GetString()!;

    public void Dispose() => file.Dispose();
}
