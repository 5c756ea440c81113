using AnkerOrte.Api.Codings;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.RefiQda;

/// <summary>All SQL of the exported project: conversations that a key may read, their passages and codings.</summary>
internal static class RefiQdaQueries
{
    public static List<ConversationText> Conversations(SqliteConnection connection, IReadOnlyCollection<string> scopes, string? project, string? conversation)
    {
        var filter = new Filter();
        filter.Add("restricted", "c.restricted = 0 and c.state <> 'withdrawn'");
        filter.AddProjects(scopes);
        if (project is not null)
        {
            filter.Add("project", "c.project_id = @project", ("project", project));
        }

        if (conversation is not null)
        {
            filter.Add("conversation", "c.id = @conversation", ("conversation", conversation));
        }

        return [.. connection.Query<ConversationText>(
            $"""
            select c.id, c.kind, t.text, t.sha256
            from conversations c
            join transcripts t on t.conversation_id = c.id
            {filter.Where()}
            order by c.id
            """, filter.Parameters())];
    }

    public static List<CodedPassage> Passages(SqliteConnection connection, string conversation) => [.. connection.Query<CodedPassage>(
        """
        select id, start_at, end_at, text_sha256
        from research_passages
        where conversation_id = @conversation and is_usable = 1
        order by start_at, end_at, id
        """, new { conversation })];

    public static ILookup<string, CodingRow> Codings(SqliteConnection connection, string conversation) => connection.Query<CodingRow>(
        """
        select k.id, k.passage_id, k.code, k.codebook_version, k.coder, k.consensus, k.memo, k.created_at
        from codings k
        join passages p on p.id = k.passage_id
        where p.conversation_id = @conversation
        order by k.created_at, k.id
        """, new { conversation }).ToLookup(coding => coding.PassageId);
}

internal sealed record ConversationText
{
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public required string Text { get; init; }
    public required string Sha256 { get; init; }
}

internal sealed record CodedPassage
{
    public required string Id { get; init; }
    public required int StartAt { get; init; }
    public required int EndAt { get; init; }
    public required string TextSha256 { get; init; }
}
