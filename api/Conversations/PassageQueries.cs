using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>
/// All SQL of passages. What is public is read from released_passages and views beside it; what keys read, from research_passages,
/// which has no words of those who have withdrawn their use.
/// </summary>
internal static class PassageQueries
{
    public static readonly RecordDescriptor Record = new(RecordKind.Passage, id => "/v1/passages/" + id)
    {
        Find = (connection, id) => RecordDescriptor.Write(FindPublic(connection, id)?.ToContract()),
    };

    private const string PublicColumns =
        """
        p.id, p.conversation_id, p.quote, p.released_at, c.kind, c.month,
        (select json_group_array(t.type order by t.type) from public_conversation_types t where t.conversation_id = p.conversation_id) as types,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by s.name, s.id) from public_conversation_sites s where s.conversation_id = p.conversation_id) as sites
        """;

    private const string Columns =
        """
        p.id, p.conversation_id, p.quote, p.released_at, p.state, p.start_at, p.end_at, p.pseudonym, p.text_sha256, p.author, c.kind, substr(c.held_on, 1, 7) as month,
        (select json_group_array(t.type order by t.type) from conversation_types t where t.conversation_id = c.id) as types,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by s.name, s.id)
         from conversation_sites x join anchor_sites s on s.id = x.site_id where x.conversation_id = c.id) as sites
        """;

