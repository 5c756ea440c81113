using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Mapster;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Confirmations;

/// <summary>Links by which the operators of a site, who have no key, answer for its entry.</summary>
internal static class ConfirmLinkQueries
{
    private const string Prefix = "aoc_";
    private const string Columns = "l.id, l.site_id, l.created_at, l.expires_at, l.answered_at, l.revoked_at";

    public static readonly TokenKind Tokens = new(Prefix, FindCaller);

    /// <summary>Makes a link; its token leaves the house here and never again.</summary>
    public static ConfirmLink Add(SqliteConnection connection, string siteId, int days, string now)
    {
        var token = Secret.Make(Prefix);
        var id = Secret.Id("link");
        var expiresAt = Instant.Read(now).AddDays(days);
        connection.Execute(
            """
            insert into confirm_links (id, token_hash, site_id, created_at, expires_at)
            values (@id, @hash, @siteId, @now, @expires)
            """, new { id, hash = Secret.Hash(token), siteId, now, expires = Instant.Write(expiresAt) });
        return new ConfirmLink
        {
            Id = id,
            // Behind # it is sent to no server, so it stands in no log.
            Url = Addresses.Of("/confirm#" + token),
            Token = token,
            AnchorSite = siteId,
            ExpiresAt = expiresAt,
            Self = Addresses.Of(Path(id)),
        };
    }

    public static ConfirmLinkState? Find(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<ConfirmLinkRow>(
        $"""
        select {Columns}
        from confirm_links l
        where l.id = @id
        """, new { id })?.To<ConfirmLinkState>();

    /// <summary>One that is revoked already keeps its time.</summary>
    public static void Revoke(SqliteConnection connection, string id, string now)
    {
        if (connection.Execute("update confirm_links set revoked_at = @now where id = @id and revoked_at is null", new { id, now }) > 0)
        {
            Tombstones.Add(connection, new Tombstone(Tombstones.ConfirmLink, id, now, "revoked"));
        }
    }

    public static void RememberAnswer(SqliteConnection connection, string id, string now) => connection.Execute(
        "update confirm_links set answered_at = @now where id = @id", new { id, now });

    public static string Path(string id) => "/v1/confirm-links/" + id;

    private static Found FindCaller(SqliteConnection connection, string hash, string now)
    {
        var link = connection.QuerySingleOrDefault<ConfirmLinkRow>(
            $"""
            select {Columns}, s.deleted_at as site_deleted_at
            from confirm_links l
            join anchor_sites s on s.id = l.site_id
            where l.token_hash = @hash
            """, new { hash });
        return link switch
        {
            null => Refuse("Diesen Link gibt es nicht; vielleicht ist er unvollständig kopiert.", "There is no such link; perhaps it was not copied whole."),
            { RevokedAt: not null } => Refuse("Der Link ist widerrufen.", "The link is revoked."),
            _ when string.CompareOrdinal(link.ExpiresAt, now) <= 0 => Refuse(
                $"Der Link ist am {link.ExpiresAt} abgelaufen.", $"The link expired at {link.ExpiresAt}."),
            { SiteDeletedAt: not null } => Refuse("Der Ort ist nicht mehr verzeichnet.", "The site is not listed any more."),
            _ => new(new Caller(link.Id, link.Id, [Roles.ConfirmLink], [], link.SiteId), null),
        };
    }

    private static Found Refuse(string de, string en) => new(null, new(de, en));
}

internal sealed class ConfirmLinkMapping : IRegister
{
    public void Register(TypeAdapterConfig config) => config.NewConfig<ConfirmLinkRow, ConfirmLinkState>()
        .Map(link => link.AnchorSite, row => row.SiteId)
        .Map(link => link.CreatedAt, row => Instant.Read(row.CreatedAt))
        .Map(link => link.ExpiresAt, row => Instant.Read(row.ExpiresAt))
        .Map(link => link.AnsweredAt, row => Instant.ReadOptional(row.AnsweredAt))
        .Map(link => link.RevokedAt, row => Instant.ReadOptional(row.RevokedAt))
        .Map(link => link.Self, row => Addresses.Of(ConfirmLinkQueries.Path(row.Id)));
}

internal sealed record ConfirmLinkRow
{
    public required string Id { get; init; }
    public required string SiteId { get; init; }
    public required string CreatedAt { get; init; }
    public required string ExpiresAt { get; init; }
    public string? AnsweredAt { get; init; }
    public string? RevokedAt { get; init; }
    public string? SiteDeletedAt { get; init; }
}
