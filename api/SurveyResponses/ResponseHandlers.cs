using System.Runtime.InteropServices;
using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Invitations;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>What becomes of a response that is posted, removed or reviewed.</summary>
internal sealed class ResponseHandlers(SurveyVersions surveys)
{
    private static readonly Text Thing = new("Die Antwort", "response");

    /// <summary>Posts, saves or replays a response; what the contract says of it is checked already.</summary>
    public IResult Put(Write write, string survey, string id, JsonElement body)
    {
        if (body.TryGetProperty("id", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() != id)
        {
            return Problems.Unprocessable([ProblemError.At("/id", "contradiction", new("Die Kennung steht in der Adresse.", "The id is that of the address."), id)]);
        }

        var versions = surveys.Published(write.Connection, survey);
        if (versions.Count == 0)
        {
            return SurveyVersions.NoSuch(survey);
        }

        var current = SurveyVersions.Current(write.Connection, survey);
        var (version, submit) = (body.GetProperty("version").GetInt32(), body.TryGetProperty("submit", out var said) && said.ValueKind == JsonValueKind.True);
        if (versions.FirstOrDefault(known => known.Version == version) is not { } questionnaire)
        {
            return WrongVersion(version, current);
        }

        using var rules = new AnswerRules(questionnaire, surveys.References(write.Connection));
        var errors = new List<ProblemError>();
        if (!rules.Check(JsonMarshal.GetRawUtf8Value(body.GetProperty("answers")), submit, exported: false, errors))
        {
            return Problems.Unprocessable(errors);
        }

        var state = !submit ? "draft" : SurveyQueries.AcceptsSubmitted(write.Connection, survey) ? "accepted" : "submitted";
        var sent = new ResponseRecord
        {
            Id = id,
            Survey = survey,
            Version = version,
            State = state,
            Answers = rules.Sheet.Normalised.ToArray(),
            Issues = ResponseQueries.Remarks(rules.Issues),
            Owner = write.Caller!.Owner,
            CreatedAt = write.At,
            UpdatedAt = write.At,
            SubmittedAt = submit ? write.At : null,
            ReviewedAt = state == "accepted" ? write.At : null,
        };
        return Store(write, sent, ResponseQueries.Find(write.Connection, survey, id), current);
    }

    public static IResult Remove(Write write, string survey, string id)
    {
        if (FindFor(write.Caller!, ResponseQueries.Find(write.Connection, survey, id)) is not { } response)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (write.CheckIfMatch(response.ToJson()) is { } stale)
        {
            return stale;
        }

        ResponseQueries.Erase(write.Connection, survey, id, write.At);
        return Done.Nothing();
    }

    public static IResult Review(Write write, string survey, string id, ResponseReview review)
    {
        if (FindFor(write.Caller!, ResponseQueries.Find(write.Connection, survey, id)) is not { } response)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (response.State == "draft")
        {
            return new Problem(Problems.Conflict, new("Die Antwort ist noch nicht eingereicht.", "The response is not submitted yet."));
        }

        if (review.Decision == ResponseReviewDecision.Rejected && review.Reason is null)
        {
            return Problems.Unprocessable([ProblemError.At("/reason", "missing", new("Ablehnen braucht einen Grund.", "Rejecting needs a reason."))]);
        }

        if (write.CheckIfMatch(response.ToJson()) is { } stale)
        {
            return stale;
        }

        var isReopened = review.Decision == ResponseReviewDecision.Reopened;
        var reviewed = response with
        {
            State = isReopened ? "draft" : WireEnum.Write(review.Decision),
            Issues = review.HasIssues switch { true => response.Issues ?? "[]", false => null, _ => response.Issues },
            Reason = review.Reason,
            ReviewedAt = write.At,
            SubmittedAt = isReopened ? null : response.SubmittedAt,
            UpdatedAt = write.At,
        };
        ResponseQueries.Review(write.Connection, reviewed);
        return Done.Changed(reviewed.ToJson()) with { Subject = reviewed.Evidence };
    }

    /// <summary>A response that the caller may see; another one does not exist for them, nor does a removed one.</summary>
    public static ResponseRecord? FindFor(Caller caller, ResponseRecord? response) =>
        response is { State: not "deleted" } && (caller.Roles.Contains(Roles.Researcher) || caller.Roles.Contains(Roles.PrivacyOfficer) || response.Owner == caller.Owner) ? response : null;

    public static IResult NoSuch(string id) => Problems.NoSuch(Thing, id);

    public static ProblemError WrongVersionError(int version, int? current) => ProblemError.At("/version", "wrong-version", current is null
        ? new($"Version {version} nimmt keine Antworten an; zurzeit ist keine Version offen.", $"Version {version} takes no responses; no version is open now.")
        : new($"Version {version} nimmt keine Antworten an. Aktuell ist Version {current}.", $"Version {version} takes no responses. Current is version {current}."),
        current?.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static IResult WrongVersion(int version, int? current) => Problems.Unprocessable([WrongVersionError(version, current)]);

    private static IResult Store(Write write, ResponseRecord sent, ResponseRecord? known, int? current)
    {
        if (known is not null && known.Owner != sent.Owner)
        {
            // That the id is taken cannot be hidden; by whom and for what is.
            return new Problem(Problems.Conflict, new("Die Kennung ist vergeben.", "The id is taken."));
        }

        if (known?.State == "deleted")
        {
            return new Problem(Problems.ResponseDeleted);
        }

        if (known?.Says((int)sent.Version, sent.State != "draft", sent.Answers) == true)
        {
            return Done.Changed(known.ToJson()) with { IsChange = false };
        }

        // With If-Match and no response there is nothing that the sender can have seen (RFC 9110, 13.1.1).
        if ((known is null ? CheckAbsent(write) : CheckReplacement(write, sent, known)) is { } refused)
        {
            return refused;
        }

        if (sent.Version != current)
        {
            return WrongVersion((int)sent.Version, current);
        }

        var invitation = write.Caller!.Roles.Contains(Roles.Invitation) ? write.Caller.Id : null;
        if (invitation is not null && !InvitationQueries.Use(write.Connection, invitation, sent.Id))
        {
            return new Problem(Problems.Conflict, new("Mit dieser Einladung wurde schon eine andere Antwort gegeben.", "Another response was given with this invitation already."));
        }

        // What the reviewer said stays with the draft, and falls away with the next submission.
        var stored = known is null ? sent
            : sent.State == "draft" ? sent with { CreatedAt = known.CreatedAt, Reason = known.Reason, ReviewedAt = known.ReviewedAt }
            : sent with { CreatedAt = known.CreatedAt };
        ResponseQueries.Put(write.Connection, stored, invitation);
        return (known is null ? Done.Created(stored.ToJson(), stored.Path) : Done.Changed(stored.ToJson())) with { Subject = stored.Evidence };
    }

    private static Problem? CheckAbsent(Write write) => write.Http.Request.Headers.IfMatch.Count == 0 ? null
        : new Problem(Problems.PreconditionFailed, new("Unter dieser Kennung gibt es noch keine Antwort.", "There is no response under this id yet."));

    /// <summary>Other content under the same id: only the sender's draft, and only on the version they have seen.</summary>
    private static IResult? CheckReplacement(Write write, ResponseRecord sent, ResponseRecord known)
    {
        var difference = Difference(known, sent);
        if (known.State != "draft")
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At(difference, "submitted", new(
                "Eingereicht ist etwas anderes; hier der erste Unterschied. Erst muss jemand aus der Forschung die Antwort wieder öffnen.",
                "Something else was submitted; this is the first difference. A researcher has to reopen the response first."))]);
        }

