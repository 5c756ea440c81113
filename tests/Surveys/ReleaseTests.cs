using System.Text.Json.Nodes;
using Dapper;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>Results are published in releases that never change, and that reveal nobody by their differences.</summary>
public sealed class ReleaseTests
{
    [Fact]
    public async Task Only_accepted_responses_count_and_a_release_never_changes()
    {
        using var api = new ApiFixture();
        using var sender = api.As("contributor");
        using var researcher = api.As("researcher");
        var places = api.Municipalities("16");
        for (var number = 0; number < 12; number++)
        {
            await sender.PutAsync($"r-{number}", Response(Answers().With("municipality", places[number])))
                .ShouldBeAsync(HttpStatusCode.Created);
        }

        await researcher.SendAsync("POST", $"{Survey}/releases").ShouldBeProblemAsync(409, "conflict");
        foreach (var number in Enumerable.Range(0, 10))
        {
            await ReviewAsync(number, new { decision = "accepted" });
        }

        await ReviewAsync(10, new { decision = "rejected", reason = "doppelt" });
        var preview = await researcher.SendAsync("POST", $"{Survey}/releases?dryRun=true").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Empty((await api.GetAsync($"{Survey}/releases")).Items());
        var made = await researcher.SendAsync("POST", $"{Survey}/releases");
        Assert.Equal(
            (HttpStatusCode.Created, $"http://localhost{Survey}/releases/1"), (made.StatusCode, made.Headers.Location?.OriginalString));
        Assert.Equal(preview.GetProperty("cells").GetRawText(), (await made.JsonAsync()).GetProperty("cells").GetRawText());
        var first = await api.Client.GetStringAsync($"{Survey}/releases/1?by=state");
        Assert.Equal(10, Operating(await api.GetAsync($"{Survey}/results?item=status")));

        // Accepted, rejected and erased responses change the next release only.
        await api.PostAcceptedAsync(20, 16);
        await ReviewAsync(0, new { decision = "rejected", reason = "doppelt" });
        await sender.SendAsync("DELETE", $"{Survey}/responses/r-1", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal(10, Operating(await api.GetAsync($"{Survey}/results?item=status")));
        // 12 were submitted; autoAccept accepted the last one of them.
        Assert.Equal(25, Operating(await api.ReleaseAsync()));

        Assert.Equal(25, Operating(await api.GetAsync($"{Survey}/results?item=status")));
        Assert.Equal(first, await api.Client.GetStringAsync($"{Survey}/releases/1?by=state"));
        var releases = (await api.GetAsync($"{Survey}/releases")).Items();
        Assert.Equal(
            ["1 10 False", "2 25 False"],
            releases.Select(
            release => $"{release.GetProperty("number")} {release.GetProperty("responseCount")} {release.GetProperty("final")}"));
        await api.Client.GetAsync($"{Survey}/releases/3").ShouldBeProblemAsync(404, "not-found");
        await api.Client.GetAsync("/v1/surveys/nowhere/releases").ShouldBeProblemAsync(404, "not-found");

        Task ReviewAsync(int number, object review) => researcher.SendAsync("POST", $"{Survey}/responses/r-{number}/review", review)
            .ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Watching_the_results_while_responses_arrive_shows_nothing()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 60);
        await api.ReleaseAsync();
        string[] watched = [$"{Survey}/results?by=state", $"{Survey}/results?by=state&format=csv", $"{Survey}/releases", Survey,
            "/v1/changes?limit=200", "/v1/surveys"];
        var before = await Task.WhenAll(watched.Select(TagAsync));

        await api.PostAcceptedAsync(60, 1, (_, answers) => answers.With("status", "closed"));

        Assert.Equal(before, await Task.WhenAll(watched.Select(TagAsync)));
        using var researcher = api.As("researcher");
        foreach (var query in new[] { "", "?dryRun=true" })
        {
            var errors = await researcher.SendAsync("POST", $"{Survey}/releases{query}").ShouldBeProblemAsync(409, "conflict");
            Assert.Equal("too-close", errors[0].GetProperty("code").GetString());
        }

        // Six more: the totals differ by seven, and the one that is closed stays hidden.
        await api.PostAcceptedAsync(61, 6);
        await api.ReleaseAsync();
        var status = (await api.GetAsync($"{Survey}/results?item=status")).GetProperty("cells").EnumerateArray()
            .ToDictionary(cell => cell.GetProperty("code").GetString() ?? "n");
        Assert.Equal(67, status["n"].GetProperty("count").GetInt32());
        Assert.True(status["closed"].GetProperty("suppressed").GetBoolean());

        async Task<string> TagAsync(string url)
        {
            var response = await api.Client.GetAsync(url);
            return response.Headers.ETag!.Tag + await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task No_number_of_two_releases_differs_by_fewer_than_five()
    {
        using var api = new ApiFixture();
        var definition = await api.GetAsync($"{Survey}/versions/1/definition");
        await api.AutoAcceptAsync();
        using var sender = api.As("contributor");
        string[] lines = [.. RandomResponses.Lines(definition, api.Municipalities(), 130, seed: 3)];
        await sender.BulkAsync(string.Join('\n', lines.Take(80)));
        await api.ReleaseAsync();
        await sender.BulkAsync(string.Join('\n', lines.Skip(80)));
        foreach (var gone in Enumerable.Range(0, 4))
        {
            await sender.SendAsync("DELETE", $"{Survey}/responses/r-{gone}", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        }

        await api.ReleaseAsync();

        var compared = 0;
        foreach (var by in new[] { "", "?by=state", "?by=populationClass", "?by=cohort", "?by=type", "?by=state,populationClass",
            "?by=populationClass,cohort" })
        {
            var before = await CellsAsync(1, by);
            foreach (var (cell, count) in await CellsAsync(2, by))
            {
                if (count is not null && before.GetValueOrDefault(cell) is { } earlier)
                {
                    Assert.False(Math.Abs(count.Value - earlier) is > 0 and < 5, $"{cell} {by}: {earlier}, then {count}");
                    compared++;
                }
            }
        }

        Assert.True(compared > 200, $"{compared}");

        async Task<Dictionary<string, int?>> CellsAsync(int release, string by) => (await api.GetAsync($"{Survey}/releases/{release}{by}"))
            .GetProperty("cells").EnumerateArray()
            .Where(cell => cell.GetProperty("code").GetString() != "mean")
            .ToDictionary(
                cell => string.Join(
                    ' ', cell.EnumerateObject().Where(member => member.Name is not ("label" or "count" or "share" or "suppressed"))
                    .Select(member => member.Value.ToString())),
                cell => cell.GetProperty("count").ValueKind == JsonValueKind.Null ? (int?)null : cell.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Rows_of_one_key_are_one_respondent()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 30);
        // Ten crafted rows beside the one to be found out.
        using var attacker = api.As("contributor");
        var crafted = Enumerable.Range(0, 10).Select(number => Response(Without(Answers("planned")), id: $"x-{number}").ToJsonString());
        Assert.Equal((10, 0, 0), (await attacker.BulkAsync(string.Join('\n', crafted))).Counts());
        await api.PostAcceptedAsync(30, 1, (_, answers) => answers.With("status", "planned"));
        await api.ReleaseAsync();

        var planned = (await api.GetAsync($"{Survey}/results?item=status")).GetProperty("cells").EnumerateArray()
            .Single(cell => cell.GetProperty("code").GetString() == "planned");

        Assert.True(planned.GetProperty("suppressed").GetBoolean());

        static JsonObject Without(JsonObject answers)
        {
            answers.Remove("municipality");
            return answers;
        }
    }

    [Fact]
    public async Task Responses_of_one_municipality_are_one_respondent_also_when_it_was_invited()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 30);
        using var researcher = api.As("researcher");
        // Four responses about a paused site: two municipalities, one of which was invited and names another one.
        var places = api.Municipalities("09");
        var invited = (
            await researcher.SendAsync("POST", $"{Survey}/invitations", new { ags = places[0] }).ShouldBeAsync(HttpStatusCode.Created))
            .GetProperty("token").GetString()!;
        using var guest = api.With(invited);
        await guest.PutAsync("p-0", Response(Answers("paused").With("municipality", places[5]))).ShouldBeAsync(HttpStatusCode.Created);
        using var sender = api.As("contributor");
        await sender.PutAsync("p-1", Response(Answers("paused").With("municipality", places[0]))).ShouldBeAsync(HttpStatusCode.Created);
        await sender.PutAsync("p-2", Response(Answers("paused").With("municipality", places[1]))).ShouldBeAsync(HttpStatusCode.Created);
        await sender.PutAsync("p-3", Response(Answers("paused").With("municipality", places[1]))).ShouldBeAsync(HttpStatusCode.Created);

        var results = await api.ReleaseAsync();

        var status = results.GetProperty("cells").EnumerateArray().Where(cell => cell.GetProperty("item").GetString() == "status")
            .ToDictionary(cell => cell.GetProperty("code").GetString() ?? "n");
        Assert.Equal(34, status["n"].GetProperty("count").GetInt32());
        Assert.True(status["paused"].GetProperty("suppressed").GetBoolean());
    }

    [Fact]
    public async Task A_group_that_is_too_small_for_one_item_shows_its_size_in_none()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 40);
        using var sender = api.As("contributor");
        foreach (var (place, number) in api.Municipalities("09").Take(4).Select((place, number) => (place, number))
            .Concat(api.Municipalities("08").Take(20).Select((place, number) => (place, number + 10))))
        {
            await sender.PutAsync($"b-{number}", Response(Answers().With("municipality", place).With("goalsReached", "fully")))
                .ShouldBeAsync(HttpStatusCode.Created);
        }

