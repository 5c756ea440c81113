using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AnkerOrte.Api.Http;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Access;

/// <summary>Who sent a request, as far as a key or token says.</summary>
/// <param name="Id">Id of the key or token; never its secret.</param>
/// <param name="Owner">Opaque and stable; authorship and four eyes compare owners.</param>
/// <param name="Subject">For a token that opens one thing only: which.</param>
internal sealed record Caller(string Id, string Owner, IReadOnlyCollection<string> Roles, IReadOnlyCollection<string> Scopes, string? Subject = null)
{
    /// <summary>A key without scopes is not limited; one with scopes writes nothing outside of them.</summary>
    public bool May(string scope) => Scopes.Count == 0 || Scopes.Contains(scope);

    /// <summary>
    /// Whether the caller reads what is not published yet, where that belongs to no project: a key with one of these roles and without
    /// scopes.
    /// </summary>
    public bool ReadsDrafts(params IEnumerable<string> roles) => Scopes.Count == 0 && roles.Any(Roles.Contains);

    /// <summary>
    /// Looks the secret up again (database, time). A write calls it inside its transaction, so that of several requests with one
    /// one-time link one is accepted, and none after a revocation.
    /// </summary>
    public Func<SqliteConnection, string, Found>? LookUpAgain { get; init; }

    /// <summary>The role under which an operation was allowed.</summary>
    public string RoleFor(string? operation) => Permissions.Of(operation)?.FirstOrDefault(Roles.Contains) ?? "";
}

/// <summary>A kind of secret, recognised by how it begins.</summary>
/// <param name="Find">Who it belongs to, or why it opens nothing.</param>
internal sealed record TokenKind(string Prefix, Func<SqliteConnection, string, string, Found> Find)
{
    /// <summary>Notes that a secret was used (database, id, time) without making the request wait; null: its use is not noted.</summary>
    public Action<Database.Database, string, string>? NoteUse { get; init; }
}

/// <summary>Exactly one of the two.</summary>
internal sealed record Found(Caller? Caller, Http.Text? Refusal);

/// <summary>Secrets of 256 random bits. Only the SHA-256 is kept: with that much chance in it nothing slower is needed.</summary>
internal static class Secret
{
    public static string Make(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>A short random id for a record that has no name of its own.</summary>
    public static string Id(string prefix) => $"{prefix}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
}

internal static class CallerExtensions
{
    public static Caller? Caller(this HttpContext http) => http.Features.Get<Caller>();

    /// <summary>The key has the role, but its scopes do not cover this.</summary>
    public static Problem OutOfScope(this Caller caller)
    {
        var scopes = string.Join(", ", caller.Scopes);
        return new Problem(Problems.Forbidden, new($"Der Schlüssel ist auf {scopes} beschränkt.", $"The key is limited to {scopes}."));
    }
}
