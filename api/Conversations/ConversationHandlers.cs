using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>What may be done with a conversation and its passages, in which state, and by whom.</summary>
internal static class ConversationHandlers
{
    public static readonly Text Thing = new("Das Gespräch", "conversation");
    public static readonly Text Part = new("Die Textstelle", "passage");

    public static IResult Create(Write write, string kind, ConversationInput input)
    {
        var participants = input.Participants?.Distinct().ToList() ?? [.. Enumerable.Range(0, kind == "interview" ? 1 : 2).Select(_ => Secret.Id("p"))];
        var errors = new List<ProblemError>();
        if (kind == "interview" ? participants.Count > 5 : participants.Count < 2)
        {
            errors.Add(ProblemError.At("/participants", "participants", new("In einem Interview höchstens fünf, in einer Fokusgruppe mindestens zwei.", "In an interview five at most, in a focus group at least two.")));
        }

        if (input.HeldOn > Days.Of(write.At))
        {
            errors.Add(ProblemError.At("/heldOn", "future", new("Liegt in der Zukunft.", "Is in the future.")));
        }

        if (input.Project is { } project && !Known(write, "select id from projects where id = @value", project))
        {
            errors.Add(ProblemError.At("/project", "unknown", new($"Das Projekt {project} gibt es nicht.", $"There is no project {project}.")));
        }

        errors.AddRange((input.Sites ?? []).Index().Where(site => !Known(write, "select id from published_sites where id = @value", site.Item)).Select(site =>
            ProblemError.At($"/sites/{site.Index}", "unknown", new($"Den Ort {site.Item} gibt es nicht.", $"There is no site {site.Item}."))));
        errors.AddRange((input.Types ?? []).Index().Where(type => !Known(write, "select t.key from types t join current_typology v on v.version = t.typology where t.key = @value", type.Item)).Select(type =>
            ProblemError.At($"/types/{type.Index}", "unknown", new($"Den Typ {type.Item} gibt es nicht.", $"There is no type {type.Item}."))));
        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        if (!write.Caller!.May("project:" + input.Project))
        {
            return new Problem(Problems.Forbidden, new("Der Schlüssel ist auf andere Projekte beschränkt.", "The key is limited to other projects."));
        }

        var id = Secret.Id("talk");
        ConversationQueries.Add(write.Connection, id, kind, input, participants, write.Caller.Owner, write.At);
        var row = ConversationQueries.Find(write.Connection, write.Caller, kind, id)!;
        return Done.Created(WireJson.Write(row.ToContract()), row.Path, tagged: false);
    }

    /// <summary>Once: positions and releases are bound to it.</summary>
    public static IResult PutText(Write write, string kind, string id, TranscriptInput input)
    {
        if (ConversationQueries.Find(write.Connection, write.Caller!, kind, id) is not { } row)
        {
            return Problems.NoSuch(Thing, id);
        }

        var text = input.Text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var hash = Redaction.Hash(text);
        if (row.TextSha256 is null && row.State == "draft")
        {
            ConversationQueries.AddText(write.Connection, id, text, hash, write.At);
        }
        else if (row.TextSha256 != hash)
        {
            return new Problem(Problems.Conflict, new("Ein Transkript steht fest, sobald es gespeichert ist. Für einen anderen Text ein neues Gespräch anlegen.",
                "A transcript is final once it is stored. Record another conversation for another text."));
        }

        return Done.Changed(WireJson.Write(ConversationQueries.Find(write.Connection, write.Caller!, kind, id)!.ToContract())) with { IsTagged = false, IsChange = row.TextSha256 is null };
    }

