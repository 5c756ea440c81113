using System.Diagnostics;
using AnkerOrte.Api.Access;
using Dapper;

namespace AnkerOrte.Tests.Privacy;

/// <summary>What has outlived its purpose goes, and what is kept for a reason stays.</summary>
public sealed class RetentionTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task It_deletes_what_is_due_and_says_what_and_the_chain_stays_whole()
    {
        var officer = api.As("privacy-officer");
        var due = await AddAsync(officer, "Vorbei", "2020-01-01");
        var held = await AddAsync(officer, "Gesperrt", "2020-01-01");
        await officer.SendAsync("PUT", held + "/restriction", new { restricted = true }).ShouldBeAsync(HttpStatusCode.OK);
        var later = await AddAsync(officer, "Später", "2099-01-01");
        var archived = Talks.Add(api, participants: ["p-a"]);
        var old = Talks.Add(api, participants: ["p-a"], passages: [("p-a", "Das war 2021.", "released"), ("p-a", "Heute ist es voll.", "draft")]);
        var unasked = Talks.Add(api, participants: ["p-a", "p-b"]);
        await Talks.GiveAsync(officer, archived, "p-a", "transcript-use", "archiving", "quotation-pseudonymous");
        await Talks.GiveAsync(officer, old, "p-a", "transcript-use", "archiving", "quotation-pseudonymous");
        await Talks.GiveAsync(officer, unasked, "p-a", "transcript-use", "archiving");
        var invitation = (await api.As("researcher").SendAsync("POST", "/v1/surveys/umsetzende-kommunen/invitations", new { label = "Rathaus Etikett" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString()!;
        api.Write(connection => connection.Execute(
            """
            update conversations set held_on = '2010-05' where id = @old;
            update survey_versions set state = 'closed', closed_at = '2026-11-01T00:00:00.000Z';
            """, new { old }));
        AgeLog(3);

        var preview = await (await officer.GetAsync("/v1/retention")).JsonAsync();
        var (_, planned) = await RunAsync("2026-06-30", "retention", "--dry-run");
        Assert.Equal("Vorbei", (await (await officer.GetAsync(due)).JsonAsync()).GetProperty("name").GetString());
        var (code, done) = await RunAsync("2026-06-30", "retention");

        // The service of this test knows of no end of the project.
        Assert.Equal([.. Two(due, held), ("transcript", old, "due"), ("invitation", invitation, "due"), ("audit-log", "3", "due")], Entries(preview));
        Assert.Equal([.. Two(due, held), .. new[] { ("transcript", old, "due"), ("transcript", unasked, "due") }.OrderBy(entry => entry.Item2, StringComparer.Ordinal), ("invitation", invitation, "due"), ("audit-log", "3", "due")], Entries(planned));
        Assert.Equal(0, code);
        Assert.Equal(Entries(planned).Select(entry => entry.State == "due" ? entry with { State = "deleted" } : entry), Entries(done));
        Assert.Equal(2, done.GetProperty("counts").EnumerateArray().Single(count => count.GetProperty("kind").GetString() == "transcript").GetProperty("deleted").GetInt32());

        await (await officer.GetAsync(due)).ShouldBeProblemAsync(410, "gone");
        Assert.Equal(HttpStatusCode.OK, (await officer.GetAsync(held)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await officer.GetAsync(later)).StatusCode);
        // What was published with consent stays published; what was not goes with the text.
        Assert.Equal([("released", "Das war 2021."), ("erased", "")], Talks.Passages(api, old));
        Assert.Equal(["Das war 2021."], Talks.Public(api, old));
        Assert.DoesNotContain("Café", Talks.Read(api, connection => connection.QuerySingle<string>("select text from transcripts where conversation_id = @old", new { old })), StringComparison.Ordinal);
        Assert.DoesNotContain("Rathaus Etikett", await Files.ReadAsync(api), StringComparison.Ordinal);
        Assert.Equal(Talks.Text, Talks.Read(api, connection => connection.QuerySingle<string>("select text from transcripts where conversation_id = @archived", new { archived })));
        var log = (await (await officer.GetAsync("/v1/audit-log?limit=200")).JsonAsync()).Items();
        Assert.Equal(4, log[0].GetProperty("seq").GetInt32());
        Assert.Contains(log, entry => entry.GetProperty("action").GetString() == "retention" && entry.GetProperty("object").GetString() == due);
        Assert.True((await (await officer.GetAsync("/v1/audit-log/verification")).JsonAsync()).GetProperty("isIntact").GetBoolean());
        Assert.DoesNotContain(Entries((await RunAsync("2026-06-30", "retention")).Protocol), entry => entry.State == "deleted");

        // To take away entries as if by retention is found: the log says nothing of it.
        api.Write(connection => connection.Execute(
            """
            update audit_head set (pruned_seq, pruned_hash) = (select seq, hash from audit_log where seq = 5);
            delete from audit_log where seq <= 5;
            """));
        var broken = await (await officer.GetAsync("/v1/audit-log/verification")).JsonAsync();
        Assert.Equal(5, broken.GetProperty("broken").GetProperty("seq").GetInt32());
    }

    /// <summary>Ids are random, and so is their order.</summary>
    private static IEnumerable<(string, string, string)> Two(string due, string held) =>
        new[] { ("person", due[12..], "due"), ("person", held[12..], "held") }.OrderBy(entry => entry.Item2, StringComparer.Ordinal);

    private static async Task<string> AddAsync(HttpClient officer, string name, string end) =>
        "/v1/persons/" + (await officer.SendAsync("POST", "/v1/persons", new { name, deleteAfter = end }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString();

    /// <summary>The first entries are from long ago: a log as it would be then.</summary>
    private void AgeLog(int entries) => api.Write(connection =>
    {
        var rows = connection.Query<(long Seq, string At, string? Actor, string Role, string Action, string Object, string? Before, string? After, string? Reason)>(
            "select seq, at, actor, role, action, object, before_hash, after_hash, reason from audit_log order by seq").ToList();
        var triggers = connection.Query<string>("select sql from sqlite_schema where type = 'trigger' and tbl_name = 'audit_log'").ToList();
        connection.Execute("drop trigger audit_log_is_not_changed; drop trigger audit_log_is_not_removed; update audit_head set pruned_seq = 1 << 60; delete from audit_log; update audit_head set pruned_seq = 0, seq = 0, hash = pruned_hash");
        foreach (var row in rows)
        {
            var entry = new AnkerOrte.Api.Writing.AuditEntry(row.Actor, row.Role, row.Action, row.Object) { Before = row.Before, After = row.After, Reason = row.Reason };
            AnkerOrte.Api.Writing.AuditLog.Add(connection, entry, row.Seq <= entries ? "2020-01-01T00:00:00.000Z" : row.At);
        }

        foreach (var trigger in triggers.Where(sql => sql.Contains("_is_not_", StringComparison.Ordinal)))
        {
            connection.Execute(trigger);
        }
    });

    private static List<(string Kind, string Id, string State)> Entries(JsonElement protocol) => [.. protocol.GetProperty("entries").EnumerateArray()
        .Select(entry => (entry.GetProperty("kind").GetString()!, entry.GetProperty("id").GetString()!, entry.GetProperty("state").GetString()!))];

    private async Task<(int Code, JsonElement Protocol)> RunAsync(string projectEnd, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Permissions).Assembly.Location, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["ConnectionStrings__AnkerOrte"] = $"Data Source={api.DatabaseFile}";
        start.Environment["Retention__ProjectEnd"] = projectEnd;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, JsonDocument.Parse(output).RootElement);
    }
}
