using System.Text.Json.Nodes;

namespace AnkerOrte.Tests.Typologies;

/// <summary>A draft, its gates, and how it becomes the version that holds. One story on one database.</summary>
public sealed class EditTypologyTests
{
    [Fact]
    public async Task A_type_is_split_by_one_published_by_another_and_every_site_can_be_followed()
    {
        using var api = new ApiFixture();
        using var author = api.As("editor", "owner-a");
        using var publisher = api.As("publisher", "owner-b");
        using var self = api.With(api.CreateKey(["editor", "publisher"], "owner-a"));
        var before = (await api.GetAsync("/v1/changes?from=end")).GetProperty("cursor").GetString();
        var draft = await author.SendAsync("POST", "/v1/typologies", new { basedOn = "1" }).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(("2", "draft", "1"), (Text(draft, "version"), Text(draft, "status"), Text(draft, "predecessor")));

        // Nobody else sees it, and there is one at a time.
        await (await api.Client.GetAsync("/v1/typologies/2")).ShouldBeProblemAsync(404, "not-found");
        await (await api.Client.GetAsync("/v1/types?typology=2")).ShouldBeProblemAsync(404, "not-found");
        await author.SendAsync("POST", "/v1/typologies", new { }).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal(8, (await (await author.GetAsync("/v1/types?typology=2")).JsonAsync()).Total());
        await (await author.GetAsync("/v1/typologies/1/correspondences/2")).ShouldBeProblemAsync(409, "conflict");

        // Without reasons it does not pass.
        var refused = await publisher.SendAsync("POST", "/v1/typologies/2/publish").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Contains("reduction-steps", refused.Texts("code"));

        var record = Record(draft);
        var types = record["types"]!.AsArray();
        var maker = types.Single(type => type!["key"]!.GetValue<string>() == "makerspace")!;
        var school = maker.DeepClone();
        school["key"] = "school-makerspace";
        school["label"] = new JsonObject { ["de"] = "Schul-Makerspace", ["en"] = "School makerspace" };
        types.Add(school);
        record["reductionSteps"] = new JsonArray(new JsonObject
        {
            ["kind"] = "pragmatic",
            ["from"] = new JsonArray("makerspace"),
            ["to"] = "school-makerspace",
            ["reason"] = "Orte mit Schulbetrieb entscheiden anders.",
            ["evidence"] = new JsonArray("f-vhs-und-bibliothek"),
        });
        record["correspondence"] = new JsonArray(new JsonObject
        {
            ["from"] = new JsonArray("makerspace"),
            ["to"] = new JsonArray("makerspace", "school-makerspace"),
            ["relation"] = "split",
            ["reason"] = "Schulbetrieb als eigener Typ.",
        });
        await author.SendAsync("PUT", "/v1/typologies/2", record.ToJsonString()).ShouldBeProblemAsync(428, "precondition-required");
        await author.SendAsync("PUT", "/v1/typologies/2", record.ToJsonString(), ifMatch: "\"old\"").ShouldBeProblemAsync(412, "precondition-failed");
        await author.SendAsync("PUT", "/v1/typologies/2", record.ToJsonString(), ifMatch: await author.TagAsync("/v1/typologies/2")).ShouldBeAsync(HttpStatusCode.OK);

        // A type of two sites is named.
        var makers = (await api.WalkAsync("/v1/typologies/1/memberships?type=makerspace")).Texts("siteId");
        await Move(author, makers.Take(2), "school-makerspace");
        var small = await publisher.SendAsync("POST", "/v1/typologies/2/publish").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Contains("school-makerspace", small.Single(error => Text(error, "code") == "type-size").GetProperty("detail").GetString(), StringComparison.Ordinal);

        var known = (await api.GetAsync("/v1/types/makerspace/anchor-sites?limit=200")).Items().Select(member => Text(member.GetProperty("site"), "id"));
        Assert.Equal(makers, known);
        var moved = new List<string>();
        foreach (var site in makers)
        {
            // With prototypes in both halves.
            if (moved.Count < 8)
            {
                moved.Add(site);
            }
        }

        var report = await Move(author, moved, "school-makerspace");
        Assert.Equal((6, 2), (report.GetProperty("changed").GetInt32(), report.GetProperty("unchanged").GetInt32()));
        await self.SendAsync("POST", "/v1/typologies/2/publish").ShouldBeProblemAsync(403, "forbidden");
        var dry = await publisher.SendAsync("POST", "/v1/typologies/2/publish?dryRun=true").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("published", Text(dry, "status"));
        Assert.Equal("draft", Text(await (await author.GetAsync("/v1/typologies/2")).JsonAsync(), "status"));

        // Two publishers at once: one wins.
        using var second = api.As("publisher", "owner-c");
        var published = await Task.WhenAll(publisher.SendAsync("POST", "/v1/typologies/2/publish"), second.SendAsync("POST", "/v1/typologies/2/publish"));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], published.Select(response => response.StatusCode).Order());

        Assert.Equal("superseded", Text(await api.GetAsync("/v1/typologies/1"), "status"));
        Assert.Equal(["2", "1"], (await api.GetAsync("/v1/typologies")).Items().Texts("version"));
        var link = (await api.Client.GetAsync("/v1/typologies/2")).Headers.GetValues("Link").Single();
        Assert.Contains("<http://localhost/v1/typologies/1>; rel=\"predecessor-version\"", link, StringComparison.Ordinal);
        var correspondence = await api.GetAsync("/v1/typologies/1/correspondences/2");
        Assert.Equal(8, correspondence.GetProperty("moved").GetInt32());
        var cell = correspondence.GetProperty("cells").EnumerateArray().Single(cell => Text(cell, "from") == "makerspace" && Text(cell, "to") == "school-makerspace");
        Assert.Equal(moved.Order(StringComparer.Ordinal), cell.GetProperty("siteIds").EnumerateArray().Select(site => site.GetString()));
        Assert.Equal("split", Text(correspondence.GetProperty("types").EnumerateArray().Single(fate => fate.GetProperty("from").EnumerateArray().Any(from => from.GetString() == "makerspace")), "relation"));
        Assert.Equal("Schulbetrieb als eigener Typ.", Text(correspondence.GetProperty("declared")[0], "reason"));
        Assert.Equal("merged", Text((await api.GetAsync("/v1/typologies/2/correspondences/1")).GetProperty("types").EnumerateArray().Single(fate => fate.GetProperty("from")[0].GetString() == "school-makerspace"), "relation"));

        // Sites, types and feed follow.
        Assert.Equal("school-makerspace", Text((await api.GetAsync("/v1/anchor-sites/" + moved[0])).GetProperty("membership"), "type"));
        Assert.Equal(8, (await api.GetAsync("/v1/anchor-sites?type=school-makerspace")).Total());
        Assert.Equal(17, (await api.GetAsync("/v1/types/makerspace?typology=1")).GetProperty("size").GetProperty("members").GetInt32());
        Assert.Equal(9, (await api.GetAsync("/v1/types/makerspace")).GetProperty("size").GetProperty("members").GetInt32());
        var changes = (await api.GetAsync($"/v1/changes?limit=200&after={before}")).Items().Select(change => $"{Text(change, "action")} {Text(change, "kind")} {Text(change, "id")}").ToList();
        Assert.Contains("created typology 2", changes);
        Assert.Contains("created type school-makerspace", changes);
        Assert.Equal(moved.Order(StringComparer.Ordinal), changes.Where(change => change.StartsWith("updated anchor-site ", StringComparison.Ordinal)).Select(change => change.Split(' ')[2]));

        // What is published stays.
        await author.SendAsync("PUT", "/v1/typologies/2", record.ToJsonString(), ifMatch: "*").ShouldBeProblemAsync(409, "conflict");
        await author.SendAsync("DELETE", "/v1/typologies/2", ifMatch: "*").ShouldBeProblemAsync(409, "conflict");
        await author.SendAsync("POST", "/v1/typologies/2/memberships/bulk", new { items = new[] { new { siteId = moved[0], type = (string?)null, rationale = "nein", confidence = "low" } } }).ShouldBeProblemAsync(409, "conflict");

        // A discarded draft's number is not used again.
        await author.SendAsync("POST", "/v1/typologies", new { }).ShouldBeAsync(HttpStatusCode.Created);
        await author.SendAsync("DELETE", "/v1/typologies/3", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal("4", Text(await author.SendAsync("POST", "/v1/typologies", new { }).ShouldBeAsync(HttpStatusCode.Created), "version"));
    }

    [Fact]
    public async Task A_draft_that_cannot_be_is_refused_place_by_place()
    {
        using var api = new ApiFixture();
        using var author = api.As("editor", "owner-a");
        using var publisher = api.As("publisher", "owner-b");
        var draft = await author.SendAsync("POST", "/v1/typologies", new { }).ShouldBeAsync(HttpStatusCode.Created);
        var record = Record(draft);
        record["dimensionsUsed"] = new JsonArray("gaols");
        record["types"]![0]!["definingFeatures"]![0]!["code"] = "participaton";
        record["types"]![1]!["key"] = record["types"]![0]!["key"]!.GetValue<string>();
        record["types"]![2]!["literature"] = new JsonArray(new JsonObject { ["title"] = "x", ["text"] = "y", ["sourceId"] = "src-none" });
        record["reductionSteps"] = new JsonArray(Step("a", "b"), Step("b", "c"), Step("c", "a"));

        var errors = await author.SendAsync("PUT", "/v1/typologies/2", record.ToJsonString(), ifMatch: "*").ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(["/dimensionsUsed/0", "/types/0/definingFeatures/0/code", "/types/1/key", "/types/2/literature/0/sourceId", "/reductionSteps/0"],
            errors.Texts("pointer").Where(pointer => !pointer.Contains("distinguishedFrom", StringComparison.Ordinal)));
        Assert.Equal("goals", Text(errors[0], "suggestion"));

        var wrong = await author.SendAsync("POST", "/v1/typologies/2/memberships/bulk", new
        {
            items = new object[]
            {
                new { siteId = "nowhere", type = "makerspace", degree = "core", rationale = "weil", confidence = "low" },
                new { siteId = "jedi-jena", type = "maker", degree = "core", rationale = "weil", confidence = "low" },
                new { siteId = "jedi-jena", type = "makerspace", rationale = "weil", confidence = "low" },
                new { siteId = "probierladen-jena", type = "makerspace", degree = "core", secondaryType = "makerspace", rationale = "weil", confidence = "low" },
            },
        }).ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(["/items/0/siteId", "/items/1/type", "/items/2/siteId", "/items/2/degree", "/items/3/secondaryType"], wrong.Texts("pointer"));
        await author.SendAsync("POST", "/v1/typologies/2/memberships/bulk", new { items = Array.Empty<object>() }).ShouldBeProblemAsync(400, "invalid-request");

        // A site that was added meanwhile belongs nowhere yet.
        using var editor = api.As("editor");
        var site = await editor.SendAsync("POST", "/v1/anchor-sites", NewSite.Named("Noch ohne Typ")).ShouldBeAsync(HttpStatusCode.Created);
        var refused = await publisher.SendAsync("POST", "/v1/typologies/2/publish").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Contains(Text(site, "id"), Text(refused.Single(error => Text(error, "code") == "every-site-assigned"), "detail"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Undefined, site.TryGetProperty("membership", out var membership) ? membership.ValueKind : JsonValueKind.Undefined);
        Assert.Null((await api.GetAsync($"/v1/anchor-sites/{Text(site, "id")}/type")).TryGetProperty("type", out var type) ? type.GetString() : null);
    }

    private static JsonObject Step(string from, string to) => new() { ["kind"] = "functional", ["from"] = new JsonArray(from), ["to"] = to, ["reason"] = "Keine Fälle in dieser Zelle." };

    private static JsonObject Record(JsonElement draft)
    {
        var record = new JsonObject();
        foreach (var member in new[] { "title", "note", "construction", "dimensionsUsed", "types", "reductionSteps", "correspondence", "otherTypologies" })
        {
            record[member] = JsonNode.Parse(draft.GetProperty(member).GetRawText());
        }

        return record;
    }

    private static Task<JsonElement> Move(HttpClient author, IEnumerable<string> sites, string type) => author.SendAsync("POST", "/v1/typologies/2/memberships/bulk", new
    {
        items = sites.Select(siteId => new { siteId, type, degree = "core", rationale = "Arbeitet mit Schulen.", confidence = "medium" }),
    }).ShouldBeAsync(HttpStatusCode.OK);

    private static string Text(JsonElement element, string member) => TypologyTests.Text(element, member);
}
