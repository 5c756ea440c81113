using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Changes;

/// <summary>Kinds of published records, as the feed and the history name them.</summary>
internal static class RecordKind
{
    public const string AnchorSite = "anchor-site";
    public const string Project = "project";
    public const string Municipality = "municipality";
    public const string Dimension = "dimension";
    public const string Source = "source";
    public const string Survey = "survey";
    public const string Typology = "typology";

    /// <summary>Of the typology that holds.</summary>
    public const string Type = "type";

    public const string Finding = "finding";
    public const string Recommendation = "recommendation";

    /// <summary>Of a conversation, once released.</summary>
    public const string Passage = "passage";

    /// <summary>Codes have a history of their own; in the feed they are part of their dimension.</summary>
    public const string Code = "code";

    public static string Path(string kind, string id) => kind switch
    {
        AnchorSite => "/v1/anchor-sites/" + id,
        Project => "/v1/projects/" + id,
        Municipality => "/v1/municipalities/" + id,
        Dimension => "/v1/codebook/" + id,
        Source => "/v1/sources/" + id,
        Survey => "/v1/surveys/" + id,
        Typology => "/v1/typologies/" + id,
        Type => "/v1/types/" + id,
        Finding => "/v1/findings/" + id,
        Recommendation => "/v1/recommendations/" + id,
        Passage => "/v1/passages/" + id,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>
/// Writes the change feed. Whatever changes the public answer of a record calls this in the same transaction; so the
/// order of the feed is that of the commits, and it has no gaps.
/// </summary>
internal static class Feed
{
    public static void Add(SqliteConnection connection, string kind, string key, string action, string at) => connection.Execute(
        """
        insert into changes (number, kind, key, action, at)
        values ((select coalesce(max(number), 0) + 1 from changes), @kind, @key, @action, @at)
        """, new { kind, key, action, at });

    public static void AddAll(SqliteConnection connection, string kind, IEnumerable<string> keys, string action, string at) => connection.Execute(
        """
        insert into changes (number, kind, key, action, at)
        select last.number + 1 + k.key, @kind, k.value, @action, @at
        from (select coalesce(max(number), 0) as number from changes) last
        cross join json_each(@keys) k
        order by k.key
        """, new { kind, keys = JsonSerializer.Serialize(keys), action, at });

    /// <summary>A record that shows something else which has changed: it is as new as that.</summary>
    public static void Touch(SqliteConnection connection, string kind, string key, string at)
    {
        connection.Execute(kind switch
        {
            RecordKind.AnchorSite => "update anchor_sites set updated_at = @at where id = @key",
            RecordKind.Project => "update projects set updated_at = @at where id = @key",
            RecordKind.Municipality => "update municipalities set updated_at = @at where ags = @key",
            RecordKind.Dimension => "update dimensions set updated_at = @at where key = @key",
            RecordKind.Finding => "update findings set updated_at = @at where id = @key",
            RecordKind.Recommendation => "update recommendations set updated_at = @at where id = @key",
            RecordKind.Source => "update sources set updated_at = @at where id = @key",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        }, new { key, at });
        Add(connection, kind, key, "updated", at);
    }
}
