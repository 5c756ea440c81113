using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>All SQL of conversations. What is public is read from views that cannot see the rest.</summary>
internal static class ConversationQueries
{
    private const string PublicColumns =
        """
        c.id, c.kind, c.month, c.released_passages,
        (select json_group_array(t.type order by t.type) from public_conversation_types t where t.conversation_id = c.id) as types,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by s.name, s.id) from public_conversation_sites s where s.conversation_id = c.id) as sites
        """;

    private const string Columns =
        """
        c.id, c.kind, substr(c.held_on, 1, 7) as month, c.state, c.project_id, c.held_on, c.guide_version, c.author,
        (select count(*) from released_passages p where p.conversation_id = c.id) as released_passages,
        (select count(*) from passages p where p.conversation_id = c.id) as passages,
        (select t.sha256 from transcripts t where t.conversation_id = c.id) as text_sha256,
        (select json_group_array(m.pseudonym order by m.pseudonym) from conversation_participants m where m.conversation_id = c.id) as participants,
        (select json_group_array(t.type order by t.type) from conversation_types t where t.conversation_id = c.id) as types,
        (select json_group_array(json_object('id', s.id, 'name', s.name) order by s.name, s.id)
         from conversation_sites x join anchor_sites s on s.id = x.site_id where x.conversation_id = c.id) as sites
        """;

    public static readonly ListSource PublicList = new()
    {
        Name = "conversations",
        From = "public_conversations c",
        UniqueKey = "c.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns = [],
        Items = window => window.Connection.Query<ConversationRow>(
            $"""
            select {PublicColumns}, {window.Place} as place
            from public_conversations c
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!)),
    };

    public static readonly ListSource List = new()
    {
        Name = "conversations",
        IsConfidential = true,
        From = "conversations c",
        UniqueKey = "c.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns = [],
        Items = window => window.Connection.Query<ConversationRow>(
            $"""
            select {Columns}, {window.Place} as place
            from conversations c
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!)),
    };

    /// <summary>What a key reaches: conversations of its projects, and those under restriction for the privacy officer alone.</summary>
    public static void AddReach(this Filter filter, Caller caller)
    {
        if (!caller.Roles.Contains(Roles.PrivacyOfficer))
        {
            filter.Add("restricted", "c.restricted = 0");
        }

        filter.AddProjects(caller.Scopes);
    }

    /// <summary>Conversations c of the projects that a key is limited to; of all for a key without scopes.</summary>
    public static void AddProjects(this Filter filter, IReadOnlyCollection<string> scopes)
    {
        if (scopes.Count > 0)
        {
            filter.Add("scope", "'project:' || c.project_id in @scopes", ("scopes", scopes));
        }
    }

    public static ConversationRow? FindPublic(SqliteConnection connection, string kind, string id) => connection.QuerySingleOrDefault<ConversationRow>(
        $"select {PublicColumns} from public_conversations c where c.id = @id and c.kind = @kind", new { id, kind });

    /// <summary>As far as the key reaches; null for all else, whether it exists or not.</summary>
    /// <param name="kind">Null: of either kind.</param>
    public static ConversationRow? Find(SqliteConnection connection, Caller caller, string? kind, string id)
    {
        var filter = new Filter();
        filter.Add("id", "c.id = @id", ("id", id));
        filter.AddReach(caller);
        if (kind is not null)
        {
            filter.Add("kind", "c.kind = @kind", ("kind", kind));
        }

        return connection.QuerySingleOrDefault<ConversationRow>(
            $"""
            select {Columns}
            from conversations c
            {filter.Where()}
            """, filter.Parameters());
    }

    public static void Add(SqliteConnection connection, string id, string kind, ConversationInput input, IReadOnlyList<string> participants, string author, string at)
    {
        connection.Execute(
            """
            insert into conversations (id, kind, project_id, state, held_on, guide_version, author, created_at, updated_at)
            values (@id, @kind, @Project, 'draft', @held, @GuideVersion, @author, @at, @at)
            """, new { id, kind, input.Project, held = Days.Write(input.HeldOn), input.GuideVersion, author, at });
        connection.Execute("insert into conversation_participants (conversation_id, pseudonym) values (@id, @pseudonym)", participants.Select(pseudonym => new { id, pseudonym }));
        connection.Execute("insert into conversation_sites (conversation_id, site_id) values (@id, @site)", (input.Sites ?? []).Distinct().Select(site => new { id, site }));
        connection.Execute("insert into conversation_types (conversation_id, type) values (@id, @type)", (input.Types ?? []).Distinct().Select(type => new { id, type }));
    }

    public static (string Text, string Sha256)? Text(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<(string, string)?>(
        "select text, sha256 from transcripts where conversation_id = @id", new { id });

    public static void AddText(SqliteConnection connection, string id, string text, string sha256, string at) => connection.Execute(
        """
        insert into transcripts (conversation_id, text, sha256) values (@id, @text, @sha256);
        update conversations set state = 'transcribed', updated_at = @at where id = @id;
        """, new { id, text, sha256, at });

    /// <summary>The state of a conversation follows from those of its passages.</summary>
    public static void Settle(SqliteConnection connection, string id, string at) => connection.Execute(
        """
        update conversations set updated_at = @at, state = (
            select case
                when sum(p.state = 'released') > 0 then iif(sum(p.state <> 'released') = 0, 'released', 'partly')
                when sum(p.state = 'under-review') > 0 then 'under-review'
                when sum(p.state = 'draft') > 0 or count(*) = 0 then 'transcribed'
                else 'rejected' end
            from passages p where p.conversation_id = @id)
        where id = @id and state <> 'withdrawn'
        """, new { id, at });
}

internal sealed record ConversationRow
{
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public string? Month { get; init; }
    public required int ReleasedPassages { get; init; }
    public required string Types { get; init; }
    public required string Sites { get; init; }

    /// <summary>Null where only what is public was read.</summary>
    public string? State { get; init; }

    public string? ProjectId { get; init; }
    public string? HeldOn { get; init; }
    public string? GuideVersion { get; init; }
    public string? Author { get; init; }
    public int? Passages { get; init; }
    public string? TextSha256 { get; init; }
    public string? Participants { get; init; }
    public string? Place { get; init; }

    public string Path => PathOf(Kind, Id);

    public static string PathOf(string kind, string id) => (kind == "interview" ? "/v1/interviews/" : "/v1/focus-groups/") + id;

    public Conversation ToContract() => new()
    {
        Id = Id,
        Kind = WireEnum.Read<ConversationKind>(Kind),
        Month = Month,
        ReleasedPassages = ReleasedPassages,
        Types = WireJson.Read<List<string>>(Types),
        Sites = References.Read<AnchorSiteReferenceRow, AnchorSiteReference>(Sites),
        State = State is null ? null : WireEnum.Read<ConversationState>(State),
        Project = ProjectId,
        HeldOn = Days.ReadOptional(HeldOn),
        GuideVersion = GuideVersion,
        Participants = Participants is null ? null : WireJson.Read<List<string>>(Participants),
        Passages = Passages,
        TextSha256 = TextSha256,
        Self = Addresses.Of(Path),
    };
}
