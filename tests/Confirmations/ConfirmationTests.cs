using AnkerOrte.Api.Access;
using Dapper;

namespace AnkerOrte.Tests.Confirmations;

public sealed class ConfirmationTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Comment = "Nur für die Redaktion: Zwetschgenkuchen";

    private readonly HttpClient editor = api.As("editor");

    [Fact]
    public async Task A_link_shows_its_token_once_and_the_database_keeps_none()
    {
        var response = await editor.SendAsync("POST", "/v1/anchor-sites/jedi-jena/confirm-links", new { days = 7 });

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        var link = await response.JsonAsync();
        var token = link.GetProperty("token").GetString()!;
        Assert.StartsWith("aoc_", token, StringComparison.Ordinal);
        Assert.Equal("http://localhost/confirm#" + token, link.GetProperty("url").GetString());
        Assert.Equal(response.Headers.Location!.ToString(), link.GetProperty("self").GetString());
        Assert.InRange(link.GetProperty("expiresAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddDays(6.9), DateTimeOffset.UtcNow.AddDays(7));
        var state = await editor.GetStringAsync(response.Headers.Location);
        Assert.DoesNotContain(token, state, StringComparison.Ordinal);
        Assert.Equal("jedi-jena", JsonDocument.Parse(state).RootElement.GetProperty("anchorSite").GetString());
        api.Write(connection => Assert.Equal(
            Secret.Hash(token), connection.ExecuteScalar<string>("select token_hash from confirm_links where id = @id", new { id = link.GetProperty("id").GetString() })));
    }

    [Fact]
    public async Task A_link_is_for_a_site_that_is_there_and_within_the_scope_of_the_key()
    {
        await editor.SendAsync("POST", "/v1/anchor-sites/no-such/confirm-links", new { }).ShouldBeProblemAsync(404, "not-found");
        await editor.SendAsync("POST", "/v1/anchor-sites/jedi-jena/confirm-links", new { days = 366 }).ShouldBeProblemAsync(400, "invalid-request");
        await editor.SendAsync("GET", "/v1/confirm-links/link-0000").ShouldBeProblemAsync(404, "not-found");
        await editor.SendAsync("DELETE", "/v1/confirm-links/link-0000").ShouldBeProblemAsync(404, "not-found");
        var link = await MakeAsync("jedi-jena");

        var elsewhere = api.As("editor", null, "project:aalen-heidenheim");
        await elsewhere.SendAsync("POST", "/v1/anchor-sites/jedi-jena/confirm-links", new { }).ShouldBeProblemAsync(403, "forbidden");
        await elsewhere.SendAsync("DELETE", "/v1/confirm-links/" + link.Id).ShouldBeProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task Whoever_holds_the_link_sees_the_entry_as_it_is_published()
    {
        var (_, holder) = await MakeAsync("jedi-jena");

        var response = await holder.GetAsync("/v1/confirmation");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal(await api.Client.GetStringAsync("/v1/anchor-sites/jedi-jena"), await response.Content.ReadAsStringAsync());
        Assert.Equal(await api.Client.TagAsync("/v1/anchor-sites/jedi-jena"), response.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task A_confirmation_over_the_link_is_that_of_the_operator_and_names_nobody()
    {
        var (id, holder) = await MakeAsync("jedi-jena");
        var seen = await holder.TagAsync("/v1/confirmation");

        var receipt = await holder.SendAsync("POST", "/v1/confirmation", new { confirmed = true }, seen, reason: "Gruß von Erika Mustermann").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("""{"confirmed":true}""", receipt.GetRawText());
        var freshness = (await api.GetAsync("/v1/anchor-sites/jedi-jena")).GetProperty("freshness");
        Assert.Equal(("operator", "Bestätigungslink"), (freshness.GetProperty("confirmedBy").GetString(), freshness.GetProperty("source").GetString()));
        var history = await api.GetAsync("/v1/anchor-sites/jedi-jena/history");
        var entry = history.Items()[^1];
        Assert.Equal(("updated", "operator", "Bestätigungslink"), (entry.GetProperty("action").GetString(), entry.GetProperty("role").GetString(), entry.GetProperty("reason").GetString()));
        Assert.Empty(entry.GetProperty("changes").EnumerateArray());
        Assert.DoesNotContain("Mustermann", history.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(id, history.GetRawText(), StringComparison.Ordinal);
        Assert.True((await editor.SendAsync("GET", "/v1/confirm-links/" + id).ShouldBeAsync(HttpStatusCode.OK)).TryGetProperty("answeredAt", out _));
        // What was seen is not what is there any more.
        await holder.SendAsync("POST", "/v1/confirmation", new { confirmed = true }, seen).ShouldBeProblemAsync(412, "precondition-failed");
    }

    [Fact]
    public async Task A_proposal_waits_for_an_editor_and_changes_nothing_by_itself()
    {
        var (_, holder) = await MakeAsync("probierladen-jena");
        var before = await api.Client.GetStringAsync("/v1/anchor-sites/probierladen-jena");
        var revision = await RevisionAsync();

        var body = new { proposal = new { facts = new { openingHours = "Mo–Do 10–16 Uhr" } }, comment = Comment };
        var receipt = await holder.SendAsync("POST", "/v1/confirmation", body, key: "answer-1").ShouldBeAsync(HttpStatusCode.OK);
        var again = await holder.SendAsync("POST", "/v1/confirmation", body, key: "answer-1").ShouldBeAsync(HttpStatusCode.OK);

        Assert.False(receipt.GetProperty("confirmed").GetBoolean());
        Assert.Equal(receipt.GetRawText(), again.GetRawText());
        var proposal = Assert.Single((await editor.SendAsync("GET", "/v1/proposals?anchorSite=probierladen-jena").ShouldBeAsync(HttpStatusCode.OK)).Items());
        Assert.Equal(receipt.GetProperty("proposalId").GetString(), proposal.GetProperty("id").GetString());
        Assert.Equal(Comment, proposal.GetProperty("comment").GetString());
        Assert.Equal(before, await api.Client.GetStringAsync("/v1/anchor-sites/probierladen-jena"));
        Assert.Equal(revision, await RevisionAsync());
    }

    [Fact]
    public async Task A_comment_alone_is_a_proposal_without_changes_and_is_never_public()
    {
        const string site = "/v1/anchor-sites/werk-stadt-laden";
        await CreateAsync("Werk Stadt Laden");
        var feed = "/v1/changes?after=" + (await api.GetAsync("/v1/changes?from=end")).GetProperty("cursor").GetString();
        var (_, holder) = await MakeAsync("werk-stadt-laden");

        var receipt = await holder.SendAsync("POST", "/v1/confirmation", new { confirmed = true, comment = Comment }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.True(receipt.GetProperty("confirmed").GetBoolean());
        var address = "/v1/proposals/" + receipt.GetProperty("proposalId").GetString();
        Assert.Empty((await editor.SendAsync("GET", address).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("changes").EnumerateArray());
        await editor.SendAsync("POST", address + "/decision", new { decision = "accepted", reason = "Zwetschgenkuchen notiert" }).ShouldBeAsync(HttpStatusCode.OK);
        foreach (var url in new[] { site, site + "/history", "/v1/anchor-sites?format=csv", "/v1/anchor-sites?q=Zwetschgenkuchen", "/v1/search?q=Zwetschgenkuchen", feed })
        {
            var answer = await api.Client.GetStringAsync(url);
            Assert.DoesNotContain("Redaktion: Zwetschgenkuchen", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("kuchen notiert", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{}""", 422, "unprocessable", "", "nothing-said")]
    [InlineData("""{"confirmed":false}""", 422, "unprocessable", "", "nothing-said")]
    [InlineData("""{"proposal":{}}""", 422, "unprocessable", "/proposal", "no-change")]
    [InlineData("""{"proposal":{"name":"JEDi Jena"},"comment":"x"}""", 422, "unprocessable", "/proposal", "no-change")]
    [InlineData("""{"proposal":{"website":"example.org"}}""", 400, "invalid-request", "/proposal/website", "pattern")]
    [InlineData("""{"proposal":{"status":"open"}}""", 400, "invalid-request", "/proposal/status", "unknown-value")]
    [InlineData("""{"proposal":{"name":null}}""", 400, "invalid-request", "/proposal/name", "missing")]
    [InlineData("""{"proposal":{"id":"other-site"}}""", 400, "invalid-request", "/proposal/id", "unknown-member")]
    [InlineData("""{"proposal":{"state":"DE-BY"}}""", 422, "unprocessable", "/proposal/state", "contradiction")]
    [InlineData("""{"proposal":{"characteristics":{"goals":["fun"]}}}""", 422, "unprocessable", "/proposal/characteristics/goals/0", "unknown-value")]
    [InlineData("""{"proposal":{"name":"ProbierLaden Jena"}}""", 409, "conflict", "/proposal/name", "duplicate")]
    [InlineData("""{"comment":""}""", 400, "invalid-request", "/comment", "length")]
    public async Task An_answer_that_cannot_stand_is_told_where(string body, int status, string problem, string place, string code)
    {
        var name = (await api.GetAsync("/v1/anchor-sites/jedi-jena")).GetProperty("name").GetString()!;
        var (_, holder) = await MakeAsync("jedi-jena");

        var errors = await holder.SendAsync("POST", "/v1/confirmation", body.Replace("JEDi Jena", name, StringComparison.Ordinal)).ShouldBeProblemAsync(status, problem);

        Assert.Contains(errors, error => error.GetProperty("pointer").GetString() == place && error.GetProperty("code").GetString() == code);
    }

    [Fact]
    public async Task A_link_leaves_at_most_five_open_proposals()
    {
        var (_, holder) = await MakeAsync("jedi-jena");
        for (var i = 0; i < 5; i++)
        {
            await holder.SendAsync("POST", "/v1/confirmation", new { comment = $"Anmerkung {i}" }).ShouldBeAsync(HttpStatusCode.OK);
        }

        await holder.SendAsync("POST", "/v1/confirmation", new { comment = "Anmerkung 6", confirmed = true }).ShouldBeProblemAsync(409, "conflict");

        // Confirming alone is still possible, and other links are not concerned.
        await holder.SendAsync("POST", "/v1/confirmation", new { confirmed = true }).ShouldBeAsync(HttpStatusCode.OK);
        await (await MakeAsync("jedi-jena")).Holder.SendAsync("POST", "/v1/confirmation", new { comment = "Von anderswo" }).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_link_that_is_revoked_expired_unknown_or_of_a_removed_site_opens_nothing()
    {
        await CreateAsync("Kurzzeitladen");
        var revoked = await MakeAsync("kurzzeitladen");
        var expired = await MakeAsync("kurzzeitladen");
        var removed = await MakeAsync("kurzzeitladen");
        Assert.Equal(HttpStatusCode.NoContent, (await editor.DeleteAsync("/v1/confirm-links/" + revoked.Id)).StatusCode);
        api.Write(connection => connection.Execute("update confirm_links set expires_at = '2026-01-01T00:00:00.000Z' where id = @Id", new { expired.Id }));

        Assert.Equal("The link is revoked.", await RefusalAsync(revoked.Holder));
        Assert.Equal("The link expired at 2026-01-01T00:00:00.000Z.", await RefusalAsync(expired.Holder));
        Assert.Equal("There is no such link; perhaps it was not copied whole.", await RefusalAsync(api.With(Secret.Make("aoc_"))));
        await editor.SendAsync("DELETE", "/v1/anchor-sites/kurzzeitladen", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal("The site is not listed any more.", await RefusalAsync(removed.Holder));
        await editor.SendAsync("POST", "/v1/anchor-sites/kurzzeitladen/confirm-links", new { }).ShouldBeProblemAsync(410, "gone");
        Assert.Equal(HttpStatusCode.NoContent, (await editor.DeleteAsync("/v1/confirm-links/" + removed.Id)).StatusCode);
    }

    [Fact]
    public async Task A_token_opens_its_confirmation_only_and_a_key_opens_none()
    {
        var (_, holder) = await MakeAsync("jedi-jena");

        await holder.SendAsync("GET", "/v1/proposals").ShouldBeProblemAsync(403, "forbidden");
        await holder.SendAsync("POST", "/v1/anchor-sites/jedi-jena/confirmation", new { source = "ich" }).ShouldBeProblemAsync(403, "forbidden");
        await editor.SendAsync("GET", "/v1/confirmation").ShouldBeProblemAsync(403, "forbidden");
        await editor.SendAsync("POST", "/v1/confirmation", new { confirmed = true }).ShouldBeProblemAsync(403, "forbidden");
        await api.Client.SendAsync("GET", "/v1/confirmation").ShouldBeProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task The_page_of_the_link_runs_its_own_script_and_no_other()
    {
        var response = await api.Client.GetAsync("/confirm?utm_source=mail");

        var page = await response.Content.ReadAsStringAsync();
        var script = page[(page.IndexOf("<script>", StringComparison.Ordinal) + 8)..page.IndexOf("</script>", StringComparison.Ordinal)];
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(script)));
        Assert.Contains($"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; connect-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
    }

    private async Task<(string Id, HttpClient Holder)> MakeAsync(string site)
    {
        var link = await editor.SendAsync("POST", $"/v1/anchor-sites/{site}/confirm-links", new { }).ShouldBeAsync(HttpStatusCode.Created);
        return (link.GetProperty("id").GetString()!, api.With(link.GetProperty("token").GetString()!));
    }

    private Task<JsonElement> CreateAsync(string name) => editor.SendAsync("POST", "/v1/anchor-sites", NewSite.Named(name)).ShouldBeAsync(HttpStatusCode.Created);

    private async Task<long> RevisionAsync() => (await api.GetAsync("/v1")).GetProperty("revision").GetInt64();

    private static async Task<string?> RefusalAsync(HttpClient holder)
    {
        var response = await holder.GetAsync("/v1/confirmation");
        await response.ShouldBeProblemAsync(401, "unauthorized");
        return (await response.JsonAsync()).GetProperty("detail").GetString();
    }
}