    public static IResult AddPassage(Write write, string kind, string id, PassageInput input)
    {
        if (ConversationQueries.Find(write.Connection, write.Caller!, kind, id) is not { } row)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (row.State == "withdrawn" || ConversationQueries.Text(write.Connection, id) is not var (text, hash))
        {
            return new Problem(Problems.Conflict, new("Es gibt noch kein Transkript, oder das Gespräch ist widerrufen.", "There is no transcript yet, or the conversation is withdrawn."));
        }

        var participants = WireJson.Read<List<string>>(row.Participants!);
        var pseudonym = input.Pseudonym ?? (participants.Count == 1 ? participants[0] : null);
        var errors = PassagePosition.Check(Transcripts.ForResearch(write.Connection, id, kind, text), input);
        if (pseudonym is not null && !participants.Contains(pseudonym))
        {
            errors.Add(ProblemError.At("/pseudonym", "unknown", new("Nimmt an diesem Gespräch nicht teil.", "Does not take part in this conversation.")));
        }

        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        if (PassageQueries.At(write.Connection, id, input) is { } other)
        {
            return new Problem(Problems.Conflict, new($"Diese Stelle ist schon {PassageRow.Path(other)}.", $"This passage is {PassageRow.Path(other)} already."));
        }

        var passage = Secret.Id("passage");
        PassageQueries.Add(write.Connection, passage, id, input, pseudonym, hash, write.Caller!.Owner);
        ConversationQueries.Settle(write.Connection, id, write.At);
        return Done.Created(WireJson.Write(PassageQueries.Find(write.Connection, passage)!.ToContract()), PassageRow.Path(passage), tagged: false) with { Subject = PassageRow.Path(passage) };
    }

    /// <param name="state">What the passage becomes.</param>
    public static IResult Decide(Write write, string id, string state, PassageDecision input)
    {
        var connection = write.Connection;
        if (PassageQueries.Find(connection, id) is not { } passage || ConversationQueries.Find(connection, write.Caller!, null, passage.ConversationId) is not { } talk)
        {
            return Problems.NoSuch(Part, id);
        }

        if (passage.State != (state == "under-review" ? "draft" : "under-review"))
        {
            return new Problem(Problems.Conflict, new($"Die Textstelle ist im Zustand „{passage.State}“.", $"The passage is in the state `{passage.State}`."));
        }

        if (passage.TextSha256 != talk.TextSha256 || input.TextSha256 != talk.TextSha256)
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At("/textSha256", "text-changed", new(
                "Das Transkript ist inzwischen ein anderes. Bitte neu lesen und prüfen.", "The transcript is another by now. Read it again and check."))]);
        }

        if (state != "under-review" && (passage.Author == write.Caller!.Owner || talk.Author == write.Caller.Owner))
        {
            return new Problem(Problems.Forbidden, new("Wer das Gespräch aufgenommen oder die Stelle markiert hat, gibt sie nicht selbst frei (Vier-Augen-Prinzip).",
                "Who recorded the conversation or marked the passage does not decide on its release (four eyes)."));
        }

        if (state == "released" && Refusing(connection, passage).Count > 0)
        {
            return new Problem(Problems.Conflict, new("Es fehlt die Einwilligung in das Zitieren von jemandem, der hier spricht.", "Somebody who speaks here has not agreed to be quoted."));
        }

        PassageQueries.SetState(connection, id, state, state == "released" ? write.Caller!.Owner : null, write.At);
        ConversationQueries.Settle(connection, talk.Id, write.At);
        Validations.Publish(connection);
        if (state == "rejected")
        {
            Tombstones.Add(connection, new Tombstone(Tombstones.RejectedPassage, id, write.At, "rejected"));
        }

        if (state == "released")
        {
            PassageQueries.Tell(connection, id, write.At);
        }

        return Done.Changed(WireJson.Write(PassageQueries.Find(connection, id)!.ToContract())) with
        {
            IsTagged = false,
            IsPublic = state == "released",
            Subject = PassageRow.Path(id),
        };
    }

    /// <summary>Participants who speak in a passage, or may, and have not agreed to be quoted.</summary>
    public static List<string> Refusing(SqliteConnection connection, PassageRow passage) =>
        [.. connection.Query<string>("select pseudonym from conversation_participants where conversation_id = @ConversationId order by pseudonym", passage).Where(pseudonym =>
            (pseudonym == passage.Pseudonym || Transcripts.Says(connection, passage.ConversationId, pseudonym, passage.StartAt!.Value, passage.EndAt!.Value, passage.Quote))
            && !Consents.AllowQuotation(connection, passage.ConversationId, pseudonym))];

    private static bool Known(Write write, string sql, string value) => write.Connection.QueryFirstOrDefault<string>(sql, new { value }) is not null;
}
