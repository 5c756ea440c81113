using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>Who took part decides over a one-time link on what they said themselves, and can end it all there.</summary>
internal static class ReleaseLinks
{
    private const string Prefix = "aor_";

    /// <summary>Who released a passage, where it was not the owner of a key.</summary>
    private const string Participant = "participant";

    public static readonly TokenKind Tokens = new(Prefix, FindCaller);

    public static void MapReleaseLinks(this IEndpointRouteBuilder routes)
    {
        routes.Post("/v1/interviews/{id}/release-links", (string id, HttpContext http, Writes writes) => Create("interview", id, http, writes)).WithName("createInterviewReleaseLink");
        routes.Post("/v1/focus-groups/{id}/release-links", (string id, HttpContext http, Writes writes) => Create("focus-group", id, http, writes)).WithName("createFocusGroupReleaseLink");
        routes.Get("/v1/release", Get).WithName("getRelease");
        routes.Post("/v1/release", Answer).WithName("answerRelease");
    }

    private static Task<IResult> Create(string kind, string id, HttpContext http, Writes writes) => writes.RunAsync<ReleaseLinkInput>(http, WriteEnd.Commit, (write, input) =>
    {
        if (ConversationQueries.Find(write.Connection, write.Caller!, kind, id) is not { } talk)
        {
            return Problems.NoSuch(ConversationHandlers.Thing, id);
        }

        if (!WireJson.Read<List<string>>(talk.Participants!).Contains(input.Pseudonym))
        {
            return Problems.Unprocessable([ProblemError.At("/pseudonym", "unknown", new("Nimmt an diesem Gespräch nicht teil.", "Does not take part in this conversation."))]);
        }

        var (token, link, expires) = (Secret.Make(Prefix), Secret.Id("link"), Instant.Read(write.At).AddDays(input.Days ?? 14));
        write.Connection.Execute(
            """
            insert into release_links (id, token_hash, conversation_id, pseudonym, created_at, expires_at)
            values (@link, @hash, @id, @Pseudonym, @At, @expires)
            """, new { link, hash = Secret.Hash(token), id, input.Pseudonym, write.At, expires = Instant.Write(expires) });
        return Done.Created(WireJson.Write(new ReleaseLink { Id = link, Url = Addresses.Of("/release#" + token), Token = token, ExpiresAt = expires }), "/v1/release", tagged: false);
    });

    private static IResult Get(HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        var (conversation, pseudonym) = Whose(http);
        return answers.ConfidentialItem(http, WireJson.Write(new ReleaseOffer { Pseudonym = pseudonym, Passages = [.. PassageQueries.Own(snapshot.Connection, conversation, pseudonym).Select(row => row.ToContract())] }));
    }

    private static Task<IResult> Answer(HttpContext http, Writes writes) => writes.RunAsync<ReleaseAnswer>(http, WriteEnd.CommitPublic, (write, input) =>
    {
        var (conversation, pseudonym) = Whose(http);
        var own = PassageQueries.Own(write.Connection, conversation, pseudonym).ToDictionary(passage => passage.Id);
        var errors = new List<ProblemError>();
        foreach (var (index, decision) in (input.Decisions ?? []).Index())
        {
            if (!own.TryGetValue(decision.Passage, out var passage) || passage.State != "under-review")
            {
                errors.Add(ProblemError.At($"/decisions/{index}/passage", "unknown", new("Darüber ist hier nicht zu entscheiden.", "There is nothing to decide on this here.")));
            }
            else if (decision.TextSha256 != passage.TextSha256)
            {
                errors.Add(ProblemError.At($"/decisions/{index}/textSha256", "text-changed", new("Der Text ist inzwischen ein anderer.", "The text is another by now.")));
            }
            else if (decision.Release && ConversationHandlers.Refusing(write.Connection, passage).Count > 0)
            {
                errors.Add(ProblemError.At($"/decisions/{index}/release", "no-consent", new("Es fehlt eine Einwilligung in das Zitieren.", "A consent to be quoted is missing.")));
            }
        }

        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        foreach (var decision in input.Decisions ?? [])
        {
            PassageQueries.SetState(write.Connection, decision.Passage, decision.Release ? "released" : "rejected", decision.Release ? Participant : null, write.At);
        }

        ConversationQueries.Settle(write.Connection, conversation, write.At);
        Validations.Publish(write.Connection);
        foreach (var decision in (input.Decisions ?? []).Where(decision => decision.Release))
        {
            PassageQueries.Tell(write.Connection, decision.Passage, write.At);
        }

        var consequences = PassageVisibility.Nothing;
        if (input.Withdraw == true)
        {
            consequences = Consents.Withdraw(
                write.Connection, write.Author, conversation, pseudonym, [.. ConsentQueries.Standing(write.Connection, conversation, pseudonym)], Days.Of(write.At));
        }

        MarkUsed(write.Connection, write.Caller!.Id, [], write.At);
        Tombstones.Add(write.Connection, new Tombstone(Tombstones.ReleaseLink, write.Caller.Id, write.At, "used")
        {
            Details = new()
            {
                Passages = [.. (input.Decisions ?? []).Where(decision => !decision.Release)
                .Select(decision => decision.Passage)]
            },
        });
        return Done.Changed(WireJson.Write(consequences)) with { IsTagged = false };
    });

    /// <summary>Ends a link; passages that its holder refused and that nobody has decided on are rejected.</summary>
    public static void MarkUsed(SqliteConnection connection, string id, IReadOnlyList<string> refused, string at)
    {
        connection.Execute("update release_links set answered_at = coalesce(answered_at, @at) where id = @id", new { id, at });
        PassageQueries.RejectIfUndecided(connection, refused, at);
    }

    private static (string Conversation, string Pseudonym) Whose(HttpContext http)
    {
        var parts = http.Caller()!.Subject!.Split('/');
        return (parts[0], parts[1]);
    }

    private static Found FindCaller(SqliteConnection connection, string hash, string now)
    {
        var link = connection.QuerySingleOrDefault<(string Id, string Conversation, string Pseudonym, string ExpiresAt, string? AnsweredAt)?>(
            "select id, conversation_id, pseudonym, expires_at, answered_at from release_links where token_hash = @hash", new { hash });
        return link switch
        {
            null => Refuse("Diesen Link gibt es nicht; vielleicht ist er unvollständig kopiert.", "There is no such link; perhaps it was not copied whole."),
            { AnsweredAt: not null } => Refuse("Der Link ist schon benutzt; er gilt einmal.", "The link was used already; it is good for once."),
            var (_, _, _, expires, _) when string.CompareOrdinal(expires, now) <= 0 => Refuse($"Der Link ist am {expires} abgelaufen.", $"The link expired at {expires}."),
            var (id, conversation, pseudonym, _, _) => new(new Caller(id, id, [Roles.ReleaseLink], [], $"{conversation}/{pseudonym}"), null),
        };
    }

    private static Found Refuse(string de, string en) => new(null, new(de, en));
}
