using AnkerOrte.Api.ApiKeys;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AnkerOrte.Tests.Setup;

/// <summary>The real application on a real database file of its own, filled with the shipped content.</summary>
public sealed class ApiFixture : IDisposable
{
    private readonly WebApplicationFactory<Program> factory;
    private readonly string folder;

    public ApiFixture() : this(new Dictionary<string, string?>(), copyTemplate: true) { }

    /// <param name="settings">Configuration as an operator would set it.</param>
    /// <param name="copyTemplate">Begin with a database that is already filled; else the start fills it.</param>
    /// <param name="services">Changes to the services, for what a test server lacks.</param>
    internal ApiFixture(IReadOnlyDictionary<string, string?> settings, bool copyTemplate = true, Action<IServiceCollection>? services = null)
    {
        folder = Directory.CreateTempSubdirectory("ankerorte-").FullName;
        DatabaseFile = Path.Combine(folder, "test.db");
        if (copyTemplate)
        {
            File.Copy(Template.Value, DatabaseFile);
        }

        factory = Create(DatabaseFile, settings, services);
        Client = CreateClient();
    }

    public string DatabaseFile { get; init; }

    /// <summary>Every answer it gets is checked against the contract.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => factory.Services;

    /// <summary>A write as the service itself would do it.</summary>
    public void Write(Action<SqliteConnection> change) => Services.GetRequiredService<Database>().Write(change);

    /// <summary>A key as an administrator would make it; its owner is new unless one is named.</summary>
    public string CreateKey(string role, string? owner = null, params string[] scopes) => CreateKey([role], owner, scopes);

    public string CreateKey(IReadOnlyList<string> roles, string? owner = null, IReadOnlyList<string>? scopes = null, DateTimeOffset? expiresAt = null)
    {
        var input = new ApiKeyInput { Label = "test", Roles = [.. roles.Select(WireEnum.Read<RoleName>)], Owner = owner, Scopes = scopes, ExpiresAt = expiresAt };
        return Services.GetRequiredService<Database>().WriteAsync(
            connection => ApiKeyQueries.Add(connection, input, Instant.Write(DateTimeOffset.UtcNow)).Secret, _ => WriteEnd.Commit, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>A client with a key of this role.</summary>
    public HttpClient As(string role, string? owner = null, params string[] scopes) => With(CreateKey(role, owner, scopes));

    public HttpClient With(string token)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    public HttpClient CreateClient() => factory.CreateDefaultClient(new Uri("http://localhost"), new ContractHandler());

    public async Task<JsonElement> GetAsync(string url)
    {
        var response = await Client.GetAsync(url);
        Assert.True(response.IsSuccessStatusCode, $"{url}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return await response.JsonAsync();
    }

    /// <summary>All items of a list, page by page.</summary>
    public async Task<List<JsonElement>> WalkAsync(string url)
    {
        var items = new List<JsonElement>();
        for (var next = url; next is not null;)
        {
            var page = await GetAsync(next);
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.GetProperty("page").GetProperty("next").GetString();
        }

        return items;
    }

    public void Dispose()
    {
        Client.Dispose();
        factory.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private static WebApplicationFactory<Program> Create(string file, IReadOnlyDictionary<string, string?> settings, Action<IServiceCollection>? change = null) =>
        new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.ConfigureLogging(logging => logging.ClearProviders());
            host.ConfigureServices(services => change?.Invoke(services));
            host.UseSetting("ConnectionStrings:AnkerOrte", $"Data Source={file}");
            host.UseSetting("RateLimiting:PerMinute", "1000000");
            host.UseSetting("RateLimiting:WrongKeysPerMinute", "1000000");
            host.UseSetting("RateLimiting:AssessmentsPerMinute", "1000000");
            host.UseSetting("RateLimiting:CpuMillisecondsPerSecond", "1000000");
            host.UseSetting("RateLimiting:CpuBurstSeconds", "1000000");
            foreach (var (name, value) in settings)
            {
                host.UseSetting(name, value);
            }
        });

    /// <summary>Loading takes a second; once is enough for most tests.</summary>
    private static readonly Lazy<string> Template = new(() =>
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("ankerorte-template-").FullName, "template.db");
        using (var factory = Create(file, new Dictionary<string, string?>()))
        {
            factory.CreateClient().Dispose();
        }

        SqliteConnection.ClearAllPools();
        return file;
    });
}
