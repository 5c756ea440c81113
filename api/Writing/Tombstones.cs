using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>
/// An entry of the journal: that something was done which no backup may undo. Ids, when, and a code for why; nothing of what it was.
/// </summary>
internal sealed record Tombstone(string Kind, string Id, string At, string Reason)
{
    public IReadOnlyList<PersonPseudonym> Participants { get; init; } = [];

    public TombstoneDetails? Details { get; init; }
}

/// <summary>What a repetition needs beside the id. Nothing confidential: the file that holds it is not erased.</summary>
internal sealed record TombstoneDetails
{
    /// <summary>Of a restriction: whether it was set or lifted.</summary>
    public bool? Restricted { get; init; }

    /// <summary>Of a record: `removed`, `restored`, `unpublished` or `published`.</summary>
    public string? Action { get; init; }

    /// <summary>Of a used release link: passages that the participant refused.</summary>
    public IReadOnlyList<string>? Passages { get; init; }

    /// <summary>Of a rectification: members of the person that were wrong.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    public string? Project { get; init; }

    public bool? LegalHold { get; init; }

    public string? DeleteAfter { get; init; }

    /// <summary>Of a release of survey results: everything that was published. It must not change, also not by a restored backup.</summary>
    public JsonElement? Release { get; init; }
}

/// <summary>
/// The journal in the database. It is also kept in a file beside it, which no backup takes back. Which operations belong in it, and why
/// the others do not, is listed in tests/Privacy/JournalTests.cs.
/// </summary>
internal static class Tombstones
{
    public const string Person = "person";
    public const string Withdrawal = "withdrawal";
    public const string Conversation = "conversation";
    public const string SurveyResponse = "survey-response";
    public const string Restriction = "restriction";
    public const string Rectification = "rectification";
    public const string ApiKey = "api-key";
    public const string Invitation = "invitation";
    public const string ConfirmLink = "confirm-link";
    public const string ReleaseLink = "release-link";
    public const string RejectedPassage = "rejected-passage";
    public const string Assessment = "assessment";
    public const string Record = "record";
    public const string SurveyRelease = "survey-release";

    /// <summary>Kinds after which something must not be left in the file.</summary>
    private static readonly string[] Deleting = [Person, Conversation, SurveyResponse, Rectification, Invitation, Assessment];

    public static void Add(SqliteConnection connection, Tombstone tombstone, bool isNoted = false) => connection.Execute(
        """
        insert into tombstones (kind, id, at, reason, participants, details, is_noted, overwritten_at)
        values (@Kind, @Id, @At, @Reason, @participants, @details, @isNoted, @overwritten)
        on conflict (kind, id, at) do nothing
        """, new
        {
            tombstone.Kind,
            tombstone.Id,
            tombstone.At,
            tombstone.Reason,
            participants = WireJson.Text(tombstone.Participants),
            details = tombstone.Details is { } details ? WireJson.Text(details) : null,
            isNoted,
            overwritten = Deleting.Contains(tombstone.Kind) ? null : tombstone.At,
        });

    /// <summary>A published record that was removed or taken back, or the opposite, which ends an earlier entry.</summary>
    public static void AddRecord(SqliteConnection connection, string kind, string key, string action, string at)
    {
        var id = $"{kind}/{key}";
        if (action is "removed" or "unpublished"
            || connection.ExecuteScalar<bool>("select exists (select 1 from tombstones where kind = 'record' and id = @id)", new { id }))
        {
            Add(connection, new Tombstone(Record, id, at, action) { Details = new() { Action = action } });
        }
    }

    public static string? ErasedAt(SqliteConnection connection, string person) => connection.QuerySingleOrDefault<string>(
        "select max(at) from tombstones where kind = 'person' and id = @person", new { person });

    public static bool HasNotNoted(SqliteConnection connection) =>
        connection.ReadOne("select exists (select 1 from tombstones where is_noted = 0)", row => row.GetBoolean(0));

    /// <summary>Up to the last one there is now: another process may add more meanwhile.</summary>
    public static long Last(SqliteConnection connection) => connection.ExecuteScalar<long>("select coalesce(max(number), 0) from tombstones");

    public static List<Tombstone> UpTo(SqliteConnection connection, long last, bool alsoNoted) =>
        [.. connection.Query<(string Kind, string Id, string At, string Reason, string Participants, string? Details)>(
            """
            select kind, id, at, reason, participants, details
            from tombstones
            where number <= @last and is_noted <= @alsoNoted
            order by number
            """, new { last, alsoNoted })
            .Select(row => new Tombstone(row.Kind, row.Id, row.At, row.Reason)
            {
                Participants = WireJson.Read<List<PersonPseudonym>>(row.Participants),
                Details = row.Details is null ? null : WireJson.Read<TombstoneDetails>(row.Details),
            })];

    /// <summary>The last entry whose deleted content may still be in the file or its log; 0: none.</summary>
    public static long LastToOverwrite(SqliteConnection connection) =>
        connection.ReadOne("select coalesce(max(number), 0) from tombstones where overwritten_at is null", row => row.GetInt64(0));

    /// <summary>Whether words that were public may have been erased.</summary>
    public static bool HasWordsToOverwrite(SqliteConnection connection, long last) => connection.ExecuteScalar<bool>(
        "select exists (select 1 from tombstones where overwritten_at is null and number <= @last and kind in ('person', 'conversation'))",
            new { last });

    /// <returns>Persons among the entries.</returns>
    public static List<string> MarkOverwritten(SqliteConnection connection, long last, string at) =>
        [.. connection.Query<(string Kind, string Id)>(
        "update tombstones set overwritten_at = @at where overwritten_at is null and number <= @last returning kind, id", new { last, at })
        .Where(entry => entry.Kind == Person).Select(entry => entry.Id)];

    public static void MarkNoted(SqliteConnection connection, long last) => connection.Execute("update tombstones set is_noted = 1 where is_noted = 0 and number <= @last", new { last });
}
