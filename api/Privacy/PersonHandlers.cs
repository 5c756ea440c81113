using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>What becomes of a person in the vault: added, put right, restricted.</summary>
internal static class PersonHandlers
{
    private static readonly Text Thing = new("Die Person", "person");

    public static IResult Create(Write write, PersonInput input, DateOnly? projectEnd)
    {
        var person = input with { DeleteAfter = input.DeleteAfter ?? projectEnd?.AddMonths(6) };
        if (person.DeleteAfter is null)
        {
            return Problems.Unprocessable([ProblemError.At("/deleteAfter", "missing", new(
                "Bis wann wird der Kontakt aufbewahrt? (Oder der Betreiber setzt Retention:ProjectEnd.)", "Until when is the contact kept? (Or the operator sets Retention:ProjectEnd.)"))]);
        }

        var id = Secret.Id("person");
        if (Check(write, person, id) is { } problem)
        {
            return problem;
        }

        PersonQueries.Put(write.Connection, id, person, write.At);
        return Done.Created(Document(write.Connection, id), PersonQueries.Path(id)) with { Subject = PersonQueries.Path(id) };
    }

    /// <param name="schema">What the result of the patch must fit as a whole.</param>
    public static IResult Patch(Write write, string id, JsonElement patch, Schema schema)
    {
        if (Find(write.Connection, write.Caller!, id, out var person) is { } absent)
        {
            return absent;
        }

        if (write.CheckIfMatch(WireJson.Write(person)) is { } stale)
        {
            return stale;
        }

        var before = new PersonInput
        {
            Name = person!.Name,
            Email = person.Email,
            Phone = person.Phone,
            Address = person.Address,
            Organisation = person.Organisation,
            Position = person.Position,
            Project = person.Project,
            Pseudonyms = person.Pseudonyms,
            DeleteAfter = person.DeleteAfter,
            LegalHold = person.LegalHold,
        };
        var merged = MergePatch.Apply(JsonNode.Parse(WireJson.Write(before)), patch).Deserialize<JsonElement>();
        var errors = Bodies.Check(schema, merged);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var input = merged.Deserialize<PersonInput>(WireJson.Options)!;
        input = input with { DeleteAfter = input.DeleteAfter ?? person.DeleteAfter };
        if (Check(write, input, id) is { } problem)
        {
            return problem;
        }

        // What was wrong leaves the file, and is not told again to who repeats an older request.
        SecureDelete.Enable(write.Connection);
        IdempotentRequest.Forget(write.Connection, PersonQueries.Path(id));
        PersonQueries.Put(write.Connection, id, input, write.At);
        Tombstones.Add(write.Connection, Rectification(before, input, id, write.At));
        if (person.Restricted)
        {
            Restrictions.Apply(write.Connection, write.Author, [.. person.Pseudonyms, .. input.Pseudonyms ?? []]);
        }

        return Done.Changed(Document(write.Connection, id)) with { Subject = PersonQueries.Path(id) };
    }

    /// <summary>Contact details and what they are called in a journal entry.</summary>
    private static readonly (string Name, Func<PersonInput, string?> Value)[] Details =
    [
        ("name", person => person.Name), ("email", person => person.Email), ("phone", person => person.Phone),
            ("address", person => person.Address),
        ("organisation", person => person.Organisation), ("position", person => person.Position),
    ];

    private static Tombstone Rectification(PersonInput before, PersonInput after, string id, string at) =>
        new(Tombstones.Rectification, id, at, "rectified")
        {
            Participants = [.. after.Pseudonyms ?? []],
            Details = new()
            {
                Fields = [.. Details.Where(detail => detail.Value(before) != detail.Value(after)).Select(detail => detail.Name)],
                Project = after.Project,
                LegalHold = after.LegalHold == true,
                DeleteAfter = Days.Write(after.DeleteAfter!.Value),
            },
        };

