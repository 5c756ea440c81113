using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>That something was erased or withdrawn: ids, when, and a code for why. Nothing of what it was.</summary>
internal sealed record Tombstone(string Kind, string Id, string At, string Reason)
{
    public IReadOnlyList<PersonPseudonym> Participants { get; init; } = [];
}

/// <summary>Tombstones in the database. They are also kept in a file beside it, which no backup takes back.</summary>
internal static class Tombstones
{
    public const string Person = "person";
    public const string Withdrawal = "withdrawal";
    public const string Conversation = "conversation";
    public const string SurveyResponse = "survey-response";

    public static void Add(SqliteConnection connection, Tombstone tombstone, bool isNoted = false) => connection.Execute(
        """
        insert into tombstones (kind, id, at, reason, participants, is_noted) values (@Kind, @Id, @At, @Reason, @participants, @isNoted)
        on conflict (kind, id, at) do nothing
        """, new { tombstone.Kind, tombstone.Id, tombstone.At, tombstone.Reason, participants = JsonSerializer.Serialize(tombstone.Participants, WireJson.Options), isNoted });

    public static bool Exists(SqliteConnection connection, Tombstone tombstone) => connection.ExecuteScalar<bool>(
        "select exists (select 1 from tombstones where kind = @Kind and id = @Id and at = @At)", tombstone);

    public static string? ErasedAt(SqliteConnection connection, string person) => connection.QuerySingleOrDefault<string>(
        "select max(at) from tombstones where kind = 'person' and id = @person", new { person });

    public static bool HasNotNoted(SqliteConnection connection) =>
        connection.ReadOne("select exists (select 1 from tombstones where is_noted = 0)", row => row.GetBoolean(0));

    /// <summary>Up to the last one there is now: another process may add more meanwhile.</summary>
    public static long Last(SqliteConnection connection) => connection.ExecuteScalar<long>("select coalesce(max(number), 0) from tombstones");

    public static List<Tombstone> UpTo(SqliteConnection connection, long last, bool alsoNoted) =>
        [.. connection.Query<(string Kind, string Id, string At, string Reason, string Participants)>(
            """
            select kind, id, at, reason, participants
            from tombstones
            where number <= @last and is_noted <= @alsoNoted
            order by number
            """, new { last, alsoNoted })
            .Select(row => new Tombstone(row.Kind, row.Id, row.At, row.Reason) { Participants = JsonSerializer.Deserialize<List<PersonPseudonym>>(row.Participants, WireJson.Options)! })];

    public static void MarkNoted(SqliteConnection connection, long last) => connection.Execute("update tombstones set is_noted = 1 where is_noted = 0 and number <= @last", new { last });
}
