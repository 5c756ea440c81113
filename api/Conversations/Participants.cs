using AnkerOrte.Api.Access;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>Who takes part in a conversation, by pseudonym: what consents and rights hang on.</summary>
internal static class Participants
{
    public static Participant? Find(SqliteConnection connection, string conversation, string pseudonym) => connection.QuerySingleOrDefault<Participant>(
        """
        select c.project_id, c.held_on, c.kind,
               exists (select 1 from tombstones t, json_each(t.participants) e
                       where t.kind in ('person', 'conversation') and e.value ->> 'conversation' = c.id and e.value ->> 'pseudonym' = m.pseudonym) as is_erased
        from conversations c
        join conversation_participants m on m.conversation_id = c.id
        where c.id = @conversation and m.pseudonym = @pseudonym
        """, new { conversation, pseudonym });

    /// <summary>The same, as far as the key reaches.</summary>
    public static Participant? FindFor(SqliteConnection connection, Caller caller, string conversation, string pseudonym) =>
        Find(connection, conversation, pseudonym) is { } found && caller.May("project:" + found.ProjectId) ? found : null;
}

internal sealed record Participant
{
    public string? ProjectId { get; init; }
    public string? HeldOn { get; init; }
    public required string Kind { get; init; }
    public required bool IsErased { get; init; }
}
