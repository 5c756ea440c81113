using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Conversations;

/// <summary>Interviews and focus groups: one model, two addresses. The public sees what was released, keys what they reach.</summary>
internal static class ConversationEndpoints
{
    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup("/v1/interviews"), "interview", "Interview");
        Map(routes.MapGroup("/v1/focus-groups"), "focus-group", "FocusGroup");
        routes.MapTypeValidation();
        var passages = routes.MapGroup("/v1/passages");
        passages.Get("/", ListPassages).WithName("listPassages");
        passages.Get("/{id}", GetPassage).WithName("getPassage");
        passages.Post("/{id}/submit", (string id, HttpContext http, Writes writes) => Decide(id, "under-review", http, writes)).WithName("submitPassage");
        passages.Post("/{id}/release", (string id, HttpContext http, Writes writes) => Decide(id, "released", http, writes)).WithName("releasePassage");
        passages.Post("/{id}/reject", (string id, HttpContext http, Writes writes) => Decide(id, "rejected", http, writes)).WithName("rejectPassage");
    }

    private static void Map(RouteGroupBuilder talks, string kind, string name)
    {
        talks.Get("/", (int? limit, string? cursor, HttpContext http, Lists lists) => List(kind, limit, cursor, http, lists)).WithName($"list{name}s");
        talks.Post("/", (HttpContext http, Writes writes) =>
            writes.RunAsync<ConversationInput>(http, WriteEnd.Commit, (write, input) => ConversationHandlers.Create(write, kind, input))).WithName("create" + name);
        talks.Get("/{id}", (string id, HttpContext http, Answers answers, Database.Database database) => Get(kind, id, http, answers, database)).WithName("get" + name);
        talks.Get("/{id}/transcript", (string id, HttpContext http, Answers answers, Database.Database database) => GetTranscript(kind, id, http, answers, database))
            .WithName($"get{name}Transcript");
        talks.Put("/{id}/transcript", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync<TranscriptInput>(http, WriteEnd.Commit, (write, input) => ConversationHandlers.PutText(write, kind, id, input))).WithName($"put{name}Transcript");
        talks.Get("/{id}/passages", (string id, int? limit, string? cursor, HttpContext http, Lists lists, Database.Database database) =>
            ListOwnPassages(kind, id, limit, cursor, http, lists, database)).WithName($"list{name}Passages");
        talks.Post("/{id}/passages", (string id, HttpContext http, Writes writes) =>
            writes.RunAsync<PassageInput>(http, WriteEnd.Commit, (write, input) => ConversationHandlers.AddPassage(write, kind, id, input))).WithName($"create{name}Passage");
        talks.MapValidations(kind, name);
    }

    private static IResult List(string kind, int? limit, string? cursor, HttpContext http, Lists lists)
    {
        var reader = Reader(http);
        return lists.Answer(new ListRequest(reader is null ? ConversationQueries.PublicList : ConversationQueries.List, new ListParameters(limit, cursor, null, null, null))
        {
            Filter = (_, _) =>
            {
                var filter = new Filter();
                filter.Add("kind", "c.kind = @kind", ("kind", kind));
                if (reader is not null)
                {
                    filter.AddReach(reader);
                }

                return filter;
            },
        });
    }

    private static IResult Get(string kind, string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return Reader(http) is { } reader && ConversationQueries.Find(connection, reader, kind, id) is { } found ? answers.ConfidentialItem(http, WireJson.Write(found.ToContract()))
            : ConversationQueries.FindPublic(connection, kind, id) is { } shown ? answers.Item(http, WireJson.Write(shown.ToContract()))
            : Problems.NoSuch(ConversationHandlers.Thing, id);
    }

    private static IResult GetTranscript(string kind, string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        if (ConversationQueries.Find(snapshot.Connection, http.Caller()!, kind, id) is null || ConversationQueries.Text(snapshot.Connection, id) is not var (text, hash))
        {
            return Problems.NoSuch(ConversationHandlers.Thing, id);
        }

        return answers.ConfidentialItem(http, WireJson.Write(new Transcript
        {
            Conversation = id,
            Text = Transcripts.ForResearch(snapshot.Connection, id, kind, text),
            Sha256 = hash,
            CodePoints = text.EnumerateRunes().Count(),
        }));
    }

    private static IResult ListOwnPassages(string kind, string id, int? limit, string? cursor, HttpContext http, Lists lists, Database.Database database)
    {
        using var connection = database.Open();
        return ConversationQueries.Find(connection, http.Caller()!, kind, id) is null ? Problems.NoSuch(ConversationHandlers.Thing, id)
            : lists.Answer(new ListRequest(PassageQueries.List, new ListParameters(limit, cursor, null, null, null))
            {
                Sort = ["start"],
                Filter = (_, _) =>
                {
                    var filter = new Filter();
                    filter.Add("conversation", "p.conversation_id = @conversation", ("conversation", id));
                    return filter;
                },
            });
    }

    private static IResult ListPassages(string? q, string[]? type, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(PassageQueries.PublicList, list)
        {
            Filter = (connection, errors) =>
            {
                var filter = new Filter();
                filter.AddKnown("type", "exists (select 1 from public_conversation_types t where t.conversation_id = p.conversation_id and t.type in @type)", type, connection, TypeQueries.CurrentKeys, errors);
                filter.AddWords("passage", "p.id", q, errors);
                return filter;
            },
        });

    private static IResult GetPassage(string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return Reader(http) is { } reader && PassageQueries.Find(connection, id) is { } found && ConversationQueries.Find(connection, reader, null, found.ConversationId) is not null
                ? answers.ConfidentialItem(http, WireJson.Write(found.ToContract()))
            : PassageQueries.FindPublic(connection, id) is { } shown ? answers.Item(http, WireJson.Write(shown.ToContract()))
            : Problems.NoSuch(ConversationHandlers.Part, id);
    }

    private static Task<IResult> Decide(string id, string state, HttpContext http, Writes writes) =>
        writes.RunAsync<PassageDecision>(http, WriteEnd.CommitPublic, (write, input) => ConversationHandlers.Decide(write, id, state, input));

    /// <summary>Whoever may see more than the public; then the answer is another for each key.</summary>
    public static Caller? Reader(HttpContext http)
    {
        if (http.Caller() is not { } caller || !(caller.Roles.Contains(Roles.Researcher) || caller.Roles.Contains(Roles.Releaser) || caller.Roles.Contains(Roles.PrivacyOfficer)))
        {
            return null;
        }

        http.Response.Headers.Vary = "Authorization";
        return caller;
    }
}
