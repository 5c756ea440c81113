using AnkerOrte.Api.Access;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Codings;

/// <summary>All SQL of codings. Each statement leaves out withdrawn data and conversations that the key may not read.</summary>
internal static class CodingQueries
{
    private const string Columns = "k.id, k.passage_id, p.conversation_id, k.code, k.codebook_version, k.coder, k.consensus, k.memo, k.created_at";
    private const string From = "codings k join research_passages p on p.id = k.passage_id join conversations c on c.id = p.conversation_id";

    public static readonly ListSource List = new()
    {
        Name = "codings",
        IsConfidential = true,
        From = From,
        UniqueKey = "k.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Items = window => window.Connection.Query<CodingRow>(
            $"""
            select {Columns}, {window.Place} as place
            from {From}
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!)),
        Columns =
        [
            Column.Of("id"), Column.Of("passage"), Column.Of("conversation"), Column.Of("code"), Column.Of("codebookVersion"), Column.Of("coder"),
            Column.Of("consensus"), Column.Of("memo"), Column.Of("createdAt"),
        ],
    };

    /// <summary>The conversations that a key may read, and their passages that can still be used.</summary>
    public static Filter Reach(IReadOnlyCollection<string> scopes)
    {
        var filter = new Filter();
        filter.Add("restricted", "c.restricted = 0 and c.state <> 'withdrawn' and p.is_usable = 1");
        filter.AddProjects(scopes);
        return filter;
    }

    public static CodingRow? Find(SqliteConnection connection, IReadOnlyCollection<string> scopes, string id)
    {
        var filter = Reach(scopes);
        filter.Add("id", "k.id = @id", ("id", id));
        return connection.QuerySingleOrDefault<CodingRow>(
            $"""
            select {Columns}
            from {From}
            {filter.Where()}
            """, filter.Parameters());
    }

    /// <summary>The state of a passage that a key may read, even if the passage can no longer be used.</summary>
    public static string? PassageState(SqliteConnection connection, IReadOnlyCollection<string> scopes, string id)
    {
        var filter = new Filter();
        filter.Add("id", "p.id = @id and c.restricted = 0", ("id", id));
        filter.AddProjects(scopes);

        return connection.QuerySingleOrDefault<string>(
            $"""
            select case when p.is_usable = 1 or p.state = 'erased' then p.state else 'withdrawn' end
            from research_passages p
            join conversations c on c.id = p.conversation_id
            {filter.Where()}
            """, filter.Parameters());
    }

    /// <summary>The codes of a passage by one coder, or by consensus, which any coder may have recorded.</summary>
    public static List<string?> CodesOf(SqliteConnection connection, string passage, string coder, bool consensus) => [.. connection.Query<string?>(
        consensus
            ? "select code from codings where passage_id = @passage and consensus = 1"
            : "select code from codings where passage_id = @passage and coder = @coder and consensus = 0", new { passage, coder })];

    /// <summary>All codings by single coders in a selection, without consensus.</summary>
    public static List<CodingRow> All(SqliteConnection connection, Filter filter) => [.. connection.Query<CodingRow>(
        $"""
        select {Columns}
        from {From}
        {filter.Where(and: "k.consensus = 0")}
        order by p.conversation_id, p.start_at, p.id, k.coder, k.id
        """, filter.Parameters())];

    /// <summary>The codes of each coded interview, by date and id.</summary>
    public static List<(string Conversation, string? Code)> ByInterview(SqliteConnection connection, Filter filter) => [.. connection.Query<(string, string?)>(
        $"""
        select distinct c.id, k.code
        from {From}
        {filter.Where(and: "c.kind = 'interview'")}
        order by c.held_on is null, c.held_on, c.id, k.code
        """, filter.Parameters())];

    public static string Label(SqliteConnection connection, string owner)
    {
        connection.Execute("insert into coders (owner, label) values (@owner, @label) on conflict (owner) do nothing", new { owner, label = Secret.Id("coder") });
        return FindLabel(connection, owner)!;
    }

    public static string? FindLabel(SqliteConnection connection, string owner) =>
        connection.QuerySingleOrDefault<string>("select label from coders where owner = @owner", new { owner });

    public static void Add(SqliteConnection connection, CodingRow row) => connection.Execute(
        """
        insert into codings (id, passage_id, code, codebook_version, coder, consensus, memo, created_at)
        values (@Id, @PassageId, @Code, @CodebookVersion, @Coder, @Consensus, @Memo, @CreatedAt)
        """, new { row.Id, row.PassageId, row.Code, row.CodebookVersion, row.Coder, row.Consensus, row.Memo, row.CreatedAt });

    public static void Delete(SqliteConnection connection, string id) => connection.Execute("delete from codings where id = @id", new { id });
}

internal sealed record CodingRow
{
    public required string Id { get; init; }
    public required string PassageId { get; init; }
    public string ConversationId { get; init; } = "";
    public string? Code { get; init; }
    public required int CodebookVersion { get; init; }
    public required string Coder { get; init; }
    public bool Consensus { get; init; }
    public string? Memo { get; init; }
    public required string CreatedAt { get; init; }
    public string? Place { get; init; }

    public Coding ToContract() => new()
    {
        Id = Id,
        Passage = PassageId,
        Conversation = ConversationId,
        Code = Code,
        CodebookVersion = CodebookVersion,
        Coder = Coder,
        Consensus = Consensus,
        Memo = Memo,
        CreatedAt = Instant.Read(CreatedAt),
        Self = Addresses.Of("/v1/codings/" + Id),
    };
}
