using System.Diagnostics;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Commands;
using Dapper;

namespace AnkerOrte.Tests.Storage;

/// <summary>`backup` and `check` beside a running service.</summary>
public sealed class CommandTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_backup_made_while_others_write_is_whole_and_starts_a_service()
    {
        var copy = Path.Combine(Path.GetDirectoryName(api.DatabaseFile)!, "copy.db");
        using var editor = api.As("editor");
        await editor.SendAsync("PATCH", "/v1/anchor-sites/probierladen-jena", new { summary = "Fassung 0 der Zusammenfassung." }, "*").ShouldBeAsync(HttpStatusCode.OK);
        var written = 0;
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await editor.SendAsync("PATCH", "/v1/anchor-sites/probierladen-jena", new { summary = $"Fassung {++written} der Zusammenfassung." }, "*").ShouldBeAsync(HttpStatusCode.OK);
            }
        });

        var (code, output) = await RunAsync("backup", copy);
        await enough.CancelAsync();
        await writing;

        Assert.True(code == 0, output);
        Assert.Matches(@"copy\.db: \d+ bytes, revision \d+\n$", output);
        Assert.False(File.Exists(copy + "-wal"));
        Assert.True(written > 1);
        Assert.Equal(0, (await RunAsync("check", copy)).Code);
        using (var restored = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={copy}" }, copyTemplate: false))
        {
            Assert.StartsWith("Fassung ", (await restored.GetAsync("/v1/anchor-sites/probierladen-jena")).GetProperty("summary").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(2, (await RunAsync("backup", copy)).Code);
    }

    [Theory]
    [InlineData("delete from changes where number = 5", "the change feed has gaps: numbers end at")]
    [InlineData("update changes set key = 'other' where kind = 'source' and key = 'src-0195'", "missing in the change feed: source src-0195")]
    [InlineData("update changes set action = 'deleted' where kind = 'project' and key = 'jena'", "the last entry in the change feed does not match its record: project jena")]
    [InlineData("delete from versions where kind = 'source' and key = 'src-0001'", "a record has no history: source src-0001")]
    [InlineData("delete from versions where kind = 'code' and key = 'goals.participation'", "a record has no history: code goals.participation")]
    [InlineData("update versions set version = 3 where kind = 'source' and key = 'src-0195'", "a history has gaps: source src-0195")]
    [InlineData("update sources set deleted_at = updated_at where id = 'src-0195'", "the last version does not match its record: source src-0195")]
    [InlineData("delete from site_documents where number = 1", "a site has no document: ")]
    [InlineData("update site_documents set document = json_set(document, '$.updatedAt', 'x') where number = 1", "a stored document does not match its site: ")]
    [InlineData("update site_documents set document = json_set(document, '$.deletedAt', 'x') where number = 1", "a stored document does not match its site: ")]
    [InlineData("update anchor_sites set name = 'Anders' where id = 'jedi-jena'", "a stored document differs from the tables: jedi-jena")]
    [InlineData("delete from site_positions where number = (select number from anchor_sites where id = 'jedi-jena')", "a position does not match its site: jedi-jena")]
    [InlineData("update site_positions set west = west + 0.01, east = east + 0.01 where number = (select number from anchor_sites where id = 'jedi-jena')", "a position does not match its site: jedi-jena")]
    [InlineData("insert into site_positions (number, south, north, west, east) values (9999, 50, 50, 11, 11)", "a position belongs to no site: 9999")]
    [InlineData("delete from search_entries where kind = 'anchor-site' and key = 'jedi-jena'", "missing in the full-text index: anchor-site jedi-jena")]
    [InlineData("delete from search_words where rowid = (select number from search_entries where kind = 'municipality' and key = '16053000')", "missing in the full-text index: municipality 16053000")]
    [InlineData("delete from search_entries where kind = 'anchor-site' and key = 'jedi-jena'", "the full-text index has words without a record: ")]
    [InlineData("update search_entries set key = 'gone' where kind = 'project' and key = 'jena'", "in the full-text index, but not published: project gone")]
    [InlineData("pragma foreign_keys = off; update anchor_sites set project_id = 'none' where id = 'jedi-jena'", "anchor_sites refers to a missing row of projects")]
    public void Damage_is_found_and_named(string damage, string finding)
    {
        using var own = new ApiFixture();
        Assert.Empty(IntegrityCheck.Run(own.DatabaseFile));
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={own.DatabaseFile};Foreign Keys=False"))
        {
            connection.Open();
            connection.Execute(damage);
        }

        Assert.Contains(IntegrityCheck.Run(own.DatabaseFile), line => line.StartsWith(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whatever_was_written_nothing_is_found()
    {
        using var own = new ApiFixture();
        using var editor = own.As("editor");
        await editor.SendAsync("PATCH", "/v1/anchor-sites/probierladen-jena", new { name = "Anders", location = (object?)null }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("DELETE", "/v1/anchor-sites/citylab-berlin", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        await editor.SendAsync("DELETE", "/v1/anchor-sites/jedi-jena", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        await editor.SendAsync("POST", "/v1/anchor-sites/jedi-jena/restore").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("PATCH", "/v1/sources/src-0195", new { title = "Anders" }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("PATCH", "/v1/codebook/goals/codes/participation", new { label = new { de = "Anders" } }, "*").ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("DELETE", "/v1/codebook/goals/codes/participation", ifMatch: "*").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Empty(IntegrityCheck.Run(own.DatabaseFile));
    }

    [Fact]
    public async Task A_check_leaves_a_database_that_nobody_has_open_as_it_is()
    {
        var file = Copy("update anchor_sites set name = 'Anders' where id = 'jedi-jena'");
        var before = await File.ReadAllBytesAsync(file);

        var (code, output) = await RunAsync("check", file);

        Assert.Equal(1, code);
        Assert.StartsWith("a stored document differs from the tables: jedi-jena\n", output, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file));
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public async Task A_file_with_a_hole_is_found()
    {
        var file = Copy("select 1");
        using (var stream = File.OpenWrite(file))
        {
            stream.Position = stream.Length / 2;
            stream.Write(new byte[100_000]);
        }

        Assert.Equal(1, (await RunAsync("check", file)).Code);
    }

    [Fact]
    public async Task A_database_that_waits_for_its_upgrade_is_not_checked_but_can_be_copied()
    {
        var file = Copy("delete from content_files where file = 'sources.json'");

        var (code, output) = await RunAsync("check", file);

        Assert.Equal(2, code);
        Assert.Contains("is older than this program", output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunOnAsync(file, "backup", file + ".copy")).Code);
    }

    [Fact]
    public async Task A_backup_that_was_killed_never_looks_like_one()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(api.DatabaseFile)!, "killed")).FullName;
        for (var i = 0; i < 5; i++)
        {
            var file = Path.Combine(folder, $"{i}.db");
            using var process = Process.Start(Start(api.DatabaseFile, "backup", file))!;
            while (!process.HasExited && Directory.GetFiles(folder, $"{i}.db*").Length == 0)
            {
                await Task.Delay(1);
            }

            await Task.Delay(i * 20);
            process.Kill();
            await process.WaitForExitAsync();

            Assert.True(!File.Exists(file) || IntegrityCheck.Run(file).Count == 0);
            Assert.All(Directory.GetFiles(folder, $"{i}.db?*"), rest => Assert.Matches(@"\.unfinished(-journal)?$", rest));
        }
    }

    [Theory]
    [InlineData("backup", "There is no database")]
    [InlineData("check", "There is no database")]
    public async Task A_database_that_is_not_there_is_a_line_and_is_not_made(string command, string message)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(api.DatabaseFile)!, "empty-" + command)).FullName;

        var (code, output) = await RunOnAsync(Path.Combine(folder, "none.db"), command == "backup" ? [command, Path.Combine(folder, "copy.db")] : [command]);

        Assert.Equal(2, code);
        Assert.StartsWith(message, output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told_so()
    {
        var (code, output) = await RunAsync("check", Repository.File("README.md"));

        Assert.Equal(2, code);
        Assert.Contains("cannot be read", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_prints_what_the_service_answers()
    {
        var evaluation = await api.GetAsync("/v1/decision-guide/evaluation");

        var (code, output) = await RunAsync("evaluate");

        Assert.Equal(0, code);
        Assert.StartsWith(FormattableString.Invariant($"{"all",-20} {evaluation.GetProperty("asked").GetInt32(),5}  top 1 {evaluation.GetProperty("top1").GetProperty("rate").GetDouble():0.000} ("), output, StringComparison.Ordinal);
        Assert.Contains("learning-place", output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output)> RunAsync(params string[] arguments) => RunOnAsync(api.DatabaseFile, arguments);

    private static async Task<(int Code, string Output)> RunOnAsync(string database, params string[] arguments)
    {
        using var process = Process.Start(Start(database, arguments))!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    private static ProcessStartInfo Start(string database, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Permissions).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ConnectionStrings__AnkerOrte"] = $"Data Source={database}";
        return start;
    }

    /// <summary>A file of its own in a folder of its own, in WAL mode, changed behind the back of the service.</summary>
    private string Copy(string change)
    {
        var file = Path.Combine(Path.GetDirectoryName(api.DatabaseFile)!, Guid.NewGuid().ToString("N"), "copy.db");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False"))
        {
            connection.Execute("vacuum into @file", new { file });
        }

        using var copy = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=False");
        copy.Execute("pragma journal_mode = wal");
        copy.Execute(change);
        return file;
    }
}
