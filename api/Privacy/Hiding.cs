using AnkerOrte.Api.Changes;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>What may no longer be shown is hidden, and what rests on it comes under review, in the transaction of the caller.</summary>
internal static class Hiding
{
    /// <summary>Hides what a participant said as far as the consents that still stand do not cover it.</summary>
    public static WithdrawalConsequences Apply(SqliteConnection connection, Author author, string conversation, string pseudonym) =>
        Consents.AllowQuotation(connection, conversation, pseudonym) ? Nothing
        : Consents.Allow(connection, conversation, pseudonym, Consents.TranscriptUse) ? Hide(connection, author, conversation, pseudonym, ["released"])
        : Hide(connection, author, conversation, pseudonym, ["draft", "under-review", "released"]);

    private static WithdrawalConsequences Hide(SqliteConnection connection, Author author, string conversation, string pseudonym, string[] states)
    {
        var passages = connection.Query<string>(
            """
            update passages set state = 'withdrawn'
            where conversation_id = @conversation and pseudonym = @pseudonym and state in @states
            returning id
            """, new { conversation, pseudonym, states }).Order(StringComparer.Ordinal).ToList();
        return Nothing with { Passages = passages };
    }

    public static WithdrawalConsequences Nothing => new() { Passages = [], Findings = [], Recommendations = [] };

    public static WithdrawalConsequences Join(IEnumerable<WithdrawalConsequences> all)
    {
        var list = all.ToList();
        return new()
        {
            Passages = Union(list.SelectMany(each => each.Passages)),
            Findings = Union(list.SelectMany(each => each.Findings)),
            Recommendations = Union(list.SelectMany(each => each.Recommendations)),
        };
    }

    private static List<string> Union(IEnumerable<string> ids) => [.. ids.Distinct().Order(StringComparer.Ordinal)];
}
