using System.Collections.Concurrent;
using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Mapster;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.ApiKeys;

internal static class ApiKeyQueries
{
    private const string Prefix = "ao_";
    private const string Columns = "k.id, k.hint, k.owner, k.label, k.roles, k.scopes, k.created_at, k.expires_at, k.last_used_at, k.revoked_at";

    public static readonly TokenKind Keys = new(Prefix, FindCaller) { NoteUse = NoteUse };

    public static readonly ListSource List = new()
    {
        Name = "api-keys",
        IsConfidential = true,
        From = "api_keys k",
        UniqueKey = "k.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Items = Items,
        Columns =
        [
            Column.Of("id"), Column.Of("hint"), Column.Of("owner"), Column.Of("label"), Column.Of("roles"), Column.Of("scopes"),
            Column.Of("createdAt"), Column.Of("expiresAt"), Column.Of("lastUsedAt"), Column.Of("revokedAt"), Column.Of("self"),
        ],
    };

    /// <summary>Makes a key; the secret leaves the house here and never again.</summary>
    public static (ApiKey Key, string Secret) Add(SqliteConnection connection, ApiKeyInput input, string now)
    {
        var secret = Secret.Make(Prefix);
        var id = Secret.Id("key");
        connection.Execute(
            """
            insert into api_keys (id, hash, hint, owner, label, roles, scopes, created_at, expires_at)
            values (@id, @hash, @hint, @owner, @Label, @roles, @scopes, @now, @expires)
            """, new
            {
                id,
                hash = Secret.Hash(secret),
                hint = secret[..8],
                owner = input.Owner ?? Secret.Id("owner"),
                input.Label,
                roles = JsonSerializer.Serialize(input.Roles.Distinct().Select(WireEnum.Write)),
                scopes = JsonSerializer.Serialize((input.Scopes ?? []).Distinct()),
                now,
                expires = input.ExpiresAt is { } expires ? Instant.Write(expires) : null,
            });
        return (Find(connection, id)!, secret);
    }

    public static ApiKey? Find(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<ApiKeyRow>(
        $"""
        select {Columns}
        from api_keys k
        where k.id = @id
        """, new { id })?.To<ApiKey>();

    /// <summary>Whether there is such a key; one that is revoked already keeps its time.</summary>
    public static bool Revoke(SqliteConnection connection, string id, string now)
    {
        if (connection.Execute("update api_keys set revoked_at = @now where id = @id and revoked_at is null", new { id, now }) > 0)
        {
            Tombstones.Add(connection, new Tombstone(Tombstones.ApiKey, id, now, "revoked"));
        }

        return connection.ExecuteScalar<bool>("select exists (select 1 from api_keys where id = @id)", new { id });
    }

    public static IEnumerable<ApiKey> All(SqliteConnection connection) => connection.Query<ApiKeyRow>(
        $"""
        select {Columns}
        from api_keys k
        order by k.created_at, k.id
        """).Select(row => row.To<ApiKey>());

    private static IEnumerable<ListItem> Items(Window window) => window.Connection.Query<ApiKeyRow>(
        $"""
        select {Columns}, {window.Place} as place
        from api_keys k
        {window.Where}
        order by {window.OrderBy}
        limit @limit
        """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.To<ApiKey>()), row.Place!));

    private static Found FindCaller(SqliteConnection connection, string hash, string now)
    {
        var found = connection.ReadOne(
            """
            select id, owner, roles, scopes, expires_at, revoked_at
            from api_keys
            where hash = @hash
            """,
            row => new { Id = row.GetString(0), Owner = row.GetString(1), Roles = row.GetString(2), Scopes = row.GetString(3), ExpiresAt = row.Text(4), RevokedAt = row.Text(5) },
            ("@hash", hash));
        if (found is not { } key)
        {
            return new(null, new(
                "Diesen Schlüssel gibt es nicht. Vielleicht wurde er unvollständig kopiert.",
                "There is no such key. Perhaps it was not copied completely."));
        }

        if (key.RevokedAt is not null)
        {
            return new(null, new("Der Schlüssel wurde widerrufen.", "The key was revoked."));
        }

        if (key.ExpiresAt is not null && string.CompareOrdinal(key.ExpiresAt, now) <= 0)
        {
            return new(null, new($"Der Schlüssel ist am {key.ExpiresAt} abgelaufen.", $"The key expired at {key.ExpiresAt}."));
        }

        return new(new Caller(key.Id, key.Owner, JsonSerializer.Deserialize<string[]>(key.Roles)!, JsonSerializer.Deserialize<string[]>(key.Scopes)!), null);
    }

    /// <summary>
    /// Last use is known to the minute: writing it with every request would make every read a write. It waits its turn among the
    /// writers while the request goes on, and a use that cannot be written is not written: no request fails or waits for it.
    /// </summary>
    private static void NoteUse(Database.Database database, string id, string now)
    {
        var minute = now[..16];
        if (LastUses.TryGetValue(id, out var last) && last == minute)
        {
            return;
        }

        LastUses[id] = minute;
        database.WriteTogetherAsync(
            connection =>
            {
                connection.Run(
                    "update api_keys set last_used_at = @now where id = @id and coalesce(last_used_at, '') < @now",
                    ("@now", minute + ":00.000Z"), ("@id", id));
                return WriteEnd.Commit;
            },
            how => how, CancellationToken.None)
                .ContinueWith(
                failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    private static readonly ConcurrentDictionary<string, string> LastUses = new();
}

internal sealed class ApiKeyMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<ApiKeyRow, ApiKey>()
            .Map(key => key.Roles, row => JsonSerializer.Deserialize<List<string>>(row.Roles, (JsonSerializerOptions?)null)!.Select(WireEnum.Read<RoleName>).ToList())
            .Map(key => key.Scopes, row => JsonSerializer.Deserialize<List<string>>(row.Scopes, (JsonSerializerOptions?)null))
            .Map(key => key.CreatedAt, row => Instant.Read(row.CreatedAt))
            .Map(key => key.ExpiresAt, row => Instant.ReadOptional(row.ExpiresAt))
            .Map(key => key.LastUsedAt, row => Instant.ReadOptional(row.LastUsedAt))
            .Map(key => key.RevokedAt, row => Instant.ReadOptional(row.RevokedAt))
            .Map(key => key.Self, row => Addresses.Of("/v1/api-keys/" + row.Id));
        config.NewConfig<ApiKey, NewApiKey>().Map(made => made.Key, _ => "");
    }
}

internal sealed record ApiKeyRow
{
    public required string Id { get; init; }
    public required string Hint { get; init; }
    public required string Owner { get; init; }
    public required string Label { get; init; }
    public required string Roles { get; init; }
    public required string Scopes { get; init; }
    public required string CreatedAt { get; init; }
    public string? ExpiresAt { get; init; }
    public string? LastUsedAt { get; init; }
    public string? RevokedAt { get; init; }
    public string? Place { get; init; }
}
