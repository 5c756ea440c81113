using AnkerOrte.Tests.Privacy;
using Dapper;

namespace AnkerOrte.Tests.Codings;

/// <summary>The codebook by versions, and who assigned what.</summary>
public sealed class CodingTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Codes = "/v1/qualitative-codebook/codes";
    private readonly HttpClient anna = api.As("researcher", "owner-anna");
    private readonly HttpClient bert = api.As("researcher", "owner-bert");

    [Fact]
    public async Task Every_write_makes_a_version_and_old_ones_stay()
    {
        var id = await AddAsync("Träger 🏛", color: "#0a843D");
        var before = (await GetAsync(anna, "/v1/qualitative-codebook")).GetProperty("version").GetInt32();
        var tag = await anna.TagAsync($"{Codes}/{id}");

        await anna.SendAsync("PUT", $"{Codes}/{id}", new { name = "Betreiber" }, tag).ShouldBeAsync(HttpStatusCode.OK);

        await anna.SendAsync("PUT", $"{Codes}/{id}", new { name = "Zu spät" }, tag).ShouldBeProblemAsync(412, "precondition-failed");
        await anna.SendAsync("PUT", $"{Codes}/{id}", new { name = "Ohne" }).ShouldBeProblemAsync(428, "precondition-required");
        Assert.Equal("Betreiber", (await GetAsync(anna, $"{Codes}/{id}")).GetProperty("name").GetString());
        var old = (await GetAsync(anna, $"/v1/qualitative-codebook/versions/{before}")).GetProperty("codes").EnumerateArray().Single(code => code.GetProperty("id").GetString() == id);
        Assert.Equal("Träger 🏛", old.GetProperty("name").GetString());
        Assert.Equal("#0a843D", old.GetProperty("color").GetString());
        // Nothing new is no new version.
        await anna.SendAsync("PUT", $"{Codes}/{id}", new { name = "Betreiber" }, await anna.TagAsync($"{Codes}/{id}")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.NotFound, (await anna.GetAsync("/v1/qualitative-codebook/versions/999999")).StatusCode);
    }

    [Fact]
    public async Task The_hierarchy_has_no_loop_and_no_unknown_parent()
    {
        var top = await AddAsync("Oben");
        var below = await AddAsync("Unten", parent: top);

        var loop = await anna.SendAsync("PUT", $"{Codes}/{top}", new { name = "Oben", parent = below }, await anna.TagAsync($"{Codes}/{top}")).ShouldBeProblemAsync(422, "unprocessable");
        var self = await anna.SendAsync("PUT", $"{Codes}/{top}", new { name = "Oben", parent = top }, await anna.TagAsync($"{Codes}/{top}")).ShouldBeProblemAsync(422, "unprocessable");
        var unknown = await anna.SendAsync("POST", Codes, new { name = "x", parent = Guid.NewGuid() }).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(["loop", "loop", "unknown-value"], new[] { loop, self, unknown }.Select(errors => errors.Single().GetProperty("code").GetString()));
        await anna.SendAsync("POST", Codes, new { id = top, name = "Noch einmal" }).ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task What_is_retired_or_only_groups_is_not_assigned_and_the_replacement_is_named()
    {
        var passage = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "draft")]) + "-0";
        var next = await AddAsync("Neu");
        var old = await AddAsync("Alt");
        var group = await AddAsync("Gruppe", codable: false);
        await anna.SendAsync("DELETE", $"{Codes}/{old}?replacedBy={group}", null, await anna.TagAsync($"{Codes}/{old}")).ShouldBeProblemAsync(422, "unprocessable");
        await anna.SendAsync("DELETE", $"{Codes}/{old}?replacedBy={next}", null, await anna.TagAsync($"{Codes}/{old}")).ShouldBeAsync(HttpStatusCode.OK);
        await anna.SendAsync("DELETE", $"{Codes}/{old}", null, await anna.TagAsync($"{Codes}/{old}")).ShouldBeProblemAsync(409, "conflict");

        var retired = (await CodeAsync(anna, passage, old).ShouldBeProblemAsync(422, "unprocessable")).Single();
        var grouping = (await CodeAsync(anna, passage, group).ShouldBeProblemAsync(422, "unprocessable")).Single();
        var unknown = (await CodeAsync(anna, passage, Guid.NewGuid().ToString()).ShouldBeProblemAsync(422, "unprocessable")).Single();

        Assert.Equal(("/code", "retired", next), (retired.GetProperty("pointer").GetString(), retired.GetProperty("code").GetString(), retired.GetProperty("suggestion").GetString()));
        Assert.Equal("not-codable", grouping.GetProperty("code").GetString());
        Assert.Equal("unknown-value", unknown.GetProperty("code").GetString());
        Assert.Equal(0, (await GetAsync(anna, $"/v1/passages/{passage}/codings")).Total());
    }

    [Fact]
    public async Task A_coding_names_its_coder_by_a_label_and_is_taken_back_by_that_coder_only()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "draft")]);
        var code = await AddAsync("Beginn");
        var coding = await CodeAsync(anna, talk + "-0", code, "Zeitangabe").ShouldBeAsync(HttpStatusCode.Created);
        await CodeAsync(anna, talk + "-0", code).ShouldBeProblemAsync(409, "conflict");
        await CodeAsync(anna, talk + "-0", null).ShouldBeProblemAsync(409, "conflict");
        var other = await CodeAsync(bert, talk + "-0", null).ShouldBeAsync(HttpStatusCode.Created);

        Assert.NotEqual(coding.GetProperty("coder").GetString(), other.GetProperty("coder").GetString());
        Assert.DoesNotContain("anna", coding.GetProperty("coder").GetString());
        Assert.False(other.TryGetProperty("code", out _));
        var mine = await GetAsync(bert, $"/v1/codings?conversation={talk}&coder={coding.GetProperty("coder").GetString()}");
        Assert.Equal(["Zeitangabe"], mine.Items().Texts("memo"));
        Assert.Equal(1, (await GetAsync(bert, $"/v1/codings?conversation={talk}&code={code}")).Total());
        var csv = await (await bert.GetAsync($"/v1/codings?conversation={talk}&format=csv")).Content.ReadAsStringAsync();
        Assert.Contains("Zeitangabe", csv);

        var address = "/v1/codings/" + coding.GetProperty("id").GetString();
        await bert.SendAsync("DELETE", address).ShouldBeProblemAsync(403, "forbidden");
        Assert.Equal(HttpStatusCode.NoContent, (await anna.SendAsync("DELETE", address)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await anna.GetAsync(address)).StatusCode);
    }

    [Fact]
    public async Task Keys_of_other_projects_and_restricted_conversations_find_nothing()
    {
        var talk = Talks.Add(api, project: "jena", passages: [("p-anna", "Das war 2021.", "draft")]);
        var code = await AddAsync("Projekt");
        var coding = await CodeAsync(anna, talk + "-0", code).ShouldBeAsync(HttpStatusCode.Created);
        var address = "/v1/codings/" + coding.GetProperty("id").GetString();
        var stranger = api.As("researcher", null, "project:kassel");
        var insider = api.As("researcher", null, "project:jena");

        await CodeAsync(stranger, talk + "-0", code).ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/v1/passages/{talk}-0/codings")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(address)).StatusCode);
        await stranger.SendAsync("DELETE", address).ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(0, (await GetAsync(stranger, $"/v1/codings?conversation={talk}")).Total());
        Assert.Equal(0, (await GetAsync(stranger, $"/v1/coding-agreement?conversation={talk}")).GetProperty("passages").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await insider.GetAsync(address)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await insider.GetAsync("/v1/qualitative-codebook")).StatusCode);
        await insider.SendAsync("POST", Codes, new { name = "Darf nicht" }).ShouldBeProblemAsync(403, "forbidden");

        api.Write(connection => connection.Execute("update conversations set restricted = 1 where id = @talk", new { talk }));
        Assert.Equal(HttpStatusCode.NotFound, (await anna.GetAsync(address)).StatusCode);
        await CodeAsync(anna, talk + "-0", null).ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(HttpStatusCode.Forbidden, (await api.As("releaser").GetAsync(address)).StatusCode);
    }

    [Fact]
    public async Task What_was_erased_takes_its_codings_with_it()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "draft"), ("p-bert", "Wir waren skeptisch.", "draft")]);
        var code = await AddAsync("Weg");
        await CodeAsync(anna, talk + "-0", code, "verräterisch").ShouldBeAsync(HttpStatusCode.Created);
        await CodeAsync(anna, talk + "-1", code).ShouldBeAsync(HttpStatusCode.Created);

        api.Write(connection => connection.Execute("update passages set state = 'withdrawn' where id = @id", new { id = talk + "-0" }));
        Assert.Equal([talk + "-1"], (await GetAsync(anna, $"/v1/codings?conversation={talk}")).Items().Texts("passage"));
        await CodeAsync(bert, talk + "-0", code).ShouldBeProblemAsync(409, "conflict");
        api.Write(connection => connection.Execute("update passages set state = 'erased', quote = '' where id = @id", new { id = talk + "-0" }));

        Assert.Equal([talk + "-1"], Talks.Read(api, connection => connection.Query<string>("select passage_id from codings where passage_id like @talk || '%'", new { talk }).ToList()));
    }

    [Fact]
    public async Task Agreement_counts_what_two_have_coded_and_leaves_the_consensus_out()
    {
        var talk = Talks.Add(api, passages:
        [
            ("p-anna", "Mit einem Café 🎈 im Rathaus.", "draft"), ("p-anna", "Das war 2021.", "draft"), ("p-bert", "Wir waren skeptisch.", "draft"), ("p-anna", "Heute ist es voll.", "draft"),
        ]);
        var (x, y) = (await AddAsync("x"), await AddAsync("y"));
        foreach (var (client, passage, code) in new[] { (anna, 0, x), (bert, 0, x), (anna, 1, null), (bert, 1, y), (anna, 2, y), (bert, 2, y), (anna, 3, x) })
        {
            await CodeAsync(client, $"{talk}-{passage}", code).ShouldBeAsync(HttpStatusCode.Created);
        }

        var agreed = await anna.SendAsync("POST", $"/v1/passages/{talk}-1/codings", new { code = y, consensus = true }).ShouldBeAsync(HttpStatusCode.Created);
        await bert.SendAsync("POST", $"/v1/passages/{talk}-1/codings", new { code = y, consensus = true }).ShouldBeProblemAsync(409, "conflict");

        var answer = await GetAsync(anna, $"/v1/coding-agreement?conversation={talk}");

        Assert.True(agreed.GetProperty("consensus").GetBoolean());
        Assert.Equal((2, 4, 3, 0.75), (answer.GetProperty("coders").GetInt32(), answer.GetProperty("passages").GetInt32(), answer.GetProperty("units").GetInt32(), answer.GetProperty("doubleCoded").GetDouble()));
        var codes = answer.GetProperty("codes").EnumerateArray().ToDictionary(code => code.GetProperty("name").GetString()!);
        Assert.Equal(1, codes["x"].GetProperty("cohen").GetDouble(), 9);
        Assert.Equal("good", codes["x"].GetProperty("reading").GetString());
        // y: 1-1, 0-1, 0-0. Cohen (2/3 - 4/9) / (5/9); alpha from coincidences 1 - 5 × 2 / 18.
        Assert.Equal(0.4, codes["y"].GetProperty("cohen").GetDouble(), 9);
        Assert.Equal(1 - 10.0 / 18, codes["y"].GetProperty("alpha").GetDouble(), 9);
        Assert.Equal("low", codes["y"].GetProperty("reading").GetString());
        // Sets: {x}{x}, {}{y}, {y}{y}: all different ones are at distance 1.
        Assert.Equal(1 - 5 * 2 / 22.0, answer.GetProperty("alpha").GetDouble(), 9);
    }

    [Fact]
    public async Task Where_nothing_can_be_compared_the_reason_is_told()
    {
        var talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "draft")]);
        var code = await AddAsync("allein");
        await CodeAsync(anna, talk + "-0", code).ShouldBeAsync(HttpStatusCode.Created);

        var alone = await GetAsync(anna, $"/v1/coding-agreement?conversation={talk}");
        await CodeAsync(bert, talk + "-0", code).ShouldBeAsync(HttpStatusCode.Created);
        var same = await GetAsync(anna, $"/v1/coding-agreement?conversation={talk}");

        Assert.Equal("No passage was coded by two coders.", alone.GetProperty("reason").GetProperty("en").GetString());
        Assert.False(same.TryGetProperty("alpha", out _));
        Assert.Contains("chance", same.GetProperty("codes")[0].GetProperty("reason").GetProperty("en").GetString());
    }

    [Fact]
    public async Task Saturation_goes_by_date_and_says_when_it_cannot_be_assessed()
    {
        var type = "typ-" + Guid.NewGuid().ToString("N")[..8];
        var codes = new Dictionary<char, string>();
        foreach (var letter in "abcdefgh")
        {
            codes[letter] = await AddAsync(letter.ToString());
        }

        var day = 20;
        foreach (var interview in "b a h c ad bg acf be ad abc".Split(' '))
        {
            var talk = Talks.Add(api, kind: "interview", participants: ["p-anna"], passages: [("p-anna", "Das war 2021.", "draft")]);
            api.Write(connection => connection.Execute(
                "update conversations set held_on = @on where id = @talk; insert into conversation_types values (@talk, @type)", new { talk, type, on = $"2026-03-{day--}" }));
            foreach (var letter in interview)
            {
                await CodeAsync(anna, talk + "-0", codes[letter]).ShouldBeAsync(HttpStatusCode.Created);
            }
        }

        var answer = await GetAsync(anna, $"/v1/saturation?type={type}");
        var none = await GetAsync(anna, "/v1/saturation?type=no-such-type");

        Assert.Equal(6, answer.GetProperty("baseCodes").GetInt32());
        Assert.Equal([0.1667, 0, 0.1667, 0.1667, 0], answer.GetProperty("runs").EnumerateArray().Select(run => Math.Round(run.GetProperty("ratio").GetDouble(), 4)));
        Assert.Equal((7, 10, true), (answer.GetProperty("firstReached").GetInt32(), answer.GetProperty("sustainedFrom").GetInt32(), answer.GetProperty("assessable").GetBoolean()));
        Assert.Equal(200, answer.GetProperty("permutations").GetProperty("count").GetInt32());
        Assert.False(none.GetProperty("assessable").GetBoolean());
        Assert.StartsWith("Saturation cannot be assessed. There are 0 coded interviews", none.GetProperty("reason").GetProperty("en").GetString());
    }

    private async Task<string> AddAsync(string name, string? parent = null, bool codable = true, string? color = null) =>
        (await anna.SendAsync("POST", Codes, new { name, parent, color, isCodable = codable }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!;

    private static Task<HttpResponseMessage> CodeAsync(HttpClient client, string passage, string? code, string? memo = null) =>
        client.SendAsync("POST", $"/v1/passages/{passage}/codings", new { code, memo });

    private static async Task<JsonElement> GetAsync(HttpClient client, string address)
    {
        var response = await client.GetAsync(address);
        Assert.True(response.IsSuccessStatusCode, $"{address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return await response.JsonAsync();
    }
}
