using System.Text;
using AnkerOrte.Api.Audit;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>All that is kept about one person, to take along or to read.</summary>
internal static class PersonExports
{
    public static PersonExport Collect(SqliteConnection connection, Person person, DateTimeOffset now) => new()
    {
        ExportedAt = now,
        Person = person,
        Consents = [.. person.Pseudonyms.SelectMany(known => ConsentQueries.Of(connection, known.Conversation, known.Pseudonym))],
        Conversations = [.. person.Pseudonyms.Select(known => Collect(connection, known))],
        Requests = RequestQueries.Of(connection, person.Id, Days.Of(Instant.Write(now))),
        Log = [.. Paths(person).SelectMany(path => connection.Query<AuditRow>(
            $"""
            select {AuditRow.Columns}
            from audit_log a
            where a.object = @path or (a.object >= @path || '/' and a.object < @path || '0')
            """, new { path })).OrderBy(row => row.Seq).Select(row => row.ToContract())],
    };

    /// <summary>Addresses under which the person is, and what they said.</summary>
    private static IEnumerable<string> Paths(Person person) => person.Pseudonyms.Select(known => known.Conversation).Distinct()
        .SelectMany(conversation => new[] { "/v1/interviews/" + conversation, "/v1/focus-groups/" + conversation }).Prepend(PersonQueries.Path(person.Id));

    private static ExportedConversation Collect(SqliteConnection connection, PersonPseudonym known)
    {
        var (kind, heldOn, text) = connection.QuerySingle<(string, string?, string?)>(
            """
            select c.kind, c.held_on, t.text
            from conversations c
            left join transcripts t on t.conversation_id = c.id
            where c.id = @Conversation
            """, known);
        // Passages may reach into what others said; those who have withdrawn the use of their words do not appear in another person's
        // export.
        var own = text is null
            ? null
            : Transcripts.Withdrawn(connection, known.Conversation).Where(pseudonym => pseudonym != known.Pseudonym)
                .Aggregate(text, Redaction.Turns);
        return new ExportedConversation
        {
            Conversation = known.Conversation,
            Pseudonym = known.Pseudonym,
            Kind = kind,
            HeldOn = heldOn,
            Turns = own is null ? [] : Redaction.Said(own, known.Pseudonym) is { Count: > 0 } turns ? turns : kind == "interview" ? [own]
                : [],
            Passages = [.. connection.Query<(string Id, int Start, int End, string Quote, string State)>(
                "select id, start_at, end_at, quote, state from passages where conversation_id = @Conversation and pseudonym = @Pseudonym order by start_at, id", known)
                .Select(passage => new ExportedPassage
                {
                    Id = passage.Id,
                    Quote = own is not null && own != text && passage.Quote.Length > 0 ? Redaction.Part(own, passage.Start, passage.End)
                        ?? "" : passage.Quote,
                    State = passage.State,
                })],
        };
    }

    public static string ToMarkdown(PersonExport export, bool german)
    {
        var page = new StringBuilder();
        var person = export.Person;
        string Say(string de, string en) => german ? de : en;
        void Line(string text) => page.Append(text).Append('\n');
        void Heading(string de, string en) => Line($"\n## {Say(de, en)}\n");
        Line($"# {Say("Was über Sie gespeichert ist", "What is kept about you")}\n");
        Line(Say("Stand", "As of") + " " + Instant.Write(export.ExportedAt));
        Heading("Kontakt", "Contact");
        foreach (var (name, value) in new[]
        {
            (Say("Name", "Name"), person.Name), ("E-Mail", person.Email), (Say("Telefon", "Phone"), person.Phone), (Say("Anschrift", "Address"), person.Address),
            (Say("Organisation", "Organisation"), person.Organisation), (Say("Funktion", "Position"), person.Position), (Say("Projekt", "Project"), person.Project),
            (Say("Aufbewahrt bis", "Kept until"), Days.Write(person.DeleteAfter)),
            (Say("Eingeschränkt", "Restricted"), person.Restricted ? Say("ja", "yes") : Say("nein", "no")),
            (Say("Rechtliche Sperre", "Legal hold"), person.LegalHold ? Say("ja", "yes") : Say("nein", "no")),
        }.Where(row => row.Item2 is not null))
        {
            Line($"- {name}: {Escape(value!)}");
        }

        Heading("Einwilligungen", "Consents");
        foreach (var consent in export.Consents)
        {
            var end = consent.WithdrawnOn is { } on ? Say(", widerrufen am ", ", withdrawn on ") + Days.Write(on) : "";
            Line($"- {consent.Conversation}, {WireEnum.Write(consent.Purpose)}: {Say("erteilt am", "given on")} {Days.Write(consent.GivenOn)} ({Escape(consent.TextVersion)}){end}");
        }

        foreach (var conversation in export.Conversations)
        {
            Heading($"Gespräch {conversation.Conversation} ({conversation.Pseudonym})", $"Conversation {conversation.Conversation} ({conversation.Pseudonym})");
            foreach (var turn in conversation.Turns)
            {
                Line(ShortQuote(turn) + "\n");
            }

            foreach (var passage in conversation.Passages)
            {
                Line($"{Say("Textstelle", "Passage")} {passage.Id} ({passage.State}):\n\n{ShortQuote(passage.Quote)}\n");
            }
        }

        Heading("Ihre Anliegen", "Your requests");
        foreach (var request in export.Requests)
        {
            Line($"- {WireEnum.Write(request.Kind)}, {Days.Write(request.ReceivedOn)}: {WireEnum.Write(request.State)}");
        }

        Heading("Zugriffe und Änderungen", "Accesses and changes");
        foreach (var entry in export.Log)
        {
            Line($"- {Instant.Write(entry.At)} {entry.Role}: {entry.Action}");
        }

        return page.ToString();
    }

    /// <summary>Text is text: nothing in it becomes a heading, a link or a picture.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text.ReplaceLineEndings(" "))
        {
            escaped.Append(@"\`*_{}[]()<>#+!|~&".Contains(character, StringComparison.Ordinal) ? "\\" : "").Append(character);
        }

        return escaped.ToString();
    }

    private static string ShortQuote(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => "> " + Escape(line)));
}
