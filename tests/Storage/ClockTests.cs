using AnkerOrte.Api.Database;
using AnkerOrte.Api.Writing;
using AnkerOrte.Tests.Privacy;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Storage;

/// <summary>The system clock is set back; what has expired stays so, and nobody who copies changes misses one.</summary>
public sealed class ClockTests : IDisposable
{
    private readonly AdjustableTime system = new();
    private readonly ApiFixture api;

    public ClockTests() =>
        api = new ApiFixture(new Dictionary<string, string?>(), services: services => services.AddSingleton(new SteadyClock(system)));

    [Fact]
    public async Task An_expired_key_stays_expired()
    {
        using var client = api.With(api.CreateKey(["researcher"], expiresAt: system.Now.AddHours(1)));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/qualitative-codebook")).StatusCode);

        system.Now += TimeSpan.FromHours(2);
        await client.GetAsync("/v1/qualitative-codebook").ShouldBeProblemAsync(401, "unauthorized");
        system.Now -= TimeSpan.FromDays(10);

        await client.GetAsync("/v1/qualitative-codebook").ShouldBeProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task An_expired_link_stays_expired()
    {
        var made = await api.As("editor").SendAsync("POST", "/v1/anchor-sites/jedi-jena/confirm-links", new { days = 7 })
            .ShouldBeAsync(HttpStatusCode.Created);
        using var link = api.With(made.GetProperty("token").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await link.GetAsync("/v1/confirmation")).StatusCode);

        system.Now += TimeSpan.FromDays(4_000);
        await link.GetAsync("/v1/confirmation").ShouldBeProblemAsync(401, "unauthorized");
        system.Now -= TimeSpan.FromDays(4_000);

        await link.GetAsync("/v1/confirmation").ShouldBeProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task Changes_after_the_clock_was_set_back_are_found_by_time()
    {
        var editor = api.As("editor");
        await editor.SendAsync("PATCH", "/v1/anchor-sites/jedi-jena", new { place = "Erster Ort" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        var seen = (await api.GetAsync("/v1/anchor-sites/jedi-jena")).GetProperty("updatedAt").GetString()!;

        system.Now -= TimeSpan.FromHours(3);
        await editor.SendAsync("PATCH", "/v1/anchor-sites/probierladen-jena", new { place = "Zweiter Ort" }, "*")
            .ShouldBeAsync(HttpStatusCode.OK);

        Assert.Contains(
            "probierladen-jena", (await api.GetAsync("/v1/anchor-sites?updatedSince=" + Uri.EscapeDataString(seen))).Items().Texts("id"));
        var times = Talks.Read(api, connection => connection.Query<string>("select at from changes order by number").ToList());
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
    }

    [Fact]
    public async Task A_restart_goes_on_from_the_last_stored_time()
    {
        var future = system.Now.AddDays(30);
        api.Write(connection => AuditLog.Add(connection, AuditEntry.OfCommand("test", "/"), Instant.Write(future)));
        using var again = new ApiFixture(
            new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={api.DatabaseFile}" },
                services: services => services.AddSingleton(new SteadyClock(system)));
        using var client = again.With(api.CreateKey(["contributor"], expiresAt: future.AddDays(-1)));

        await client.GetAsync(Survey + "/responses").ShouldBeProblemAsync(401, "unauthorized");
        await again.As("contributor").PutAsync("later", Response()).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(
            Instant.Write(future),
            Talks.Read(api, connection => connection.ExecuteScalar<string>("select created_at from responses where id = 'later'")));
    }

    [Fact]
    public void Time_stands_still_until_the_system_clock_has_caught_up()
    {
        var clock = new SteadyClock(system);
        var first = clock.GetUtcNow();

        system.Now -= TimeSpan.FromMinutes(5);
        Assert.Equal(first, clock.GetUtcNow());
        system.Now += TimeSpan.FromMinutes(6);
        Assert.Equal(first.AddMinutes(1), clock.GetUtcNow());
    }

    public void Dispose() => api.Dispose();
}
