using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace AnkerOrte.Tests.Audit;

/// <summary>What is logged, what is not, and who may read it.</summary>
public sealed class AuditLogTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_write_leaves_one_entry_with_who_what_and_the_tags()
    {
        var editor = api.As("editor", "owner-audit-1");
        var made = await editor.SendAsync("POST", "/v1/anchor-sites", NewSite.Named("Protokollierter Ort"));
        var address = made.Headers.Location!.AbsolutePath;
        var before = await editor.TagAsync(address);
        await editor.SendAsync("PATCH", address, new { name = "Geheimnis im Namen" }, ifMatch: before, mediaType: "application/merge-patch+json", reason: "steht in der Historie").ShouldBeAsync(HttpStatusCode.OK);

        var entries = await EntriesAsync("actor=owner-audit-1");

        Assert.Equal([("createAnchorSite", address), ("changeAnchorSite", address)], entries.Select(entry => (Text(entry, "action"), Text(entry, "object"))));
        Assert.All(entries, entry => Assert.Equal("editor", Text(entry, "role")));
        Assert.Equal(before.Trim('"'), Text(entries[1], "before"));
        Assert.Equal((await editor.TagAsync(address)).Trim('"'), Text(entries[1], "after"));
        Assert.DoesNotContain(entries, entry => entry.GetRawText().Contains("Geheimnis", StringComparison.Ordinal) || entry.GetRawText().Contains("Historie", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_refused_tried_or_repeated_is_not_logged()
    {
        var editor = api.As("editor", "owner-audit-2");
        await editor.SendAsync("POST", "/v1/anchor-sites?dryRun=true", NewSite.Named("Nur versucht")).ShouldBeAsync(HttpStatusCode.OK);
        await editor.SendAsync("POST", "/v1/anchor-sites", new { name = "" }).ShouldBeProblemAsync(400, "invalid-request");
        await editor.SendAsync("POST", "/v1/surveys", new { }).ShouldBeProblemAsync(403, "forbidden");
        await editor.SendAsync("POST", "/v1/anchor-sites", NewSite.Named("Einmal"), key: "once").ShouldBeAsync(HttpStatusCode.Created);
        Assert.Equal("true", (await editor.SendAsync("POST", "/v1/anchor-sites", NewSite.Named("Einmal"), key: "once")).Headers.GetValues("Idempotency-Replayed").Single());

        Assert.Equal(["createAnchorSite"], (await EntriesAsync("actor=owner-audit-2")).Texts("action"));
    }

    [Fact]
    public async Task A_bulk_load_is_one_entry()
    {
        var sender = api.As("contributor", "owner-audit-3");
        var lines = string.Join('\n', Enumerable.Range(0, 3000).Select(i => JsonSerializer.Serialize(new { id = $"audit-{i}", version = 1, submit = false, answers = new { } })));
        for (var i = 0; i < 2; i++)
        {
            await sender.SendAsync("POST", "/v1/surveys/umsetzende-kommunen/responses/bulk", lines, mediaType: "application/x-ndjson").ShouldBeAsync(HttpStatusCode.OK);
        }

        Assert.Equal([("postResponses", "/v1/surveys/umsetzende-kommunen/responses/bulk")], (await EntriesAsync("actor=owner-audit-3")).Select(entry => (Text(entry, "action"), Text(entry, "object"))));
    }

    [Fact]
    public async Task A_confidential_read_is_logged_and_raises_no_revision()
    {
        var researcher = api.As("researcher", "owner-audit-4");
        var tag = await api.Client.TagAsync("/v1/anchor-sites?limit=1");
        Assert.Equal(HttpStatusCode.OK, (await researcher.GetAsync("/v1/surveys/umsetzende-kommunen/responses?limit=1")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await researcher.GetAsync("/v1/surveys/umsetzende-kommunen/responses/nobodys")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await researcher.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/surveys/umsetzende-kommunen/responses?format=csv"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await researcher.GetAsync("/v1/anchor-sites?limit=1")).StatusCode);

        var entries = await EntriesAsync("actor=owner-audit-4");

        Assert.Equal(["listResponses", "listResponses"], entries.Texts("action"));
        Assert.All(entries, entry => Assert.Equal("/v1/surveys/umsetzende-kommunen/responses", Text(entry, "object")));
        Assert.Equal(tag, await api.Client.TagAsync("/v1/anchor-sites?limit=1"));
    }

    [Fact]
    public async Task Anybody_can_compute_the_chain_from_what_is_listed()
    {
        for (var i = 0; i < 3; i++)
        {
            await api.As("admin").SendAsync("POST", "/v1/api-keys", new { label = "Prüfung", roles = new[] { "editor" } }).ShouldBeAsync(HttpStatusCode.Created);
        }

        var entries = await EntriesAsync("");
        var previous = new string('0', 64);

        foreach (var entry in entries)
        {
            string Json(string member) => entry.TryGetProperty(member, out var value) ? value.GetRawText() : "null";
            var row = $"[{string.Join(',', new[] { "seq", "at", "actor", "role", "action", "object", "before", "after", "reason" }.Select(Json))}]";
            Assert.Equal(previous, Text(entry, "previousHash"));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(previous + "\n" + row))), Text(entry, "hash"));
            previous = Text(entry, "hash");
        }

        Assert.Equal(Enumerable.Range(1, entries.Count), entries.Select(entry => entry.GetProperty("seq").GetInt32()));
        var verified = await (await api.As("admin").GetAsync("/v1/audit-log/verification")).JsonAsync();
        Assert.True(verified.GetProperty("isIntact").GetBoolean());
        Assert.Equal(previous, verified.GetProperty("head").GetProperty("hash").GetString());
    }

    [Fact]
    public async Task It_is_filtered_sorted_and_paged_like_any_list()
    {
        var admin = api.As("admin", "owner-audit-5");
        await admin.SendAsync("POST", "/v1/api-keys", new { label = "Filter", roles = new[] { "editor" } }).ShouldBeAsync(HttpStatusCode.Created);
        var newest = await (await admin.GetAsync("/v1/audit-log?sort=-seq&limit=1")).JsonAsync();
        Assert.Equal("owner-audit-5", Text(newest.Items().Single(), "actor"));
        Assert.NotNull(newest.GetProperty("page").GetProperty("next").GetString());

        Assert.All(await EntriesAsync("action=load%20content"), entry => Assert.Equal("content", Text(entry, "role")));
        Assert.Empty(await EntriesAsync("object=/v1/api-keyz"));
        Assert.Equal(1, (await (await admin.GetAsync("/v1/audit-log?object=/v1/api-keys&actor=owner-audit-5")).JsonAsync()).Total());
        Assert.Empty(await EntriesAsync("since=2099-01-01T00:00:00Z"));
        await (await admin.GetAsync("/v1/audit-log?since=yesterday")).ShouldBeProblemAsync(400, "invalid-request");
        var csv = await admin.GetStringAsync("/v1/audit-log?actor=owner-audit-5&format=csv");
        Assert.Equal("seq,at,actor,role,action,object,before,after,reason,previousHash,hash,attribution", csv.Split("\r\n")[0]);
        await (await api.As("researcher").GetAsync("/v1/audit-log")).ShouldBeProblemAsync(403, "forbidden");
    }

    [Theory]
    [InlineData("update audit_log set role = 'admin' where seq = 1")]
    [InlineData("delete from audit_log where seq = 1")]
    [InlineData("insert into audit_log select 99999, at, actor, role, action, object, before_hash, after_hash, reason, prev_hash, hash from audit_log where seq = 1")]
    public void The_database_itself_refuses_to_change_it(string change)
    {
        var refused = Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => api.Write(connection => connection.Execute(change)));

        Assert.Contains("audit log", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writers_at_once_make_one_chain()
    {
        var editor = api.As("editor", "owner-audit-6");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => editor.SendAsync("POST", "/v1/anchor-sites", NewSite.Named($"Gleichzeitig {i}")).ShouldBeAsync(HttpStatusCode.Created)));

        Assert.Equal(20, (await EntriesAsync("actor=owner-audit-6")).Count);
        Assert.True((await (await api.As("privacy-officer").GetAsync("/v1/audit-log/verification")).JsonAsync()).GetProperty("isIntact").GetBoolean());
    }

    private async Task<List<JsonElement>> EntriesAsync(string query)
    {
        var officer = api.As("privacy-officer");
        var entries = new List<JsonElement>();
        for (var next = "/v1/audit-log?limit=200&" + query; next is not null;)
        {
            var page = await (await officer.GetAsync(next)).JsonAsync();
            entries.AddRange(page.Items());
            next = page.GetProperty("page").GetProperty("next").GetString();
        }

        return entries;
    }

    private static string Text(JsonElement entry, string member) => entry.GetProperty(member).GetString()!;
}
