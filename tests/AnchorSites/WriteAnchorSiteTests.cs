using System.Text.Json.Nodes;

namespace AnkerOrte.Tests.AnchorSites;

public sealed class WriteAnchorSiteTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient editor = api.As("editor");

    [Fact]
    public async Task A_new_site_is_published_at_once_and_found_by_its_words()
    {
        var response = await editor.SendAsync("POST", "/v1/anchor-sites", Site("Würfelwerk Musterhausen"), reason: "Neu eröffnet");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var made = await response.JsonAsync();
        Assert.Equal("wuerfelwerk-musterhausen", made.GetProperty("id").GetString());
        Assert.EndsWith("/v1/anchor-sites/wuerfelwerk-musterhausen", response.Headers.Location!.ToString(), StringComparison.Ordinal);
        var read = await api.Client.GetAsync("/v1/anchor-sites/wuerfelwerk-musterhausen");
        Assert.Equal(read.Headers.ETag, response.Headers.ETag);
        Assert.Equal(await read.Content.ReadAsStringAsync(), await response.Content.ReadAsStringAsync());
        Assert.Equal("Jena", made.GetProperty("municipality").GetProperty("shortName").GetString());
        Assert.Equal(["wuerfelwerk-musterhausen"], (await api.GetAsync("/v1/anchor-sites?q=Wuerfelwerk")).Items().Texts("id"));
        Assert.Contains("wuerfelwerk-musterhausen", (await api.GetAsync("/v1/municipalities/16053000")).GetProperty("anchorSites").EnumerateArray().ToList().Texts("id"));
        var entry = Assert.Single((await api.GetAsync("/v1/anchor-sites/wuerfelwerk-musterhausen/history")).Items());
        Assert.Equal(("created", "editor", "Neu eröffnet"), (entry.GetProperty("action").GetString(), entry.GetProperty("role").GetString(), entry.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task A_change_needs_the_version_it_was_made_on()
    {
        await CreateAsync("Versionsladen");
        const string address = "/v1/anchor-sites/versionsladen";
        var first = await api.Client.TagAsync(address);

        await editor.SendAsync("PATCH", address, new { summary = "Ohne Bedingung geschrieben." }).ShouldBeProblemAsync(428, "precondition-required");
        var changed = await editor.SendAsync("PATCH", address, new { facts = new { openingHours = "Mo–Fr 10–18 Uhr" } }, first);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        var stale = await editor.SendAsync("PATCH", address, new { facts = new { openingHours = "nie" } }, first);

        await stale.ShouldBeProblemAsync(412, "precondition-failed");
        Assert.Equal("Mo–Fr 10–18 Uhr", (await api.GetAsync(address)).GetProperty("facts").GetProperty("openingHours").GetString());
        Assert.Equal(changed.Headers.ETag!.Tag, await api.Client.TagAsync(address));
        // A tag that was read from a compressed answer names its coding, and means the same.
        var compressed = changed.Headers.ETag.Tag.Insert(changed.Headers.ETag.Tag.Length - 1, "-br");
        await editor.SendAsync("PATCH", address, new { facts = new { openingHours = "immer" } }, compressed).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("PATCH", address, new { facts = new { openingHours = (string?)null } }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("PATCH", address, new { facts = new { openingHours = "x" } }, "W/" + await api.Client.TagAsync(address)).ShouldBeProblemAsync(412, "precondition-failed");
    }

    [Fact]
    public async Task The_history_tells_what_changed_from_version_to_version()
    {
        await CreateAsync("Chronikwerk");
        const string address = "/v1/anchor-sites/chronikwerk";
        await editor.SendAsync("PATCH", address, new { status = "paused", characteristics = new { goals = new[] { "inclusion" }, formats = (object?)null }, facts = new { visitorsPerYear = 1200 } }, "*", "Umbau").ShouldBeAsync(HttpStatusCode.OK);

        var history = (await api.GetAsync(address + "/history")).Items();

        Assert.Equal([1, 2], history.Select(entry => entry.GetProperty("version").GetInt32()));
        var changes = history[1].GetProperty("changes").EnumerateArray().ToDictionary(change => change.GetProperty("pointer").GetString()!);
        Assert.Equal(["/characteristics/formats", "/characteristics/goals", "/facts/visitorsPerYear", "/status"], changes.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("operating", "paused"), (changes["/status"].GetProperty("before").GetString(), changes["/status"].GetProperty("after").GetString()));
        Assert.False(changes["/characteristics/formats"].TryGetProperty("after", out _));
        Assert.False(changes["/facts/visitorsPerYear"].TryGetProperty("before", out _));
        Assert.Equal("paused", history[1].GetProperty("record").GetProperty("status").GetString());
        Assert.Equal("Umbau", history[1].GetProperty("reason").GetString());
        // Nothing of who it was but the role.
        Assert.DoesNotContain("owner", (await api.GetAsync(address + "/history")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_again_changes_nothing()
    {
        await CreateAsync("Wiederholungswerk");
        const string address = "/v1/anchor-sites/wiederholungswerk";
        var (tag, revision) = (await api.Client.TagAsync(address), (await api.GetAsync("/v1")).GetProperty("revision").GetInt64());

        await editor.SendAsync("PUT", address, Site("Wiederholungswerk"), tag).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(tag, await api.Client.TagAsync(address));
        Assert.Equal(revision, (await api.GetAsync("/v1")).GetProperty("revision").GetInt64());
        Assert.Single((await api.GetAsync(address + "/history")).Items());
    }

    [Fact]
    public async Task A_removed_site_leaves_a_tombstone_and_comes_back_as_it_was()
    {
        await CreateAsync("Schlusslicht");
        const string address = "/v1/anchor-sites/schlusslicht";
        var before = (await api.GetAsync(address)).GetProperty("characteristics").GetRawText();
        var since = (await api.GetAsync(address)).GetProperty("updatedAt").GetString();

        await editor.SendAsync("DELETE", address, ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);

        await api.Client.GetAsync(address).ShouldBeProblemAsync(410, "gone");
        await editor.SendAsync("PATCH", address, new { status = "closed" }, "*").ShouldBeProblemAsync(410, "gone");
        Assert.Empty((await api.GetAsync("/v1/anchor-sites?q=Schlusslicht")).Items());
        Assert.DoesNotContain("schlusslicht", (await api.GetAsync("/v1/municipalities/16053000")).GetProperty("anchorSites").GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("schlusslicht", (await api.WalkAsync("/v1/anchor-sites?limit=200")).Texts("id"));
        var tombstone = (await api.WalkAsync($"/v1/anchor-sites?limit=200&deleted=include&updatedSince={since}")).Single(site => site.GetProperty("id").GetString() == "schlusslicht");
        Assert.Equal(["deletedAt", "id", "self", "updatedAt"], tombstone.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Contains("/schlusslicht,", (await api.Client.GetStringAsync("/v1/anchor-sites?deleted=include&format=csv")), StringComparison.Ordinal);
        await editor.SendAsync("POST", "/v1/anchor-sites", With(Site("Anderer Name"), "id", "schlusslicht")).ShouldBeProblemAsync(409, "conflict");

        await editor.SendAsync("POST", address + "/restore", reason: "Irrtum").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(before, (await api.GetAsync(address)).GetProperty("characteristics").GetRawText());
        Assert.Equal(["schlusslicht"], (await api.GetAsync("/v1/anchor-sites?q=Schlusslicht")).Items().Texts("id"));
        Assert.Equal(["created", "deleted", "restored"], (await api.GetAsync(address + "/history")).Items().Texts("action"));
        await editor.SendAsync("POST", address + "/restore").ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        var site = Site("Fehlerhaus");
        site["state"] = "DE-BY";
        site["projectId"] = "jenaa";
        site["characteristics"] = JsonNode.Parse("""{"goals":["inclusoin","community","community"],"setting":["vilage"]}""");
        site["location"] = JsonNode.Parse("""{"latitude":11.59,"longitude":50.93,"precision":"address"}""");
        site["openedOn"] = "2024-02-30";
        site["closedOn"] = "2023";
        site["sourceIds"] = JsonNode.Parse("""["src-0195","src-9999"]""");
        site["experiences"] = JsonNode.Parse("""[{"id":"x-other-1","kind":"tip","text":"Früh mit dem Betrieb rechnen.","findingId":"f-none","relation":"supports","sourceId":"src-0001"}]""");

        var errors = await editor.SendAsync("POST", "/v1/anchor-sites", site).ShouldBeProblemAsync(422, "unprocessable");

        var found = errors.ToDictionary(error => error.GetProperty("pointer").GetString()!, error => (Code: error.GetProperty("code").GetString(), Suggestion: error.TryGetProperty("suggestion", out var suggestion) ? suggestion.GetString() : null));
        Assert.Equal(new Dictionary<string, (string?, string?)>
        {
            ["/state"] = ("contradiction", "DE-TH"),
            ["/projectId"] = ("unknown-value", "jena"),
            ["/characteristics/goals/0"] = ("unknown-value", "inclusion"),
            ["/characteristics/goals/2"] = ("repeated", null),
            ["/characteristics/setting/0"] = ("unknown-value", "village"),
            ["/location"] = ("swapped", "50.93,11.59"),
            ["/openedOn"] = ("date", null),
            ["/closedOn"] = ("order", null),
            ["/sourceIds/1"] = ("unknown-value", "src-0199"),
            ["/experiences/0/id"] = ("not-own", null),
            ["/experiences/0/sourceId"] = ("not-cited", null),
            ["/experiences/0/findingId"] = ("unknown-value", null),
        }.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("contradiction", "DE-TH"), found["/state"]);
        Assert.Equal(("unknown-value", "inclusion"), found["/characteristics/goals/0"]);
        Assert.Equal(("unknown-value", "village"), found["/characteristics/setting/0"]);
        Assert.Equal(("swapped", "50.93,11.59"), found["/location"]);
        Assert.Equal(("unknown-value", "jena"), found["/projectId"]);
        Assert.Equal(("order", null), found["/closedOn"]);
        await api.Client.GetAsync("/v1/anchor-sites/fehlerhaus").ShouldBeProblemAsync(404, "not-found");
    }

    [Theory]
    [InlineData("""{"latitude":48.85,"longitude":2.35,"precision":"address"}""", "outside-germany")]
    [InlineData("""{"latitude":0,"longitude":0,"precision":"address"}""", "outside-germany")]
    public async Task A_place_outside_of_germany_is_refused(string location, string code)
    {
        var errors = await editor.SendAsync("POST", "/v1/anchor-sites", With(Site("Anderswo"), "location", JsonNode.Parse(location)!)).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal([code], errors.Texts("code"));
    }

    [Fact]
    public async Task What_does_not_fit_the_contract_is_named_by_pointer()
    {
        var site = Site("x");
        site["staus"] = "operating";
        site["status"] = "offen";
        site["ags"] = 16053000;
        site["website"] = "www.example.org";
        site["openedOn"] = "May 2024";
        site["self"] = "http://localhost/v1/anchor-sites/x";
        site.Remove("summary");

        var errors = await editor.SendAsync("POST", "/v1/anchor-sites", site).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal(["/ags", "/name", "/openedOn", "/self", "/status", "/staus", "/summary", "/website"], errors.Texts("pointer").Order(StringComparer.Ordinal));
        Assert.Equal("status", errors.Single(error => error.GetProperty("pointer").GetString() == "/staus").GetProperty("suggestion").GetString());
    }

    [Theory]
    [InlineData("", "not-json")]
    [InlineData("{", "not-json")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", "duplicate-member")]
    [InlineData("[]", "type")]
    [InlineData("null", "null")]
    [InlineData("{\"name\":\"\\ud800\"}", "encoding")]
    [InlineData("{\"\\ud800\":1}", "encoding")]
    public async Task A_body_that_is_no_record_is_told_why(string body, string code)
    {
        var errors = await editor.SendAsync("POST", "/v1/anchor-sites", body).ShouldBeProblemAsync(400, "invalid-request");

        Assert.Equal([code], errors.Texts("code"));
    }

    [Fact]
    public async Task Deep_nesting_and_a_wrong_encoding_are_told()
    {
        var deep = await editor.SendAsync("POST", "/v1/anchor-sites", string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100)).ShouldBeProblemAsync(400, "invalid-request");
        Assert.Equal(["not-json"], deep.Texts("code"));
        using var latin = new HttpRequestMessage(HttpMethod.Post, "/v1/anchor-sites") { Content = new ByteArrayContent([.. "{\"name\":\""u8, 0xFC, .. "\"}"u8]) };
        latin.Content.Headers.ContentType = new("application/json");
        Assert.Equal(["encoding"], (await (await editor.SendAsync(latin)).ShouldBeProblemAsync(400, "invalid-request")).Texts("code"));
        using var marked = new HttpRequestMessage(HttpMethod.Post, "/v1/anchor-sites?dryRun=true") { Content = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. JsonSerializer.SerializeToUtf8Bytes(Site("Mit Marke"))]) };
        marked.Content.Headers.ContentType = new("application/json");
        Assert.Equal(HttpStatusCode.OK, (await editor.SendAsync(marked)).StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/xml")]
    public async Task A_body_of_another_type_is_refused(string mediaType) =>
        await editor.SendAsync("POST", "/v1/anchor-sites", "{}", mediaType: mediaType).ShouldBeProblemAsync(415, "unsupported-media-type");

    [Fact]
    public async Task The_same_name_in_the_same_place_is_a_conflict_that_names_the_other()
    {
        await CreateAsync("Doppelpunkt");

        var errors = await editor.SendAsync("POST", "/v1/anchor-sites", Site("  doppelpunkt ".Trim())).ShouldBeProblemAsync(409, "conflict");

        Assert.Equal("doppelpunkt", Assert.Single(errors).GetProperty("suggestion").GetString());
        var elsewhere = Site("Doppelpunkt");
        elsewhere["ags"] = "16051000";
        Assert.Equal("doppelpunkt-2", (await editor.SendAsync("POST", "/v1/anchor-sites", elsewhere).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString());
    }

    [Fact]
    public async Task What_is_odd_but_allowed_comes_as_a_warning()
    {
        var site = Site("Zuletzt");
        site["status"] = "closed";
        site["location"] = JsonNode.Parse("""{"latitude":52.52,"longitude":13.4,"precision":"address"}""");

        var made = await editor.SendAsync("POST", "/v1/anchor-sites", site).ShouldBeAsync(HttpStatusCode.Created);

        Assert.Equal(["far-from-municipality", "missing-date"], made.GetProperty("warnings").EnumerateArray().ToList().Texts("code"));
        Assert.False((await api.GetAsync("/v1/anchor-sites/zuletzt")).TryGetProperty("warnings", out _));
    }

    [Fact]
    public async Task A_dry_run_checks_everything_and_stores_nothing()
    {
        var revision = (await api.GetAsync("/v1")).GetProperty("revision").GetInt64();

        var response = await editor.SendAsync("POST", "/v1/anchor-sites?dryRun=true", Site("Probelauf"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("probelauf", (await response.JsonAsync()).GetProperty("id").GetString());
        await api.Client.GetAsync("/v1/anchor-sites/probelauf").ShouldBeProblemAsync(404, "not-found");
        await editor.SendAsync("POST", "/v1/anchor-sites?dryRun=true", With(Site("Probelauf"), "state", "DE-BY")).ShouldBeProblemAsync(422, "unprocessable");
        await editor.SendAsync("DELETE", "/v1/anchor-sites/jedi-jena?dryRun=true", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal(revision, (await api.GetAsync("/v1")).GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_repeated_request_is_carried_out_once()
    {
        var first = await editor.SendAsync("POST", "/v1/anchor-sites", Site("Einmalig"), key: "k-1");
        var second = await editor.SendAsync("POST", "/v1/anchor-sites", Site("Einmalig"), key: "k-1");

        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal((first.Headers.Location, first.Headers.ETag), (second.Headers.Location, second.Headers.ETag));
        await editor.SendAsync("POST", "/v1/anchor-sites", Site("Zweimalig"), key: "k-1").ShouldBeProblemAsync(422, "idempotency-key-reused");
        // Keys of another owner are other keys.
        await api.As("editor").SendAsync("POST", "/v1/anchor-sites", Site("Zweimalig"), key: "k-1").ShouldBeAsync(HttpStatusCode.Created);
        Assert.Single((await api.GetAsync("/v1/anchor-sites/einmalig/history")).Items());
        // What was refused is not remembered.
        await editor.SendAsync("POST", "/v1/anchor-sites", With(Site("Dreimalig"), "state", "DE-BY"), key: "k-2").ShouldBeProblemAsync(422, "unprocessable");
        await editor.SendAsync("POST", "/v1/anchor-sites", Site("Dreimalig"), key: "k-2").ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Twenty_at_once_with_one_idempotency_key_make_one_site()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => editor.SendAsync("POST", "/v1/anchor-sites", Site("Gleichzeitig"), key: "k-once")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Equal(19, answers.Count(answer => answer.Headers.Contains("Idempotency-Replayed")));
        Assert.Single((await api.GetAsync("/v1/anchor-sites?q=Gleichzeitig")).Items());
    }

    [Fact]
    public async Task Experiences_keep_their_ids_and_numbers_are_never_given_twice()
    {
        var site = Site("Erfahrungsraum");
        site["experiences"] = JsonNode.Parse("""
            [{"kind":"tip","text":"Früh mit dem Betrieb rechnen.","findingId":"f-vielfalt-ohne-gesamtbild","relation":"supports","sourceId":"src-0195"},
             {"kind":"lesson","text":"Öffnungszeiten am Abend anbieten.","findingId":"f-vielfalt-ohne-gesamtbild","relation":"qualifies","sourceId":"src-0195"}]
            """);
        await editor.SendAsync("POST", "/v1/anchor-sites", site).ShouldBeAsync(HttpStatusCode.Created);
        const string address = "/v1/anchor-sites/erfahrungsraum";
        var kept = site["experiences"]![0]!.DeepClone();
        kept["id"] = "x-erfahrungsraum-1";
        await editor.SendAsync("PATCH", address, new { experiences = new[] { kept } }, "*").ShouldBeAsync(HttpStatusCode.OK);

        var added = await editor.SendAsync("PATCH", address, new { experiences = new[] { site["experiences"]![1]!, kept } }, "*").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(["x-erfahrungsraum-3", "x-erfahrungsraum-1"], added.GetProperty("experiences").EnumerateArray().ToList().Texts("id"));
    }

    [Fact]
    public async Task A_key_limited_to_a_project_writes_its_sites_only()
    {
        var jena = api.As("editor", null, "project:jena");
        await jena.SendAsync("POST", "/v1/anchor-sites", With(Site("Projektort"), "projectId", "jena")).ShouldBeAsync(HttpStatusCode.Created);

        await jena.SendAsync("POST", "/v1/anchor-sites", Site("Fremdort")).ShouldBeProblemAsync(403, "forbidden");
        await jena.SendAsync("PATCH", "/v1/anchor-sites/projektort", new { projectId = (string?)null }, "*").ShouldBeProblemAsync(403, "forbidden");
        var other = (await api.GetAsync("/v1/anchor-sites?limit=200")).Items().First(site => site.TryGetProperty("projectId", out var project) && project.GetString() != "jena").GetProperty("id").GetString();
        await jena.SendAsync("DELETE", $"/v1/anchor-sites/{other}", ifMatch: "*").ShouldBeProblemAsync(403, "forbidden");
        await jena.SendAsync("PATCH", "/v1/sources/src-0195", new { title = "Neuer Titel" }, "*").ShouldBeProblemAsync(403, "forbidden");
        await api.As("admin", null, "project:jena").GetAsync("/v1/api-keys").ShouldBeProblemAsync(403, "forbidden");
        await jena.SendAsync("POST", "/v1/sources", new { url = "https://example.org/x", title = "Neu", publisher = "Stadt", kind = "press" }).ShouldBeProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_confirmation_makes_an_entry_fresh()
    {
        await CreateAsync("Frischehaus");
        Assert.Contains("frischehaus", (await api.WalkAsync("/v1/anchor-sites?limit=200&freshness=unconfirmed")).Texts("id"));

        var site = await editor.SendAsync("POST", "/v1/anchor-sites/frischehaus/confirmation", new { source = "Telefonat mit dem Ort" }).ShouldBeAsync(HttpStatusCode.OK);

        var freshness = site.GetProperty("freshness");
        Assert.Equal(("editor", "Telefonat mit dem Ort"), (freshness.GetProperty("confirmedBy").GetString(), freshness.GetProperty("source").GetString()));
        Assert.Equal(freshness.GetProperty("confirmedAt").GetDateTimeOffset().AddYears(1), freshness.GetProperty("freshUntil").GetDateTimeOffset());
        Assert.Equal(["frischehaus"], (await api.GetAsync("/v1/anchor-sites?freshness=fresh&q=Frischehaus")).Items().Texts("id"));
        Assert.Empty((await api.GetAsync("/v1/anchor-sites?freshness=stale&freshness=ageing&q=Frischehaus")).Items());
    }

    private Task<JsonElement> CreateAsync(string name) => editor.SendAsync("POST", "/v1/anchor-sites", Site(name)).ShouldBeAsync(HttpStatusCode.Created);

    private static JsonObject With(JsonObject site, string member, JsonNode value)
    {
        site[member] = value;
        return site;
    }

    private static JsonObject Site(string name) => NewSite.Named(name);
}
