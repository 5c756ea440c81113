using System.Text.Json.Nodes;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>How a response answers that is posted, replayed, changed, reviewed and removed.</summary>
public sealed class PutResponseTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient sender = api.As("contributor", "team-a");

    [Fact]
    public async Task New_is_201_the_same_again_is_200_and_writes_nothing()
    {
        var first = await sender.PutAsync("p-1", Response());
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.EndsWith("/v1/surveys/umsetzende-kommunen/responses/p-1", first.Headers.Location!.ToString(), StringComparison.Ordinal);

        // Equal after normalisation: another order of members and options, another spelling of numbers.
        var again = new JsonObject { ["answers"] = Answers(), ["submit"] = true, ["version"] = 1 };
        var second = await sender.PutAsync("p-1", again);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.True((await sender.GetAsync($"{Survey}/responses/p-1")).Headers.CacheControl!.NoStore);
        // Responses are no business of the public revision.
        var revision = (await api.GetAsync("/v1")).GetProperty("revision").GetInt64();
        await sender.PutAsync("p-1b", Response());
        Assert.Equal(revision, (await api.GetAsync("/v1")).GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_draft_changes_only_on_the_version_that_was_seen()
    {
        var draft = await sender.PutAsync("p-2", Response(Answers("planned"), submit: false));
        Assert.Equal("draft", (await draft.JsonAsync()).GetProperty("state").GetString());
        var stored = draft.Headers.ETag!.Tag;

        var errors = await sender.PutAsync("p-2", Response(Answers("operating"), submit: false)).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal(("/answers/status", stored), (errors[0].GetProperty("pointer").GetString(), errors[0].GetProperty("suggestion").GetString()));
        Assert.Contains(stored, errors[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
        var changed = await sender.PutAsync("p-2", Response(Answers("operating"), submit: false), stored);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        await sender.PutAsync("p-2", Response(Answers("closed"), submit: false), stored).ShouldBeProblemAsync(412, "precondition-failed");
        var submitted = await sender.PutAsync("p-2", Response(Answers("operating")), changed.Headers.ETag!.Tag).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("submitted", submitted.GetProperty("state").GetString());
        var late = await sender.PutAsync("p-2", Response(Answers("closed")), "*").ShouldBeProblemAsync(409, "conflict");
        Assert.Equal(("/answers/status", "submitted"), (late[0].GetProperty("pointer").GetString(), late[0].GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_removed_response_leaves_nothing_but_its_id()
    {
        // Long, so that what is written in its place cannot cover all of it.
        await sender.PutAsync("p-3", Response(Answers().With("tips", string.Concat(Enumerable.Repeat("Geheimer Tipp. ", 60))))).ShouldBeAsync(HttpStatusCode.Created);
        await sender.SendAsync("DELETE", $"{Survey}/responses/p-3").ShouldBeProblemAsync(428, "precondition-required");

        await sender.SendAsync("DELETE", $"{Survey}/responses/p-3", ifMatch: await sender.TagAsync($"{Survey}/responses/p-3")).ShouldBeAsync(HttpStatusCode.NoContent);

        await sender.GetAsync($"{Survey}/responses/p-3").ShouldBeProblemAsync(404, "not-found");
        await sender.PutAsync("p-3", Response()).ShouldBeProblemAsync(409, "response-deleted");
        await sender.PutAsync("p-3", Response(Answers("closed")), "*").ShouldBeProblemAsync(409, "response-deleted");
        using var connection = api.Services.GetRequiredService<Database>().Open();
        Assert.Equal("{}", connection.ExecuteScalar<string>("select answers from responses where id = 'p-3'"));
        // Nor can it be read from the file, where deleted things otherwise stand until they are overwritten.
        connection.Execute("pragma wal_checkpoint(truncate)");
        await using var file = new FileStream(api.DatabaseFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, System.Text.Encoding.Latin1);
        Assert.DoesNotContain("Geheimer Tipp", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erased_response_is_told_to_nobody_again()
    {
        const string secret = "wird-geloescht-4711";
        await sender.SendAsync("POST", $"{Survey}/responses", Response(Answers().With("tips", secret), id: "e-1"), key: "erase-1").ShouldBeAsync(HttpStatusCode.Created);
        await api.As("researcher").SendAsync("POST", $"{Survey}/responses/e-1/review", new { decision = "accepted" }, key: "erase-2").ShouldBeAsync(HttpStatusCode.OK);

        await api.As("privacy-officer").SendAsync("DELETE", $"{Survey}/responses/e-1", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);

        await sender.SendAsync("POST", $"{Survey}/responses", Response(Answers().With("tips", secret), id: "e-1"), key: "erase-1").ShouldBeProblemAsync(409, "response-deleted");
        using var connection = api.Services.GetRequiredService<Database>().Open();
        Assert.Equal(0, connection.ExecuteScalar<long>("select count(*) from idempotent_requests where instr(cast(body as text), @secret) > 0", new { secret }));
    }

    [Theory]
    [InlineData("PUT", "/v1/surveys/umsetzende-kommunen/responses/h-1", """{"version":1,"answers":{"\ud800":1}}""")]
    [InlineData("PUT", "/v1/surveys/umsetzende-kommunen/responses/h-1", """{"version":1,"answers":{"tips":"\udc00"}}""")]
    public async Task Half_a_character_is_no_text(string method, string url, string body) =>
        Assert.Equal(["encoding"], (await sender.SendAsync(method, url, body).ShouldBeProblemAsync(400, "invalid-request")).Texts("code"));

    [Fact]
    public async Task If_match_speaks_of_a_response_that_is_there()
    {
        await sender.PutAsync("p-21", Response(), "*").ShouldBeProblemAsync(412, "precondition-failed");
        await sender.PutAsync("p-21", Response(), "\"3q2-7wEjRWc2Vg8iPqzL0A\"").ShouldBeProblemAsync(412, "precondition-failed");

        await sender.GetAsync($"{Survey}/responses/p-21").ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_reopened_response_keeps_the_reason_and_a_true_tag_until_it_is_submitted_again()
    {
        using var researcher = api.As("researcher");
        await sender.PutAsync("p-22", Response()).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", $"{Survey}/responses/p-22/review", new { decision = "reopened", reason = "Bitte den Ort nennen" }).ShouldBeAsync(HttpStatusCode.OK);

        var saved = await sender.PutAsync("p-22", Response(Answers("paused"), submit: false), await sender.TagAsync($"{Survey}/responses/p-22"));
        Assert.Equal("Bitte den Ort nennen", (await saved.JsonAsync()).GetProperty("reason").GetString());
        Assert.Equal(await sender.TagAsync($"{Survey}/responses/p-22"), saved.Headers.ETag!.Tag);

        var submitted = await sender.PutAsync("p-22", Response(Answers("paused")), saved.Headers.ETag.Tag);
        var stored = await sender.GetAsync($"{Survey}/responses/p-22");
        Assert.Equal(submitted.Headers.ETag!.Tag, stored.Headers.ETag!.Tag);
        Assert.False((await stored.JsonAsync()).TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task The_refusal_of_other_content_names_both_tags_and_says_the_same_each_time()
    {
        var stored = (await sender.PutAsync("p-23", Response(submit: false))).Headers.ETag!.Tag;

        var details = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            details.Add(Assert.Single(await sender.PutAsync("p-23", Response(Answers("closed"), submit: false)).ShouldBeProblemAsync(409, "conflict")).GetProperty("detail").GetString()!);
        }

        Assert.Equal(details[0], details[1]);
        var tags = System.Text.RegularExpressions.Regex.Matches(details[0], "\"[A-Za-z0-9_-]{22}\"").Select(tag => tag.Value).ToList();
        Assert.Equal(stored, tags[0]);
        Assert.NotEqual(tags[0], tags[1]);
    }

    [Fact]
    public async Task What_is_wrong_is_named_all_at_once()
    {
        var answers = Answers("planned").With("gaols", "x").With("visitors", 5).With("goals", new JsonArray("inclusion", "inklusion")).With("support", new JsonArray("none", "exchange"))
            .With("website", "keine-adresse").With("staff", -1);
        answers.Remove("funding");

        var errors = await sender.PutAsync("p-4", Response(answers)).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(
            ["/answers/funding required", "/answers/gaols unknown-item", "/answers/goals/1 unknown-option", "/answers/staff range", "/answers/support exclusive", "/answers/visitors hidden-item", "/answers/website url"],
            errors.Select(error => $"{error.GetProperty("pointer").GetString()} {error.GetProperty("code").GetString()}").Order(StringComparer.Ordinal));
        Assert.Equal("goals", errors.Single(error => error.GetProperty("pointer").GetString() == "/answers/gaols").GetProperty("suggestion").GetString());
        await sender.GetAsync($"{Survey}/responses/p-4").ShouldBeProblemAsync(404, "not-found");
        // As a draft, only what is there is looked at.
        var draft = new JsonObject { ["status"] = "planned" };
        await sender.PutAsync("p-4", Response(draft, submit: false)).ShouldBeAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("""{"version":1}""", 400, "/answers")]
    [InlineData("""{"version":"1","answers":{}}""", 400, "/version")]
    [InlineData("""{"version":1,"answers":[]}""", 400, "/answers")]
    [InlineData("""{"version":1,"answers":{},"sumbit":true}""", 400, "/sumbit")]
    [InlineData("""{"version":1,"answers":{"status":"planned","status":"closed"}}""", 400, "")]
    [InlineData("""{"version":2,"answers":{}}""", 422, "/version")]
    [InlineData("""{"version":1,"id":"other","answers":{}}""", 422, "/id")]
    public async Task A_body_that_is_no_response_is_told_why(string body, int status, string place)
    {
        var errors = await sender.SendAsync("PUT", $"{Survey}/responses/p-5", body).ShouldBeProblemAsync(status, status == 400 ? "invalid-request" : "unprocessable");

        Assert.Equal([place], errors.Texts("pointer"));
    }

    [Fact]
    public async Task A_text_of_a_megabyte_is_refused()
    {
        var long_ = await sender.PutAsync("p-6", Response(Answers().With("tips", new string('x', 900_000)))).ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal(("/answers/tips", "length"), (long_[0].GetProperty("pointer").GetString(), long_[0].GetProperty("code").GetString()));
        await sender.PutAsync("p-6", Response(Answers().With("tips", new string('x', 1_100_000)))).ShouldBeProblemAsync(413, "body-too-large");
    }

    [Fact]
    public async Task A_site_is_known_from_the_moment_it_is_there_until_it_is_removed()
    {
        using var editor = api.As("editor");
        Assert.True((await sender.PutAsync("k-1", Response(Answers().With("site", "erst-spaeter"))).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("hasIssues").GetBoolean());
        await editor.SendAsync("POST", "/v1/anchor-sites", new
        {
            id = "erst-spaeter",
            name = "Erst später",
            selfDesignation = "Labor",
            summary = "Ein Ort, den es nur in den Tests gibt.",
            status = "planned",
            mpscFunded = "not-documented",
            state = "DE-TH",
            characteristics = new { },
            sourceIds = Array.Empty<string>(),
        }).ShouldBeAsync(HttpStatusCode.Created);
        Assert.False((await sender.PutAsync("k-2", Response(Answers().With("site", "erst-spaeter"))).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("hasIssues").GetBoolean());
        await editor.SendAsync("DELETE", "/v1/anchor-sites/erst-spaeter", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.True((await sender.PutAsync("k-3", Response(Answers().With("site", "erst-spaeter"))).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("hasIssues").GetBoolean());
    }

    [Fact]
    public async Task What_refers_to_nothing_known_is_flagged_for_the_reviewer()
    {
        var taken = await sender.PutAsync("p-7", Response(Answers().With("municipality", "99999999").With("site", "probierladen-jna"))).ShouldBeAsync(HttpStatusCode.Created);

        Assert.True(taken.GetProperty("hasIssues").GetBoolean());
        Assert.Equal(["/answers/municipality", "/answers/site"], taken.GetProperty("issues").EnumerateArray().ToList().Texts("pointer"));
    }

    [Fact]
    public async Task Nobody_sees_or_takes_what_another_has_posted()
    {
        await sender.PutAsync("p-8", Response()).ShouldBeAsync(HttpStatusCode.Created);
        using var other = api.As("contributor", "team-b");
        using var colleague = api.As("contributor", "team-a");

        await other.GetAsync($"{Survey}/responses/p-8").ShouldBeProblemAsync(404, "not-found");
        await other.SendAsync("DELETE", $"{Survey}/responses/p-8", ifMatch: "*").ShouldBeProblemAsync(404, "not-found");
        Assert.Empty(await other.PutAsync("p-8", Response()).ShouldBeProblemAsync(409, "conflict"));
        Assert.DoesNotContain("p-8", (await (await other.GetAsync($"{Survey}/responses?limit=200")).JsonAsync()).Items().Texts("id"));
        // Authorship is the owner's, not the key's.
        Assert.Equal(HttpStatusCode.OK, (await colleague.GetAsync($"{Survey}/responses/p-8")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.As("researcher").GetAsync($"{Survey}/responses/p-8")).StatusCode);
        await api.Client.GetAsync($"{Survey}/responses/p-8").ShouldBeProblemAsync(401, "unauthorized");
        await api.As("editor").GetAsync($"{Survey}/responses/p-8").ShouldBeProblemAsync(403, "forbidden");
        await api.As("contributor", null, "survey:umsetzende-kommunen").PutAsync("p-9", Response()).ShouldBeAsync(HttpStatusCode.Created);
        await api.As("contributor", null, "project:jena").PutAsync("p-10", Response()).ShouldBeProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_response_without_an_id_gets_one_and_is_safe_to_repeat_with_a_key()
    {
        var first = await sender.SendAsync("POST", $"{Survey}/responses", Response(), key: "post-1");
        var second = await sender.SendAsync("POST", $"{Survey}/responses", Response(), key: "post-1");
        var third = await sender.SendAsync("POST", $"{Survey}/responses", Response());

        var ids = new[] { await first.JsonAsync(), await second.JsonAsync(), await third.JsonAsync() }.Texts("id");
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        await sender.SendAsync("POST", $"{Survey}/responses", Response(id: "own-1")).ShouldBeAsync(HttpStatusCode.Created);
        await sender.SendAsync("POST", $"{Survey}/responses", Response(id: "own-1")).ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_dry_run_stores_nothing()
    {
        await sender.SendAsync("PUT", $"{Survey}/responses/p-11?dryRun=true", Response()).ShouldBeAsync(HttpStatusCode.OK);

        await sender.GetAsync($"{Survey}/responses/p-11").ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_review_accepts_rejects_with_a_reason_and_reopens()
    {
        using var researcher = api.As("researcher");
        await sender.PutAsync("p-12", Response()).ShouldBeAsync(HttpStatusCode.Created);
        const string review = $"{Survey}/responses/p-12/review";

        Assert.Equal(["/reason"], (await researcher.SendAsync("POST", review, new { decision = "rejected" }).ShouldBeProblemAsync(422, "unprocessable")).Texts("pointer"));
        var rejected = await researcher.SendAsync("POST", review, new { decision = "rejected", reason = "Ort unklar", hasIssues = true }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(("rejected", "Ort unklar", true), (rejected.GetProperty("state").GetString(), rejected.GetProperty("reason").GetString(), rejected.GetProperty("hasIssues").GetBoolean()));
        await sender.PutAsync("p-12", Response(Answers("closed")), "*").ShouldBeProblemAsync(409, "conflict");
        await researcher.SendAsync("POST", review, new { decision = "reopened", hasIssues = false }).ShouldBeAsync(HttpStatusCode.OK);
        await sender.PutAsync("p-12", Response(Answers("closed")), "*").ShouldBeAsync(HttpStatusCode.OK);
        var accepted = await researcher.SendAsync("POST", review, new { decision = "accepted" }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(("accepted", "closed"), (accepted.GetProperty("state").GetString(), accepted.GetProperty("answers").GetProperty("status").GetString()));
        // The sender may say the same again at any time.
        await sender.PutAsync("p-12", Response(Answers("closed"))).ShouldBeAsync(HttpStatusCode.OK);
        await sender.PutAsync("p-13", Response(submit: false)).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", $"{Survey}/responses/p-13/review", new { decision = "accepted" }).ShouldBeProblemAsync(409, "conflict");
        await researcher.SendAsync("POST", $"{Survey}/responses/none/review", new { decision = "accepted" }).ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task An_invitation_is_for_one_response_of_one_survey()
    {
        using var researcher = api.As("researcher");
        var made = await researcher.SendAsync("POST", $"{Survey}/invitations", new { ags = "16053000", days = 30 }).ShouldBeAsync(HttpStatusCode.Created);
        var token = made.GetProperty("token").GetString()!;
        using var invited = api.With(token);

        await invited.PutAsync("i-1", Response(submit: false)).ShouldBeAsync(HttpStatusCode.Created);
        await invited.PutAsync("i-1", Response(), "*").ShouldBeAsync(HttpStatusCode.OK);
        await invited.PutAsync("i-2", Response()).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal("submitted", (await (await invited.GetAsync($"{Survey}/responses/i-1")).JsonAsync()).GetProperty("state").GetString());
        await invited.GetAsync($"{Survey}/responses").ShouldBeProblemAsync(403, "forbidden");
        await invited.BulkRawAsync("{}"u8.ToArray()).ShouldBeProblemAsync(403, "forbidden");
        var listed = (await (await researcher.GetAsync($"{Survey}/invitations")).JsonAsync()).Items().Single(invitation => invitation.GetProperty("id").GetString() == made.GetProperty("id").GetString());
        Assert.Equal("i-1", listed.GetProperty("responseId").GetString());
        Assert.DoesNotContain(token, listed.GetRawText(), StringComparison.Ordinal);
        Assert.Equal((1, 1.0), (await (await researcher.GetAsync($"{Survey}/rates")).JsonAsync() is var rates ? rates.GetProperty("invited").GetInt32() : 0, rates.GetProperty("completion").GetDouble()));

        await researcher.SendAsync("DELETE", $"{Survey}/invitations/{made.GetProperty("id").GetString()}").ShouldBeAsync(HttpStatusCode.NoContent);
        await invited.GetAsync($"{Survey}/responses/i-1").ShouldBeProblemAsync(401, "unauthorized");
        Assert.Equal(["/ags"], (await researcher.SendAsync("POST", $"{Survey}/invitations", new { ags = "99999999" }).ShouldBeProblemAsync(422, "unprocessable")).Texts("pointer"));
    }

    [Fact]
    public async Task Twenty_writers_of_one_draft_one_wins_each_round()
    {
        var tag = (await sender.PutAsync("p-14", Response(Answers("planned"), submit: false))).Headers.ETag!.Tag;
        for (var round = 0; round < 3; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(writer => sender.PutAsync("p-14", Response(Answers("planned").With("tips", $"{round} {writer}"), submit: false), tag)));

            tag = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK).Headers.ETag!.Tag;
            Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
        }
    }
}