    /// <summary>
    /// Repeats a rectification on an older state. The right values are in no journal, so what was wrong is emptied, and the audit log
    /// names the person whose data must be entered again.
    /// </summary>
    public static void RepeatRectification(SqliteConnection connection, Author author, Tombstone entry)
    {
        if (PersonQueries.Find(connection, entry.Id) is not { } person || entry.Details is not { } details)
        {
            return;
        }

        string? Keep(string name, string? value) => details.Fields?.Contains(name) == true ? null : value;
        PersonQueries.Put(connection, entry.Id, new PersonInput
        {
            Name = Keep("name", person.Name) ?? Emptied,
            Email = Keep("email", person.Email),
            Phone = Keep("phone", person.Phone),
            Address = Keep("address", person.Address),
            Organisation = Keep("organisation", person.Organisation),
            Position = Keep("position", person.Position),
            Project = details.Project is { } project && HasProject(connection, project) ? project : person.Project,
            Pseudonyms = [.. entry.Participants.Where(known =>
                Participants.Find(connection, known.Conversation, known.Pseudonym) is not null
                    && (PersonQueries.Owner(connection, known) ?? entry.Id) == entry.Id)],
            LegalHold = details.LegalHold,
            DeleteAfter = details.DeleteAfter is { } end ? Days.Read(end) : person.DeleteAfter,
        }, author.At);
        if (person.Restricted)
        {
            Restrictions.Apply(connection, author, [.. person.Pseudonyms, .. entry.Participants]);
        }
    }

    /// <summary>In the place of a name that was wrong in a restored backup.</summary>
    private const string Emptied = "[rectified, enter again]";

    /// <summary>A person that the key reaches; others do not exist for it. Whoever was erased is gone.</summary>
    public static IResult? Find(SqliteConnection connection, Caller caller, string id, out Person? person)
    {
        person = PersonQueries.Find(connection, id);
        if (person is not null && caller.May("project:" + person.Project))
        {
            return null;
        }

        var erased = person is null && caller.Scopes.Count == 0 ? Tombstones.ErasedAt(connection, id) : null;
        person = null;
        return erased is null ? Problems.NoSuch(Thing, id) : Problems.IsGone(Thing, id, erased);
    }

    private static bool HasProject(SqliteConnection connection, string project) =>
        connection.ExecuteScalar<bool>("select exists (select 1 from projects where id = @project)", new { project });

    private static byte[] Document(SqliteConnection connection, string id) => WireJson.Write(PersonQueries.Find(connection, id)!);

    private static IResult? Check(Write write, PersonInput input, string id)
    {
        if (!write.Caller!.May("project:" + input.Project))
        {
            return write.Caller.OutOfScope();
        }

        if (input.Project is { } project && !HasProject(write.Connection, project))
        {
            return Problems.Unprocessable([ProblemError.At("/project", "unknown-value", new($"Ein Projekt „{project}“ gibt es nicht.", $"There is no project \"{project}\"."))]);
        }

        var errors = new List<ProblemError>();
        var pseudonyms = input.Pseudonyms ?? [];
        for (var i = 0; i < pseudonyms.Count; i++)
        {
            var participant = pseudonyms[i];
            var (code, text) = (pseudonyms.Take(i).Contains(participant), Participants.FindFor(write.Connection, write.Caller, participant.Conversation, participant.Pseudonym), PersonQueries.Owner(write.Connection, participant)) switch
            {
                (true, _, _) => ("repeated", new Text("Steht schon in der Liste.", "Is in the list already.")),
                (_, null, _) => ("unknown-participant", new("Dieses Gespräch hat keine Person mit diesem Pseudonym.", "This conversation has nobody with this pseudonym.")),
                (_, { IsErased: true }, _) => ("erased", new("Wer dieses Pseudonym hatte, ist gelöscht.", "Whoever had this pseudonym was erased.")),
                (_, _, { } owner) when owner != id => ("taken", new("Dieses Pseudonym gehört zu einer anderen Person.", "This pseudonym belongs to another person.")),
                _ => (null, null!),
            };
            if (code is not null)
            {
                errors.Add(ProblemError.At($"/pseudonyms/{i}", code, text));
            }
        }

        return errors.Count > 0 ? Problems.Unprocessable(errors) : null;
    }
}
