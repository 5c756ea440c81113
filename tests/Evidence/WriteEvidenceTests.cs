using AnkerOrte.Tests.Surveys;

namespace AnkerOrte.Tests.Evidence;

/// <summary>Editors write findings and recommendations; the rules hold at every step.</summary>
public sealed class WriteEvidenceTests : IDisposable
{
    private readonly ApiFixture api = new();
    private readonly HttpClient editor;

    public WriteEvidenceTests() => editor = api.As("editor", "owner-e");

    /// <summary>Two documents of different publishers.</summary>
    private (string First, string Second) Sources() => Privacy.Talks.Read(api, connection => Dapper.SqlMapper.QuerySingle<(string, string)>(
        connection, "select a.id, b.id from sources a join sources b on b.publisher_key > a.publisher_key where a.deleted_at is null and b.deleted_at is null order by a.id, b.id limit 1"));

    private static object Finding(string id, string level, string concern, params string[] sources) => new
    {
        id,
        kind = "insight",
        dimension = "funding",
        title = new { de = "Zeisigmiete" },
        text = new { de = "Die Miete ist der größte Posten." },
        types = new[] { "city-lab" },
        singleFinding = false,
        evidence = sources.Select(source => new { relation = "supports", basis = "documented", source }),
        confidence = new { level, methodologicalLimitations = concern, coherence = concern, adequacy = "none", relevance = "none", reason = "Zwei Häuser." },
    };

    private static object Advice(string id, string strength, params string[] findings) => new
    {
        id,
        title = new { de = "Über die Miete reden" },
        text = new { de = "Vor dem Einzug." },
        phase = "planning",
        audience = new[] { "council" },
        types = Array.Empty<string>(),
        conditions = new { de = "Zur Miete." },
        effort = "low",
        commonMistake = new { de = "Zu spät." },
        strength,
        findings,
        exampleSites = new[] { "probierladen-jena" },
    };

