using System.Diagnostics;
using AnkerOrte.Api.Commands;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.KnowledgeBase;
using AnkerOrte.Tests.Outside;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace AnkerOrte.Tests.Storage;

/// <summary>The program as an operator starts it: as a process of its own.</summary>
public sealed class StartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ankerorte-start-").FullName;

    [Fact]
    public async Task A_file_that_is_no_database_is_a_clear_line_and_an_exit_code()
    {
        var file = Path.Combine(folder, "no.db");
        await File.WriteAllTextAsync(file, new string('x', 5000));

        var (code, error) = await StartAsync(file);

        Assert.Equal(2, code);
        Assert.StartsWith("AnkerOrte cannot start: The database cannot be used", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_a_clear_line_and_an_exit_code()
    {
        // /proc takes no files, whoever asks: a read-only disk even for root.
        var (code, error) = await StartAsync(OperatingSystem.IsLinux() ? "/proc/ankerorte/a.db" : Path.Combine(folder, "\0"));

        Assert.Equal(2, code);
        Assert.StartsWith("AnkerOrte cannot start: The database cannot be used", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_left_alone()
    {
        var file = Path.Combine(folder, "newer.db");
        using (var api = new ApiFixture(new Dictionary<string, string?>()))
        {
            using var source = new SqliteConnection($"Data Source={api.DatabaseFile}");
            source.Open();
            source.Execute("insert into SchemaVersions (ScriptName, Applied) values ('migrations.9999-future.sql', '2030-01-01')");
            source.Execute("vacuum into @file", new { file });
        }

        var before = await File.ReadAllBytesAsync(file);
        var (code, error) = await StartAsync(file);

        Assert.Equal(2, code);
        Assert.Contains("newer than this program", error, StringComparison.Ordinal);
        Assert.Contains("9999-future", error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file));
    }

    [Theory]
    [InlineData("--PublicUrl=ankerorte.de", "PublicUrl")]
    [InlineData("--RateLimiting:PerMinute=0", "RateLimiting:PerMinute")]
    [InlineData("--RateLimiting:PerMinute=abc", "RateLimiting:PerMinute")]
    [InlineData("--RateLimiting:CpuMillisecondsPerSecond=0", "RateLimiting:CpuMillisecondsPerSecond")]
    [InlineData("--RateLimiting:CpuBurstSeconds=0", "RateLimiting:CpuBurstSeconds")]
    [InlineData("--RateLimiting:Enabled=maybe", "RateLimiting:Enabled")]
    [InlineData("--Operator:ImprintUrl=javascript:alert(1)", "Operator:ImprintUrl")]
    [InlineData("--ConnectionStrings:AnkerOrte=Data Source=:memory:", "ConnectionStrings:AnkerOrte")]
    [InlineData("--ForwardedHeaders:KnownProxies=proxy", "ForwardedHeaders:KnownProxies")]
    public async Task A_wrong_setting_is_named(string argument, string setting)
    {
        var (code, error) = await StartAsync(Path.Combine(folder, "a.db"), argument);

        Assert.Equal(2, code);
        Assert.Contains(setting, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_clear_line_and_an_exit_code()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var (code, error) = await StartAsync(Path.Combine(folder, "a.db"), "--urls", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

        Assert.Equal(2, code);
        Assert.Contains("address already in use", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_start_writes_nothing()
    {
        using var first = new ApiFixture(new Dictionary<string, string?>(), copyTemplate: false);
        var before = (await first.GetAsync("/v1")).GetRawText();
        using var second = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={first.DatabaseFile}" });

        Assert.Equal(before, (await second.GetAsync("/v1")).GetRawText());
        Assert.Equal(1, (await second.GetAsync("/v1")).GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_changed_file_is_applied_again_and_raises_the_revision()
    {
        using var first = new ApiFixture();
        // As if an older release had shipped another title, and not yet this source.
        first.Write(connection => connection.Execute(
            """
            update content_files set hash = 'older' where file = 'sources.json';
            update sources set title = 'older' where id = 'src-0195';
            update versions set record = json_set(record, '$.title', 'older') where kind = 'source' and key = 'src-0195';
            update site_documents set document = replace(document, 'Ein Jahr ProbierLaden: Digitale Teilhabe zum Anfassen', 'older');
            """));
        using var second = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={first.DatabaseFile}" });

        Assert.Equal("Ein Jahr ProbierLaden: Digitale Teilhabe zum Anfassen", (await second.GetAsync("/v1/sources/src-0195")).GetProperty("title").GetString());
        Assert.Equal(3, (await second.GetAsync("/v1")).GetProperty("revision").GetInt64());
        var history = (await second.GetAsync("/v1/sources/src-0195/history")).Items();
        Assert.Equal(["created", "updated"], history.Texts("action"));
        Assert.Equal(["content", "content"], history.Texts("role"));
        // A site that shows the source is as new as the source, and in the feed after it.
        var site = await second.GetAsync("/v1/anchor-sites/probierladen-jena");
        Assert.Contains("Ein Jahr ProbierLaden: Digitale Teilhabe zum Anfassen", site.GetProperty("sources").EnumerateArray().ToList().Texts("title"));
        Assert.Contains("probierladen-jena", (await second.GetAsync($"/v1/anchor-sites?updatedSince={history[1].GetProperty("at").GetString()}")).Items().Texts("id"));
        Assert.Equal(["created", "updated"], (await ReadFeedAsync(second)).Where(change => change.GetProperty("id").GetString() == "probierladen-jena").ToList().Texts("action"));
        Assert.Contains("src-0195", (await second.GetAsync($"/v1/sources?updatedSince={history[1].GetProperty("at").GetString()}")).Items().Texts("id"));
        Assert.Empty(IntegrityCheck.Run(first.DatabaseFile));
    }

    [Fact]
    public async Task Shipped_content_never_overwrites_what_an_editor_changed_or_removed()
    {
        using var first = new ApiFixture();
        using var editor = first.As("editor");
        await editor.SendAsync("PATCH", "/v1/anchor-sites/probierladen-jena", new { status = "paused" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("DELETE", "/v1/anchor-sites/jedi-jena", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        await editor.SendAsync("PATCH", "/v1/sources/src-0195", new { title = "Eigener Titel" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("PATCH", "/v1/codebook/goals/codes/inclusion", new { label = new { de = "Teilhabe für alle" } }, "*").ShouldBeAsync(HttpStatusCode.OK);
        first.Write(connection => connection.Execute("update content_files set hash = 'older'"));

        using var second = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={first.DatabaseFile}" });

        Assert.Equal("paused", (await second.GetAsync("/v1/anchor-sites/probierladen-jena")).GetProperty("status").GetString());
        await second.Client.GetAsync("/v1/anchor-sites/jedi-jena").ShouldBeProblemAsync(410, "gone");
        Assert.Equal("Eigener Titel", (await second.GetAsync("/v1/sources/src-0195")).GetProperty("title").GetString());
        Assert.Equal("Teilhabe für alle", (await second.GetAsync("/v1/codebook/goals/codes/inclusion")).GetProperty("label").GetProperty("de").GetString());
        Assert.Equal(109, (await second.GetAsync("/v1")).GetProperty("counts").GetProperty("anchorSites").GetInt32());
        Assert.Empty(IntegrityCheck.Run(first.DatabaseFile));
    }

    [Fact]
    public async Task A_record_that_is_new_in_a_shipped_file_is_added_and_whatever_shows_it_has_changed()
    {
        using var first = new ApiFixture();
        first.Write(connection => connection.Execute(
            """
            delete from site_positions where number = (select number from anchor_sites where id = 'probierladen-jena');
            delete from memberships where site_id = 'probierladen-jena';
            update evidence set site_id = null where site_id = 'probierladen-jena';
            delete from recommendation_sites where site_id = 'probierladen-jena';
            delete from anchor_sites where id = 'probierladen-jena';
            delete from versions where kind = 'anchor-site' and key = 'probierladen-jena';
            update content_files set hash = 'older' where file = 'anchor-sites.json';
            """));
        var before = await first.GetAsync("/v1/changes?from=end");
        using var second = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={first.DatabaseFile}" });

        Assert.Equal("ProbierLaden Jena", (await second.GetAsync("/v1/anchor-sites/probierladen-jena")).GetProperty("name").GetString());
        Assert.Equal(1, (await second.GetAsync("/v1/anchor-sites/probierladen-jena/history")).Total());
        var changes = (await second.GetAsync("/v1/changes?limit=200&after=" + before.GetProperty("cursor").GetString())).Items().ConvertAll(
            entry => $"{entry.GetProperty("action").GetString()} {entry.GetProperty("kind").GetString()} {entry.GetProperty("id").GetString()}");
        Assert.Equal("created anchor-site probierladen-jena", changes[0]);
        Assert.Contains("updated municipality 16053000", changes);
        Assert.Contains("updated source src-0195", changes);
        Assert.All(changes.Skip(1), change => Assert.StartsWith("updated ", change, StringComparison.Ordinal));
        Assert.Empty(IntegrityCheck.Run(first.DatabaseFile));
    }

    [Fact]
    public async Task A_copied_database_is_what_loading_the_content_makes()
    {
        var (copied, loaded) = (Path.Combine(folder, "copied.db"), Path.Combine(folder, "loaded.db"));
        // A file that is there is not replaced, so it is filled by loading.
        await File.WriteAllBytesAsync(loaded, []);
        using var first = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={copied}" }, copyTemplate: false);
        using var second = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={loaded}" }, copyTemplate: false);

        Assert.Equal(await Services(first), await Services(second));
        Assert.Empty(IntegrityCheck.Run(copied));
        var (one, other) = (Dump(copied), Dump(loaded));
        Assert.Equal(one.Keys, other.Keys);
        Assert.All(one.Keys, table => Assert.Equal(one[table], other[table]));
        Assert.True(one["municipalities"].Count > 10_000);
        Assert.Equal(10, one["audit_log"].Count);

        static async Task<string> Services(ApiFixture api) => (await api.GetAsync("/v1")).GetRawText();
    }

    [Fact]
    public void A_copy_that_was_cut_off_or_a_damaged_prepared_database_does_no_harm()
    {
        var file = Path.Combine(folder, "a.db");
        using var database = new Database($"Data Source={file};Pooling=False");
        var damaged = Path.Combine(folder, "damaged.db");
        File.WriteAllText(damaged, new string('x', 5000));
        File.WriteAllText(file + ".new", "cut off");

        PreparedDatabase.CopyIfNew(damaged, database, TimeProvider.System, NullLogger.Instance);
        Assert.Equal([damaged], Directory.GetFiles(folder));

        File.WriteAllText(file + ".new", "cut off");
        File.WriteAllText(file + ".new-journal", "cut off");
        PreparedDatabase.CopyIfNew(database, TimeProvider.System, NullLogger.Instance);
        Assert.Equal([file, damaged], Directory.GetFiles(folder).Order());
        Assert.NotEmpty(Dump(file)["anchor_sites"]);
    }

    /// <summary>All rows of all tables, without what each database has of its own: its name, and times and hashes of its start.</summary>
    private static SortedDictionary<string, List<string>> Dump(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        var tables = connection.Query<string>("select name from pragma_table_list where type = 'table' and schema = 'main' and name not like 'sqlite%' and name <> 'SchemaVersions'");
        var own = new HashSet<string> { "instance", "applied_at", "audit_log.at", "prev_hash", "audit_log.hash", "audit_head.hash" };
        return new(tables.ToDictionary(table => table, table => connection.Query($"select * from \"{table}\"").Select(row => string.Join('|', ((IDictionary<string, object?>)row)
            .Where(column => !own.Contains(column.Key) && !own.Contains($"{table}.{column.Key}"))
            .Select(column => column.Value is byte[] bytes ? Convert.ToHexString(bytes) : column.Value))).Order(StringComparer.Ordinal).ToList()));
    }

    [Fact]
    public async Task Two_processes_and_a_command_that_begin_one_database_at_once_fill_it_once()
    {
        var file = Path.Combine(folder, "shared", "both.db");
        await using var one = new Service(file);
        await using var other = new Service(file);

        await Task.WhenAll(one.Running.InitializeAsync(), other.Running.InitializeAsync(), one.Running.CreateKeyAsync());

        var logs = new[] { one.Running.Log(), other.Running.Log() };
        // Or the command was first; it says nothing of it.
        Assert.True(logs.Count(log => log.Contains("New database with content", StringComparison.Ordinal)) <= 1);
        Assert.DoesNotContain(logs, log => log.Contains("Loading content", StringComparison.Ordinal));
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Assert.Equal(1, connection.ExecuteScalar<long>("select revision from service"));
        Assert.Equal(1, connection.ExecuteScalar<long>("select count(*) from api_keys"));
        Assert.Equal(1, connection.ExecuteScalar<long>("select max(version) from versions"));
        Assert.Empty(IntegrityCheck.Run(file));
    }

    [Fact]
    public async Task A_start_waits_while_another_process_prepares_the_database()
    {
        var file = Path.Combine(folder, "a.db");
        using var database = new Database($"Data Source={file}");
        await using var service = new Service(file);
        Task starting;
        using (StartLock.Take(database, NullLogger.Instance))
        {
            starting = service.Running.InitializeAsync();
            while (!service.Running.Log().Contains("Another process is preparing the database", StringComparison.Ordinal))
            {
                Assert.False(starting.IsCompleted, service.Running.Log());
                await Task.Delay(20);
            }

            Assert.False(File.Exists(file));
        }

        await starting;
    }

    [Fact]
    public void Every_table_is_strict_and_references_hold()
    {
        using var api = new ApiFixture();
        using var connection = new SqliteConnection($"Data Source={api.DatabaseFile}");
        connection.Open();

        var loose = connection.Query<string>("select name from pragma_table_list where type = 'table' and schema = 'main' and strict = 0 and name not like 'sqlite%' and name not in ('SchemaVersions')");
        Assert.Empty(loose);
        Assert.Empty(connection.Query("pragma foreign_key_check"));
        // FULL, on which README's promise about a power cut rests.
        Assert.Equal(2, connection.ExecuteScalar<int>("pragma synchronous"));
        Assert.Equal("wal", connection.ExecuteScalar<string>("pragma journal_mode"));
        Assert.Equal("ok", connection.ExecuteScalar<string>("pragma integrity_check"));
    }

    [Theory]
    [InlineData("insert into codes (dimension, key, position, label_de, label_en, definition_de, definition_en, neighbours) values ('nope', 'x', 1, '', '', '', '', '[]')")]
    [InlineData("insert into site_codes (dimension, code, site_id) values ('goals', 'nope', 'probierladen-jena')")]
    [InlineData("update anchor_sites set status = 'open' where id = 'probierladen-jena'")]
    [InlineData("update anchor_sites set latitude = null where id = 'probierladen-jena'")]
    [InlineData("update anchor_sites set ags = '99999999' where id = 'probierladen-jena'")]
    [InlineData("update municipalities set population = 'many' where ags = '16053000'")]
    public void The_schema_is_the_last_validator(string sql)
    {
        using var api = new ApiFixture();

        var refused = Assert.Throws<SqliteException>(() => api.Write(connection => connection.Execute(sql)));
        Assert.Equal(19, refused.SqliteErrorCode);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static async Task<(int Code, string Error)> StartAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "AnkerOrte.Api.dll"), .. arguments.Contains("--urls") ? Array.Empty<string>() : ["--urls", "http://127.0.0.1:0"], $"--ConnectionStrings:AnkerOrte=Data Source={file}", .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        await output;
        return (process.ExitCode, await error);
    }

    private sealed class Service(string file) : IAsyncDisposable
    {
        public RunningService Running { get; } = new(file);

        public async ValueTask DisposeAsync() => await Running.DisposeAsync();
    }

    private static async Task<List<JsonElement>> ReadFeedAsync(ApiFixture api)
    {
        var changes = new List<JsonElement>();
        for (var after = ""; ;)
        {
            var page = await api.GetAsync("/v1/changes?kind=anchor-site&limit=200" + after);
            changes.AddRange(page.Items());
            if (!page.GetProperty("more").GetBoolean())
            {
                return changes;
            }

            after = "&after=" + page.GetProperty("cursor").GetString();
        }
    }
}
