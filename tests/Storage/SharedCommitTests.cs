using AnkerOrte.Api.Audit;
using AnkerOrte.Api.Commands;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Storage;

/// <summary>Short writes that wait together are committed together, and each fails for itself alone.</summary>
public sealed class SharedCommitTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private Database Database => api.Services.GetRequiredService<Database>();

    [Fact]
    public async Task Writes_that_wait_together_see_each_other_and_nobody_else_sees_them_before_all_are_done()
    {
        var held = await HeldWriters.OfAsync(api);
        var seen = (Inside: -1L, Outside: -1L);

        var together = Enumerable.Range(0, 10).Select(number => WriteAsync(connection => Insert(connection, $"together-{number}"))).ToList();
        var last = WriteAsync(connection =>
        {
            using var other = Database.Open();
            seen = (Count(connection, "together-%"), Count(other, "together-%"));
            return WriteEnd.Commit;
        });
        await held.DisposeAsync();
        await Task.WhenAll([last, .. together]);

        Assert.Equal((10, 0), seen);
        Assert.Equal(10, Count("together-%"));
    }

    [Fact]
    public async Task A_write_that_fails_or_changes_nothing_is_undone_alone()
    {
        var held = await HeldWriters.OfAsync(api);

        var good = WriteAsync(connection => Insert(connection, "alone-good"));
        var bad = WriteAsync(connection =>
        {
            Insert(connection, "alone-bad");
            throw new InvalidDataException("bad");
        });
        var twice = WriteAsync(connection => Insert(connection, "alone-good"));
        var undone = WriteAsync(connection =>
        {
            Insert(connection, "alone-undone");
            return WriteEnd.Rollback;
        });
        var after = WriteAsync(connection => Insert(connection, "alone-after"));
        await held.DisposeAsync();
        await Task.WhenAll(good, undone, after);

        await Assert.ThrowsAsync<InvalidDataException>(() => bad);
        Assert.Equal(19, (await Assert.ThrowsAsync<SqliteException>(() => twice)).SqliteErrorCode);
        Assert.Equal(["alone-after", "alone-good"], Files("alone-%"));
    }

    [Fact]
    public async Task If_sqlite_ends_the_transaction_none_of_those_that_share_it_is_acknowledged_and_later_ones_go_on()
    {
        var held = await HeldWriters.OfAsync(api);

        var before = WriteAsync(connection => Insert(connection, "ended-before"));
        // As SQLite itself does when the disk is full.
        var ending = WriteAsync(connection =>
        {
            connection.Execute("rollback");
            throw new IOException("full");
        });
        var behind = WriteAsync(connection => Insert(connection, "ended-behind"));
        await held.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(() => before);
        await Assert.ThrowsAsync<IOException>(() => ending);
        await Assert.ThrowsAsync<IOException>(() => behind);
        await WriteAsync(connection => Insert(connection, "ended-later"));
        Assert.Equal(["ended-later"], Files("ended-%"));
    }

    [Fact]
    public async Task A_write_whose_sender_has_left_is_not_begun()
    {
        using var left = new CancellationTokenSource();
        var held = await HeldWriters.OfAsync(api);

        var write = Database.WriteTogetherAsync(connection => Insert(connection, "left"), how => how, left.Token);
        await left.CancelAsync();
        await held.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Empty(Files("left"));
    }

    [Fact]
    public async Task What_changes_public_answers_cannot_share_a_commit() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.WriteTogetherAsync(_ => WriteEnd.CommitPublic, how => how, CancellationToken.None));

    [Fact]
    public async Task Responses_that_arrive_together_are_answered_and_logged_one_by_one()
    {
        using var own = new ApiFixture();
        using var script = own.As("contributor");
        var before = Entries(own);

        var answers = await Task.WhenAll(Enumerable.Range(0, 96).Select(number => script.SendAsync("PUT", $"/v1/surveys/umsetzende-kommunen/responses/at-once-{number / 2}", new
        {
            version = 1,
            submit = number % 8 < 6,
            answers = new { municipality = "16053000", status = number % 8 == 1 ? "wrong" : "planned", goals = new[] { "inclusion" }, digitalRole = "central", operators = new[] { "municipality" }, funding = new[] { "mpsc" }, consent = "aggregate-only" },
        })));

        // Two of each id. Of each eight one has a wrong answer, and three repeat another.
        Assert.Equal(48, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        Assert.Equal(36, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(12, answers.Count(answer => answer.StatusCode == HttpStatusCode.UnprocessableEntity));
        Assert.Equal(48, Entries(own) - before);
        using var connection = own.Services.GetRequiredService<Database>().Open();
        Assert.True(AuditChain.Verify(connection).IsIntact);
        Assert.Empty(IntegrityCheck.Run(own.DatabaseFile));
    }

    private static long Entries(ApiFixture own)
    {
        using var connection = own.Services.GetRequiredService<Database>().Open();
        return connection.ExecuteScalar<long>("select count(*) from audit_log");
    }

    private Task<WriteEnd> WriteAsync(Func<SqliteConnection, WriteEnd> change) => Database.WriteTogetherAsync(change, how => how, CancellationToken.None);

    private static WriteEnd Insert(SqliteConnection connection, string file)
    {
        connection.Execute("insert into content_files (file, hash, applied_at) values (@file, '', '')", new { file });
        return WriteEnd.Commit;
    }

    private long Count(string files)
    {
        using var connection = Database.Open();
        return Count(connection, files);
    }

    private static long Count(SqliteConnection connection, string files) => connection.ExecuteScalar<long>("select count(*) from content_files where file like @files", new { files });

    private List<string> Files(string files)
    {
        using var connection = Database.Open();
        return [.. connection.Query<string>("select file from content_files where file like @files order by file", new { files })];
    }
}
