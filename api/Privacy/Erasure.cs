using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>What was erased and in which transcripts.</summary>
internal sealed record Erased(WithdrawalConsequences Consequences, IReadOnlyList<string> Transcripts);

/// <summary>
/// Erases a person: the vault row goes, what they said is blacked out, consents end. Does the same
/// when a start repeats it on an older database, from the ids of the tombstone.
/// </summary>
internal static class Erasure
{
    public static Erased Erase(SqliteConnection connection, Author author, string person, IReadOnlyList<PersonPseudonym> participants)
    {
        SecureDelete.Enable(connection);
        var (consequences, transcripts) = (new List<WithdrawalConsequences>(), new List<string>());
        foreach (var (conversation, pseudonym) in participants.Select(participant => (participant.Conversation, participant.Pseudonym)))
        {
            ConsentQueries.Withdraw(connection, conversation, pseudonym, ConsentQueries.Standing(connection, conversation, pseudonym), author.At[..10], author.At);
            consequences.Add(PassageVisibility.Apply(connection, author, conversation, pseudonym, [Consents.TranscriptUse]));
            if (Replace(connection, conversation, Transcripts.Without(connection, conversation, pseudonym)))
            {
                transcripts.Add(conversation);
            }

            ErasePassages(connection, conversation, pseudonym);
            ForgetAnswers(connection, conversation);
        }

        PersonQueries.Remove(connection, person);
        IdempotentRequest.Forget(connection, PersonQueries.Path(person));
        Restrictions.Apply(connection, author, participants);
        return new(PassageVisibility.Join(consequences), [.. transcripts.Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>The text of a conversation, whoever spoke. What was released from it was published with consent and stays.</summary>
    public static void EraseTranscript(SqliteConnection connection, string conversation)
    {
        SecureDelete.Enable(connection);
        if (connection.QuerySingleOrDefault<string>("select text from transcripts where conversation_id = @conversation", new { conversation }) is not { } text)
        {
            return;
        }

        var black = Redaction.Whole(text);
        connection.Execute(
            """
            update transcripts set text = @black, sha256 = @after where conversation_id = @conversation;
            update passages set state = 'erased', quote = '' where conversation_id = @conversation and state <> 'released';
            update passages set text_sha256 = @after where conversation_id = @conversation and text_sha256 = @before;
            """, new { conversation, black, before = Redaction.Hash(text), after = Redaction.Hash(black) });
        ForgetAnswers(connection, conversation);
    }

    private static bool Replace(SqliteConnection connection, string conversation, string? black)
    {
        var text = connection.QuerySingleOrDefault<string>("select text from transcripts where conversation_id = @conversation", new { conversation });
        if (text is null || black is null || black == text)
        {
            return false;
        }

        var (before, after) = (Redaction.Hash(text), Redaction.Hash(black));
        connection.Execute("update transcripts set text = @black, sha256 = @after where conversation_id = @conversation", new { conversation, black, after });
        // What others said is where it was, so their passages are bound to the new text; where one reaches into what is black now, it is hidden.
        foreach (var (id, start, end, quote) in connection.Query<(string, int, int, string)>(
            "select id, start_at, end_at, quote from passages where conversation_id = @conversation and text_sha256 = @before", new { conversation, before }).ToList())
        {
            var left = Redaction.Part(black, start, end) ?? "";
            connection.Execute(
                """
                update passages set text_sha256 = @after, quote = @left, state = case when @left = @quote or state = 'erased' then state else 'withdrawn' end
                where id = @id
                """, new { id, after, left, quote });
        }

        return true;
    }

    private static void ErasePassages(SqliteConnection connection, string conversation, string pseudonym) => connection.Execute(
        """
        update passages set state = 'erased', quote = '' where conversation_id = @conversation and pseudonym = @pseudonym
        """, new { conversation, pseudonym });

    /// <summary>Answers that are kept for repetitions tell what stood there.</summary>
    private static void ForgetAnswers(SqliteConnection connection, string conversation)
    {
        foreach (var id in connection.Query<string>("select id from passages where conversation_id = @conversation and state in ('erased', 'withdrawn')", new { conversation }).ToList())
        {
            IdempotentRequest.Forget(connection, Conversations.PassageRow.Path(id));
        }
    }
}
