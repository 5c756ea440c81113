using AnkerOrte.Api.ApiKeys;
using AnkerOrte.Api.Confirmations;
using AnkerOrte.Api.Database;
using AnkerOrte.Tests.Privacy;
using Dapper;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Conversations;

/// <summary>
/// Links and keys are looked up again inside the transaction of a write: what was used or revoked meanwhile opens nothing.
/// </summary>
public sealed class OneTimeLinkTests : IDisposable
{
    private readonly Authenticated authenticated = new();
    private readonly ApiFixture api;

    public OneTimeLinkTests() =>
        api = new ApiFixture(
        new Dictionary<string, string?>(), services: services => services.AddSingleton<IAuthorizationHandler>(authenticated));

    [Fact]
    public async Task Of_twelve_answers_at_once_over_one_link_one_is_accepted()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "under-review")]);
        var researcher = api.As("researcher", "owner-r");
        await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use", "quotation-pseudonymous");
        var token = (
            await researcher.SendAsync("POST", $"/v1/focus-groups/{talk}/release-links", new { pseudonym = "p-anna" })
            .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!;

        var answers = await RaceAsync(12, _ => api.With(token).SendAsync("POST", "/v1/release", new { decisions = Array.Empty<object>() }));

        Assert.Equal([200, .. Enumerable.Repeat(401, 11)], answers.Select(answer => (int)answer.StatusCode).Order());
        Assert.All(answers.Where(answer => answer.StatusCode == HttpStatusCode.Unauthorized),
            answer => Assert.NotEmpty(answer.Headers.WwwAuthenticate));
    }

    [Fact]
    public async Task A_link_that_is_revoked_while_its_answer_waits_opens_nothing()
    {
        var link = await api.As("editor").SendAsync("POST", "/v1/anchor-sites/probierladen-jena/confirm-links", new { })
            .ShouldBeAsync(HttpStatusCode.Created);
        var holder = api.With(link.GetProperty("token").GetString()!);

        var answers = await RaceAsync(1, _ => holder.SendAsync("POST", "/v1/confirmation", new { comment = "Zu spät" }),
            connection => ConfirmLinkQueries.Revoke(connection, link.GetProperty("id").GetString()!, Now));

        await answers.Single().ShouldBeProblemAsync(401, "unauthorized");
        Assert.Equal(0, Talks.Read(api, connection => connection.ExecuteScalar<int>("select count(*) from proposals")));
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_its_write_waits_writes_nothing()
    {
        var made = await api.As("admin").SendAsync("POST", "/v1/api-keys", new { label = "kurz", roles = new[] { "privacy-officer" } })
            .ShouldBeAsync(HttpStatusCode.Created);
        var officer = api.With(made.GetProperty("key").GetString()!);

        var answers = await RaceAsync(
            1, _ => officer.SendAsync("POST", "/v1/persons", new { name = "Zu spät", deleteAfter = "2099-01-01" }),
            connection => ApiKeyQueries.Revoke(connection, made.GetProperty("id").GetString()!, Now));

        await answers.Single().ShouldBeProblemAsync(401, "unauthorized");
        Assert.Equal(0, Talks.Read(api, connection => connection.ExecuteScalar<int>("select count(*) from persons")));
    }

    [Fact]
    public async Task Of_twelve_callers_with_one_deletion_token_one_deletes()
    {
        var made = await api.Client.SendAsync("POST", "/v1/assessments", new { answers = new { goals = new[] { "inclusion" } } })
            .ShouldBeAsync(HttpStatusCode.Created);

        var answers = await RaceAsync(12, _ =>
        {
            var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/assessments/" + made.GetProperty("id").GetString());
            request.Headers.Add("X-Delete-Token", made.GetProperty("deleteToken").GetString());
            return api.Client.SendAsync(request);
        });

        Assert.Equal([204, .. Enumerable.Repeat(410, 11)], answers.Select(answer => (int)answer.StatusCode).Order());
    }

    [Fact]
    public async Task An_invitation_makes_one_response_whoever_comes_first()
    {
        var token = (
            await api.As("researcher").SendAsync("POST", "/v1/surveys/umsetzende-kommunen/invitations", new { })
            .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!;

        var answers = await RaceAsync(
            12, number => api.With(token)
            .SendAsync("PUT", $"/v1/surveys/umsetzende-kommunen/responses/race-{number}",
            new { version = 1, submit = false, answers = new { } }));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(
            1, Talks.Read(api, connection => connection.ExecuteScalar<int>("select count(*) from responses where id like 'race-%'")));
    }

    private static string Now => Instant.Write(DateTimeOffset.UtcNow);

    /// <summary>All requests are authenticated before the first of them writes.</summary>
    /// <param name="count">How many requests.</param>
    /// <param name="send">Sends the request of a number.</param>
    /// <param name="change">What another writes before them all.</param>
    private async Task<HttpResponseMessage[]> RaceAsync(
        int count, Func<int, Task<HttpResponseMessage>> send, Action<SqliteConnection>? change = null)
    {
        Task<HttpResponseMessage>[] sending;
        await using (await HeldWriters.OfAsync(api, change))
        {
            var before = authenticated.Count;
            sending = [.. Enumerable.Range(0, count).Select(number => Task.Run(() => send(number)))];
            Assert.True(SpinWait.SpinUntil(() => authenticated.Count == before + count, TimeSpan.FromSeconds(30)));
        }

        return await Task.WhenAll(sending);
    }

    public void Dispose() => api.Dispose();

    /// <summary>Counts the requests that come past authentication.</summary>
    private sealed class Authenticated : IAuthorizationHandler
    {
        private int count;

        public int Count => Volatile.Read(ref count);

        public Task HandleAsync(AuthorizationHandlerContext context)
        {
            Interlocked.Increment(ref count);
            return Task.CompletedTask;
        }
    }
}