    /// <summary>
    /// A draft belongs to no project, so a key that is limited to projects or surveys does not read it, whatever its role.
    /// </summary>
    [Fact]
    public async Task Keys_with_scopes_read_what_everybody_reads()
    {
        var (first, second) = Sources();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "low", "moderate", first, second))
            .ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("POST", "/v1/recommendations", Advice("r-zeisig", "experience", "f-zeisig"))
            .ShouldBeAsync(HttpStatusCode.Created);
        var scoped = AnkerOrte.Api.Access.Roles.All.SelectMany(
            role => new[] { "project:jena", "survey:umsetzende-kommunen" },
            (role, scope) => (Name: $"{role} {scope}", Client: api.As(role, null, scope))).ToList();
        var shown = new List<string>();
        foreach (var (_, path, operation) in ContractDocument.Operations.Where(operation => operation.Method == "get"))
        {
            var address = path switch
            {
                "/v1/search" => path + "?q=Miete",
                _ when path.StartsWith("/v1/findings/{id}", StringComparison.Ordinal) =>
                    path.Replace("{id}", "f-zeisig", StringComparison.Ordinal),
                _ when path.StartsWith("/v1/recommendations/{id}", StringComparison.Ordinal) =>
                    path.Replace("{id}", "r-zeisig", StringComparison.Ordinal),
                _ when path.StartsWith("/v1/sources/{id}", StringComparison.Ordinal) =>
                    path.Replace("{id}", first, StringComparison.Ordinal),
                _ when path.StartsWith("/v1/anchor-sites/{id}", StringComparison.Ordinal) =>
                    path.Replace("{id}", "probierladen-jena", StringComparison.Ordinal),
                _ => path,
            };
            if (address.Contains('{', StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var (name, client) in scoped)
            {
                var body = await (await client.GetAsync(address)).Content.ReadAsStringAsync();
                if (body.Contains("Zeisigmiete", StringComparison.Ordinal)
                    || body.Contains("Über die Miete reden", StringComparison.Ordinal))
                {
                    shown.Add($"{name} {operation.OperationId}");
                }
            }
        }

        Assert.Empty(shown);
        foreach (var path in new[] { "/v1/findings/f-zeisig", "/v1/recommendations/r-zeisig", "/v1/editorial-work" })
        {
            Assert.Equal(HttpStatusCode.OK, (await editor.GetAsync(path)).StatusCode);
        }
    }

    [Fact]
    public async Task From_a_draft_to_a_published_recommendation()
    {
        var (first, second) = Sources();
        var made = await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "low", "moderate", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(("draft", "f-zeisig", 2), (made.GetProperty("status").GetString(), made.GetProperty("id").GetString(), made.GetProperty("evidence").GetArrayLength()));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/findings/f-zeisig")).StatusCode);
        Assert.Empty((await api.GetAsync("/v1/search?q=Zeisigmiete")).Items());
        await editor.SendAsync("POST", "/v1/recommendations", Advice("r-zeisig", "experience", "f-zeisig")).ShouldBeAsync(HttpStatusCode.Created);
        var early = Assert.Single(await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/publish").ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("no-approved-finding", early.GetProperty("code").GetString());

        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/recommendations/r-zeisig")).StatusCode);
        await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/publish").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("experience", (await api.GetAsync("/v1/recommendations/r-zeisig")).GetProperty("strength").GetString());
        Assert.Contains((await api.GetAsync("/v1/recommendations/r-zeisig/evidence")).GetProperty("nodes").EnumerateArray(), node => node.GetProperty("id").GetString() == first);
        Assert.Equal("f-zeisig", Assert.Single((await api.GetAsync("/v1/search?q=Zeisigmiete")).Items()).GetProperty("id").GetString());
        await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/publish").ShouldBeProblemAsync(409, "conflict");

        // Stronger than its finding, in one step or the other.
        var strong = Assert.Single(await editor.SendAsync("PUT", "/v1/recommendations/r-zeisig", Advice("r-zeisig", "strong", "f-zeisig"), await editor.TagAsync("/v1/recommendations/r-zeisig")).ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal(("/strength", "stronger-than-findings", "conditional"), (strong.GetProperty("pointer").GetString(), strong.GetProperty("code").GetString(), strong.GetProperty("suggestion").GetString()));
        await editor.SendAsync("POST", "/v1/recommendations", Advice("r-zwei", "strong", "f-zeisig")).ShouldBeProblemAsync(422, "unprocessable");
        // An approved finding keeps its two sources.
        var thin = Assert.Single(await editor.SendAsync("PUT", "/v1/findings/f-zeisig", Finding("f-zeisig", "low", "moderate", first), await editor.TagAsync("/v1/findings/f-zeisig")).ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("too-little-evidence", thin.GetProperty("code").GetString());
        Assert.Equal(2, (await api.GetAsync("/v1/findings/f-zeisig")).GetProperty("evidence").GetArrayLength());
    }

    [Fact]
    public async Task A_finding_does_not_rest_on_a_finding_nor_on_what_does_not_exist()
    {
        var errors = await editor.SendAsync("POST", "/v1/findings", Finding("f-kreis", "low", "moderate", "f-problem-zuerst", "r-problem-und-nutzen-zuerst", "src-99999")).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(["evidence-loop", "evidence-loop", "unknown"], errors.Select(error => error.GetProperty("code").GetString()));
        Assert.Equal(["/evidence/0/source", "/evidence/1/source", "/evidence/2/source"], errors.Select(error => error.GetProperty("pointer").GetString()));
        await editor.SendAsync("POST", "/v1/findings", Finding("f-problem-zuerst", "low", "moderate", "src-0001")).ShouldBeProblemAsync(409, "conflict");
        await api.As("researcher").SendAsync("POST", "/v1/findings", Finding("f-x", "low", "moderate", "src-0001")).ShouldBeProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_draft_is_published_by_people_alone_whatever_its_finding_goes_through()
    {
        var (first, second) = Sources();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-drei", "low", "moderate", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("POST", "/v1/recommendations", Advice("r-drei", "experience", "f-drei")).ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("PUT", "/v1/findings/f-drei", Finding("f-drei", "very-low", "moderate", first, second), await editor.TagAsync("/v1/findings/f-drei")).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/findings/f-drei/approve").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/findings/f-drei/review").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/findings/f-drei/approve").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal("draft", (await editor.SendAsync("GET", "/v1/recommendations/r-drei").ShouldBeAsync(HttpStatusCode.OK)).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/v1/recommendations/r-drei")).StatusCode);
    }

    [Fact]
    public async Task Of_two_editors_at_once_one_wins()
    {
        var (first, second) = Sources();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-zwei", "low", "moderate", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        var tag = await editor.TagAsync("/v1/findings/f-zwei");

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => editor.SendAsync("PUT", "/v1/findings/f-zwei", Finding("f-zwei", number == 0 ? "moderate" : "very-low", "moderate", first, second), tag)));

        Assert.Equal([200, 412, 412, 412, 412], answers.Select(answer => (int)answer.StatusCode).Order());
    }

    [Fact]
    public async Task Survey_results_and_runs_are_evidence_and_a_run_is_no_voice()
    {
        var (first, _) = Sources();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "low", "moderate", first)).ShouldBeAsync(HttpStatusCode.Created);
        var run = await TypologyRuns.Runs.FinishAsync(api.Client, new { source = new { kind = "inventory" }, kMin = 2, kMax = 3, bootstrap = 0 });
        var id = run.GetProperty("id").GetString()!;
        const string links = "/v1/findings/f-zeisig/computations";
        await editor.SendAsync("POST", links, new { run = id, relation = "supports", statement = new { de = "Zwei Gruppen trennen sich." } }).ShouldBeAsync(HttpStatusCode.OK);
        var lacking = Assert.Single(await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("too-little-evidence", lacking.GetProperty("code").GetString());

        var survey = new { survey = "umsetzende-kommunen", item = "goals", relation = "supports", statement = new { de = "Teilhabe wird oft genannt." } };
        await EnsureReleaseAsync();
        await editor.SendAsync("POST", links, survey).ShouldBeAsync(HttpStatusCode.OK);
        var twice = await editor.SendAsync("POST", links, survey).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(2, twice.GetProperty("computations").GetArrayLength());
        var opposite = await editor.SendAsync("POST", links, new { survey.survey, survey.item, relation = "contradicts", survey.statement }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(twice.GetProperty("computations").EnumerateArray().Select(one => one.GetProperty("id").GetString()), opposite.GetProperty("computations").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeProblemAsync(422, "unprocessable");
        await editor.SendAsync("POST", links, survey).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeAsync(HttpStatusCode.OK);

        var finding = await api.GetAsync("/v1/findings/f-zeisig");
        Assert.Equal("agreement", finding.GetProperty("triangulation").GetProperty("survey").GetString());
        Assert.Contains(
            finding.GetProperty("computations").EnumerateArray(), one => one.TryGetProperty("release", out var release)
            && release.GetInt32() == 1
            && one.GetProperty("url").GetString()!.EndsWith("/releases/1?item=goals", StringComparison.Ordinal));
        var graph = await api.GetAsync("/v1/findings/f-zeisig/evidence");
        var nodes = graph.GetProperty("nodes").EnumerateArray().ToDictionary(node => node.GetProperty("kind").GetString()!);
        Assert.Equal(["finding", "source", "survey-aggregate", "typology-run"], nodes.Keys.Order());
        Assert.Equal("Teilhabe wird oft genannt.", nodes["survey-aggregate"].GetProperty("text").GetString());
        foreach (var kind in new[] { "survey-aggregate", "typology-run" })
        {
            Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(nodes[kind].GetProperty("url").GetString())).StatusCode);
            Assert.Single(graph.GetProperty("links").EnumerateArray(), link => link.GetProperty("from").GetString() == nodes[kind].GetProperty("id").GetString() && link.GetProperty("to").GetString() == "f-zeisig");
        }

        Assert.Contains($"- Zwei Gruppen trennen sich. ([Rechenlauf {id}](<{nodes["typology-run"].GetProperty("url").GetString()}>))", await api.Client.GetStringAsync("/v1/findings/f-zeisig/evidence?format=md"));
        // It stays as long as it is cited.
        Assert.StartsWith("9999-12-31", (await api.GetAsync("/v1/typology-runs/" + id)).GetProperty("expiresAt").GetString());

        Assert.Equal("SQLite Error 19: 'a finding rests on this run'.", Record.Exception(() => api.Write(connection => Dapper.SqlMapper.Execute(connection, "delete from typology_runs where id = @id", new { id })))?.Message);

        // Turned round, it leaves an approved finding with one voice.
        var turned = await editor.SendAsync("POST", links, new { survey.survey, survey.item, relation = "contradicts", survey.statement }).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("under-review", turned.GetProperty("status").GetString());
        await (await api.Client.GetAsync("/v1/findings/f-zeisig")).ShouldBeProblemAsync(404, "not-found");
        await editor.SendAsync("POST", links, survey).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeAsync(HttpStatusCode.OK);

        await editor.SendAsync("DELETE", $"{links}/{nodes["survey-aggregate"].GetProperty("id").GetString()}").ShouldBeAsync(HttpStatusCode.NoContent);
        await (await api.Client.GetAsync("/v1/findings/f-zeisig")).ShouldBeProblemAsync(404, "not-found");
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeProblemAsync(422, "unprocessable");
        // With the finding, what it cites may expire again.
        await editor.SendAsync("DELETE", "/v1/findings/f-zeisig", ifMatch: await editor.TagAsync("/v1/findings/f-zeisig")).ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.False((await api.GetAsync("/v1/typology-runs/" + id)).GetProperty("expiresAt").GetString()!.StartsWith("9999", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"survey":"umsetzende-kommunen","relation":"supports","statement":{"de":"x"}}""", "", "contradiction")]
    [InlineData("""{"relation":"supports","statement":{"de":"x"}}""", "", "contradiction")]
    [InlineData("""{"survey":"umsetzende-kommunen","item":"goals","run":"run-AAAAAAAAAAAAAAAAAAAAAA","relation":"supports","statement":{"de":"x"}}""", "", "contradiction")]
    [InlineData("""{"survey":"nirgends","item":"goals","relation":"supports","statement":{"de":"x"}}""", "/survey", "unknown")]
    [InlineData("""{"survey":"umsetzende-kommunen","item":"nichts","relation":"supports","statement":{"de":"x"}}""", "/item", "unknown")]
    [InlineData("""{"run":"run-AAAAAAAAAAAAAAAAAAAAAA","relation":"supports","statement":{"de":"x"}}""", "/run", "unknown")]
    public async Task Computations_that_cannot_be_evidence_are_refused(string body, string at, string code)
    {
        await EnsureReleaseAsync();
        var error = Assert.Single(await editor.SendAsync("POST", "/v1/findings/f-problem-zuerst/computations", JsonDocument.Parse(body).RootElement).ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal((at, code), (error.GetProperty("pointer").GetString(), error.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Only_published_results_are_evidence()
    {
        using var own = new ApiFixture();
        await own.PostAcceptedAsync(0, 12);

        var error = Assert.Single(await own.As("editor").SendAsync("POST", "/v1/findings/f-problem-zuerst/computations",
            new { survey = "umsetzende-kommunen", item = "goals", relation = "supports", statement = new { de = "x" } })
                .ShouldBeProblemAsync(422, "unprocessable"));

        Assert.Equal("/survey", error.GetProperty("pointer").GetString());
    }

    /// <summary>Evidence cites a release of the results.</summary>
    private async Task EnsureReleaseAsync()
    {
        if ((await api.GetAsync($"{ResponsesOf.Survey}/releases")).Items().Count == 0)
        {
            await api.PostAcceptedAsync(0, 12);
            await api.ReleaseAsync();
        }
    }

    [Fact]
    public async Task Nobody_publishes_what_others_computed_with_data_of_their_own()
    {
        var run = await TypologyRuns.Runs.FinishAsync(api.Client, TypologyRuns.Runs.Table(TypologyRuns.Runs.Anker12Columns, TypologyRuns.Runs.Anker12Rows(), new { kMin = 2, kMax = 2, bootstrap = 0 }));
        var error = Assert.Single(await editor.SendAsync("POST", "/v1/findings/f-problem-zuerst/computations",
            new { run = run.GetProperty("id").GetString(), relation = "supports", statement = new { de = "x" } }).ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("/run", error.GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task What_is_taken_back_or_removed_leaves_every_public_answer()
    {
        var (first, second) = Sources();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "low", "moderate", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("POST", "/v1/recommendations", Advice("r-zeisig", "experience", "f-zeisig")).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal(["f-zeisig draft", "r-zeisig draft"], await WorkAsync());
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/publish").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Empty(await WorkAsync());

        // A draft again, which no approval publishes.
        await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/unpublish").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(("r-zeisig", "deleted"), await LastAsync("recommendation"));
        Assert.Equal("f-zeisig", Assert.Single((await api.GetAsync("/v1/search?q=Zeisigmiete")).Items()).GetProperty("id").GetString());
        Assert.DoesNotContain((await api.GetAsync("/v1/search?q=Miete+reden")).Items(), hit => hit.GetProperty("id").GetString() == "r-zeisig");
        await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/unpublish").ShouldBeProblemAsync(409, "conflict");
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/review").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeAsync(HttpStatusCode.OK);
        await (await api.Client.GetAsync("/v1/recommendations/r-zeisig")).ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(["r-zeisig draft"], await WorkAsync());
        await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/publish").ShouldBeAsync(HttpStatusCode.OK);

        await editor.SendAsync("DELETE", "/v1/findings/f-zeisig").ShouldBeProblemAsync(428, "precondition-required");
        await editor.SendAsync("DELETE", "/v1/findings/f-zeisig", ifMatch: "\"old\"").ShouldBeProblemAsync(412, "precondition-failed");
        var report = await editor.SendAsync("DELETE", "/v1/findings/f-zeisig", ifMatch: await editor.TagAsync("/v1/findings/f-zeisig")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("r-zeisig", Assert.Single(report.GetProperty("recommendations").EnumerateArray()).GetString());
        Assert.Equal(["r-zeisig under-review"], await WorkAsync());
        // Researchers cannot open drafts of recommendations, so the list does not name them.
        Assert.Empty((await api.As("researcher").SendAsync("GET", "/v1/editorial-work").ShouldBeAsync(HttpStatusCode.OK)).Items());
        foreach (var address in new[] { "/v1/findings/f-zeisig", "/v1/findings/f-zeisig/evidence", "/v1/recommendations/r-zeisig", "/v1/recommendations/r-zeisig/evidence" })
        {
            await (await api.Client.GetAsync(address)).ShouldBeProblemAsync(404, "not-found");
        }

        Assert.Empty((await api.GetAsync("/v1/search?q=Zeisigmiete")).Items());
        foreach (var kind in new[] { "finding", "recommendation" })
        {
            Assert.Equal((kind[0] + "-zeisig", "deleted"), await LastAsync(kind));
        }

        await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "low", "moderate", first, second)).ShouldBeProblemAsync(409, "conflict");
        await editor.SendAsync("POST", "/v1/recommendations/r-zeisig/publish").ShouldBeProblemAsync(422, "unprocessable");
        await editor.SendAsync("DELETE", "/v1/recommendations/r-zeisig", ifMatch: await editor.TagAsync("/v1/recommendations/r-zeisig")).ShouldBeAsync(HttpStatusCode.NoContent);
        await editor.SendAsync("GET", "/v1/recommendations/r-zeisig").ShouldBeProblemAsync(404, "not-found");
        Assert.Empty(await WorkAsync());

        async Task<(string?, string?)> LastAsync(string kind) =>
            (await api.GetAsync($"/v1/changes?kind={kind}&limit=200")).Items().Select(change => (change.GetProperty("id").GetString(), change.GetProperty("action").GetString())).Last();

        async Task<List<string>> WorkAsync() => [.. (await editor.SendAsync("GET", "/v1/editorial-work").ShouldBeAsync(HttpStatusCode.OK)).Items().Select(item => $"{item.GetProperty("id").GetString()} {item.GetProperty("status").GetString()}")];
    }

    [Theory]
    [InlineData("f-zeisig", "conditional", false)]
    [InlineData("f-zeisig", "experience", true)]
    [InlineData("f-entwurf", "experience", false)]
    public async Task The_database_itself_refuses_to_publish_against_the_rule(string finding, string strength, bool isAllowed)
    {
        var (first, second) = Sources();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "very-low", "serious", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("POST", "/v1/findings", Finding("f-entwurf", "high", "none", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/approve").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/recommendations", Advice("r-zeisig", "experience", finding)).ShouldBeAsync(HttpStatusCode.Created);

        var failure = Record.Exception(() => api.Write(connection => Dapper.SqlMapper.Execute(
            connection, "update recommendations set strength = @strength where id = 'r-zeisig'; update recommendations set status = 'published' where id = 'r-zeisig'", new { strength })));

        Assert.Equal(isAllowed ? null : "SQLite Error 19: 'a published recommendation rests on an approved finding that bears its strength'.", failure?.Message);
    }

    [Fact]
    public async Task Of_two_who_approve_at_once_one_is_told_that_it_is_done()
    {
        var (first, second) = Sources();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "low", "moderate", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => api.As("editor", "owner-e").SendAsync("POST", "/v1/findings/f-zeisig/approve")));
        Assert.Equal([200, 409, 409, 409, 409, 409], answers.Select(answer => (int)answer.StatusCode).Order());

        var tag = await editor.TagAsync("/v1/findings/f-zeisig");
        var edits = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => api.As("editor", "owner-e").SendAsync("PUT", "/v1/findings/f-zeisig", Finding("f-zeisig", "low", "moderate", second, first), tag)));
        Assert.Equal(1, edits.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.All(edits.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode));
    }

    [Fact]
    public async Task A_draft_shows_nowhere_without_a_key()
    {
        var (first, second) = Sources();
        await EnsureReleaseAsync();
        await editor.SendAsync("POST", "/v1/findings", Finding("f-zeisig", "low", "moderate", first, second)).ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("POST", "/v1/findings/f-zeisig/computations", new { survey = "umsetzende-kommunen", item = "goals", relation = "supports", statement = new { de = "Zeisigteilhabe" } }).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/recommendations", Advice("r-zeisig", "experience", "f-zeisig", "f-problem-zuerst")).ShouldBeAsync(HttpStatusCode.Created);

        foreach (var address in new[]
        {
            "/v1/findings?limit=200", "/v1/findings?format=csv", "/v1/recommendations?limit=200", "/v1/recommendations?format=csv", "/v1/findings/f-problem-zuerst", "/v1/findings/f-problem-zuerst/evidence",
            "/v1/findings/f-problem-zuerst/evidence?format=md", $"/v1/sources/{first}/impact", $"/v1/sources/{second}/impact", "/v1/changes?kind=finding&limit=200", "/v1/changes?kind=recommendation&limit=200", "/v1/search?q=Zeisigmiete", "/v1/search?q=Zeisigteilhabe",
            "/v1/types/city-lab", "/v1/findings/f-zeisig", "/v1/findings/f-zeisig/evidence", "/v1/recommendations/r-zeisig", "/v1/recommendations/r-zeisig/evidence", "/v1/editorial-work",
        })
        {
            var answer = await api.Client.GetAsync(address);
            Assert.Equal(address.Contains("editorial", StringComparison.Ordinal) ? HttpStatusCode.Unauthorized : address.Contains("-zeisig", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK, answer.StatusCode);
            var text = (await answer.Content.ReadAsStringAsync()).Replace(address, "", StringComparison.Ordinal);
            // An address that was asked for comes back in the problem; what is behind it does not.
            Assert.False(text.Contains("Zeisig", StringComparison.Ordinal), address);
            Assert.False(text.Contains("f-zeisig\"", StringComparison.Ordinal) && !address.Contains("zeisig", StringComparison.Ordinal), address);
        }
    }

    [Theory]
    [InlineData("select h.* from recommendation_findings u join finding_evidence h on h.finding_id = u.finding_id where u.recommendation_id = 'r'")]
    [InlineData("select (select count(*) from (select * from finding_evidence where finding_id = f.id limit -1)) from findings f where f.id = 'f'")]
    [InlineData("select voices from finding_support where finding_id = 'f'")]
    [InlineData("select w.* from finding_voices w where w.finding_id in (select finding_id from recommendation_findings where recommendation_id = 'r')")]
    public void Evidence_is_found_by_index_and_never_read_as_a_whole(string sql)
    {
        var plan = Privacy.Talks.Read(api, connection => Dapper.SqlMapper.Query(connection, "explain query plan " + sql).Select(step => (string)step.detail).ToList());
        Assert.Contains(plan, step => step.StartsWith("SEARCH", StringComparison.Ordinal));
        // Scanning a subquery that was made before is no reading of a table.
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("(subquery-", StringComparison.Ordinal) && step != "SCAN w");
    }

    public void Dispose() => api.Dispose();
}
