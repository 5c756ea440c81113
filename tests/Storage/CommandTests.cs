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
    [InlineData("delete from site_documents where number = 1", "a site has no document: ")]
    [InlineData("update site_documents set document = json_set(document, '$.updatedAt', 'x') where number = 1", "a document is not that of its site: ")]
    [InlineData("delete from versions where kind = 'source' and key = 'src-0001'", "a source has no history: src-0001")]
    [InlineData("delete from search_entries where kind = 'anchor-site' and key = 'jedi-jena'", "a published site cannot be found by words: jedi-jena")]
    [InlineData("pragma foreign_keys = off; update anchor_sites set project_id = 'none' where id = 'jedi-jena'", "anchor_sites refers to a row of projects that is not there")]
    public void Damage_is_found_and_named(string damage, string finding)
    {
        using var own = new ApiFixture();
        Assert.Empty(DatabaseCheck.Run(own.DatabaseFile));
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={own.DatabaseFile};Foreign Keys=False"))
        {
            connection.Open();
            connection.Execute(damage);
        }

        Assert.Contains(DatabaseCheck.Run(own.DatabaseFile), line => line.StartsWith(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told_so()
    {
        var (code, output) = await RunAsync("check", Repository.File("README.md"));

        Assert.Equal(2, code);
        Assert.Contains("cannot be read", output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("check", Path.Combine(Path.GetTempPath(), "none.db"))).Code);
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Permissions).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ConnectionStrings__AnkerOrte"] = $"Data Source={api.DatabaseFile}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
