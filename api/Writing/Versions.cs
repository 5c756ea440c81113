using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>Who wrote a version, as far as it is told: a role, never a person. The owner is kept for the four-eyes rule and not shown.</summary>
internal sealed record Author(string Role, string? Owner, string? Reason, string At)
{
    /// <summary>Role of what comes with the program.</summary>
    public const string Content = "content";

    /// <summary>Records that were told of as changed in this transaction because they show others: once is enough, also for ten thousand rows.</summary>
    public HashSet<(string Kind, string Key)> Touched { get; init; } = [];
}

/// <summary>Every version of every record that is written: added to, never changed.</summary>
internal static class Versions
{
    public static void Add(SqliteConnection connection, string kind, string key, string action, byte[]? record, Author author) => connection.Execute(
        """
        insert into versions (kind, key, version, action, at, role, owner, reason, record)
        values (@kind, @key, (select coalesce(max(version), 0) + 1 from versions where kind = @kind and key = @key), @action, @At, @Role, @Owner, @Reason, @record)
        """, new { kind, key, action, author.At, author.Role, author.Owner, author.Reason, record = record is null ? null : Encoding.UTF8.GetString(record) });

    /// <summary>What was written last; null if there is no version yet. A removed record is that before its removal.</summary>
    public static byte[]? Latest(SqliteConnection connection, string kind, string key) => connection.QueryFirstOrDefault<byte[]>(
        """
        select cast(record as blob)
        from versions
        where kind = @kind and key = @key and record is not null
        order by version desc
        limit 1
        """, new { kind, key });

    /// <summary>Keys of a kind whose last word is not the program's: what an editor has changed or removed stays.</summary>
    public static HashSet<string> Edited(SqliteConnection connection, string kind) => connection.Query<string>(
        """
        select v.key
        from versions v
        where v.kind = @kind and v.role <> 'content'
          and v.version = (select max(l.version) from versions l where l.kind = v.kind and l.key = v.key)
        """, new { kind }).ToHashSet();

    /// <summary>The history of one record, each version with what it changed.</summary>
    public static ListRequest History(string kind, string key, int? limit, string? cursor) => new(Source, new ListParameters(limit, cursor, null, null, null))
    {
        Filter = (_, _) =>
        {
            var filter = new Filter();
            filter.Add("record", "v.kind = @kind and v.key = @key", ("kind", kind), ("key", key));
            return filter;
        },
    };

    private static readonly ListSource Source = new()
    {
        Name = "history",
        From = "versions v",
        UniqueKey = "v.version",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns = [],
        Items = window => window.Connection.Query<VersionRow>(
            $"""
            select v.version, v.action, v.at, v.role, v.reason, v.record, {window.Place} as place,
                   (select b.record from versions b
                    where b.kind = v.kind and b.key = v.key and b.version < v.version and b.record is not null order by b.version desc limit 1) as before
            from versions v
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(Describe(row)), row.Place)),
    };

    private static HistoryEntry Describe(VersionRow row)
    {
        var record = Parse(row.Record);
        return new HistoryEntry
        {
            Version = (int)row.Version,
            Action = WireEnum.Read<HistoryEntryAction>(row.Action),
            At = Instant.Read(row.At),
            Role = row.Role,
            Reason = row.Reason,
            // Of the first version everything is new, and what was brought back is what it was.
            Changes = row.Action != "updated" ? [] : [.. JsonDiff.Compare(row.Before is null ? null : Parse(row.Before), record)],
            Record = record is { } written ? written.EnumerateObject().ToDictionary(member => member.Name, member => (object)member.Value) : null,
        };
    }

    private static JsonElement? Parse(string? json) => json is null ? null : JsonDocument.Parse(json).RootElement;

    private sealed record VersionRow
    {
        public required long Version { get; init; }
        public required string Action { get; init; }
        public required string At { get; init; }
        public required string Role { get; init; }
        public string? Reason { get; init; }
        public string? Record { get; init; }
        public string? Before { get; init; }
        public required string Place { get; init; }
    }
}
