using System.Text.Json;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Surveys;

/// <summary>From draft to published to closed: a published version never changes.</summary>
internal static class SurveyHandlers
{
    public static IResult Create(Write write, SurveyInput input)
    {
        if (!SurveyQueries.Add(write.Connection, input, write.At))
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At("/id", "taken", new("Die Kennung ist vergeben.", "The id is taken."))]);
        }

        return Done.Created(WireJson.Write(SurveyQueries.Find(write.Connection, input.Id, withDrafts: true)), "/v1/surveys/" + input.Id, tagged: false);
    }

    /// <param name="patch">A merge patch of the survey.</param>
    public static IResult Change(Write write, string survey, JsonElement patch, Contract contract)
    {
        if (SurveyQueries.Find(write.Connection, survey, withDrafts: true) is not { } before)
        {
            return SurveyVersions.NoSuch(survey);
        }

        if (write.CheckIfMatch(WireJson.Write(before)) is { } stale)
        {
            return stale;
        }

        var current = new SurveyInput
        {
            Id = before.Id,
            Title = new BilingualText { De = before.Title.De, En = before.Title.En! },
            Description = before.Description is { } text ? new BilingualText { De = text.De, En = text.En! } : null,
            AutoAccept = before.AutoAccept,
        };
        var merged = MergePatch.Apply(JsonSerializer.SerializeToNode(current, WireJson.Options), patch).Deserialize<JsonElement>();
        var errors = Bodies.Check(contract.Find("createSurvey")!.Bodies["application/json"]!, merged);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        SurveyQueries.Change(write.Connection, merged.Deserialize<SurveyInput>(WireJson.Options)!, write.At);
        var isPublic = before.State != SurveyState.Draft;
        if (isPublic)
        {
            Feed.Add(write.Connection, RecordKind.Survey, survey, "updated", write.At);
        }

        return Done.Changed(WireJson.Write(SurveyQueries.Find(write.Connection, survey, withDrafts: true))) with { IsPublic = isPublic };
    }

    public static IResult AddDraft(Write write, string survey, SurveyDraft draft)
    {
        if (SurveyQueries.Find(write.Connection, survey, withDrafts: true) is null)
        {
            return SurveyVersions.NoSuch(survey);
        }

        if (SurveyQueries.FindDraft(write.Connection, survey) is { } other)
        {
            return new Problem(
                Problems.Conflict, new($"Es gibt schon einen Entwurf: Version {other}.", $"There is a draft already: version {other}."));
        }

        if (draft.Errors.Count > 0)
        {
            return Problems.Unprocessable(draft.Errors);
        }

        var version = SurveyQueries.AddDraft(write.Connection, survey, draft.Definition, write.Caller!.Owner, write.At);
        var row = SurveyQueries.FindVersion(write.Connection, survey, version)!;
        return Done.Created(row.ToJson(), row.Path);
    }

    public static IResult ReplaceDraft(Write write, string survey, int version, SurveyDraft draft)
    {
        if (SurveyQueries.FindVersion(write.Connection, survey, version) is not { } row)
        {
            return NoSuchVersion(version);
        }

        if (row.State != "draft")
        {
            return new Problem(Problems.Conflict, new("Eine veröffentlichte Version ändert sich nie; einen neuen Entwurf schreiben.", "A published version never changes; write a new draft."));
        }

        if ((write.CheckIfMatch(row.ToJson()) ?? (draft.Errors.Count > 0 ? Problems.Unprocessable(draft.Errors) : null)) is { } problem)
        {
            return problem;
        }

        SurveyQueries.ReplaceDraft(write.Connection, survey, version, draft.Definition, write.At);
        return Answer(write, survey, version);
    }

    /// <param name="draft">What was checked before the transaction.</param>
    public static IResult Publish(Write write, string survey, int version, CheckedDraft draft)
    {
        if (SurveyQueries.FindVersion(write.Connection, survey, version) is not { } row)
        {
            return NoSuchVersion(version);
        }

        if (row.State != "draft")
        {
            return new Problem(Problems.Conflict, new("Die Version ist schon veröffentlicht.", "The version is published already."));
        }

        var published = SurveyQueries.CountPublished(write.Connection, survey);
        if (!row.Definition.AsSpan().SequenceEqual(draft.Definition) || published != draft.Published
            || !draft.Codes.SetEquals(SurveyQueries.Codes(write.Connection)))
        {
            return new Problem(Problems.Conflict, new(
                "Der Entwurf oder die Codes haben sich während der Prüfung geändert; noch einmal senden.",
                "The draft or the codes changed while they were checked; send the request again."));
        }

        if (draft.Errors.Count > 0)
        {
            return Problems.Unprocessable(draft.Errors);
        }

        SurveyQueries.Publish(write.Connection, survey, version, write.At);
        Tell(write.Connection, survey, published == 0 ? "created" : "updated", write.At);
        return Answer(write, survey, version);
    }

    public static IResult Close(Write write, string survey, int version)
    {
        if (SurveyQueries.FindVersion(write.Connection, survey, version) is not { } row)
        {
            return NoSuchVersion(version);
        }

        if (row.State != "published")
        {
            return new Problem(Problems.Conflict, new("Nur eine veröffentlichte Version kann geschlossen werden.", "Only a published version can be closed."));
        }

        SurveyQueries.Close(write.Connection, survey, version, write.At);
        Tell(write.Connection, survey, "updated", write.At);
        return Answer(write, survey, version);
    }

    /// <summary>A questionnaire that comes with the program, if the survey is not there yet.</summary>
    public static void PutShipped(SqliteConnection connection, string survey, byte[] definition, string at)
    {
        using var read = JsonDocument.Parse(definition);
        var title = read.RootElement.GetProperty("title").Deserialize<BilingualText>(WireJson.Options)!;
        if (SurveyQueries.Add(connection, new SurveyInput { Id = survey, Title = title }, at))
        {
            SurveyQueries.Publish(
                connection, survey, SurveyQueries.AddDraft(connection, survey, SurveyDraft.Text(read.RootElement), null, at), at);
            Tell(connection, survey, "created", at);
        }
    }

    public static IResult NoSuchVersion(int version) =>
        Problems.NoSuch(new("Die Version", "version"), version.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static void Tell(SqliteConnection connection, string survey, string action, string at)
    {
        SurveyQueries.Touch(connection, survey, at);
        Feed.Add(connection, RecordKind.Survey, survey, action, at);
    }

    private static Done Answer(Write write, string survey, int version) =>
        Done.Changed(SurveyQueries.FindVersion(write.Connection, survey, version)!.ToJson());
}

