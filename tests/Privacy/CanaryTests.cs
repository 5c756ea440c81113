using System.Collections.Concurrent;
using AnkerOrte.Tests.Contract;
using AnkerOrte.Tests.Surveys;
using Dapper;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AnkerOrte.Tests.Privacy;

/// <summary>A marked word in every text of every confidential table, and then everything that is public is asked for.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Canary = "kanarienvogelzz";

    /// <summary>Who writes; administrators see it in the audit log, the public nowhere.</summary>
    private const string Owner = "owner-" + Canary;

    /// <summary>Tables whose texts are published, or that hold none of people.</summary>
    private static readonly string[] Public =
    [
        "SchemaVersions", "anchor_sites", "audit_head", "changes", "codes", "content_files", "conversation_sites", "conversation_types",
            "dimensions", "evidence", "finding_computations",
        "finding_passages", "finding_types", "municipalities", "project_members", "project_sources", "project_states", "projects",
            "recommendation_findings", "recommendation_sites",
        "recommendation_types", "search_entries", "service", "site_codes", "site_dimensions", "site_documents", "site_experiences",
            "site_sources", "sources", "states", "survey_release_items", "survey_releases",
        "surveys",
        "typology_numbers",
    ];

    /// <summary>Tables that hold public rows as well: which rows are confidential.</summary>
    private static readonly Dictionary<string, string> Rows = new()
    {
        ["findings"] = "status = 'draft'",
        ["recommendations"] = "status = 'draft'",
        ["survey_versions"] = "state = 'draft'",
        ["typologies"] = "status = 'draft'",
        ["types"] = "typology in (select version from typologies where status = 'draft')",
        ["memberships"] = "typology in (select version from typologies where status = 'draft')",
    };

    /// <summary>Tables of which some columns are public, or must stay as they are for the service to work.</summary>
    private static readonly Dictionary<string, string[]> Columns = new()
    {
        ["versions"] = ["owner"],
        ["api_keys"] = ["owner", "label", "hint"],
        ["typology_runs"] = ["owner"],
    };

    private readonly Log log = new();
    private readonly ApiFixture api;

    public CanaryTests() => api = new ApiFixture(new Dictionary<string, string?>(), services: services => services.AddSingleton<ILoggerProvider>(log));

    [Fact]
    public async Task Nothing_confidential_is_in_any_public_answer_nor_in_the_log()
    {
        var talk = Talks.Add(api, participants: ["p-" + Canary, "p-other"], text: $"p-{Canary}: {Canary} spricht", passages: [("p-" + Canary, Canary + " spricht", "draft")]);
        var officer = api.As("privacy-officer");
        await Talks.GiveAsync(officer, talk, "p-" + Canary, "transcript-use", "quotation-pseudonymous", "site-named");
        var person = await officer.SendAsync("POST", "/v1/persons", new
        {
            name = Canary,
            email = Canary + "@example.org",
            phone = Canary,
            address = Canary,
            organisation = Canary,
            position = Canary,
            deleteAfter = "2099-01-01",
            pseudonyms = new[] { new { conversation = talk, pseudonym = "p-" + Canary } },
        }).ShouldBeAsync(HttpStatusCode.Created);
        await officer.SendAsync("POST", "/v1/data-subject-requests", new { person = person.GetProperty("id").GetString(), kind = "access", receivedOn = "2026-01-01" }).ShouldBeAsync(HttpStatusCode.OK);
        await api.As("researcher").SendAsync("POST", "/v1/surveys/umsetzende-kommunen/invitations", new { label = Canary }).ShouldBeAsync(HttpStatusCode.Created);
        var code = await api.As("researcher").SendAsync("POST", "/v1/qualitative-codebook/codes", new { name = Canary, description = Canary }).ShouldBeAsync(HttpStatusCode.Created);
        await api.As("researcher").SendAsync("POST", $"/v1/passages/{talk}-0/codings", new { code = code.GetProperty("id").GetString(), memo = Canary }).ShouldBeAsync(HttpStatusCode.Created);
        await AddRestAsync(talk);
        Fill();
        foreach (var address in new[] { "/v1/persons/" + Canary, "/v1/persons/" + person.GetProperty("id").GetString() + "?x=" + Canary })
        {
            await officer.GetAsync(address);
        }

        // Not held against the contract, which other tests do: that takes longer than the rest.
        using var anyone = ((TestServer)api.Services.GetRequiredService<IServer>()).CreateClient();
        var found = new ConcurrentBag<string>();
        var asked = Addresses(talk).ToList();
        await Parallel.ForEachAsync(
            asked, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (address, cancel) => await CheckAsync(address, cancel));
        // The whole feed.
        var changes = 0;
        for (var next = "/v1/changes?limit=200"; next is not null;)
        {
            var page = JsonDocument.Parse(await CheckAsync(next, CancellationToken.None)).RootElement;
            changes += page.GetProperty("items").GetArrayLength();
            next = page.GetProperty("more").GetBoolean() ? "/v1/changes?limit=200&after=" + page.GetProperty("cursor").GetString() : null;
        }

        Assert.True(changes > 11_000, $"{changes}");
        Assert.Empty(found);
        Assert.True(asked.Count > 250, $"{asked.Count}");
        Assert.DoesNotContain(log.Lines, line => line.Contains(Canary, StringComparison.OrdinalIgnoreCase));
        // The audit log, the one confidential list that others read as well, knows paths only.
        var admin = await (await api.As("admin").GetAsync("/v1/audit-log?limit=200&format=csv")).Content.ReadAsStringAsync();
        Assert.DoesNotContain(Canary, admin.Replace(Owner, "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);

        async Task<string> CheckAsync(string address, CancellationToken cancel)
        {
            var response = await anyone.GetAsync(address, cancel);
            var body = await response.Content.ReadAsStringAsync(cancel);
            Assert.True((int)response.StatusCode < 500, $"{address}: {body}");
            if (body.Contains(Canary, StringComparison.OrdinalIgnoreCase)
                || (body.Contains(talk, StringComparison.Ordinal) && !address.Contains(talk, StringComparison.Ordinal)))
            {
                found.Add(address);
            }

            return body;
        }
    }

    /// <summary>Whatever else is not public: responses, proposals, links, drafts, runs, and who wrote what.</summary>
    private async Task AddRestAsync(string talk)
    {
        var (contributor, researcher, editor) = (api.As("contributor", Owner), api.As("researcher", Owner), api.As("editor", Owner));
        await contributor.SendAsync(
            "PUT", "/v1/surveys/umsetzende-kommunen/responses/hidden-1", ResponsesOf.Response(ResponsesOf.Answers().With("tips", Canary)))
            .ShouldBeAsync(HttpStatusCode.Created);
        var link = await editor.SendAsync("POST", "/v1/anchor-sites/jedi-jena/confirm-links", new { days = 7 })
            .ShouldBeAsync(HttpStatusCode.Created);
        await api.With(link.GetProperty("token").GetString()!)
            .SendAsync("POST", "/v1/confirmation", new { proposal = new { facts = new { openingHours = Canary } }, comment = Canary })
            .ShouldBeAsync(HttpStatusCode.OK);
        await researcher.SendAsync("POST", $"/v1/focus-groups/{talk}/release-links", new { pseudonym = "p-" + Canary })
            .ShouldBeAsync(HttpStatusCode.Created);
        await editor.SendAsync("PATCH", "/v1/anchor-sites/jedi-jena", new { place = "Am Markt" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/typologies", new { basedOn = "1" }).ShouldBeAsync(HttpStatusCode.Created);
        await api.Client.SendAsync(
            "POST", "/v1/typology-runs",
            TypologyRuns.Runs.Table(
            [new { key = Canary, kind = "nominal" }], Enumerable.Range(0, 12)
            .Select(i => new { id = $"{Canary}-{i}", values = new Dictionary<string, object> { [Canary] = i % 2 == 0 ? "a" : "b" } }),
            new { kMin = 2, kMax = 3 }))
            .ShouldBeAsync(HttpStatusCode.Accepted);
        await api.Client.SendAsync(
            "POST", "/v1/assessments", new { answers = new Dictionary<string, object> { ["goals"] = new[] { "inclusion" } } }, key: Canary)
            .ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "hidden", title = new { de = "x", en = "x" } }, key: Canary)
            .ShouldBeAsync(HttpStatusCode.Created);
        api.Write(connection =>
        {
            connection.Execute(
                "insert into survey_release_responses (survey, response, release, fingerprint) values ('umsetzende-kommunen', 'hidden-1', 1, x'00')");
            connection.Execute(
                "insert into published_validations (kind, type, dimension, unit, worst) values ('interview', 'makerspace', '', @talk, 0)",
                new { talk });
            Copy("findings", "id = 'f-problem-zuerst'", ("id", "f-draft"), ("number", 9_001), ("status", "draft"));
            Copy("recommendations", "id = 'r-problem-und-nutzen-zuerst'", ("id", "r-draft"), ("number", 9_001), ("status", "draft"));
            Copy("survey_versions", "survey = 'umsetzende-kommunen' and version = 1", ("version", 2), ("state", "draft"));
            connection.Execute(
                "insert into validations (conversation_id, type, typology, verdict, author, updated_at) values (@talk, 'makerspace', 1, 'confirmed', 'x', 'x')", new { talk });
            connection.Execute(
                "insert into validation_dimensions (conversation_id, type, dimension, verdict) values (@talk, 'makerspace', 'goals', 'confirmed')", new { talk });
            connection.Execute(
                "insert into tombstones (kind, id, at, reason, participants) values ('conversation', 'talk-gone', 'x', 'x', '[]')");

            void Copy(string table, string where, params (string Name, object Value)[] changed)
            {
                var names = connection.Query<string>("select name from pragma_table_info(@table)", new { table }).ToList();
                var parameters = new DynamicParameters(changed.ToDictionary(column => column.Name, column => column.Value));
                connection.Execute(
                    $"insert into {table} ({string.Join(", ", names)}) select {string.Join(", ", names.Select(name => changed.Any(column => column.Name == name) ? "@" + name : name))} from {table} where {where}", parameters);
            }
        });
    }

    /// <summary>
    /// Every text of every table that is not public; a later table or column is included without a word here. A column is covered if
    /// it holds the canary, or if it accepts no free text, being a code or a reference.
    /// </summary>
    private void Fill() => api.Write(connection =>
    {
        var tables = connection.Query<string>(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like 'search_words%' and name not like 'site_positions%'").ToList();
        Assert.Empty(Public.Except(tables));
        foreach (var table in tables.Except(Public))
        {
            var rows = Rows.GetValueOrDefault(table, "true");
            Assert.True(connection.ExecuteScalar<bool>($"select exists (select 1 from {table} where {rows})"),
                $"{table} has no confidential row.");
            foreach (var column in connection.Query<(string Name, string Type, int Pk)>(
                "select name, type, pk from pragma_table_info(@table)", new { table })
                .Where(column => column.Type == "TEXT" && column.Pk == 0
                    && (!Columns.TryGetValue(table, out var only) || only.Contains(column.Name))))
            {
                if (connection.ExecuteScalar<bool>(
                    $"select exists (select 1 from {table} where {column.Name} like '%{Canary}%' and {rows})"))
                {
                    continue;
                }

                // As a text, or as a text in JSON.
                foreach (var value in new[] { "@Canary", "json_quote(@Canary)" })
                {
                    connection.Execute("savepoint try_it");
                    try
                    {
                        connection.Execute($"update {table} set {column.Name} = {value} where {rows}", new { Canary });
                        // Some references are looked at only when the transaction ends.
                        if (!connection.Query($"pragma foreign_key_check({table})").Any())
                        {
                            connection.Execute("release try_it");
                            break;
                        }
                    }
                    catch (Microsoft.Data.Sqlite.SqliteException)
                    {
                        // A code or a reference, which holds no text.
                    }

                    connection.Execute("rollback to try_it; release try_it");
                }
            }
        }
    });

    /// <summary>Every public operation with each of its parameters, in each format, and the words themselves.</summary>
    private static IEnumerable<string> Addresses(string talk) => new[]
    {
        "/v1/anchor-sites/jedi-jena/history", "/v1/findings/f-draft", "/v1/recommendations/r-draft", "/v1/findings/f-draft/history",
            "/v1/surveys/umsetzende-kommunen/versions/2", "/v1/typologies/2",
        "/v1/types?typology=2", $"/v1/focus-groups/{talk}", $"/v1/focus-groups/{talk}/passages", $"/v1/passages/{talk}-0",
            "/v1/types/makerspace/validation", "/v1/typology-runs", "/v1/assessments",
        $"/v1/search?q={Canary}", $"/v1/anchor-sites?q={Canary}", $"/v1/sources?q={Canary}", $"/v1/municipalities?q={Canary}", "/v1/changes?limit=200",
        $"/v1/persons/{Canary}", $"/v1/consents?pseudonym=p-{Canary[..10]}", "/v1/persons", "/v1/retention",
    }.Concat(ContractTests.Calls().Cast<object[]>().Select(call => ((string)call[0]).Replace("?&", "?", StringComparison.Ordinal))
        // Each list in each format; not the municipalities, which nobody writes and which are the largest by far.
        .SelectMany(address => address.EndsWith('?') && !address.StartsWith("/v1/municipalities", StringComparison.Ordinal)
            ? new[] { address, address + "format=csv", address + "format=geojson", address + "format=markdown" } : [address])).Distinct();

    public void Dispose()
    {
        api.Dispose();
        log.Dispose();
    }

    private sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Information)
            {
                Lines.Enqueue(formatter(state, exception) + exception);
            }
        }

        public void Dispose() { }
    }
}
