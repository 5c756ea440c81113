namespace AnkerOrte.Tests.Assessments;

/// <summary>Assessments over HTTP: the ranking, its explanation, and its life from POST to DELETE.</summary>
public sealed class AssessmentTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly object Usual = new
    {
        answers = new Dictionary<string, object>
        {
            ["goals"] = new[] { "digital-skills", "inclusion" },
            ["target-groups"] = new[] { "seniors" },
            ["formats"] = new[] { "consultation", "workshops" },
            ["contents"] = new[] { "e-government" },
            ["area"] = "small-town",
            ["setting"] = new[] { "city-centre" },
        },
    };

    private Task<JsonElement> AskAsync(object body) => api.Client.SendAsync("POST", "/v1/assessments", body).ShouldBeAsync(HttpStatusCode.Created);

    private static List<JsonElement> Ranking(JsonElement assessment) => [.. assessment.GetProperty("ranking").EnumerateArray()];

    [Fact]
    public async Task All_types_are_ranked_by_scores_that_their_contributions_sum_to()
    {
        var assessment = await AskAsync(Usual);
        var ranking = Ranking(assessment);

        Assert.Equal(8, ranking.Count);
        Assert.Equal(Enumerable.Range(1, 8), ranking.Select(type => type.GetProperty("rank").GetInt32()));
        Assert.Equal(ranking.Select(type => type.GetProperty("score").GetDouble()).OrderDescending(), ranking.Select(type => type.GetProperty("score").GetDouble()));
        foreach (var type in ranking)
        {
            var score = type.GetProperty("score").GetDouble();
            var parts = type.GetProperty("contributions").EnumerateArray().ToList();
            Assert.Equal(score, parts.Sum(part => part.GetProperty("contribution").GetDouble()), 9);
            var weight = parts.Sum(part => part.GetProperty("weight").GetDouble());
            Assert.All(parts, part => Assert.Equal(part.GetProperty("weight").GetDouble() * part.GetProperty("fit").GetDouble() / weight, part.GetProperty("contribution").GetDouble(), .0000015));
            Assert.Equal(6 / 8.0, type.GetProperty("coverage").GetDouble());
            Assert.Equal(score * 6 / 8, type.GetProperty("interval").GetProperty("low").GetDouble(), .000002);
            Assert.Equal((score * 6 + 2) / 8, type.GetProperty("interval").GetProperty("high").GetDouble(), .000002);
            Assert.InRange(type.GetProperty("nearestSites").GetArrayLength(), 1, 3);
        }

        Assert.Equal(1, ranking.Sum(type => type.GetProperty("shareOfWeightings").GetDouble()), 9);
        Assert.Equal(["operators", "funding-after"], assessment.GetProperty("unanswered").EnumerateArray().Select(key => key.GetString()!));
    }

    [Fact]
    public async Task Fits_are_shares_of_the_members_of_which_the_answer_is_known()
    {
        var assessment = await AskAsync(new { answers = new Dictionary<string, object> { ["goals"] = new[] { "digital-skills" } } });
        var members = (await api.WalkAsync("/v1/types/makerspace/anchor-sites")).Select(member => member.GetProperty("site").GetProperty("id").GetString()!).ToHashSet();
        var sites = (await api.WalkAsync("/v1/anchor-sites?type=makerspace")).Where(site => members.Contains(site.GetProperty("id").GetString()!)).ToList();
        var known = sites.Where(site => site.GetProperty("characteristics").TryGetProperty("goals", out _)).ToList();
        var with = known.Count(site => site.GetProperty("characteristics").GetProperty("goals").EnumerateArray().Any(code => code.ToString().Contains("digital-skills", StringComparison.Ordinal)));

        var makerspace = Ranking(assessment).Single(type => type.GetProperty("type").GetString() == "makerspace");

        Assert.Equal(Math.Round((with + .5) / (known.Count + 1), 6), makerspace.GetProperty("score").GetDouble());
        Assert.Equal(known.Count, makerspace.GetProperty("contributions")[0].GetProperty("known").GetInt32());
        Assert.True(assessment.GetProperty("provisional").GetBoolean());
    }

    [Fact]
    public async Task The_smallest_flip_makes_the_leader_that_it_names()
    {
        var assessment = await AskAsync(Usual);
        var flip = assessment.GetProperty("verdict").GetProperty("smallestFlip");
        var parts = Ranking(assessment)[0].GetProperty("contributions").EnumerateArray().Select(part => part.GetProperty("question").GetString()!).ToList();
        var (from, to) = (flip.GetProperty("from").GetDouble(), flip.GetProperty("to").GetDouble());

        // A hair beyond the point where both are level.
        var beyond = to + (Math.Sign(to - from) * .0005);
        var weights = parts.ToDictionary(question => question, question => question == flip.GetProperty("question").GetString() ? beyond : (1 - beyond) / (parts.Count - 1));
        var changed = await AskAsync(new { ((dynamic)Usual).answers, weights });
        var unchanged = await AskAsync(new { ((dynamic)Usual).answers, weights = parts.ToDictionary(question => question, question => question == flip.GetProperty("question").GetString() ? to - Math.Sign(to - from) * .0005 : (1 - to + Math.Sign(to - from) * .0005) / (parts.Count - 1)) });

        Assert.Equal(flip.GetProperty("change").GetDouble(), to - from, .000002);
        Assert.Equal(flip.GetProperty("leader").GetString(), changed.GetProperty("verdict").GetProperty("leader").GetString());
        Assert.Equal(assessment.GetProperty("verdict").GetProperty("leader").GetString(), unchanged.GetProperty("verdict").GetProperty("leader").GetString());
    }

    [Fact]
    public async Task Figures_are_must_haves_with_their_gap_and_never_scored()
    {
        var plain = await AskAsync(Usual);
        var answers = new Dictionary<string, object>(((dynamic)Usual).answers) { ["floor-area"] = 70 };
        var assessment = await AskAsync(new { answers, mustHaves = new[] { new { question = "floor-area" } }, weights = new Dictionary<string, double> { ["floor-area"] = 3 } });
        var musts = Ranking(assessment).ToDictionary(type => type.GetProperty("type").GetString()!, type => type.GetProperty("mustHaves")[0]);

        Assert.Equal("conditional", musts["city-lab"].GetProperty("status").GetString());       // 65 to 500
        Assert.False(musts["city-lab"].TryGetProperty("gap", out _));
        Assert.Equal("not-met", musts["makerspace"].GetProperty("status").GetString());         // 80 to 400
        Assert.Equal(10, musts["makerspace"].GetProperty("gap").GetDouble());
        Assert.Equal("met", musts["mobile-lab"].GetProperty("status").GetString());             // 14 alone
        Assert.Equal("unknown", musts["learning-place"].GetProperty("status").GetString());
        Assert.Equal(Scores(plain), Scores(assessment));
        Assert.Single(assessment.GetProperty("remarks").EnumerateArray());
        var ranks = Ranking(assessment);
        Assert.Equal(ranks.Where(type => type.GetProperty("meetsMustHaves").GetBoolean()).Concat(ranks.Where(type => !type.GetProperty("meetsMustHaves").GetBoolean())), ranks);

        var strict = await AskAsync(new { answers, mustHaves = new[] { new { question = "floor-area" } }, strict = true });
        Assert.All(Ranking(strict), type => Assert.NotEqual("not-met", type.GetProperty("mustHaves")[0].GetProperty("status").GetString()));
        Assert.Equal(ranks.Count(type => type.GetProperty("meetsMustHaves").GetBoolean()), Ranking(strict).Count);

        static IEnumerable<(string?, double)> Scores(JsonElement of) => Ranking(of).Select(type => (type.GetProperty("type").GetString(), type.GetProperty("score").GetDouble())).Order();
    }

    [Fact]
    public async Task Where_no_type_is_possible_the_smallest_relaxation_is_told()
    {
        // One euro is below every figure; types without one could still be met, but none of theirs may be all of these.
        var impossible = new object[] { new { question = "budget-per-year", value = 1 }, new { question = "floor-area", value = 1 }, new { question = "operators", value = "cooperative" } };
        var assessment = await AskAsync(new { ((dynamic)Usual).answers, mustHaves = impossible });
        var strict = await AskAsync(new { ((dynamic)Usual).answers, mustHaves = impossible, strict = true });

        Assert.All(Ranking(assessment), type => Assert.False(type.GetProperty("meetsMustHaves").GetBoolean()));
        var relaxation = assessment.GetProperty("noGoodOption").GetProperty("relaxations");
        var failing = Ranking(assessment).Select(type => type.GetProperty("mustHaves").EnumerateArray().Count(must => must.GetProperty("status").GetString() == "not-met")).Min();
        Assert.Equal(failing, relaxation.GetArrayLength());
        Assert.Empty(Ranking(strict));
        Assert.False(strict.GetProperty("verdict").GetProperty("clearWinner").GetBoolean());
        Assert.Equal(relaxation.GetRawText(), strict.GetProperty("noGoodOption").GetProperty("relaxations").GetRawText());
    }

    [Fact]
    public async Task The_same_inputs_give_the_same_result_in_whatever_order_they_are_sent()
    {
        var first = await AskAsync("""{"answers":{"goals":["inclusion","digital-skills"],"area":3,"setting":"dont-know"},"weights":{"goals":2,"area":1}}""");
        var second = await AskAsync("""{"weights":{"area":1,"goals":2},"answers":{"operators":null,"area":"small-town","goals":["digital-skills","inclusion"]}}""");

        Assert.Equal(first.GetProperty("resultHash").GetString(), second.GetProperty("resultHash").GetString());
        Assert.NotEqual(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
    }

    [Fact]
    public async Task An_assessment_lives_under_its_address_until_its_token_deletes_it()
    {
        var created = await api.Client.SendAsync("POST", "/v1/assessments", Usual);
        var made = await created.JsonAsync();
        var path = created.Headers.Location!.AbsolutePath;
        Assert.Equal("/v1/assessments/" + made.GetProperty("id").GetString(), path);
        Assert.Equal("no-store", created.Headers.CacheControl!.ToString());

        var read = await api.GetAsync(path);
        Assert.False(read.TryGetProperty("deleteToken", out _));
        Assert.Equal(made.GetProperty("ranking").GetRawText(), read.GetProperty("ranking").GetRawText());
        Assert.Equal(read.GetProperty("createdAt").GetDateTimeOffset().AddYears(2), read.GetProperty("expiresAt").GetDateTimeOffset());

        await Delete(null).ShouldBeProblemAsync(403, "forbidden");
        await Delete("adt_wrong").ShouldBeProblemAsync(403, "forbidden");
        await Delete(made.GetProperty("deleteToken").GetString()).ShouldBeAsync(HttpStatusCode.NoContent);
        await Delete(made.GetProperty("deleteToken").GetString()).ShouldBeProblemAsync(410, "gone");
        await api.Client.GetAsync(path).ShouldBeProblemAsync(410, "gone");
        await api.Client.GetAsync(path + "/rerun").ShouldBeProblemAsync(410, "gone");

        Task<HttpResponseMessage> Delete(string? token)
        {
            var request = new HttpRequestMessage(HttpMethod.Delete, path);
            if (token is not null)
            {
                request.Headers.Add("X-Delete-Token", token);
            }

            return api.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Nobody_gets_the_assessment_of_another_by_repeating_a_request()
    {
        var made = await api.Client.SendAsync("POST", "/v1/assessments", Usual, key: "once-4711").ShouldBeAsync(HttpStatusCode.Created);
        var response = await api.Client.SendAsync("POST", "/v1/assessments", Usual, key: "once-4711");
        var stranger = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.False(response.Headers.Contains("Idempotency-Replayed"));
        Assert.NotEqual(made.GetProperty("id").GetString(), stranger.GetProperty("id").GetString());
        Assert.NotEqual(made.GetProperty("deleteToken").GetString(), stranger.GetProperty("deleteToken").GetString());
        Assert.Equal(made.GetProperty("resultHash").GetString(), stranger.GetProperty("resultHash").GetString());
        // Whoever used the idempotency key before, another request is refused for nobody and the secrets stand nowhere.
        await api.Client.SendAsync("POST", "/v1/assessments", new { answers = new { goals = new[] { "inclusion" } } }, key: "once-4711")
            .ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(
            0, Privacy.Talks.Read(
            api, connection => Dapper.SqlMapper.ExecuteScalar<int>(connection, "select count(*) from idempotent_requests")));
    }

    [Fact]
    public async Task With_a_key_a_repetition_gets_the_first_answer_and_nothing_of_what_was_deleted()
    {
        using var api = new ApiFixture();
        var (mine, other) = (api.As("contributor", "owner-one"), api.As("contributor", "owner-two"));
        var made = await mine.SendAsync("POST", "/v1/assessments", Usual, key: "once-4711").ShouldBeAsync(HttpStatusCode.Created);
        var again = await mine.SendAsync("POST", "/v1/assessments", Usual, key: "once-4711").ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(made.GetRawText(), again.GetRawText());
        var theirs = await other.SendAsync("POST", "/v1/assessments", Usual, key: "once-4711").ShouldBeAsync(HttpStatusCode.Created);
        Assert.NotEqual(made.GetProperty("deleteToken").GetString(), theirs.GetProperty("deleteToken").GetString());

        var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/assessments/" + made.GetProperty("id").GetString());
        request.Headers.Add("X-Delete-Token", made.GetProperty("deleteToken").GetString());
        await api.Client.SendAsync(request).ShouldBeAsync(HttpStatusCode.NoContent);

        Assert.Equal(HttpStatusCode.Conflict, (await mine.SendAsync("POST", "/v1/assessments", Usual, key: "once-4711")).StatusCode);
    }

    [Fact]
    public async Task An_expired_one_is_gone_and_purged_by_the_next_write()
    {
        var made = await AskAsync(Usual);
        var id = made.GetProperty("id").GetString();
        api.Write(connection => Dapper.SqlMapper.Execute(connection, "update assessments set expires_at = '2026-01-01T00:00:00.000Z' where id = @id", new { id }));

        await api.Client.GetAsync("/v1/assessments/" + id).ShouldBeProblemAsync(410, "gone");
        await AskAsync(Usual);

        api.Write(connection => Assert.Equal(0, Dapper.SqlMapper.ExecuteScalar<int>(connection, "select count(*) from assessments where id = @id and (result is not null or request is not null)", new { id })));
        await api.Client.GetAsync("/v1/assessments/" + id).ShouldBeProblemAsync(410, "gone");
    }

    [Fact]
    public async Task A_rerun_says_what_has_changed()
    {
        using var own = new ApiFixture();
        var made = await own.Client.SendAsync("POST", "/v1/assessments", Usual).ShouldBeAsync(HttpStatusCode.Created);
        var path = "/v1/assessments/" + made.GetProperty("id").GetString();
        Assert.True((await own.GetAsync(path + "/rerun")).GetProperty("isSame").GetBoolean());

        var nearest = made.GetProperty("ranking")[0].GetProperty("nearestSites")[0].GetProperty("id").GetString();
        await own.As("editor").SendAsync("DELETE", "/v1/anchor-sites/" + nearest, ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);

        var rerun = await own.GetAsync(path + "/rerun");
        Assert.False(rerun.GetProperty("isSame").GetBoolean());
        Assert.True(rerun.GetProperty("before").GetProperty("revision").GetInt64() < rerun.GetProperty("now").GetProperty("revision").GetInt64());
        Assert.DoesNotContain(nearest!, rerun.GetProperty("result").GetProperty("ranking").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(made.GetProperty("ranking").GetRawText(), (await own.GetAsync(path)).GetProperty("ranking").GetRawText());
    }

    [Theory]
    [InlineData("text/html", "de", "<html lang=\"de\">", "Welcher Ankerort passt zu uns?")]
    [InlineData("text/html", "en", "<html lang=\"en\">", "Which anchor site fits us?")]
    [InlineData("text/markdown", "de", "# Welcher Ankerort passt zu uns?", "Früh entscheiden")]
    [InlineData("text/markdown", "en", "# Which anchor site fits us?", "Decide early")]
    public async Task It_is_a_paper_in_the_language_of_the_reader(string mediaType, string language, params string[] words)
    {
        var made = await AskAsync(Usual);
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/assessments/" + made.GetProperty("id").GetString());
        request.Headers.Add("Accept", mediaType);
        request.Headers.Add("Accept-Language", language);

        var response = await api.Client.SendAsync(request);

        Assert.Equal(mediaType, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(language, response.Content.Headers.ContentLanguage.Single());
        var text = await response.Content.ReadAsStringAsync();
        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
        Assert.All(Ranking(made), type => Assert.Contains(type.GetProperty("label").GetProperty(language).GetString()!, System.Net.WebUtility.HtmlDecode(text), StringComparison.Ordinal));
        Assert.DoesNotContain("ankerorte.invalid", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_municipality_makes_known_is_filled_in()
    {
        var assessment = await AskAsync(new { answers = new Dictionary<string, object> { ["goals"] = new[] { "inclusion" } }, ags = "16053000" });

        Assert.Equal("Jena", assessment.GetProperty("municipality").GetProperty("name").GetString());
        Assert.Equal(("area", "large-city"), (assessment.GetProperty("prefilled")[0].GetProperty("question").GetString(), assessment.GetProperty("prefilled")[0].GetProperty("value").GetString()));
        Assert.Equal(2, Ranking(assessment)[0].GetProperty("contributions").GetArrayLength());
    }

    [Fact]
    public async Task Recommendations_are_those_of_the_phase_and_lead_to_their_evidence()
    {
        var assessment = await AskAsync(new { ((dynamic)Usual).answers, phase = "operation" });
        var published = (await api.WalkAsync("/v1/recommendations")).Select(advice => advice.GetProperty("id").GetString()).ToHashSet();

        foreach (var type in Ranking(assessment))
        {
            Assert.NotEmpty(type.GetProperty("recommendations").EnumerateArray());
            Assert.All(type.GetProperty("recommendations").EnumerateArray(), advice =>
            {
                Assert.Contains(advice.GetProperty("id").GetString(), published);
                Assert.Equal("operation", advice.GetProperty("phase").GetString());
                Assert.NotEmpty(advice.GetProperty("findings").EnumerateArray());
            });
            Assert.NotEmpty(type.GetProperty("commonMistakes").EnumerateArray());
            Assert.NotEmpty(type.GetProperty("earlyDecisions").EnumerateArray());
        }

        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(Ranking(assessment)[0].GetProperty("recommendations")[0].GetProperty("evidence").GetString())).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(Ranking(assessment)[0].GetProperty("self").GetString())).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(assessment.GetProperty("nearestSites")[0].GetProperty("self").GetString())).StatusCode);
    }

    [Fact]
    public async Task Portals_of_others_may_ask_from_the_browser()
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/v1/assessments");
        request.Headers.Add("Origin", "https://portal.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type");

        var response = await api.Client.SendAsync(request);

        Assert.Contains("POST", response.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task It_stands_in_no_list_no_feed_and_no_search()
    {
        var made = await AskAsync(Usual);
        var id = made.GetProperty("id").GetString()!;
        var revision = (await api.GetAsync("/v1")).GetProperty("revision").GetRawText();
        await AskAsync(Usual);

        Assert.Equal(revision, (await api.GetAsync("/v1")).GetProperty("revision").GetRawText());
        Assert.DoesNotContain(id, (await api.GetAsync("/v1/search?q=" + id)).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(id, (await api.GetAsync("/v1/changes?limit=200")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await api.Client.GetAsync("/v1/assessments")).StatusCode);
    }
}
