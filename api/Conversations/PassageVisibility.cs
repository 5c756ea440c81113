using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>What may no longer be shown is hidden, and what rests on it comes under review, in the transaction of the caller.</summary>
internal static class PassageVisibility
{
    public static WithdrawalConsequences Nothing => new() { Passages = [], Findings = [], Recommendations = [] };

    /// <summary>Hides what a participant said as far as it is not covered any more.</summary>
    /// <param name="withdrawn">Purposes that have just been withdrawn.</param>
    public static WithdrawalConsequences Apply(SqliteConnection connection, Author author, string conversation, string pseudonym, IReadOnlyCollection<string> withdrawn)
    {
        if (!withdrawn.Contains(Consents.TranscriptUse))
        {
            var concerns = withdrawn.Contains(Consents.QuotationNamed) || withdrawn.Contains(Consents.QuotationPseudonymous);
            return concerns && !Consents.AllowQuotation(connection, conversation, pseudonym) ? Hide(connection, author, conversation, pseudonym, ["released"]) : Nothing;
        }

        connection.Execute(
            """
            update conversations set state = 'withdrawn', updated_at = @At
            where id = @conversation and state <> 'withdrawn'
              and (kind = 'interview' or not exists (
                  select 1 from consents s where s.conversation_id = @conversation and s.purpose = 'transcript-use' and s.withdrawn_at is null))
            """, new { conversation, author.At });
        return Hide(connection, author, conversation, pseudonym, ["draft", "under-review", "released", "rejected"]);
    }

    private static WithdrawalConsequences Hide(SqliteConnection connection, Author author, string conversation, string pseudonym, string[] states)
    {
        var said = Transcripts.PassagesOf(connection, conversation, pseudonym);
        var hidden = connection.Query<string>(
            "update passages set state = 'withdrawn' where id in @said and state in @states returning id", new { said, states }).Order(StringComparer.Ordinal).ToList();
        foreach (var id in hidden)
        {
            // Stored answers to requests with an Idempotency-Key contain the words.
            IdempotentRequest.Forget(connection, PassageRow.Path(id));
        }

        Validations.Publish(connection);
        return Consequences(connection, author, hidden);
    }

    /// <summary>What rests on passages that are no longer shown.</summary>
    public static WithdrawalConsequences Consequences(SqliteConnection connection, Author author, IReadOnlyList<string> passages)
    {
        PassageQueries.Untell(connection, passages, author.At);
        var (findings, recommendations) = FindingReview.OfPassages(connection, passages, author);
        return new() { Passages = passages, Findings = findings, Recommendations = recommendations };
    }

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