        if (write.Http.Request.Headers.IfMatch.Count > 0)
        {
            return write.CheckIfMatch(known.ToJson());
        }

        var (stored, offered) = (Answers.Hash(Addresses.Resolve(known.ToJson(), write.BaseAddress)), Answers.Hash(Addresses.Resolve(AsIf(sent, known).ToJson(), write.BaseAddress)));
        return new Problem(Problems.Conflict, null, [ProblemError.At(difference, "differs", new(
            $"Gespeichert ist etwas anderes (ETag \"{stored}\", gesendet \"{offered}\"); hier der erste Unterschied. Zum Ersetzen If-Match mit dem gespeicherten ETag senden.",
            $"Something else is stored (ETag \"{stored}\", sent \"{offered}\"); this is the first difference. To replace it, send If-Match with the stored ETag."), $"\"{stored}\"")]);
    }

    /// <summary>What was stored would be if this had been sent: the same request names the same tag each time.</summary>
    private static ResponseRecord AsIf(ResponseRecord sent, ResponseRecord known) =>
        known with { Version = sent.Version, State = sent.State, Answers = sent.Answers, Issues = sent.Issues };

    /// <summary>Where two responses differ first, as a pointer into the body.</summary>
    public static string Difference(ResponseRecord known, ResponseRecord sent)
    {
        if (known.Version != sent.Version)
        {
            return "/version";
        }

        using var before = JsonDocument.Parse(known.Answers);
        using var after = JsonDocument.Parse(sent.Answers);
        return JsonDiff.Compare(before.RootElement, after.RootElement, "/answers").FirstOrDefault()?.Pointer ?? "/submit";
    }
}
