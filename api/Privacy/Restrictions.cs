using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>A conversation in which somebody takes part whose data are restricted is for the privacy officer alone, in a focus group for all that was said.</summary>
internal static class Restrictions
{
    /// <summary>Brings conversations to what the vault says.</summary>
    public static WithdrawalConsequences Apply(SqliteConnection connection, Author author, IEnumerable<PersonPseudonym> participants)
    {
        var hidden = new List<string>();
        foreach (var id in participants.Select(participant => participant.Conversation).Distinct())
        {
            var restricted = connection.ExecuteScalar<bool>(
                """
                select exists (
                    select 1 from person_pseudonyms n join persons p on p.id = n.person_id
                    where n.conversation_id = @id and p.restricted = 1)
                """, new { id });
            var changed = connection.Execute("update conversations set restricted = @restricted where id = @id and restricted <> @restricted", new { id, restricted }) > 0;
            if (changed && restricted)
            {
                hidden.AddRange(connection.Query<string>("select id from passages where conversation_id = @id and state = 'released' order by id", new { id }));
            }
            else if (changed)
            {
                foreach (var shown in connection.Query<string>("select id from released_passages where conversation_id = @id order by id", new { id }).ToList())
                {
                    PassageQueries.Tell(connection, shown, author.At);
                }
            }
        }

        return PassageVisibility.Consequences(connection, author, hidden);
    }
}
