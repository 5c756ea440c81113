using AnkerOrte.Api.Proposals;
using AnkerOrte.Contracts;

namespace AnkerOrte.Tests.Proposals;

public sealed class ProposalTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient editor = api.As("editor");

    [Fact]
    public async Task An_open_proposal_shows_old_and_new_values_against_the_site_as_it_is_now()
    {
        var site = await CreateAsync("Vorher Nachher");
        var address = Propose(site, """{"status":"paused","facts":{"openingHours":"Mo 10–12 Uhr"},"openedOn":null}""", comment: "Umbau");

        var proposal = await GetAsync(address);

        Assert.Equal(("open", "survey-response", "umfrage/1"), (proposal.GetProperty("state").GetString(), proposal.GetProperty("origin").GetString(), proposal.GetProperty("evidence").GetString()));
        Assert.Equal(("vorher-nachher", "Vorher Nachher"), (proposal.GetProperty("anchorSite").GetProperty("id").GetString(), proposal.GetProperty("anchorSite").GetProperty("name").GetString()));
        Assert.Equal(["/status: operating→paused", "/openedOn: 2025-03→", "/facts/openingHours: →Mo 10–12 Uhr"], Summary(proposal));

        await editor.SendAsync("PATCH", "/v1/anchor-sites/" + site, new { status = "closed", closedOn = "2026-01", facts = new { openingHours = "Mo 10–12 Uhr" } }, "*").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(["/status: closed→paused", "/openedOn: 2025-03→"], Summary(await GetAsync(address)));
    }

    [Fact]
    public async Task Accepting_writes_the_site_and_keeps_what_it_changed()
    {
        var site = await CreateAsync("Annahmestelle");
        var address = Propose(site, """{"facts":{"openingHours":"Mo–Do 10–16 Uhr"}}""", comment: "geheim");
        var seen = await api.Client.TagAsync("/v1/anchor-sites/" + site);

        var decided = await editor.SendAsync("POST", address + "/decision", new { decision = "accepted", reason = "Am Aushang gesehen" }, seen, "Hinweis des Ortes").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(("accepted", "Am Aushang gesehen"), (decided.GetProperty("state").GetString(), decided.GetProperty("reason").GetString()));
        Assert.Equal("Mo–Do 10–16 Uhr", (await api.GetAsync("/v1/anchor-sites/" + site)).GetProperty("facts").GetProperty("openingHours").GetString());
        var history = await api.GetAsync($"/v1/anchor-sites/{site}/history");
        Assert.Equal($"Hinweis des Ortes (Vorschlag {decided.GetProperty("id").GetString()})", history.Items()[^1].GetProperty("reason").GetString());
        Assert.Equal("editor", history.Items()[^1].GetProperty("role").GetString());
        Assert.DoesNotContain("geheim", history.GetRawText(), StringComparison.Ordinal);
        // What was decided stays what it was, whatever becomes of the site.
        await editor.SendAsync("PATCH", "/v1/anchor-sites/" + site, new { facts = new { openingHours = "nie" } }, "*").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(["/facts/openingHours: →Mo–Do 10–16 Uhr"], Summary(await GetAsync(address)));
        await editor.SendAsync("POST", address + "/decision", new { decision = "rejected", reason = "doch nicht" }).ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task Rejecting_needs_a_reason_and_changes_nothing_public()
    {
        var site = await CreateAsync("Ablehnungsamt");
        var address = Propose(site, """{"status":"closed"}""");
        var before = await api.Client.GetStringAsync("/v1/anchor-sites/" + site);
        var revision = (await api.GetAsync("/v1")).GetProperty("revision").GetInt64();

        var error = Assert.Single(await editor.SendAsync("POST", address + "/decision", new { decision = "rejected" }).ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("/reason", error.GetProperty("pointer").GetString());
        var decided = await editor.SendAsync("POST", address + "/decision", new { decision = "rejected", reason = "Der Ort ist offen." }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("rejected", decided.GetProperty("state").GetString());
        Assert.Equal(["/status: operating→closed"], Summary(decided));
        Assert.Equal(before, await api.Client.GetStringAsync("/v1/anchor-sites/" + site));
        Assert.Equal(revision, (await api.GetAsync("/v1")).GetProperty("revision").GetInt64());
        Assert.DoesNotContain("offen", await api.Client.GetStringAsync($"/v1/anchor-sites/{site}/history"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accepting_is_checked_as_a_patch_by_the_editor_would_be()
    {
        var site = await CreateAsync("Prüfstelle");
        var seen = await api.Client.TagAsync("/v1/anchor-sites/" + site);
        var wrong = Propose(site, """{"state":"DE-BY"}""");
        var partial = Propose(site, """{"location":{"latitude":50.9}}""");
        var good = Propose(site, """{"status":"paused"}""");

        Assert.Equal(["/proposal/state"], (await DecideAsync(wrong, 422, "unprocessable")).Texts("pointer"));
        Assert.Equal(["/proposal/location/longitude", "/proposal/location/precision"], (await DecideAsync(partial, 422, "unprocessable")).Texts("pointer").Order());
        await api.As("editor", null, "project:aalen-heidenheim").SendAsync("POST", good + "/decision", new { decision = "accepted" }).ShouldBeProblemAsync(403, "forbidden");
        await api.As("editor", null, "project:aalen-heidenheim").SendAsync("POST", good + "/decision", new { decision = "rejected", reason = "nein" }).ShouldBeProblemAsync(403, "forbidden");
        // Of its own project a limited key decides.
        var ours = Propose((await api.GetAsync("/v1/anchor-sites?project=jena&limit=1")).Items()[0].GetProperty("id").GetString()!, "{}");
        await api.As("editor", null, "project:jena").SendAsync("POST", ours + "/decision", new { decision = "rejected", reason = "nein" }).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("PATCH", "/v1/anchor-sites/" + site, new { place = "Hinterhaus" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", good + "/decision", new { decision = "accepted" }, seen).ShouldBeProblemAsync(412, "precondition-failed");
        await editor.SendAsync("POST", good + "/decision?dryRun=true", new { decision = "accepted" }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("open", (await GetAsync(good)).GetProperty("state").GetString());
        Assert.Equal("operating", (await api.GetAsync("/v1/anchor-sites/" + site)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Of_a_removed_site_a_proposal_can_only_be_rejected()
    {
        var site = await CreateAsync("Abrisshaus");
        var address = Propose(site, """{"status":"paused"}""");
        await editor.SendAsync("DELETE", "/v1/anchor-sites/" + site, ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);

        await editor.SendAsync("POST", address + "/decision", new { decision = "accepted" }).ShouldBeProblemAsync(410, "gone");
        await editor.SendAsync("POST", address + "/decision", new { decision = "rejected", reason = "Den Ort gibt es nicht mehr." }).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("rejected", (await GetAsync(address)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_list_shows_what_is_open_oldest_first_and_the_rest_when_asked()
    {
        var site = await CreateAsync("Listenhaus");
        var proposals = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            proposals.Add(Propose(site, "{}", $"Nummer {i}", DateTimeOffset.UtcNow.AddMinutes(i - 10)));
        }

        await editor.SendAsync("POST", proposals[1] + "/decision", new { decision = "rejected", reason = "erledigt" }).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", proposals[2] + "/decision", new { decision = "accepted" }).ShouldBeAsync(HttpStatusCode.OK);

        var list = "/v1/proposals?anchorSite=" + site;
        Assert.Equal(["Nummer 0", "Nummer 3", "Nummer 4"], (await GetAsync(list)).Items().Texts("comment"));
        Assert.Equal(["Nummer 1", "Nummer 2"], (await GetAsync(list + "&state=accepted&state=rejected")).Items().Texts("comment"));
        var page = await GetAsync(list + "&limit=2");
        Assert.Equal(3, page.Total());
        Assert.Equal(["Nummer 4"], (await GetAsync(page.GetProperty("page").GetProperty("next").GetString()!)).Items().Texts("comment"));
        Assert.Equal("unknown-value", Assert.Single(await editor.SendAsync("GET", "/v1/proposals?anchorSite=no-such").ShouldBeProblemAsync(400, "invalid-request")).GetProperty("code").GetString());
        await editor.SendAsync("GET", "/v1/proposals/prop-0000").ShouldBeProblemAsync(404, "not-found");
        await editor.SendAsync("POST", "/v1/proposals/prop-0000/decision", new { decision = "accepted" }).ShouldBeProblemAsync(404, "not-found");
    }

    private async Task<string> CreateAsync(string name) =>
        (await editor.SendAsync("POST", "/v1/anchor-sites", NewSite.Named(name)).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!;

    /// <summary>As a survey response would.</summary>
    private string Propose(string site, string patch, string? comment = null, DateTimeOffset? at = null)
    {
        var id = "";
        using var document = JsonDocument.Parse(patch);
        api.Write(connection => id = ProposalQueries.Add(
            connection, site, ProposalOrigin.SurveyResponse, "response-1", "umfrage/1", document.RootElement, comment, Api.Database.Instant.Write(at ?? DateTimeOffset.UtcNow)));
        return "/v1/proposals/" + id;
    }

    private Task<JsonElement> GetAsync(string url) => editor.SendAsync("GET", url).ShouldBeAsync(HttpStatusCode.OK);

    private Task<List<JsonElement>> DecideAsync(string address, int status, string code) => editor.SendAsync("POST", address + "/decision", new { decision = "accepted" }).ShouldBeProblemAsync(status, code);

    private static List<string> Summary(JsonElement proposal) =>
        [.. proposal.GetProperty("changes").EnumerateArray().Select(change => $"{change.GetProperty("pointer").GetString()}: {Value(change, "before")}→{Value(change, "after")}")];

    private static string? Value(JsonElement change, string member) => change.TryGetProperty(member, out var value) ? value.GetString() : null;
}
