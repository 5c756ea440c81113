using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.Audit;

internal static class AuditQueries
{
    public static readonly ListSource List = new()
    {
        Name = "audit-log",
        IsConfidential = true,
        From = "audit_log a",
        UniqueKey = "a.seq",
        SortKeys = new Dictionary<string, SortKey> { ["seq"] = new("a.seq") },
        Items = Items,
        Columns =
        [
            Column.Of("seq"), Column.Of("at"), Column.Of("actor"), Column.Of("role"), Column.Of("action"), Column.Of("object"),
            Column.Of("before"), Column.Of("after"), Column.Of("reason"), Column.Of("previousHash"), Column.Of("hash"),
        ],
    };

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<AuditRow>(
        $"""
        select {AuditRow.Columns}, {window.Place} as place
        from audit_log a
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!));
}

internal sealed record AuditRow
{
    public const string Columns = "a.seq, a.at, a.actor, a.role, a.action, a.object, a.before_hash, a.after_hash, a.reason, a.prev_hash, a.hash";

    public required long Seq { get; init; }
    public required string At { get; init; }
    public string? Actor { get; init; }
    public required string Role { get; init; }
    public required string Action { get; init; }
    public required string Object { get; init; }
    public string? BeforeHash { get; init; }
    public string? AfterHash { get; init; }
    public string? Reason { get; init; }
    public required string PrevHash { get; init; }
    public required string Hash { get; init; }
    public string? Place { get; init; }

    public AuditEntry Entry => new(Actor, Role, Action, Object) { Before = BeforeHash, After = AfterHash, Reason = Reason };

    public AuditLogEntry ToContract() => new()
    {
        Seq = Seq,
        At = Instant.Read(At),
        Actor = Actor,
        Role = Role,
        Action = Action,
        Object = Object,
        Before = BeforeHash,
        After = AfterHash,
        Reason = Reason,
        PreviousHash = PrevHash,
        Hash = Hash,
    };
}
