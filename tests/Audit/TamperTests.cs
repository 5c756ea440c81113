using System.Diagnostics;
using AnkerOrte.Api.Access;
using Dapper;

namespace AnkerOrte.Tests.Audit;

/// <summary>Somebody who can write the file drops the triggers and changes the log; the chain tells.</summary>
public sealed class TamperTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Columns = "at, actor, role, action, object, before_hash, after_hash, reason, prev_hash, hash";

    [Theory]
    [InlineData("update audit_log set role = 'admin' where seq = 4", 4)]
    [InlineData("update audit_log set at = '2020-01-01T00:00:00.000Z' where seq = 4", 4)]
    [InlineData("update audit_log set actor = 'owner-x' where seq = 6", 6)]
    [InlineData("update audit_log set reason = 'legal' where seq = 5", 5)]
    [InlineData("delete from audit_log where seq = 4", 4)]
    [InlineData("delete from audit_log where seq = 4; update audit_log set seq = seq - 1 where seq > 4; update audit_head set seq = seq - 1", 4)]
    [InlineData("delete from audit_log where seq = 1", 1)]
    [InlineData("update audit_log set seq = -1 where seq = 4; update audit_log set seq = 4 where seq = 5; update audit_log set seq = 5 where seq = -1", 4)]
    [InlineData("insert into audit_log (seq, " + Columns + ") select max(seq) + 1, " + Columns + " from audit_log", 7)]
    [InlineData("delete from audit_log where seq > 4", 5)]
    [InlineData("update audit_head set hash = (select hash from audit_log where seq = 2)", 6)]
    public async Task Whatever_is_changed_is_found_at_its_place(string change, int at)
    {
        var file = await CopyAsync(change);

        var (code, output) = await RunAsync("audit", "verify", file);

        Assert.Equal(1, code);
        Assert.StartsWith($"broken at {at}: ", output, StringComparison.Ordinal);
        var (checkCode, findings) = await RunAsync("check", file);
        Assert.Equal(1, checkCode);
        Assert.Contains($"the audit log is broken at {at}: ", findings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_that_was_cut_off_with_its_head_is_found_by_a_head_that_was_noted()
    {
        var (_, noted) = await RunAsync("audit", "verify", await CopyAsync("select 1"));
        var head = noted.Trim().Split(' ')[^1];
        const string Cut = "delete from audit_log where seq > 3; update audit_head set (seq, hash) = (select seq, hash from audit_log where seq = 3)";
        var file = await CopyAsync(Cut);

        // What cannot be found: the log is a whole one, only shorter.
        Assert.Equal(0, (await RunAsync("audit", "verify", file)).Code);
        var (code, output) = await RunAsync("audit", "verify", file, "--head", head);
        Assert.Equal(1, code);
        Assert.StartsWith("broken at 4: ", output, StringComparison.Ordinal);
        // And one that goes on otherwise from there is not the one that was noted.
        var (rewritten, why) = await RunAsync("audit", "verify", await CopyAsync("select 1"), "--head", head.Split(':')[0] + ":" + new string('a', 64));
        Assert.Equal((1, "broken at 6: "), (rewritten, why[..13]));
    }

    [Fact]
    public async Task A_whole_log_is_told_with_its_head_and_stays_whole_when_it_grows()
    {
        var file = await CopyAsync("select 1");
        var (code, output) = await RunAsync("audit", "verify", file);
        Assert.Equal(0, code);
        Assert.Matches("^6 entries, whole. Head, to be stored elsewhere: 6:[0-9a-f]{64}\\s*$", output);

        Assert.Equal(0, (await RunAsync("audit", "verify", file, "--head", output.Trim().Split(' ')[^1])).Code);
        Assert.NotEqual(0, (await RunAsync("audit", "verify", file, "--head", "6")).Code);
        Assert.Equal(2, (await RunAsync("audit", "verify", "/nowhere/there.db")).Code);
        Assert.Equal(2, (await RunAsync("audit", "verify", Repository.File("README.md"))).Code);
    }

    /// <summary>A copy whose log has six entries, changed behind the back of the service.</summary>
    private async Task<string> CopyAsync(string change)
    {
        var file = Path.Combine(Path.GetDirectoryName(api.DatabaseFile)!, Guid.NewGuid().ToString("N") + ".db");
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False"))
        {
            await connection.ExecuteAsync("vacuum into @file", new { file });
        }

        using var copy = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=False");
        await copy.ExecuteAsync(
            """
            drop trigger audit_log_follows;
            drop trigger audit_log_ends;
            drop trigger audit_log_is_not_changed;
            drop trigger audit_log_is_not_removed;
            """);
        await copy.ExecuteAsync("delete from audit_log where seq > 6; update audit_head set (seq, hash) = (select seq, hash from audit_log where seq = 6)");
        await copy.ExecuteAsync(change);
        return file;
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
