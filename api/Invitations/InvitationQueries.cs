using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Mapster;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Invitations;

internal static class InvitationQueries
{
    private const string Prefix = "aoi_";
    private const string Columns = "i.id, i.survey, i.ags, i.label, i.created_at, i.expires_at, i.revoked_at, i.response_id";

    public static readonly TokenKind Tokens = new(Prefix, FindCaller);

    public static readonly ListSource List = new()
    {
        Name = "invitations",
        IsConfidential = true,
        From = "invitations i",
        UniqueKey = "i.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns = [],
        Items = window => window.Connection.Query<InvitationRow>(
            $"""
            select {Columns}, {window.Place} as place
            from invitations i
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.To<Invitation>()), row.Place!)),
    };

    public static (Invitation Invitation, string Token) Add(SqliteConnection connection, string survey, InvitationInput input, string now, string expires)
    {
        var (id, token) = (Secret.Id("inv"), Secret.Make(Prefix));
        connection.Execute(
            """
            insert into invitations (id, survey, token_hash, ags, label, created_at, expires_at)
            values (@id, @survey, @hash, @Ags, @Label, @now, @expires)
            """, new { id, survey, hash = Secret.Hash(token), input.Ags, input.Label, now, expires });
        return (Find(connection, survey, id)!, token);
    }

    public static Invitation? Find(SqliteConnection connection, string survey, string id) => connection.QuerySingleOrDefault<InvitationRow>(
        $"""
        select {Columns}
        from invitations i
        where i.survey = @survey and i.id = @id
        """, new { survey, id })?.To<Invitation>();

    /// <summary>Whether there is such an invitation.</summary>
    public static bool Revoke(SqliteConnection connection, string survey, string id, string now)
    {
        if (connection.Execute(
            "update invitations set revoked_at = @now where survey = @survey and id = @id and revoked_at is null",
            new { survey, id, now }) > 0)
        {
            Tombstones.Add(connection, new Tombstone(Tombstones.Invitation, $"{survey}/{id}", now, "revoked"));
        }

        return Find(connection, survey, id) is not null;
    }

    /// <summary>The row stays for the response rate; nothing in it opens anything or names anybody.</summary>
    public static void DeleteSecret(SqliteConnection connection, string id, string at)
    {
        connection.Execute(
            "update invitations set token_hash = 'deleted-' || id, label = null, revoked_at = coalesce(revoked_at, @at) where id = @id",
            new { at, id });
        var survey = connection.QuerySingleOrDefault<string>("select survey from invitations where id = @id", new { id });
        Tombstones.Add(connection, new Tombstone(Tombstones.Invitation, $"{survey}/{id}", at, "retention"));
    }

    /// <summary>Binds an invitation to the one response that it is for; false if it was used for another.</summary>
    public static bool Use(SqliteConnection connection, string id, string response) => connection.Execute(
        "update invitations set response_id = @response where id = @id and coalesce(response_id, @response) = @response", new { id, response }) > 0;

    public static string Path(string survey, string id) => $"/v1/surveys/{survey}/invitations/{id}";

    /// <summary>An invitation is an owner of its own, limited to its survey.</summary>
    private static Found FindCaller(SqliteConnection connection, string hash, string now)
    {
        var row = connection.QuerySingleOrDefault<InvitationRow>(
            $"""
            select {Columns}
            from invitations i
            where i.token_hash = @hash
            """, new { hash });
        return row switch
        {
            null => new(null, new("Diese Einladung gibt es nicht; vielleicht ist sie unvollständig kopiert.", "There is no such invitation; perhaps it was not copied whole.")),
            { RevokedAt: not null } => new(null, new("Die Einladung ist widerrufen.", "The invitation is revoked.")),
            _ when string.CompareOrdinal(row.ExpiresAt, now) <= 0 => new(null, new($"Die Einladung ist am {row.ExpiresAt} abgelaufen.", $"The invitation expired at {row.ExpiresAt}.")),
            _ => new(new Caller(row.Id, row.Id, [Roles.Invitation], ["survey:" + row.Survey], row.Survey), null),
        };
    }
}

internal sealed class InvitationMapping : IRegister
{
    public void Register(TypeAdapterConfig config) => config.NewConfig<InvitationRow, Invitation>()
        .Map(invitation => invitation.CreatedAt, row => Instant.Read(row.CreatedAt))
        .Map(invitation => invitation.ExpiresAt, row => Instant.Read(row.ExpiresAt))
        .Map(invitation => invitation.RevokedAt, row => Instant.ReadOptional(row.RevokedAt))
        .Map(invitation => invitation.Self, row => Addresses.Of(InvitationQueries.Path(row.Survey, row.Id)));
}

internal sealed record InvitationRow
{
    public required string Id { get; init; }
    public required string Survey { get; init; }
    public string? Ags { get; init; }
    public string? Label { get; init; }
    public required string CreatedAt { get; init; }
    public required string ExpiresAt { get; init; }
    public string? RevokedAt { get; init; }
    public string? ResponseId { get; init; }
    public string? Place { get; init; }
}