    public static readonly ListSource PublicList = new()
    {
        Name = "passages",
        From = "released_passages p",
        UniqueKey = "p.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns =
        [
            Column.Of("id"), Column.Of("kind"), Column.Of("month"), Column.Of("types"), Column.Of("sites", "sites.id"), Column.Of("quote"), Column.Of("releasedAt"),
            Column.Of("self"), Column.Of("citation"),
        ],
        Items = window => window.Connection.Query<PassageRow>(
            $"""
            select {PublicColumns}, {window.Place} as place
            from released_passages p
            join public_conversations c on c.id = p.conversation_id
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!)),
    };

    public static readonly ListSource List = new()
    {
        Name = "conversation-passages",
        IsConfidential = true,
        From = "research_passages p",
        UniqueKey = "p.id",
        SortKeys = new Dictionary<string, SortKey> { ["start"] = new("p.start_at") },
        Columns = [],
        Items = window => window.Connection.Query<PassageRow>(
            $"""
            select {Columns}, {window.Place} as place
            from research_passages p
            join conversations c on c.id = p.conversation_id
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!)),
    };

    public static PassageRow? FindPublic(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<PassageRow>(
        $"select {PublicColumns} from released_passages p join public_conversations c on c.id = p.conversation_id where p.id = @id", new { id });

    /// <summary>In any state; whether the caller may see its conversation is for the caller to ask.</summary>
    public static PassageRow? Find(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<PassageRow>(
        $"select {Columns} from research_passages p join conversations c on c.id = p.conversation_id where p.id = @id", new { id });

    /// <summary>What somebody said that waits for a decision or was released already; never what others said.</summary>
    public static List<PassageRow> Own(SqliteConnection connection, string conversation, string pseudonym) => [.. connection.Query<PassageRow>(
        $"""
        select {Columns}
        from research_passages p
        join conversations c on c.id = p.conversation_id and c.restricted = 0
        where p.conversation_id = @conversation and p.pseudonym = @pseudonym and p.state in ('under-review', 'released')
        order by p.start_at, p.id
        """, new { conversation, pseudonym })];

    public static string? At(SqliteConnection connection, string conversation, PassageInput input) => connection.QueryFirstOrDefault<string>(
        """
        select id from passages
        where conversation_id = @conversation and start_at = @Start and end_at = @End and state not in ('withdrawn', 'erased')
        """, new { conversation, input.Start, input.End });

    public static void Add(SqliteConnection connection, string id, string conversation, PassageInput input, string? pseudonym, string sha256, string author) => connection.Execute(
        """
        insert into passages (id, conversation_id, start_at, end_at, quote, text_sha256, pseudonym, state, author)
        values (@id, @conversation, @Start, @End, @Quote, @sha256, @pseudonym, 'draft', @author)
        """, new { id, conversation, input.Start, input.End, input.Quote, sha256, pseudonym, author });

    public static void SetState(SqliteConnection connection, string id, string state, string? releaser, string at) => connection.Execute(
        "update passages set state = @state, released_by = @releaser, released_at = iif(@releaser is null, null, @at) where id = @id", new { id, state, releaser, at });

    /// <summary>For decisions that an older backup does not know.</summary>
    public static void RejectIfUndecided(SqliteConnection connection, IReadOnlyList<string> ids, string at)
    {
        foreach (var conversation in connection.Query<string>(
            "update passages set state = 'rejected' where id in @ids and state in ('draft', 'under-review') returning conversation_id",
                new { ids }).Distinct().ToList())
        {
            ConversationQueries.Settle(connection, conversation, at);
        }
    }

    /// <summary>Tells the public of a passage that it may see now.</summary>
    public static void Tell(SqliteConnection connection, string id, string at)
    {
        if (FindPublic(connection, id) is { } row)
        {
            SearchIndex.Put(connection, [new SearchEntry(RecordKind.Passage, id, row.Origin, row.Quote) { Text = [row.Quote] }]);
            Feed.Add(connection, RecordKind.Passage, id, "created", at);
        }
    }

    /// <summary>Passages show the site of their conversation, where that may be named.</summary>
    public static void Retell(SqliteConnection connection, string conversation, string at) => Feed.AddAll(
        connection, RecordKind.Passage, connection.Query<string>("select id from released_passages where conversation_id = @conversation order by id", new { conversation }).ToList(), "updated", at);

    /// <summary>Takes passages out of search and leaves a tombstone in the feed, where the public knew of them.</summary>
    public static void Untell(SqliteConnection connection, IReadOnlyList<string> ids, string at)
    {
        foreach (var id in connection.Query<string>("select key from search_entries where kind = 'passage' and key in @ids order by key", new { ids }).ToList())
        {
            SearchIndex.Remove(connection, RecordKind.Passage, id);
            Feed.Add(connection, RecordKind.Passage, id, "deleted", at);
        }

        foreach (var conversation in connection.Query<string>("select distinct conversation_id from passages where id in @ids", new { ids }).ToList())
        {
            ConversationQueries.Settle(connection, conversation, at);
        }
    }
}

internal sealed record PassageRow
{
    public required string Id { get; init; }
    public required string ConversationId { get; init; }
    public required string Quote { get; init; }
    public required string Kind { get; init; }
    public string? Month { get; init; }
    public string? ReleasedAt { get; init; }
    public required string Types { get; init; }
    public required string Sites { get; init; }

    /// <summary>Null where only what is public was read.</summary>
    public string? State { get; init; }

    public int? StartAt { get; init; }
    public int? EndAt { get; init; }
    public string? Pseudonym { get; init; }
    public string? TextSha256 { get; init; }
    public string? Author { get; init; }
    public string? Place { get; init; }

    public string Origin => Kind == "interview" ? "Aus einem Interview" : "Aus einer Fokusgruppe";

    public static string Path(string id) => "/v1/passages/" + id;

    public Passage ToContract() => new()
    {
        Id = Id,
        Kind = WireEnum.Read<ConversationKind>(Kind),
        Quote = Quote,
        Conversation = Addresses.Of(ConversationRow.PathOf(Kind, ConversationId)),
        Month = Month,
        Types = WireJson.Read<List<string>>(Types),
        Sites = References.Read<AnchorSiteReferenceRow, AnchorSiteReference>(Sites),
        ReleasedAt = Instant.ReadOptional(ReleasedAt),
        Citation = ReleasedAt is null ? null : Addresses.Cite(Origin, Path(Id), ReleasedAt[..4]),
        State = State is null ? null : WireEnum.Read<PassageState>(State),
        Start = StartAt,
        End = EndAt,
        Pseudonym = Pseudonym,
        TextSha256 = TextSha256,
        Self = Addresses.Of(Path(Id)),
    };
}
