using System.Net.Http.Headers;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Access;

/// <summary>Who may do what: the table, the contract and the running service say the same, role by role and operation by operation.</summary>
public sealed class RoleTests(ApiFixture api, RoleTests.Keys keys) : IClassFixture<ApiFixture>, IClassFixture<RoleTests.Keys>
{
    /// <summary>One key for each sender; no test changes what a key may do.</summary>
    public sealed class Keys
    {
        private readonly Dictionary<string, AuthenticationHeaderValue?> known = [];

        internal AuthenticationHeaderValue? Get(string sender, Func<string, AuthenticationHeaderValue?> make) =>
            known.TryGetValue(sender, out var key) ? key : known[sender] = make(sender);
    }

    [Fact]
    public void The_contract_names_the_roles_of_the_table()
    {
        foreach (var (_, path, operation) in ContractDocument.Operations)
        {
            var roles = Permissions.Of(operation.OperationId);
            Assert.True(roles is not null, $"{operation.OperationId} is not in the table.");
            var json = Json(operation.OperationId);
            if (roles.Count == 0)
            {
                Assert.False(json.TryGetProperty("x-roles", out _), $"{operation.OperationId} is public.");
                // A key may show more; without one it is open all the same.
                Assert.True(!json.TryGetProperty("security", out var security) || security.GetRawText().Replace(" ", "", StringComparison.Ordinal) == """[{},{"apiKey":[]}]""", $"{operation.OperationId} is public.");
            }
            else
            {
                Assert.Equal(roles, json.GetProperty("x-roles").EnumerateArray().Select(role => role.GetString()));
                Assert.NotEmpty(json.GetProperty("security").EnumerateArray());
                Assert.True(json.GetProperty("responses").TryGetProperty("403", out _), path);
            }
        }

        Assert.Equal(ContractDocument.Operations.Select(operation => operation.Operation.OperationId).Order(), Permissions.Operations.Order());
    }

    [Fact]
    public void The_contract_knows_the_roles_of_keys() => Assert.Equal(
        Roles.All, ContractDocument.Root.GetProperty("components").GetProperty("schemas").GetProperty("RoleName").GetProperty("enum").EnumerateArray().Select(role => role.GetString()!));

    /// <summary>Every operation with every role, and with what is no key.</summary>
    public static TheoryData<string> Matrix()
    {
        var cells = new TheoryData<string>();
        foreach (var (_, _, operation) in ContractDocument.Operations)
        {
            foreach (var sender in Roles.All.Concat(["nobody", "expired", "revoked", "damaged", "unknown", "other-scheme"]))
            {
                cells.Add($"{operation.OperationId} {sender}");
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Every_operation_opens_for_its_roles_alone(string cell)
    {
        var (operationId, sender) = (cell.Split(' ')[0], cell.Split(' ')[1]);
        var (method, path, operation) = ContractDocument.Operations.Single(operation => operation.Operation.OperationId == operationId);
        using var client = api.CreateClient();
        client.DefaultRequestHeaders.Authorization = keys.Get(sender, Authorization);
        using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), Fill(path, operationId));
        if (operation.RequestBody is not null)
        {
            // Nobody's body: who is let in is told that it does not fit, and nothing is written.
            request.Content = new StringContent("[", MediaTypeHeaderValue.Parse("application/json"));
        }

        var response = await client.SendAsync(request);

        var roles = Json(operationId).TryGetProperty("x-roles", out var named) ? named.EnumerateArray().Select(role => role.GetString()).ToList() : [];
        var expected = sender switch
        {
            "nobody" => roles.Count == 0 ? null : HttpStatusCode.Unauthorized,
            "expired" or "revoked" or "damaged" or "unknown" or "other-scheme" => HttpStatusCode.Unauthorized,
            _ => roles.Count == 0 || roles.Contains(sender) ? null : (HttpStatusCode?)HttpStatusCode.Forbidden,
        };
        if (expected is { } status)
        {
            Assert.Equal(status, response.StatusCode);
            Assert.Equal(status == HttpStatusCode.Unauthorized, response.Headers.WwwAuthenticate.Count > 0);
        }
        else
        {
            Assert.False(response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{operationId} as {sender}: {(int)response.StatusCode}");
        }
    }

    private AuthenticationHeaderValue? Authorization(string sender) => sender switch
    {
        "nobody" => null,
        "expired" => new("Bearer", api.CreateKey([.. Roles.All], expiresAt: DateTimeOffset.UtcNow.AddSeconds(-1))),
        "revoked" => new("Bearer", Revoked()),
        "damaged" => new("Bearer", api.CreateKey([.. Roles.All])[..^1]),
        "unknown" => new("Bearer", Secret.Make("ao_")),
        "other-scheme" => new("Basic", Convert.ToBase64String("admin:admin"u8)),
        _ => new("Bearer", api.CreateKey(sender)),
    };

    private string Revoked()
    {
        var key = api.CreateKey([.. Roles.All]);
        using var connection = api.Services.GetRequiredService<Database>().Open();
        connection.Execute("update api_keys set revoked_at = '2026-01-01T00:00:00.000Z' where hash = @hash", new { hash = Secret.Hash(key) });
        return key;
    }

    private static JsonElement Json(string operationId)
    {
        var (method, path, _) = ContractDocument.Operations.Single(operation => operation.Operation.OperationId == operationId);
        return ContractDocument.Root.GetProperty("paths").GetProperty(path).GetProperty(method);
    }

    private static string Fill(string path, string operationId)
    {
        var parameters = Json(operationId).TryGetProperty("parameters", out var found) ? found.EnumerateArray().Select(parameter => parameter.TryGetProperty("$ref", out var reference)
            ? ContractDocument.Root.GetProperty("components").GetProperty("parameters").GetProperty(reference.GetString()!.Split('/')[^1]) : parameter).ToList() : [];
        return parameters.Where(parameter => parameter.GetProperty("in").GetString() == "path").Aggregate(
            path, (at, parameter) => at.Replace($"{{{parameter.GetProperty("name").GetString()}}}", parameter.GetProperty("example").ToString()));
    }
}
