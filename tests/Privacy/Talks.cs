using AnkerOrte.Api.Conversations;
using Dapper;

namespace AnkerOrte.Tests.Privacy;

/// <summary>Conversations as they are after a transcript was loaded and passages were released.</summary>
internal static class Talks
{
    public const string Text = "M: Wie begann es?\np-anna: Mit einem Café 🎈 im Rathaus.\nDas war 2021.\np-bert: Wir waren skeptisch.\nM: Und heute?\np-anna: Heute ist es voll.";

    /// <summary>One conversation; each passage is (pseudonym, quote, state).</summary>
    public static string Add(ApiFixture api, string kind = "focus-group", string? project = "jena", string[]? participants = null, string text = Text, params (string Pseudonym, string Quote, string State)[] passages)
    {
        var id = "talk-" + Guid.NewGuid().ToString("N")[..12];
        api.Write(connection =>
        {
            connection.Execute("insert into conversations (id, kind, project_id, state, held_on, author) values (@id, @kind, @project, 'partly', '2026-03-01', 'owner-r')", new { id, kind, project });
            foreach (var pseudonym in participants ?? ["p-anna", "p-bert"])
            {
                connection.Execute("insert into conversation_participants (conversation_id, pseudonym) values (@id, @pseudonym)", new { id, pseudonym });
            }

            connection.Execute("insert into transcripts (conversation_id, text, sha256) values (@id, @text, @hash)", new { id, text, hash = Redaction.Hash(text) });
            foreach (var (index, (pseudonym, quote, state)) in passages.Index())
            {
                var start = text[..text.IndexOf(quote, StringComparison.Ordinal)].EnumerateRunes().Count();
                connection.Execute(
                    """
                    insert into passages (id, conversation_id, start_at, end_at, quote, text_sha256, pseudonym, state, author)
                    values (@passage, @id, @start, @end, @quote, @hash, @pseudonym, @state, 'owner-r')
                    """, new { passage = $"{id}-{index}", id, start, end = start + quote.EnumerateRunes().Count(), quote, hash = Redaction.Hash(text), pseudonym, state });
            }
        });
        return id;
    }

    public static List<(string State, string Quote)> Passages(ApiFixture api, string conversation) =>
        Read(api, connection => connection.Query<(string, string)>("select state, quote from passages where conversation_id = @conversation order by id", new { conversation }).ToList());

    /// <summary>What the public may see of a conversation.</summary>
    public static List<string> Public(ApiFixture api, string conversation) =>
        Read(api, connection => connection.Query<string>("select quote from released_passages where conversation_id = @conversation order by id", new { conversation }).ToList());

    public static T Read<T>(ApiFixture api, Func<Microsoft.Data.Sqlite.SqliteConnection, T> query)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False");
        return query(connection);
    }

    /// <summary>Gives consent to purposes.</summary>
    public static Task<JsonElement> GiveAsync(HttpClient client, string conversation, string pseudonym, params string[] purposes) =>
        client.SendAsync("POST", "/v1/consents", new { conversation, pseudonym, purposes, textVersion = "2026-11", on = "2026-02-01" }).ShouldBeAsync(HttpStatusCode.OK);
}
