using AnkerOrte.Api.Audit;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Invitations;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>
/// What has outlived its purpose: contacts after their end, transcripts ten years after the conversation if everybody in it
/// agreed to archiving, else with the project, secrets of invitations when their survey is closed, the audit log after
/// three years. A legal hold keeps what it concerns.
/// </summary>
internal static class Retention
{
    private const int ArchiveYears = 10;
    private const int LogYears = 3;

    /// <summary>What would be deleted.</summary>
    public static RetentionProtocol Plan(SqliteConnection connection, DateOnly today, DateOnly? projectEnd)
    {
        var entries = Persons(connection, today).Concat(Transcripts(connection, today, projectEnd)).Concat(Invitations(connection)).Concat(Log(connection, today)).ToList();
        return Protocol(today, entries, isDryRun: true);
    }

    /// <summary>Deletes it, in the transaction of the caller. Each deletion is in the audit log as well.</summary>
    public static RetentionProtocol Run(SqliteConnection connection, Author author, DateOnly? projectEnd)
    {
        SecureDelete.Enable(connection);
        var plan = Plan(connection, Days.Of(author.At), projectEnd);
        foreach (var entry in plan.Entries.Where(entry => entry.State == RetentionEntryState.Due))
        {
            Delete(connection, author, entry);
            entry.State = RetentionEntryState.Deleted;
        }

        return Protocol(plan.On, plan.Entries, isDryRun: false);
    }

    private static void Delete(SqliteConnection connection, Author author, RetentionEntry entry)
    {
        switch (entry.Kind)
        {
            case RetentionEntryKind.Person:
                // The contact only: what was said stays under its pseudonym for as long as was agreed.
                Erasure.Erase(connection, author, entry.Id, []);
                Tombstones.Add(connection, new Tombstone(Tombstones.Person, entry.Id, author.At, "retention"));
                Note("/v1/persons/" + entry.Id);
                break;
            case RetentionEntryKind.Transcript:
                Erasure.EraseTranscript(connection, entry.Id);
                Tombstones.Add(connection, new Tombstone(Tombstones.Conversation, entry.Id, author.At, "retention") { Participants = Of(connection, entry.Id) });
                Note("transcript " + entry.Id);
                break;
            case RetentionEntryKind.Invitation:
                InvitationQueries.DeleteSecret(connection, entry.Id, author.At);
                Note("invitation " + entry.Id);
                break;
            default:
                AuditPruning.Remove(connection, author, long.Parse(entry.Id, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }

        void Note(string what) => AuditLog.Add(connection, AuditEntry.Of(author, "retention", what) with { Reason = "retention" }, author.At);
    }

    private static IEnumerable<RetentionEntry> Persons(SqliteConnection connection, DateOnly today) =>
        PersonQueries.Ended(connection, Days.Write(today)).Select(row => Entry(RetentionEntryKind.Person, row.Id, Days.Read(row.DeleteAfter), row.IsHeld));

    private static IEnumerable<RetentionEntry> Transcripts(SqliteConnection connection, DateOnly today, DateOnly? projectEnd) =>
        from row in connection.Query<(string Id, string HeldOn, bool IsArchived)>(
            """
            select c.id, coalesce(c.held_on, '9999-12-31'),
                   not exists (select 1 from conversation_participants m
                               where m.conversation_id = c.id and not exists (
                                   select 1 from consents s
                                   where s.conversation_id = m.conversation_id and s.pseudonym = m.pseudonym and s.purpose = 'archiving' and s.withdrawn_at is null))
            from conversations c
            join transcripts t on t.conversation_id = c.id
            where not exists (select 1 from tombstones e where e.kind = 'conversation' and e.id = c.id)
            order by c.id
            """)
        let end = row.IsArchived ? Anniversary(row.HeldOn) : projectEnd
        where end < today
        select Entry(RetentionEntryKind.Transcript, row.Id, end.Value, PersonQueries.IsHeld(connection, row.Id));

    private static IEnumerable<RetentionEntry> Invitations(SqliteConnection connection) =>
        from row in connection.Query<(string Id, string ClosedAt)>(
            """
            select i.id, (select max(v.closed_at) from survey_versions v where v.survey = i.survey)
            from invitations i
            where i.token_hash not like 'deleted-%'
              and not exists (select 1 from survey_versions v where v.survey = i.survey and v.state <> 'closed')
              and exists (select 1 from survey_versions v where v.survey = i.survey)
            order by i.id
            """)
        select Entry(RetentionEntryKind.Invitation, row.Id, Days.Of(row.ClosedAt), isHeld: false);

    private static IEnumerable<RetentionEntry> Log(SqliteConnection connection, DateOnly today) =>
        AuditPruning.LastBefore(connection, Days.Write(today.AddYears(-LogYears))) is var (seq, at)
            ? [Entry(RetentionEntryKind.AuditLog, seq.ToString(System.Globalization.CultureInfo.InvariantCulture), Days.Of(at).AddYears(LogYears), isHeld: false)]
            : [];

    /// <summary>A day that is known to the month or year only counts from its end.</summary>
    private static DateOnly Anniversary(string heldOn) => heldOn.Length switch
    {
        4 => Days.Read(heldOn + "-12-31"),
        7 => Days.Read(heldOn + "-01").AddMonths(1).AddDays(-1),
        _ => Days.Read(heldOn[..10]),
    } is var day && day.Year > 9000 ? day : day.AddYears(ArchiveYears);

    private static List<PersonPseudonym> Of(SqliteConnection connection, string conversation) =>
        [.. connection.Query<string>("select pseudonym from conversation_participants where conversation_id = @conversation order by pseudonym", new { conversation })
            .Select(pseudonym => new PersonPseudonym { Conversation = conversation, Pseudonym = pseudonym })];

    private static RetentionEntry Entry(RetentionEntryKind kind, string id, DateOnly end, bool isHeld) =>
        new() { Kind = kind, Id = id, DeleteAfter = end, State = isHeld ? RetentionEntryState.Held : RetentionEntryState.Due };

    private static RetentionProtocol Protocol(DateOnly on, IReadOnlyList<RetentionEntry> entries, bool isDryRun) => new()
    {
        On = on,
        IsDryRun = isDryRun,
        Entries = entries,
        Counts = [.. Enum.GetValues<RetentionCountKind>().Select(kind => new RetentionCount
        {
            Kind = kind,
            Due = Count(entries, kind, RetentionEntryState.Due),
            Held = Count(entries, kind, RetentionEntryState.Held),
            Deleted = Count(entries, kind, RetentionEntryState.Deleted),
        })],
    };

    private static int Count(IReadOnlyList<RetentionEntry> entries, RetentionCountKind kind, RetentionEntryState state) =>
        entries.Count(entry => (int)entry.Kind == (int)kind && entry.State == state);
}
