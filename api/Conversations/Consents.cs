using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>What participants agree to, and what follows when they do so no longer.</summary>
internal static class Consents
{
    public const string TranscriptUse = "transcript-use";
    public const string QuotationNamed = "quotation-named";
    public const string QuotationPseudonymous = "quotation-pseudonymous";
    public const string SiteNamed = "site-named";
    public const string Archiving = "archiving";

    private static readonly Text Thing = new("Diese Teilnahme", "participation");

    /// <summary>Whether a participant's consent to a purpose stands.</summary>
    public static bool Allow(SqliteConnection connection, string conversation, string pseudonym, string purpose) =>
        ConsentQueries.Standing(connection, conversation, pseudonym).Contains(purpose);

    /// <summary>Whether what a participant said may be quoted: the text may be used, and quoted under one name or the other.</summary>
    public static bool AllowQuotation(SqliteConnection connection, string conversation, string pseudonym) =>
        ConsentQueries.Standing(connection, conversation, pseudonym) is var standing
        && standing.Contains(TranscriptUse) && (standing.Contains(QuotationPseudonymous) || standing.Contains(QuotationNamed));

    public static IResult Give(Write write, ConsentInput input)
    {
        if (Participants.FindFor(write.Connection, write.Caller!, input.Conversation, input.Pseudonym) is not { } participant)
        {
            return NoSuch(input.Conversation, input.Pseudonym);
        }

        if (participant.IsErased)
        {
            return new Problem(Problems.Conflict, new("Wer dieses Pseudonym hatte, ist gelöscht.", "Whoever had this pseudonym was erased."));
        }

        if (Check("/on", input.On, write.At) is { } problem)
        {
            return problem;
        }

        var standing = ConsentQueries.Standing(write.Connection, input.Conversation, input.Pseudonym);
        var given = input.Purposes.Distinct().Where(purpose => !standing.Contains(WireEnum.Write(purpose))).ToList();
        foreach (var purpose in given)
        {
            ConsentQueries.Add(write.Connection, input, purpose, write.At);
        }

        var namesSite = given.Any(purpose => WireEnum.Write(purpose) == SiteNamed);
        if (namesSite)
        {
            PassageQueries.Retell(write.Connection, input.Conversation, write.At);
        }

        return Done.Changed(WireJson.Write(new ParticipantConsents
        {
            Conversation = input.Conversation,
            Pseudonym = input.Pseudonym,
            Consents = ConsentQueries.Of(write.Connection, input.Conversation, input.Pseudonym),
        })) with
        { IsChange = given.Count > 0, IsTagged = false, IsPublic = namesSite };
    }

    public static IResult Withdraw(Write write, WithdrawalInput input)
    {
        if (Participants.FindFor(write.Connection, write.Caller!, input.Conversation, input.Pseudonym) is null)
        {
            return NoSuch(input.Conversation, input.Pseudonym);
        }

        if (input.On is { } day && Check("/on", day, write.At) is { } problem)
        {
            return problem;
        }

        var standing = ConsentQueries.Standing(write.Connection, input.Conversation, input.Pseudonym);
        var purposes = input.Purposes.Distinct().ToList();
        var missing = input.Purposes.Index().Where(purpose => !standing.Contains(WireEnum.Write(purpose.Item))).ToList();
        if (missing.Count > 0)
        {
            return new Problem(Problems.Conflict, null, [.. missing.Select(purpose => ProblemError.At($"/purposes/{purpose.Index}", "not-standing", new(
                "Dazu gibt es keine geltende Einwilligung: nie erteilt oder schon widerrufen.", "There is no standing consent to this: never given, or withdrawn already.")))]);
        }

        var consequences = Withdraw(write.Connection, write.Author, input.Conversation, input.Pseudonym, [.. purposes.Select(WireEnum.Write)], input.On ?? Days.Of(write.At));
        return Done.Changed(WireJson.Write(new WithdrawalReport
        {
            Conversation = input.Conversation,
            Pseudonym = input.Pseudonym,
            Withdrawn = purposes,
            Consequences = consequences,
        })) with
        { IsTagged = false };
    }

    /// <summary>Ends purposes that stand, and hides what was said for them, in the transaction of the caller.</summary>
    public static WithdrawalConsequences Withdraw(
        SqliteConnection connection, Author author, string conversation, string pseudonym, IReadOnlyCollection<string> purposes, DateOnly on)
    {
        ConsentQueries.Withdraw(connection, conversation, pseudonym, purposes, Days.Write(on), author.At);
        Tombstones.Add(connection, new Tombstone(Tombstones.Withdrawal, $"{conversation}/{pseudonym}/{string.Join(',', purposes.Order(StringComparer.Ordinal))}", author.At, "consent-withdrawn")
        {
            Participants = [new() { Conversation = conversation, Pseudonym = pseudonym }],
        });
        var consequences = PassageVisibility.Apply(connection, author, conversation, pseudonym, purposes);
        if (purposes.Contains(SiteNamed))
        {
            PassageQueries.Retell(connection, conversation, author.At);
        }

        return consequences;
    }

    private static Problem? Check(string pointer, DateOnly day, string at) => day <= Days.Of(at) ? null
        : new Problem(Problems.UnprocessableContent, null, [ProblemError.At(pointer, "future", new("Liegt in der Zukunft.", "Is in the future."))]);

    private static IResult NoSuch(string conversation, string pseudonym) => Problems.NoSuch(Thing, $"{conversation}/{pseudonym}");
}
