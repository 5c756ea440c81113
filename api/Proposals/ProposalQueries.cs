using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Proposals;

/// <summary>Corrections that wait for an editor, and those that were decided.</summary>
internal static class ProposalQueries
{
    private const string Columns =
        """
        p.id, p.site_id, s.name as site_name, p.origin, p.evidence, p.patch, p.comment, p.state, p.reason, p.decided_changes, p.created_at, p.updated_at, p.decided_at,
        case when p.state = 'open' then
            (select v.record from versions v where v.kind = 'anchor-site' and v.key = p.site_id and v.record is not null order by v.version desc limit 1)
        end as current_record
        """;

    public static readonly ListSource List = new()
    {
        Name = "proposals",
        IsConfidential = true,
        From = "proposals p",
        UniqueKey = "p.id",
        SortKeys = new Dictionary<string, SortKey> { ["createdAt"] = new("p.created_at") },
        Columns = [],
        Items = Items,
    };

    /// <summary>Puts a correction before the editors; whoever calls this has checked it.</summary>
    /// <param name="originId">The link or response it came by; not shown.</param>
    /// <param name="evidence">Where an editor can read on.</param>
    /// <param name="patch">Merge patch of the site; null for a remark alone.</param>
    /// <returns>The id it was given.</returns>
    public static string Add(
        SqliteConnection connection, string siteId, ProposalOrigin origin, string originId, string? evidence, JsonElement? patch, string? comment, string at)
    {
        var id = Secret.Id("prop");
        connection.Execute(
            """
            insert into proposals (id, site_id, origin, origin_id, evidence, patch, comment, state, created_at, updated_at)
            values (@id, @siteId, @origin, @originId, @evidence, @patch, @comment, 'open', @at, @at)
            """, new { id, siteId, origin = WireEnum.Write(origin), originId, evidence, patch = patch?.GetRawText() ?? "{}", comment, at });
        return id;
    }

    public static ProposalRow? Find(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<ProposalRow>(
        $"""
        select {Columns}
        from proposals p
        join anchor_sites s on s.id = p.site_id
        where p.id = @id
        """, new { id });

    public static long CountOpen(SqliteConnection connection, string siteId, string originId) => connection.ExecuteScalar<long>(
        """
        select count(*)
        from proposals
        where site_id = @siteId and origin_id = @originId and state = 'open'
        """, new { siteId, originId });

    public static void Decide(SqliteConnection connection, string id, ProposalDecisionDecision decision, string? reason, byte[] changes, string at) => connection.Execute(
        """
        update proposals
        set state = @state, reason = @reason, decided_changes = @changes, decided_at = @at, updated_at = @at
        where id = @id
        """, new { id, state = WireEnum.Write(decision), reason, changes = System.Text.Encoding.UTF8.GetString(changes), at });

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<ProposalRow>(
        $"""
        select {Columns}, {window.Place} as place
        from proposals p
        join anchor_sites s on s.id = p.site_id
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(ProposalMapping.Compose(row)), row.Place!));
}
