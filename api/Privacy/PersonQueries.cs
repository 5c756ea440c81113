using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>All SQL of the identity vault. Nothing outside of this folder names its tables; a test looks for that.</summary>
internal static class PersonQueries
{
    private const string Columns =
        """
        p.id, p.project_id, p.name, p.email, p.phone, p.address, p.organisation, p.position, p.restricted, p.legal_hold, p.delete_after,
        p.created_at, p.updated_at,
        (select json_group_array(json_object('conversation', n.conversation_id, 'pseudonym', n.pseudonym) order by n.conversation_id, n.pseudonym)
         from person_pseudonyms n where n.person_id = p.id) as pseudonyms
        """;

    public static readonly ListSource List = new()
    {
        Name = "persons",
        IsConfidential = true,
        From = "persons p",
        UniqueKey = "p.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Items = Items,
        Columns =
        [
            Column.Of("id"), Column.Of("name"), Column.Of("email"), Column.Of("phone"), Column.Of("address"), Column.Of("organisation"), Column.Of("position"),
            Column.Of("project"), Column.Of("pseudonyms", "pseudonyms.pseudonym"), Column.Of("restricted"), Column.Of("legalHold"), Column.Of("deleteAfter"),
            Column.Of("createdAt"), Column.Of("updatedAt"), Column.Of("self"),
        ],
    };

    /// <summary>What `check` looks for.</summary>
    public static readonly (string What, string Sql) StillThere = ("an erased person is in the vault", "select p.id from persons p join tombstones t on t.kind = 'person' and t.id = p.id");

    public static string Path(string id) => "/v1/persons/" + id;

    public static Person? Find(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<PersonRow>(
        $"""
        select {Columns}
        from persons p
        where p.id = @id
        """, new { id })?.ToContract();

    public static Filter BuildFilter(IReadOnlyCollection<string> scopes, string? conversation, string? pseudonym, bool? restricted)
    {
        var filter = new Filter();
        if (scopes.Count > 0)
        {
            filter.Add("scope", "'project:' || p.project_id in @scopes", ("scopes", scopes));
        }

        if (conversation is not null)
        {
            filter.Add("conversation", "p.id in (select n.person_id from person_pseudonyms n where n.conversation_id = @conversation)", ("conversation", conversation));
        }

        if (pseudonym is not null)
        {
            filter.Add("pseudonym", "p.id in (select n.person_id from person_pseudonyms n where n.pseudonym = @pseudonym)", ("pseudonym", pseudonym));
        }

        if (restricted is { } wanted)
        {
            filter.Add("restricted", "p.restricted = @restricted", ("restricted", wanted ? 1 : 0));
        }

        return filter;
    }

    public static void Put(SqliteConnection connection, string id, PersonInput input, string at)
    {
        connection.Execute(
            """
            insert into persons (id, project_id, name, email, phone, address, organisation, position, legal_hold, delete_after, created_at, updated_at)
            values (@id, @Project, @Name, @Email, @Phone, @Address, @Organisation, @Position, @hold, @end, @at, @at)
            on conflict (id) do update set
                project_id = excluded.project_id, name = excluded.name, email = excluded.email, phone = excluded.phone, address = excluded.address,
                organisation = excluded.organisation, position = excluded.position, legal_hold = excluded.legal_hold, delete_after = excluded.delete_after,
                updated_at = excluded.updated_at
            """, new
            {
                id,
                input.Project,
                input.Name,
                input.Email,
                input.Phone,
                input.Address,
                input.Organisation,
                input.Position,
                hold = input.LegalHold == true ? 1 : 0,
                end = Days.Write(input.DeleteAfter!.Value),
                at,
            });
        connection.Execute("delete from person_pseudonyms where person_id = @id", new { id });
        foreach (var known in input.Pseudonyms ?? [])
        {
            connection.Execute(
                "insert into person_pseudonyms (conversation_id, pseudonym, person_id) values (@Conversation, @Pseudonym, @id)", new { known.Conversation, known.Pseudonym, id });
        }
    }

    /// <summary>Who is behind a pseudonym, if that is known.</summary>
    public static string? Owner(SqliteConnection connection, PersonPseudonym participant) => connection.QuerySingleOrDefault<string>(
        "select person_id from person_pseudonyms where conversation_id = @Conversation and pseudonym = @Pseudonym", participant);

    public static void Restrict(SqliteConnection connection, string id, bool isRestricted, string at) => connection.Execute(
        "update persons set restricted = @isRestricted, updated_at = @at where id = @id", new { id, isRestricted, at });

    /// <summary>The row and the pseudonyms; what they said is not in the vault.</summary>
    public static void Remove(SqliteConnection connection, string id) => connection.Execute("delete from persons where id = @id", new { id });

    /// <summary>Whose contact has outlived its end, and whether it is kept nevertheless: by a legal hold, or because its use is restricted, which is to keep it.</summary>
    public static IEnumerable<(string Id, string DeleteAfter, bool IsHeld)> Ended(SqliteConnection connection, string day) =>
        connection.Query<(string, string, bool)>("select id, delete_after, legal_hold or restricted from persons where delete_after < @day order by id", new { day });

    /// <summary>Whether somebody in a conversation is under a legal hold, or restricted.</summary>
    public static bool IsHeld(SqliteConnection connection, string conversation) => connection.ExecuteScalar<bool>(
        """
        select exists (
            select 1 from person_pseudonyms n join persons p on p.id = n.person_id
            where n.conversation_id = @conversation and (p.legal_hold = 1 or p.restricted = 1))
        """, new { conversation });

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<PersonRow>(
        $"""
        select {Columns}, {window.Place} as place
        from persons p
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!));
}

internal sealed record PersonRow
{
    public required string Id { get; init; }
    public string? ProjectId { get; init; }
    public required string Name { get; init; }
    public string? Email { get; init; }
    public string? Phone { get; init; }
    public string? Address { get; init; }
    public string? Organisation { get; init; }
    public string? Position { get; init; }
    public required bool Restricted { get; init; }
    public required bool LegalHold { get; init; }
    public required string DeleteAfter { get; init; }
    public required string CreatedAt { get; init; }
    public required string UpdatedAt { get; init; }
    public required string Pseudonyms { get; init; }
    public string? Place { get; init; }

    public Person ToContract() => new()
    {
        Id = Id,
        Name = Name,
        Email = Email,
        Phone = Phone,
        Address = Address,
        Organisation = Organisation,
        Position = Position,
        Project = ProjectId,
        Pseudonyms = JsonSerializer.Deserialize<List<PersonPseudonym>>(Pseudonyms, WireJson.Options)!,
        Restricted = Restricted,
        LegalHold = LegalHold,
        DeleteAfter = Days.Read(DeleteAfter),
        CreatedAt = Instant.Read(CreatedAt),
        UpdatedAt = Instant.Read(UpdatedAt),
        Self = Addresses.Of(PersonQueries.Path(Id)),
    };
}
