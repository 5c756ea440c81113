using System.Text;
using AnkerOrte.Api.Database;
using AnkerOrte.Tests.Privacy;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Storage;

/// <summary>The disk is full, the file is gone or damaged: every answer says so, and nothing is acknowledged and lost.</summary>
public sealed class StorageFailureTests : IDisposable
{
    private readonly AdjustableTime time = new();
    private readonly ApiFixture api;

    public StorageFailureTests() =>
        api = new ApiFixture(new Dictionary<string, string?>(), services: services => services.AddSingleton<TimeProvider>(time));

    [Fact]
    public async Task On_a_full_disk_writes_and_logged_reads_get_a_problem_and_other_reads_go_on()
    {
        var (contributor, researcher, editor) = (api.As("contributor"), api.As("researcher"), api.As("editor"));
        await contributor.PutAsync("before", Response()).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.GetAsync($"{Survey}/responses/before").ShouldBeAsync(HttpStatusCode.OK);
        var logged = Logged();
        using var full = new FullDisk(api);

        await contributor.PutAsync("after", Response()).ShouldBeProblemAsync(503, "storage-full");
        await contributor.BulkRawAsync(Encoding.UTF8.GetBytes(Response(id: "bulk").ToJsonString()))
            .ShouldBeProblemAsync(503, "storage-full");
        await editor.SendAsync("PATCH", "/v1/anchor-sites/jedi-jena", new { place = new string('x', 200) }, "*")
            .ShouldBeProblemAsync(503, "storage-full");
        foreach (var address in new[] { $"{Survey}/responses/before", $"{Survey}/responses", $"{Survey}/responses?format=csv",
            $"{Survey}/responses?format=ndjson" })
        {
            var refused = await researcher.GetAsync(address);
            await refused.ShouldBeProblemAsync(503, "storage-full");
            Assert.DoesNotContain("16053000", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await researcher.GetAsync("/v1/anchor-sites?limit=1")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await researcher.GetAsync("/v1/qualitative-codebook")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/v1/anchor-sites?limit=1")).StatusCode);
        await ShouldBeUnreadyAsync("write-failed");

        full.Dispose();
        Assert.Equal(logged, Logged());
        await contributor.PutAsync("after", Response()).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.GetAsync($"{Survey}/responses/before").ShouldBeAsync(HttpStatusCode.OK);
        time.Now += TimeSpan.FromSeconds(11);
        Assert.Equal("ready", (await api.GetAsync("/health/ready")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Readiness_writes_at_intervals_and_changes_nothing_and_a_busy_writer_is_no_fault()
    {
        var revision = (await api.GetAsync("/health/ready")).GetProperty("revision").GetInt64();
        using var counted = new FullDisk(api, writesLeft: 1_000_000);
        await api.GetAsync("/health/ready");
        Assert.Equal(0, counted.Writes);

        time.Now += TimeSpan.FromSeconds(11);
        await api.GetAsync("/health/ready");
        var written = counted.Writes;
        await api.GetAsync("/health/ready");
        Assert.InRange(written, 1, 10);
        Assert.Equal(written, counted.Writes);

        await using (await HeldWriters.OfAsync(api))
        {
            time.Now += TimeSpan.FromSeconds(11);
            Assert.Equal("ready", (await api.GetAsync("/health/ready")).GetProperty("status").GetString());
        }

        // Another process that writes is none, either.
        using var other = new SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False");
        other.Open();
        other.Execute("begin immediate");
        time.Now += TimeSpan.FromSeconds(11);
        Assert.Equal(revision, (await api.GetAsync("/health/ready")).GetProperty("revision").GetInt64());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    public async Task After_the_file_is_deleted_nothing_is_acknowledged(string end)
    {
        var (contributor, researcher, editor) = (api.As("contributor"), api.As("researcher"), api.As("editor"));
        await contributor.PutAsync("before", Response()).ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("ready", (await api.GetAsync("/health/ready")).GetProperty("status").GetString());

        File.Delete(api.DatabaseFile + end);

        await ShouldBeUnreadyAsync("file-replaced");
        await contributor.PutAsync("after", Response()).ShouldBeProblemAsync(503, "storage-unavailable");
        await contributor.BulkRawAsync(Encoding.UTF8.GetBytes(Response(id: "bulk").ToJsonString()))
            .ShouldBeProblemAsync(503, "storage-unavailable");
        await editor.SendAsync("PATCH", "/v1/anchor-sites/jedi-jena", new { place = "Am Markt" }, "*")
            .ShouldBeProblemAsync(503, "storage-unavailable");
        await researcher.GetAsync($"{Survey}/responses/before").ShouldBeProblemAsync(503, "storage-unavailable");
        Assert.Equal(end.Length > 0, File.Exists(api.DatabaseFile));
    }

    [Fact]
    public async Task After_the_file_is_replaced_nothing_is_written()
    {
        var contributor = api.As("contributor");
        var copy = api.DatabaseFile + ".copy";
        Talks.Read(api, connection => connection.Execute("vacuum into @copy", new { copy }));

        File.Move(copy, api.DatabaseFile, overwrite: true);

        await ShouldBeUnreadyAsync("file-replaced");
        await contributor.PutAsync("after", Response()).ShouldBeProblemAsync(503, "storage-unavailable");
    }

    [Fact]
    public async Task Damage_is_found_by_the_check_in_the_background()
    {
        Assert.Equal("ready", (await api.GetAsync("/health/ready")).GetProperty("status").GetString());
        Talks.Read(api, connection => connection.Query("pragma wal_checkpoint(truncate)").ToList());
        var health = api.Services.GetRequiredService<StorageHealth>();
        health.Check();
        Assert.Equal("ready", (await api.GetAsync("/health/ready")).GetProperty("status").GetString());
        using (var file = new FileStream(api.DatabaseFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            var noise = new byte[800 * 4096];
            new Random(5).NextBytes(noise);
            file.Position = file.Length / 2 / 4096 * 4096;
            file.Write(noise);
        }

        health.Check();

        await ShouldBeUnreadyAsync("damaged");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?atomic=true")]
    public async Task Without_a_place_for_temporary_files_a_load_stores_nothing(string query)
    {
        using var other = new ApiFixture(
            new Dictionary<string, string?> { ["SpoolFolder"] = OperatingSystem.IsLinux() ? "/proc/ankerorte" : "\0" });
        var contributor = other.As("contributor");
        var body = Encoding.UTF8.GetBytes(
            string.Join('\n', Enumerable.Range(1, 3_000).Select(number => Response(id: $"row-{number}").ToJsonString())));

        await contributor.BulkRawAsync(body, query: query).ShouldBeProblemAsync(503, "storage-unavailable");

        Assert.Equal(0, Talks.Read(other, connection => connection.ExecuteScalar<int>("select count(*) from responses")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?atomic=true")]
    public async Task A_disk_that_fills_up_during_a_load_stores_what_the_answer_says(string query)
    {
        var contributor = api.As("contributor");
        var rows = Enumerable.Range(1, 7_000)
            .Select(number => Response(Answers().With("tips", new string('x', 500)), id: $"row-{number}").ToJsonString());
        using var full = new FullDisk(api, writesLeft: 3_000);

        var refused = await contributor.BulkRawAsync(Encoding.UTF8.GetBytes(string.Join('\n', rows)), query: query);

        await refused.ShouldBeProblemAsync(503, "storage-full");
        var stored = Talks.Read(api, connection => connection.ExecuteScalar<int>("select count(*) from responses"));
        Assert.True(query.Length > 0 ? stored == 0 : stored is > 0 and < 7_000, $"{stored}");
        var detail = (await refused.JsonAsync()).GetProperty("detail").GetString()!;
        Assert.Equal(
            query.Length == 0,
            detail.Contains($"Rows 1 to {stored} were processed ({stored} accepted, 0 replayed, 0 rejected)", StringComparison.Ordinal));
        full.Dispose();
        Assert.Equal((7_000 - stored, stored, 0), (await contributor.BulkAsync(string.Join('\n', rows))).Counts());
    }

    [Fact]
    public async Task Temporary_files_lie_beside_the_database_without_a_name_and_leftovers_are_swept()
    {
        var folder = Path.GetDirectoryName(api.DatabaseFile)!;
        var left = Path.Combine(folder, "test.db.0123.spool");
        var foreign = Path.Combine(folder, "other.db.0123.spool");
        await File.WriteAllTextAsync(left, "{}");
        await File.WriteAllTextAsync(foreign, "{}");
        var spools = api.Services.GetRequiredService<SpoolFiles>();

        spools.Sweep();
        await using var open = spools.Open();
        open.Write("geheim"u8);
        await open.FlushAsync();

        Assert.False(File.Exists(left));
        Assert.Equal(OperatingSystem.IsWindows() ? 2 : 1, Directory.GetFiles(folder, "*.spool").Length);
        Assert.True(File.Exists(foreign));
        open.Position = 0;
        Assert.Equal('g', open.ReadByte());
    }

    private int Logged() => Talks.Read(api, connection => connection.ExecuteScalar<int>("select count(*) from audit_log"));

    private async Task ShouldBeUnreadyAsync(string problem)
    {
        var answer = await api.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(problem, (await answer.JsonAsync()).GetProperty("problem").GetString());
    }

    public void Dispose() => api.Dispose();
}
