using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>All SQL of consents. They hang on pseudonyms and tell nothing of who is behind one.</summary>
internal static class ConsentQueries
{
    private const string Columns = "s.id, s.conversation_id, s.pseudonym, s.purpose, s.text_version, s.given_on, s.withdrawn_on";

    public static readonly ListSource List = new()
    {
        Name = "consents",
        IsConfidential = true,
        From = "consents s",
        UniqueKey = "s.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Items = window => window.Connection.Query<ConsentRow>(
            $"""
            select {Columns}, {window.Place} as place
            from consents s
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!)),
        Columns =
        [
            Column.Of("id"), Column.Of("conversation"), Column.Of("pseudonym"), Column.Of("purpose"), Column.Of("textVersion"),
            Column.Of("givenOn"), Column.Of("withdrawnOn"), Column.Of("state"),
        ],
    };

    public static Filter BuildFilter(IReadOnlyCollection<string> scopes, string? conversation, string? pseudonym, string[]? purpose, string? state)
    {
        var filter = new Filter();
        if (scopes.Count > 0)
        {
            filter.Add("scope", "s.conversation_id in (select c.id from conversations c where 'project:' || c.project_id in @scopes)", ("scopes", scopes));
        }

        if (conversation is not null)
        {
            filter.Add("conversation", "s.conversation_id = @conversation", ("conversation", conversation));
        }

        if (pseudonym is not null)
        {
            filter.Add("pseudonym", "s.pseudonym = @pseudonym", ("pseudonym", pseudonym));
        }

        filter.AddValues("purpose", "s.purpose in @purpose", purpose);
        if (state is not null)
        {
            filter.Add("state", state == "standing" ? "s.withdrawn_at is null" : "s.withdrawn_at is not null");
        }

        return filter;
    }

    public static List<ConsentRecord> Of(SqliteConnection connection, string conversation, string pseudonym) => [.. connection.Query<ConsentRow>(
        $"""
        select {Columns}
        from consents s
        where s.conversation_id = @conversation and s.pseudonym = @pseudonym
        order by s.purpose, s.given_on, s.id
        """, new { conversation, pseudonym }).Select(row => row.ToContract())];

    public static HashSet<string> Standing(SqliteConnection connection, string conversation, string pseudonym) => connection.Query<string>(
        "select purpose from consents where conversation_id = @conversation and pseudonym = @pseudonym and withdrawn_at is null",
        new { conversation, pseudonym }).ToHashSet();

    public static void Add(SqliteConnection connection, ConsentInput input, ConsentPurpose purpose, string at) => connection.Execute(
        """
        insert into consents (id, conversation_id, pseudonym, purpose, text_version, given_on, recorded_at)
        values (@id, @Conversation, @Pseudonym, @purpose, @TextVersion, @on, @at)
        """, new { id = Secret.Id("consent"), input.Conversation, input.Pseudonym, purpose = WireEnum.Write(purpose), input.TextVersion, on = Days.Write(input.On), at });

    public static void Withdraw(SqliteConnection connection, string conversation, string pseudonym, IEnumerable<string> purposes, string on, string at) => connection.Execute(
        """
        update consents set withdrawn_on = max(@on, given_on), withdrawn_at = @at
        where conversation_id = @conversation and pseudonym = @pseudonym and purpose in @purposes and withdrawn_at is null
        """, new { conversation, pseudonym, purposes, on, at });
}

internal sealed record ConsentRow
{
    public required string Id { get; init; }
    public required string ConversationId { get; init; }
    public required string Pseudonym { get; init; }
    public required string Purpose { get; init; }
    public required string TextVersion { get; init; }
    public required string GivenOn { get; init; }
    public string? WithdrawnOn { get; init; }
    public string? Place { get; init; }

    public ConsentRecord ToContract() => new()
    {
        Id = Id,
        Conversation = ConversationId,
        Pseudonym = Pseudonym,
        Purpose = WireEnum.Read<ConsentPurpose>(Purpose),
        TextVersion = TextVersion,
        GivenOn = Days.Read(GivenOn),
        WithdrawnOn = Days.ReadOptional(WithdrawnOn),
        State = WithdrawnOn is null ? ConsentRecordState.Standing : ConsentRecordState.Withdrawn,
    };
}
