using System.CommandLine;
using System.Text.RegularExpressions;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.ApiKeys;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.Extensions.Logging.Abstractions;

namespace AnkerOrte.Api.Commands;

/// <summary>`keys` manages API keys. The first key must be made here, because making one over HTTP needs a key.</summary>
internal static partial class KeyCommands
{
    public static Command Keys() =>
        new("keys", "Make, list and revoke API keys. Works while the service runs.") { Create(), List(), Revoke() };

    private static Command Create()
    {
        var role = new Option<string[]>("--role")
        {
            Description = "Role of the key. Repeat the option for several roles: " + string.Join(", ", Roles.All),
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        role.AcceptOnlyFromAmong([.. Roles.All]);
        var label = new Option<string>("--label") { Description = "Purpose of the key, 1 to 200 characters.", Required = true };
        var owner = new Option<string?>("--owner") { Description = "Opaque stable id of the owner. Default: a new id." };
        var scope = new Option<string[]>("--scope", "--scopes")
        {
            Description = "Limit the key to survey:{id} or project:{id}. Repeat the option for several.",
        };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "Day or time when the key expires, such as 2027-12-31." };
        Check(owner, value => value is null || OwnerPattern().IsMatch(value),
            "--owner must have 1 to 60 characters: letters, digits, dots, hyphens and underscores.");
        Check(label, value => value is { Length: >= 1 and <= 200 }, "--label must have 1 to 200 characters.");
        Check(scope, values => values is null || values.All(ScopePattern().IsMatch), "--scope must be survey:{id} or project:{id}.");
        Check(expires, value => value is null || value > DateTimeOffset.UtcNow, "--expires must be in the future.");
        var command = new Command(
            "create",
            "Make a key. The key is printed on the last line, and never again.") { role, label, owner, scope, expires };
        command.SetAction(parsed =>
        {
            using var database = CommandLine.OpenDatabase();
            var input = new ApiKeyInput
            {
                Label = parsed.GetValue(label)!,
                Roles = [.. parsed.GetValue(role)!.Select(WireEnum.Read<RoleName>)],
                Owner = parsed.GetValue(owner),
                Scopes = parsed.GetValue(scope),
                ExpiresAt = parsed.GetValue(expires),
            };
            var at = Instant.Write(SteadyClock.Of(database).GetUtcNow());
            var (key, secret) = database.WriteAsync(
                connection =>
                {
                    var made = ApiKeyQueries.Add(connection, input, at);
                    AuditLog.Add(connection, AuditEntry.OfCommand("keys create", "/v1/api-keys/" + made.Key.Id), at);
                    return made;
                },
                _ => WriteEnd.Commit, CancellationToken.None).GetAwaiter().GetResult();
            Console.WriteLine($"{key.Id}, owner {key.Owner}. The key is shown only once:");
            Console.WriteLine(secret);
        });
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List all keys without their secrets.");
        command.SetAction(_ =>
        {
            using var database = CommandLine.OpenDatabase();
            using var connection = database.Open();
            foreach (var key in ApiKeyQueries.All(connection))
            {
                var end = key.RevokedAt is { } revoked ? "revoked " + Instant.Write(revoked) : key.ExpiresAt is { } expires ? "expires " + Instant.Write(expires) : "does not expire";
                var use = key.LastUsedAt is { } used ? "last used " + Instant.Write(used) : "never used";
                Console.WriteLine(string.Join('\t', [key.Id, key.Hint + "…", string.Join(' ', [.. key.Roles.Select(WireEnum.Write), .. key.Scopes]), key.Owner, key.Label, use, end]));
            }
        });
        return command;
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "Id of the key, as shown by `keys list`." };
        var command = new Command("revoke", "Revoke a key. It stops working at once.") { id };
        command.SetAction(parsed =>
        {
            using var database = CommandLine.OpenDatabase();
            var at = Instant.Write(SteadyClock.Of(database).GetUtcNow());
            var found = database.WriteAsync(
                connection =>
                {
                    AuditLog.Add(connection, AuditEntry.OfCommand("keys revoke", "/v1/api-keys/" + parsed.GetValue(id)), at);
                    return ApiKeyQueries.Revoke(connection, parsed.GetValue(id)!, at);
                },
                found => found ? WriteEnd.Commit : WriteEnd.Rollback, CancellationToken.None).GetAwaiter().GetResult();
            new JournalFile(database, TimeProvider.System, NullLogger<JournalFile>.Instance).Note();
            Console.Error.WriteLine(found ? "Revoked." : $"There is no key {parsed.GetValue(id)}.");
            return found ? 0 : 1;
        });
        return command;
    }

    private static void Check<T>(Option<T> option, Func<T?, bool> holds, string message) => option.Validators.Add(result =>
    {
        if (!result.Errors.Any() && !holds(result.GetValueOrDefault<T>()))
        {
            result.AddError(message);
        }
    });

    [GeneratedRegex("^[A-Za-z0-9._-]{1,60}$")]
    private static partial Regex OwnerPattern();

    [GeneratedRegex("^(survey|project):[a-z0-9-]{1,120}$")]
    private static partial Regex ScopePattern();
}