        await api.ReleaseAsync();

        var sizes = (await api.GetAsync($"{Survey}/results?by=state")).GetProperty("cells").EnumerateArray()
            .Where(cell => cell.GetProperty("state").GetString() == "DE-BY" && cell.GetProperty("code").ValueKind == JsonValueKind.Null
                && !cell.GetProperty("suppressed").GetBoolean());
        Assert.All(sizes, cell => Assert.Equal(0, cell.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task That_everybody_has_the_same_opinion_is_suppressed_and_facts_are_shown()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 6, (_, answers) => answers.With("goalsReached", "fully").With("fee", "free"));

        var cells = (await api.ReleaseAsync()).GetProperty("cells").EnumerateArray().ToList();

        Assert.All(cells.Where(
            cell => cell.GetProperty("item").GetString() == "goalsReached" && cell.GetProperty("code").ValueKind != JsonValueKind.Null),
            cell => Assert.True(cell.GetProperty("suppressed").GetBoolean()));
        Assert.Equal(
            (6, 1.0), cells.Single(
            cell => cell.GetProperty("item").GetString() == "fee" && cell.GetProperty("code").GetString() == "free") is var fee
            ? (fee.GetProperty("count").GetInt32(), fee.GetProperty("share").GetDouble()) : default);
    }

