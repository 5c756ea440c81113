using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.ApiKeys;

internal static class ApiKeyEndpoints
{
    private static readonly Text Thing = new("Den Schlüssel", "key");

    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/api-keys");
        keys.Get("/", ListApiKeys).WithName("listApiKeys");
        keys.Post("/", CreateApiKey).WithName("createApiKey");
        keys.Get("/{key}", GetApiKey).WithName("getApiKey");
        keys.Delete("/{key}", RevokeApiKey).WithName("revokeApiKey");
    }

    private static IResult ListApiKeys([AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(ApiKeyQueries.List, list) { Filter = (_, _) => new() });

    private static IResult GetApiKey(string key, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return ApiKeyQueries.Find(connection, key) is { } found ? answers.ConfidentialItem(http, WireJson.Write(found)) : Problems.NoSuch(Thing, key);
    }

    private static Task<IResult> CreateApiKey(HttpContext http, Writes writes, TimeProvider clock) =>
        writes.RunAsync<ApiKeyInput>(http, WriteEnd.Commit, (write, input) =>
        {
            if (input.ExpiresAt <= clock.GetUtcNow())
            {
                return Problems.Unprocessable([ProblemError.At("/expiresAt", "past", new(
                    "Der Zeitpunkt liegt in der Vergangenheit.",
                    "The time is in the past."))]);
            }

            var missing = (input.Scopes ?? []).Where(scope => !ScopeExists(write, scope)).ToList();
            if (missing.Count > 0)
            {
                return Problems.Unprocessable([.. missing.Select(scope => ProblemError.At("/scopes", "unknown-scope", new($"„{scope}“ gibt es nicht.", $"There is no \"{scope}\".")))]);
            }

            var (key, secret) = ApiKeyQueries.Add(write.Connection, input, write.At);
            return Done.Created(WireJson.Write(key.To<NewApiKey>() with { Key = secret }), "/v1/api-keys/" + key.Id, tagged: false);
        });

    private static Task<IResult> RevokeApiKey(string key, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.Commit, write => ApiKeyQueries.Revoke(write.Connection, key, write.At) ? Done.Nothing() : Problems.NoSuch(Thing, key));

    private static bool ScopeExists(Write write, string scope) => scope.StartsWith("project:", StringComparison.Ordinal)
        ? write.Connection.ExecuteScalar<bool>("select exists (select 1 from projects where id = @id)", new { id = scope[8..] })
        : write.Connection.ExecuteScalar<bool>("select exists (select 1 from surveys where id = @id)", new { id = scope[7..] });
}
