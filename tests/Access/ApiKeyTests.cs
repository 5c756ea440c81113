using System.Diagnostics;
using System.Net.Http.Headers;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Access;

public sealed class ApiKeyTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_key_is_shown_once_and_only_its_hash_is_stored()
    {
        var made = await CreateAsync(new { label = "Survey script", roles = new[] { "contributor" }, scopes = new[] { "project:jena" }, expiresAt = "2099-12-31T00:00:00Z" });

        var secret = made.GetProperty("key").GetString()!;
        Assert.Matches("^ao_[A-Za-z0-9_-]{43}$", secret);
        var listed = await (await api.As("admin").GetAsync($"/v1/api-keys/{made.GetProperty("id").GetString()}")).JsonAsync();
        Assert.False(listed.TryGetProperty("key", out _));
        Assert.Equal(secret[..8], listed.GetProperty("hint").GetString());
        Assert.Equal(["project:jena"], listed.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!));
        Assert.Equal("2099-12-31T00:00:00.000Z", listed.GetProperty("expiresAt").GetString());
        await using var file = new FileStream(api.DatabaseFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, System.Text.Encoding.Latin1);
        Assert.DoesNotContain(secret, await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_opens_nothing_from_the_next_request_on()
    {
        var made = await CreateAsync(new { label = "short lived", roles = new[] { "admin" } });
        using var client = api.With(made.GetProperty("key").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/api-keys")).StatusCode);

        var address = "/v1/api-keys/" + made.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await api.As("admin").DeleteAsync(address)).StatusCode);

        await (await client.GetAsync("/v1/api-keys")).ShouldBeProblemAsync(401, "unauthorized");
        // Also where no key is needed: its sender believes to be known.
        await (await client.GetAsync("/v1/anchor-sites?limit=1")).ShouldBeProblemAsync(401, "unauthorized");
        Assert.True((await (await api.As("admin").GetAsync(address)).JsonAsync()).TryGetProperty("revokedAt", out _));
        Assert.Equal(HttpStatusCode.NoContent, (await api.As("admin").DeleteAsync(address)).StatusCode);
        await (await api.As("admin").DeleteAsync("/v1/api-keys/key-0000000000000000")).ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Last_use_is_told_to_the_minute()
    {
        var made = await CreateAsync(new { label = "used", roles = new[] { "editor" } });
        var address = "/v1/api-keys/" + made.GetProperty("id").GetString();
        Assert.False((await (await api.As("admin").GetAsync(address)).JsonAsync()).TryGetProperty("lastUsedAt", out _));

        await api.With(made.GetProperty("key").GetString()!).GetAsync("/v1");

        // Written beside the request, so a little later.
        using var admin = api.As("admin");
        JsonElement used = default;
        for (var attempt = 0; attempt < 600 && !(await (await admin.GetAsync(address)).JsonAsync())
            .TryGetProperty("lastUsedAt", out used); attempt++)
        {
            await Task.Delay(50);
        }

        Assert.EndsWith(":00.000Z", used.GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_input_is_named_all_at_once()
    {
        var errors = await (await api.As("admin").PostAsync("/v1/api-keys", Json(new { roles = new[] { "boss" }, scopes = new[] { "everything" }, lable = "x" }))).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal(["/label", "/lable", "/roles/0", "/scopes/0"], errors.Texts("pointer").Order(StringComparer.Ordinal));
        Assert.Equal("label", errors.Single(error => error.GetProperty("pointer").GetString() == "/lable").GetProperty("suggestion").GetString());
        var unknown = await (await api.As("admin").PostAsync("/v1/api-keys", Json(new { label = "x", roles = new[] { "editor" }, scopes = new[] { "project:nowhere" } }))).ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(["unknown-scope"], unknown.Texts("code"));
        var past = await (await api.As("admin").PostAsync("/v1/api-keys", Json(new { label = "x", roles = new[] { "editor" }, expiresAt = "2020-01-01T00:00:00Z" }))).ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(["/expiresAt"], past.Texts("pointer"));
    }

    [Fact]
    public async Task Lists_of_keys_are_kept_by_nobody()
    {
        var response = await api.As("admin").GetAsync("/v1/api-keys");

        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Null(response.Headers.ETag);
        await (await api.Client.GetAsync("/v1/api-keys")).ShouldBeProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task Wrong_keys_are_counted_per_address_and_right_ones_pass_nevertheless()
    {
        using var strict = new ApiFixture(new Dictionary<string, string?> { ["RateLimiting:WrongKeysPerMinute"] = "3" });
        using var wrong = strict.With(Secret.Make("ao_"));
        using var right = strict.As("admin");
        for (var i = 0; i < 3; i++)
        {
            await (await wrong.GetAsync("/v1")).ShouldBeProblemAsync(401, "unauthorized");
        }

        var refused = await wrong.GetAsync("/v1");

        await refused.ShouldBeProblemAsync(429, "too-many-requests");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.OK, (await right.GetAsync("/v1/api-keys")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await strict.Client.GetAsync("/v1")).StatusCode);
    }

    [Fact]
    public async Task The_first_key_comes_from_the_command_line_while_the_service_runs()
    {
        var (code, lines, _) = await RunAsync("keys", "create", "--role", "admin", "--role", "editor", "--label", "Erste", "--owner", "team-a");

        Assert.Equal(0, code);
        using var client = api.With(lines[^1]);
        var listed = (await (await client.GetAsync("/v1/api-keys?limit=200")).JsonAsync()).Items().Single(key => key.GetProperty("label").GetString() == "Erste");
        Assert.Equal(["admin", "editor"], listed.GetProperty("roles").EnumerateArray().Select(role => role.GetString()!));
        Assert.Equal("team-a", listed.GetProperty("owner").GetString());

        var id = listed.GetProperty("id").GetString()!;
        Assert.Contains(await RunAsync("keys", "list") is var (_, all, _) ? all : [], line => line.StartsWith(id, StringComparison.Ordinal) && !line.Contains(lines[^1], StringComparison.Ordinal));
        Assert.Equal(0, (await RunAsync("keys", "revoke", id)).Code);
        await (await client.GetAsync("/v1")).ShouldBeProblemAsync(401, "unauthorized");
        Assert.Equal(1, (await RunAsync("keys", "revoke", "key-none")).Code);
    }

    [Theory]
    [InlineData("keys", "create", "--role", "boss", "--label", "x")]
    [InlineData("keys", "create", "--role", "admin")]
    [InlineData("keys", "create", "--label", "x")]
    [InlineData("keys", "create", "--role", "admin", "--label", "x", "--scope", "all")]
    [InlineData("keys", "create", "--role", "admin", "--label", "x", "--expires", "2020-01-01")]
    [InlineData("keys", "frobnicate")]
    public async Task A_wrong_command_says_what_is_wrong_and_makes_no_key(params string[] arguments)
    {
        var before = Count();

        var (code, lines, errors) = await RunAsync(arguments);

        Assert.NotEqual(0, code);
        Assert.NotEqual("", errors);
        Assert.DoesNotContain(lines, line => line.StartsWith("ao_", StringComparison.Ordinal));
        Assert.Equal(before, Count());
    }

    private long Count()
    {
        using var connection = api.Services.GetRequiredService<Database>().Open();
        return connection.ExecuteScalar<long>("select count(*) from api_keys");
    }

    private async Task<(int Code, string[] Lines, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Permissions).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ConnectionStrings__AnkerOrte"] = $"Data Source={api.DatabaseFile}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), await errors);
    }

    private async Task<JsonElement> CreateAsync(object input)
    {
        var response = await api.As("admin").PostAsync("/v1/api-keys", Json(input));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.JsonAsync();
    }

    private static StringContent Json(object value) => new(JsonSerializer.Serialize(value), MediaTypeHeaderValue.Parse("application/json"));
}
