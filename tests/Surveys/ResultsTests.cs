using System.Text.Json.Nodes;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>What is published of responses, and what never is.</summary>
public sealed class ResultsTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Counts_are_published_and_small_cells_are_not()
    {
        using var own = new ApiFixture();
        using var sender = own.As("contributor");
        await own.AutoAcceptAsync();
        Assert.Equal(
            (JsonValueKind.Null, 0), (await own.GetAsync($"{Survey}/results")) is var none
            ? (none.GetProperty("release").ValueKind, none.GetProperty("cells").GetArrayLength()) : default);
        // 20 municipalities: inclusion 20, culture 17, networking 3, innovation 2, community 0.
        var places = own.Municipalities();
        var lines = Enumerable.Range(0, 20).Select(number => Response(
            Answers("operating",
                [.. new[] { "inclusion", number < 17 ? "culture" : "networking", number < 2 ? "innovation" : "" }
                .Where(goal => goal.Length > 0)])
                .With("municipality", places[number]), id: $"r-{number}").ToJsonString());
        Assert.Equal((20, 0, 0), (await sender.BulkAsync(string.Join('\n', lines))).Counts());
        // Neither drafts nor those who do not want to be published count.
        await sender.PutAsync("draft", Response(submit: false)).ShouldBeAsync(HttpStatusCode.Created);
        await sender.PutAsync("silent", Response(Answers().With("consent", "not-at-all"))).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(20, (await own.ReleaseAsync()).GetProperty("release").GetProperty("responseCount").GetInt32());

        var results = await own.GetAsync($"{Survey}/results?item=goals");

        var cells = results.GetProperty("cells").EnumerateArray().ToDictionary(cell => cell.GetProperty("code").GetString() ?? "n");
        Assert.Equal(20, cells["n"].GetProperty("count").GetInt32());
        Assert.Equal((20, 1.0, false), (cells["inclusion"].GetProperty("count").GetInt32(), cells["inclusion"].GetProperty("share").GetDouble(), cells["inclusion"].GetProperty("suppressed").GetBoolean()));
        Assert.Equal((17, 0.85), (cells["culture"].GetProperty("count").GetInt32(), cells["culture"].GetProperty("share").GetDouble()));
        Assert.Equal(3, cells["networking"].GetProperty("count").GetInt32());
        Assert.Equal(0, cells["community"].GetProperty("count").GetInt32());
        Assert.True(cells["innovation"].GetProperty("suppressed").GetBoolean());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (cells["innovation"].GetProperty("count").ValueKind, cells["innovation"].GetProperty("share").ValueKind));
    }

    [Fact]
    public async Task Json_and_csv_hide_the_same_and_groups_add_up()
    {
        using var own = new ApiFixture();
        using var sender = own.As("contributor");
        await own.AutoAcceptAsync();
        var lines = Enumerable.Range(0, 120).Zip(own.Municipalities("16").Concat(own.Municipalities("09"))
            .Concat(own.Municipalities("11"))
            .Where((place, number) => place.StartsWith("11", StringComparison.Ordinal) || number % 17 == 0).Reverse(),
                (number, place) => Response(
            Answers(number % 3 == 0 ? "planned" : "operating", number % 7 == 0 ? "culture" : "inclusion").With("municipality", place),
                id: $"r-{number}").ToJsonString());
        await sender.BulkAsync(string.Join('\n', lines));
        await own.ReleaseAsync();

        var json = (await own.GetAsync($"{Survey}/results?item=goals&item=status&by=state,populationClass")).GetProperty("cells").EnumerateArray().ToList();
        var csv = (await own.Client.GetStringAsync($"{Survey}/results?item=goals&item=status&by=state,populationClass&format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("item,row,code,labelDe,labelEn,state,populationClass,cohort,type,count,share,mean,suppressed,attribution", csv[0]);
        Assert.Equal(json.Count, csv.Length - 1);
        Assert.Equal(json.Count(cell => cell.GetProperty("suppressed").GetBoolean()), csv.Count(line => line.Contains(",true,", StringComparison.Ordinal)));
        Assert.NotEqual(0, json.Count(cell => cell.GetProperty("suppressed").GetBoolean()));
        Assert.All(json.Where(cell => cell.GetProperty("suppressed").GetBoolean()), cell => Assert.Equal(JsonValueKind.Null, cell.GetProperty("count").ValueKind));
        Assert.All(json.Where(cell => !cell.GetProperty("suppressed").GetBoolean()), cell => Assert.True(cell.GetProperty("count").GetInt32() is 0 or >= 3));
        // The same cell is in the same state whatever is asked.
        var single = (await own.GetAsync($"{Survey}/results?item=goals&by=state")).GetProperty("cells").EnumerateArray().Single(cell => cell.GetProperty("code").GetString() == "inclusion" && cell.GetProperty("state").GetString() == "DE-TH");
        var again = (await own.GetAsync($"{Survey}/releases/1?by=state")).GetProperty("cells").EnumerateArray()
            .Single(cell => cell.GetProperty("item").GetString() == "goals" && cell.GetProperty("code").GetString() == "inclusion"
            && cell.GetProperty("state").GetString() == "DE-TH");
        Assert.Equal(single.GetRawText(), again.GetRawText());
    }

    [Fact]
    public async Task A_follow_up_reveals_no_suppressed_number_of_the_item_that_leads_to_it()
    {
        using var own = new ApiFixture();
        using var researcher = own.As("researcher");
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "folge", title = new { de = "Folge", en = "Follow" } }).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", "/v1/surveys/folge/versions", """
            {"title":{"de":"Folge","en":"Follow"},"items":[
            {"code":"meinung","kind":"singleChoice","label":{"de":"M","en":"M"},"required":true,"options":[{"code":"a","label":{"de":"A","en":"A"}},{"code":"b","label":{"de":"B","en":"B"}},{"code":"c","label":{"de":"C","en":"C"}}]},
            {"code":"nachB","kind":"yesNo","label":{"de":"B","en":"B"},"required":true,"visibleIf":{"item":"meinung","equals":"b"}},
            {"code":"nachBC","kind":"yesNo","label":{"de":"BC","en":"BC"},"required":true,"visibleIf":{"item":"meinung","in":["b","c"]}},
            {"code":"danach","kind":"yesNo","label":{"de":"D","en":"D"},"required":true,"visibleIf":{"item":"nachB","equals":true}}]}
            """).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", "/v1/surveys/folge/versions/1/publish").ShouldBeAsync(HttpStatusCode.OK);
        await researcher.SendAsync("PATCH", "/v1/surveys/folge", new { autoAccept = true }, ifMatch: "*").ShouldBeAsync(HttpStatusCode.OK);
        for (var number = 0; number < 35; number++)
        {
            // Nobody names a municipality, so each key is a respondent.
            using var sender = own.As("contributor");
            var isOdd = number % 2 == 1;
            object answers = number < 20 ? new { meinung = "a" }
                : number < 32 ? isOdd ? new { meinung = "b", nachB = true, nachBC = true, danach = true }
                    : new { meinung = "b", nachB = false, nachBC = false }
                : new { meinung = "c", nachBC = isOdd };
            await sender.SendAsync("PUT", $"/v1/surveys/folge/responses/f-{number}", new { version = 1, submit = true, answers }).ShouldBeAsync(HttpStatusCode.Created);
        }

        await researcher.SendAsync("POST", "/v1/surveys/folge/releases").ShouldBeAsync(HttpStatusCode.Created);
        var results = await own.GetAsync("/v1/surveys/folge/results");

        var cells = results.GetProperty("cells").EnumerateArray().ToDictionary(cell => $"{cell.GetProperty("item").GetString()} {cell.GetProperty("code").GetString() ?? "n"}");
        Assert.Equal((20, true, true), (cells["meinung a"].GetProperty("count").GetInt32(), cells["meinung b"].GetProperty("suppressed").GetBoolean(), cells["meinung c"].GetProperty("suppressed").GetBoolean()));
        // b = 12 would give c away; b and c together are known to be 15 anyway.
        Assert.All(cells.Where(cell => cell.Key.StartsWith("nachB ", StringComparison.Ordinal) || cell.Key.StartsWith("danach ", StringComparison.Ordinal)), cell => Assert.True(cell.Value.GetProperty("suppressed").GetBoolean(), cell.Key));
        Assert.Equal(15, cells["nachBC n"].GetProperty("count").GetInt32());
        Assert.Equal(["nachB", "danach"], results.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("withheld").GetBoolean()).ToList().Texts("item"));
    }

    [Fact]
    public async Task Texts_and_confidential_items_have_no_results()
    {
        using var own = new ApiFixture();
        await own.PostAcceptedAsync(0, 5);
        await own.ReleaseAsync();
        var items = (await own.GetAsync($"{Survey}/results")).GetProperty("items").EnumerateArray().ToList().Texts("item");

        Assert.DoesNotContain("tips", items);
        Assert.DoesNotContain("municipality", items);
        Assert.DoesNotContain("website", items);
        Assert.Contains("challenges", items);
        foreach (var fixture in new[] { own, api })
        {
            // Also before the first release.
            var refused = await fixture.Client.GetAsync($"{Survey}/results?item=tips").ShouldBeProblemAsync(400, "invalid-request");
            Assert.Equal("unknown-value", refused[0].GetProperty("code").GetString());
        }

        var errors = await own.Client.GetAsync($"{Survey}/releases/1?item=tips").ShouldBeProblemAsync(400, "invalid-request");
        Assert.Equal("unknown-value", errors[0].GetProperty("code").GetString());
        await api.Client.GetAsync($"{Survey}/results?by=state,state").ShouldBeProblemAsync(400, "invalid-request");
        await api.Client.GetAsync($"{Survey}/results?by=state,type,cohort").ShouldBeProblemAsync(400, "invalid-request");
        await api.Client.GetAsync($"{Survey}/results?by=municipality").ShouldBeProblemAsync(400, "invalid-request");
        await api.Client.GetAsync("/v1/surveys/nowhere/results").ShouldBeProblemAsync(404, "not-found");
    }

    /// <summary>Marked answers are planted in every kind of item; then everything public is read in every format.</summary>
    [Fact]
    public async Task No_marked_answer_is_found_anywhere_in_public()
    {
        const string canary = "kanarienvogel4711";
        using var own = new ApiFixture();
        using var sender = own.As("contributor", canary + "-owner");
        var answers = Answers().With("goals", new JsonArray("inclusion", "other")).With("goals.other", canary).With("tips", canary).With("website", $"https://{canary}.example")
            .With("municipality", canary[..12]).With("site", canary).With("openedOn", canary[..10]).With("challengesText", canary).With("openingHours", canary).With("staff", 199.4711);
        foreach (var id in new[] { "k-draft", "k-submitted", "k-accepted", "k-rejected", "k-deleted" })
        {
            await sender.PutAsync($"{canary}-{id}", Response((JsonObject)answers.DeepClone(), submit: id != "k-draft")).ShouldBeAsync(HttpStatusCode.Created);
        }

        using var researcher = own.As("researcher");
        await researcher.SendAsync("POST", $"{Survey}/responses/{canary}-k-accepted/review", new { decision = "accepted", reason = canary }).ShouldBeAsync(HttpStatusCode.OK);
        await researcher.SendAsync("POST", $"{Survey}/responses/{canary}-k-rejected/review", new { decision = "rejected", reason = canary }).ShouldBeAsync(HttpStatusCode.OK);
        await sender.SendAsync("DELETE", $"{Survey}/responses/{canary}-k-deleted", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        await researcher.SendAsync("POST", $"{Survey}/invitations", new { label = canary, ags = "16053000" }).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Contains(canary, await researcher.GetStringAsync($"{Survey}/responses?format=csv&shape=long"), StringComparison.Ordinal);
        await own.PostAcceptedAsync(0, 6);
        // Two of the marked ones are accepted.
        Assert.Equal(8, (await own.ReleaseAsync()).GetProperty("release").GetProperty("responseCount").GetInt32());

        var read = 0;
        foreach (var address in await PublicAddressesAsync(own))
        {
            using var client = own.CreateClient();
            var response = await client.GetAsync(address);
            var text = await response.Content.ReadAsStringAsync() + response.Headers;
            Assert.False(text.Contains("kanarienvogel", StringComparison.OrdinalIgnoreCase) || text.Contains("199.4711", StringComparison.Ordinal), address);
            read += response.IsSuccessStatusCode ? 1 : 0;
        }

        Assert.True(read > 80, $"{read}");
        foreach (var guess in new[] { $"{Survey}/responses/{canary}-k-accepted", $"{Survey}/responses", $"{Survey}/rates", $"{Survey}/invitations" })
        {
            var refused = await own.Client.GetAsync(guess);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.DoesNotContain("kanarienvogel", await refused.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Every public operation with the examples of its parameters, each format, each link of the root, and results by everything.</summary>
    private static async Task<List<string>> PublicAddressesAsync(ApiFixture own)
    {
        var addresses = ((IEnumerable<object[]>)Contract.ContractTests.Calls()).Select(call => (string)call[0]).ToList();
        addresses.AddRange((await own.GetAsync("/v1")).GetProperty("links").EnumerateObject().Select(link => new Uri(link.Value.GetString()!).PathAndQuery));
        string[] by = ["", "?by=state", "?by=populationClass", "?by=cohort", "?by=type", "?by=state,type"];
        addresses.AddRange(by.SelectMany(query => new[] { $"{Survey}/results{query}", $"{Survey}/results{query}{(query.Length == 0 ? "?" : "&")}format=csv" }));
        addresses.AddRange(["/v1/search?q=kanarienvogel4711", "/v1/anchor-sites?format=csv", "/v1/anchor-sites?format=geojson", "/v1/changes?limit=200&kind=survey", "/v1/sources?format=csv"]);
        return [.. addresses.Select(address => address.Replace("?&", "?", StringComparison.Ordinal)).Distinct()];
    }
}