/// <summary>A definition that was sent, with its errors. It is checked before the transaction; publishing checks it again.</summary>
internal sealed record SurveyDraft(byte[] Definition, IReadOnlyList<ProblemError> Errors)
{
    public static Task<(SurveyDraft?, IResult?)> Read(Database.Database database, JsonElement definition)
    {
        using var connection = database.Open();
        var errors = new List<ProblemError>();
        QuestionnaireRules.Check(definition, SurveyQueries.Codes(connection), errors);
        return Task.FromResult<(SurveyDraft?, IResult?)>((new SurveyDraft(Text(definition), errors), null));
    }

    /// <summary>Without white space, and the members of its own first.</summary>
    public static byte[] Text(JsonElement definition) => JsonSerializer.SerializeToUtf8Bytes(definition, WireJson.Options);
}

/// <summary>A draft as it was checked for publishing, before the transaction: codes may have changed since it was written.</summary>
/// <param name="Definition">Of the draft; empty if there is no such draft.</param>
/// <param name="Codes">Of the codebook, as `SurveyQueries.Codes` gives them.</param>
/// <param name="Published">How many versions the draft was compared with.</param>
internal sealed record CheckedDraft(byte[] Definition, HashSet<string> Codes, int Published, IReadOnlyList<ProblemError> Errors)
{
    public static CheckedDraft Of(Database.Database database, SurveyVersions surveys, string survey, int version)
    {
        using var snapshot = database.Read();
        if (SurveyQueries.FindVersion(snapshot.Connection, survey, version) is not { State: "draft" } row)
        {
            return new([], [], 0, []);
        }

        using var definition = JsonDocument.Parse(row.Definition);
        var codes = SurveyQueries.Codes(snapshot.Connection);
        var published = surveys.Published(snapshot.Connection, survey);
        var errors = new List<ProblemError>();
        var draft = QuestionnaireRules.Check(definition.RootElement, codes, errors);
        return new(row.Definition, codes, published.Count, errors.Count > 0 ? errors
            : QuestionnaireCompatibility.Check(draft, published.Select(earlier => (earlier.Version, earlier.Definition))));
    }
}
