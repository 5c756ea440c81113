using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>Which part of a transcript is somebody's: in an interview all of it, in a focus group the turns that bear the pseudonym.</summary>
internal static class Transcripts
{
    /// <summary>The text with what a participant said blacked out; null if there is no text.</summary>
    public static string? Without(SqliteConnection connection, string conversation, string pseudonym) =>
        connection.QuerySingleOrDefault<(string Kind, string Text)?>(
            """
            select c.kind, t.text
            from conversations c
            join transcripts t on t.conversation_id = c.id
            where c.id = @conversation
            """, new { conversation }) is var (kind, text) ? Without(kind, text, pseudonym) : null;

    /// <summary>The text as research may read it: what was said by those who have withdrawn its use is blacked out.</summary>
    public static string ForResearch(SqliteConnection connection, string conversation, string kind, string text) =>
        Withdrawn(connection, conversation).Aggregate(text, (left, pseudonym) => Without(kind, left, pseudonym));

    /// <summary>Pseudonyms of those who agreed to the use of their words and have withdrawn that.</summary>
    public static List<string> Withdrawn(SqliteConnection connection, string conversation) => [.. connection.Query<string>(
        """
        select m.pseudonym
        from conversation_participants m
        where m.conversation_id = @conversation
          and exists (select 1 from consents s where s.conversation_id = m.conversation_id and s.pseudonym = m.pseudonym and s.purpose = 'transcript-use')
          and not exists (
              select 1 from consents s
              where s.conversation_id = m.conversation_id and s.pseudonym = m.pseudonym and s.purpose = 'transcript-use' and s.withdrawn_at is null)
        """, new { conversation })];

    /// <summary>Passages of a participant, and passages of others that reach into what the participant said.</summary>
    public static List<string> PassagesOf(SqliteConnection connection, string conversation, string pseudonym)
    {
        var left = Without(connection, conversation, pseudonym);
        return [.. connection.Query<(string Id, int Start, int End, string Quote, string? Pseudonym)>(
            "select id, start_at, end_at, quote, pseudonym from passages where conversation_id = @conversation", new { conversation })
            .Where(passage => passage.Pseudonym == pseudonym || (left is not null && Redaction.Part(left, passage.Start, passage.End) != passage.Quote))
            .Select(passage => passage.Id)];
    }

    /// <summary>Whether a part of a text is, or reaches into, what a participant said.</summary>
    public static bool Says(SqliteConnection connection, string conversation, string pseudonym, int start, int end, string quote) =>
        Without(connection, conversation, pseudonym) is { } left && Redaction.Part(left, start, end) != quote;

    private static string Without(string kind, string text, string pseudonym) => kind == "interview" ? Redaction.Whole(text) : Redaction.Turns(text, pseudonym);
}
