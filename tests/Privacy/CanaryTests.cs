using System.Collections.Concurrent;
using AnkerOrte.Tests.Contract;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AnkerOrte.Tests.Privacy;

/// <summary>A marked word in every text of every confidential table, and then everything that is public is asked for.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Canary = "kanarienvogelzz";

    /// <summary>Tables that no public answer may show, but for ids and for what was released.</summary>
    private static readonly string[] Confidential =
        ["persons", "person_pseudonyms", "consents", "data_subject_requests", "tombstones", "transcripts", "passages", "invitations", "codings", "coders", "qualitative_codebooks"];

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
        Fill();
        foreach (var address in new[] { "/v1/persons/" + Canary, "/v1/persons/" + person.GetProperty("id").GetString() + "?x=" + Canary })
        {
            await officer.GetAsync(address);
        }

        var found = new ConcurrentBag<string>();
        var asked = Addresses().ToList();
        await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (address, cancel) =>
        {
            var body = await (await api.Client.GetAsync(address, cancel)).Content.ReadAsStringAsync(cancel);
            if (body.Contains(Canary, StringComparison.OrdinalIgnoreCase) || body.Contains(talk, StringComparison.Ordinal))
            {
                found.Add(address);
            }
        });

        Assert.Empty(found);
        Assert.True(asked.Count > 150, $"{asked.Count}");
        Assert.DoesNotContain(log.Lines, line => line.Contains(Canary, StringComparison.OrdinalIgnoreCase));
        // The audit log, the one confidential list that others read as well, knows paths only.
        var admin = await (await api.As("admin").GetAsync("/v1/audit-log?limit=200&format=csv")).Content.ReadAsStringAsync();
        Assert.DoesNotContain(Canary, admin, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whatever else of confidential tables is text: what a later column holds is looked for without a word here.</summary>
    private void Fill() => api.Write(connection =>
    {
        foreach (var table in Confidential)
        {
            Assert.True(connection.ExecuteScalar<bool>($"select exists (select 1 from {table})") || table == "tombstones", table);
            foreach (var column in connection.Query<(string Name, string Type, int Pk)>("select name, type, pk from pragma_table_info(@table)", new { table }).Where(column => column.Type == "TEXT" && column.Pk == 0))
            {
                connection.Execute("savepoint try_it");
                try
                {
                    connection.Execute($"update {table} set {column.Name} = @Canary", new { Canary });
                    connection.Execute("release try_it");
                }
                catch (Microsoft.Data.Sqlite.SqliteException)
                {
                    // A code or a reference, which holds no text.
                    connection.Execute("rollback to try_it; release try_it");
                }
            }
        }
    });

    /// <summary>Every public operation with each of its parameters, in each format, and the words themselves.</summary>
    private static IEnumerable<string> Addresses() => new[]
    {
        $"/v1/search?q={Canary}", $"/v1/anchor-sites?q={Canary}", $"/v1/sources?q={Canary}", $"/v1/municipalities?q={Canary}", "/v1/changes?limit=200",
        $"/v1/persons/{Canary}", $"/v1/consents?pseudonym=p-{Canary[..10]}", "/v1/persons", "/v1/retention",
    }.Concat(ContractTests.Calls().Cast<object[]>().Select(call => ((string)call[0]).Replace("?&", "?", StringComparison.Ordinal))).Distinct();

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