    /// <summary>One municipality with five responses deletes them; then five leave and one comes.</summary>
    [Fact]
    public async Task Those_who_leave_are_not_shown_by_the_next_release()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 40, (number, answers) => answers.With("status", number < 10 ? "planned" : "operating"));
        using var sender = api.As("contributor");
        foreach (var number in Enumerable.Range(0, 5))
        {
            await sender.PutAsync($"m-{number}", Response(Answers("planned").With("municipality", "09162000")))
                .ShouldBeAsync(HttpStatusCode.Created);
        }

        Assert.Equal(15, Planned(await api.ReleaseAsync()));
        foreach (var number in Enumerable.Range(0, 5))
        {
            await sender.SendAsync("DELETE", $"{Survey}/responses/m-{number}", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        }

        using var researcher = api.As("researcher");
        Assert.Equal(
            "too-close", (await researcher.SendAsync("POST", $"{Survey}/releases").ShouldBeProblemAsync(409, "conflict"))[0]
            .GetProperty("code").GetString());

        // Twelve come, none of them planned: what is planned would still differ by those who left alone.
        await api.PostAcceptedAsync(40, 12);
        Assert.Null(Planned(await api.ReleaseAsync()));

        static int? Planned(JsonElement results) => results.GetProperty("cells").EnumerateArray()
            .Single(cell => cell.GetProperty("item").GetString() == "status" && cell.GetProperty("code").GetString() == "planned")
                .GetProperty("count") is { ValueKind: JsonValueKind.Number } count
            ? count.GetInt32() : null;
    }

    [Fact]
    public async Task Moving_a_site_changes_no_release()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 30, (_, answers) => answers.With("site", "probierladen-jena"));
        await api.ReleaseAsync();
        var before = await api.Client.GetStringAsync($"{Survey}/results?by=type,state");

        api.Write(connection =>
            connection.Execute("update anchor_sites set state = 'DE-BY', ags = '09162000' where id = 'probierladen-jena'"));

        Assert.Equal(before, await api.Client.GetStringAsync($"{Survey}/results?by=type,state"));
    }

    [Fact]
    public async Task Two_at_once_publish_one_release()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 12);
        using var researcher = api.As("researcher");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => researcher.SendAsync("POST", $"{Survey}/releases")));

        Assert.Equal(
            [HttpStatusCode.Created, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict],
            answers.Select(answer => answer.StatusCode).Order());
        Assert.Single((await api.GetAsync($"{Survey}/releases")).Items());
    }

    [Fact]
    public async Task Closing_the_survey_publishes_its_last_results()
    {
        using var api = new ApiFixture();
        await api.PostAcceptedAsync(0, 12);
        using var researcher = api.As("researcher");

        await researcher.SendAsync("POST", $"{Survey}/versions/1/close?dryRun=true").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Empty((await api.GetAsync($"{Survey}/releases")).Items());
        await researcher.SendAsync("POST", $"{Survey}/versions/1/close").ShouldBeAsync(HttpStatusCode.OK);

        var release = Assert.Single((await api.GetAsync($"{Survey}/releases")).Items());
        Assert.True(release.GetProperty("final").GetBoolean());
        Assert.Equal(12, Operating(await api.GetAsync($"{Survey}/results?item=status")));
        // Nothing has changed since.
        await researcher.SendAsync("POST", $"{Survey}/releases").ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task A_survey_without_results_to_publish_can_be_closed()
    {
        using var api = new ApiFixture();
        using var researcher = api.As("researcher");

        await researcher.SendAsync("POST", $"{Survey}/versions/1/close").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("closed", (await api.GetAsync(Survey)).GetProperty("state").GetString());
        Assert.Empty((await api.GetAsync($"{Survey}/releases")).Items());
    }

    [Fact]
    public async Task Title_and_review_of_a_survey_can_be_changed()
    {
        using var api = new ApiFixture();
        using var researcher = api.As("researcher");
        using var sender = api.As("contributor");
        await sender.PutAsync("waits", Response()).ShouldBeAsync(HttpStatusCode.Created);

        await researcher.SendAsync("PATCH", Survey, new { autoAccept = true }).ShouldBeProblemAsync(428, "precondition-required");
        await researcher.SendAsync("PATCH", Survey, new { autoAccept = true }, ifMatch: "\"old\"")
            .ShouldBeProblemAsync(412, "precondition-failed");
        await researcher.SendAsync("PATCH", Survey, new { title = new { de = (string?)null } }, ifMatch: "*")
            .ShouldBeProblemAsync(400, "invalid-request");
        await researcher.SendAsync("PATCH", Survey, new { state = "closed" }, ifMatch: "*").ShouldBeProblemAsync(400, "invalid-request");
        var tag = (await api.Client.GetAsync(Survey)).Headers.ETag!.Tag;
        var changed = await researcher.SendAsync(
            "PATCH", Survey, new { autoAccept = true, title = new { en = "Survey" }, description = new { de = "Kurz", en = "Short" } },
            ifMatch: tag).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(
            ("Survey", "Kurz", true),
            (changed.GetProperty("title").GetProperty("en").GetString(), changed.GetProperty("description").GetProperty("de").GetString(),
            changed.GetProperty("autoAccept").GetBoolean()));
        Assert.True((await api.GetAsync(Survey)).GetProperty("autoAccept").GetBoolean());
        Assert.Equal(
            "accepted", (await (await researcher.GetAsync($"{Survey}/responses/waits")).JsonAsync()).GetProperty("state").GetString());
        // What is sent again is the same, and what comes new is accepted.
        await sender.PutAsync("waits", Response()).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(
            "accepted", (await sender.PutAsync("new", Response()).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("state").GetString());
        await researcher.SendAsync("PATCH", Survey, new { autoAccept = false, description = (string?)null }, ifMatch: "*")
            .ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(
            "submitted", (await sender.PutAsync("later", Response()).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("state")
            .GetString());
    }

    private static int Operating(JsonElement results) => results.GetProperty("cells").EnumerateArray()
        .Single(cell => cell.GetProperty("item").GetString() == "status" && cell.GetProperty("code").GetString() == "operating")
            .GetProperty("count").GetInt32();
}
