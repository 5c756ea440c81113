namespace AnkerOrte.Tests.Sources;

public sealed class WriteSourceTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient editor = api.As("editor");

    [Fact]
    public async Task A_source_is_added_changed_removed_and_brought_back()
    {
        var response = await editor.SendAsync("POST", "/v1/sources", new { url = "https://example.org/bericht", title = "Bericht über Läden", publisher = "Stadt Beispiel", date = "2026-03", kind = "municipal-page" });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var id = (await response.JsonAsync()).GetProperty("id").GetString()!;
        Assert.Equal("src-0444", id);
        var address = "/v1/sources/" + id;
        Assert.Equal(await api.Client.TagAsync(address), response.Headers.ETag!.Tag);

        await editor.SendAsync("PATCH", address, new { date = (string?)null, title = "Bericht über Digitalläden" }).ShouldBeProblemAsync(428, "precondition-required");
        var changed = await editor.SendAsync("PATCH", address, new { date = (string?)null, title = "Bericht über Digitalläden" }, response.Headers.ETag.Tag, "Titel ergänzt").ShouldBeAsync(HttpStatusCode.OK);
        Assert.False(changed.TryGetProperty("date", out _));
        Assert.Equal([id], (await api.GetAsync("/v1/sources?q=Digitallaeden")).Items().Texts("id"));
        await editor.SendAsync("PUT", address, new { url = "https://example.org/bericht", title = "Anderer", publisher = "Stadt", kind = "press" }, response.Headers.ETag.Tag).ShouldBeProblemAsync(412, "precondition-failed");

        await editor.SendAsync("DELETE", address, ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        await api.Client.GetAsync(address).ShouldBeProblemAsync(410, "gone");
        Assert.DoesNotContain(id, (await api.WalkAsync("/v1/sources?limit=200")).Texts("id"));
        Assert.Contains(id, (await api.WalkAsync("/v1/sources?limit=200&deleted=include&sort=-updatedAt")).Texts("id"));
        Assert.Equal("src-0445", (await editor.SendAsync("POST", "/v1/sources", new { url = "https://example.org/zwei", title = "Zweiter", publisher = "Stadt", kind = "press" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString());

        var restored = await editor.SendAsync("POST", address + "/restore").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal("Bericht über Digitalläden", restored.GetProperty("title").GetString());
        Assert.Equal(["created", "updated", "deleted", "restored"], (await api.GetAsync(address + "/history")).Items().Texts("action"));
    }

    [Fact]
    public async Task Strange_ids_of_others_do_not_disturb_the_counting()
    {
        using var own = new ApiFixture();
        using var writer = own.As("editor");
        foreach (var id in new[] { "src-9223372036854775807", "src-99999999999999999999", "src-abc", "src-12-neu" })
        {
            await writer.SendAsync("POST", "/v1/sources", new { id, url = $"https://example.org/{id}", title = "Fremde Zählung", publisher = "Stadt", kind = "press" }).ShouldBeAsync(HttpStatusCode.Created);
        }

        Assert.Equal("src-0444", (await writer.SendAsync("POST", "/v1/sources", new { url = "https://example.org/a", title = "Eigene", publisher = "Stadt", kind = "press" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString());
        Assert.Equal("src-0445", (await writer.SendAsync("POST", "/v1/sources", new { url = "https://example.org/b", title = "Eigene", publisher = "Stadt", kind = "press" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_source_that_is_cited_stays()
    {
        var response = await editor.SendAsync("DELETE", "/v1/sources/src-0195", ifMatch: "*");

        await response.ShouldBeProblemAsync(409, "conflict");
        Assert.Contains("probierladen-jena", (await response.JsonAsync()).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_address_is_a_conflict_that_names_the_other()
    {
        var url = (await api.GetAsync("/v1/sources/src-0001")).GetProperty("url").GetString();

        var errors = await editor.SendAsync("POST", "/v1/sources", new { url, title = "Noch einmal", publisher = "Jemand", kind = "press" }).ShouldBeProblemAsync(409, "conflict");

        Assert.Equal(("/url", "src-0001"), (errors[0].GetProperty("pointer").GetString(), errors[0].GetProperty("suggestion").GetString()));
    }

    [Theory]
    [InlineData("""{"url":"ftp://example.org/x","title":"Neu","publisher":"Stadt","kind":"press"}""", 400, "/url")]
    [InlineData("""{"url":"https://example.org/x","title":"Neu","publisher":"Stadt","kind":"presse"}""", 400, "/kind")]
    [InlineData("""{"url":"https://example.org/x","title":"Neu","publisher":"Stadt","kind":"press","date":"2026-02-30"}""", 422, "/date")]
    [InlineData("""{"url":"https://example.org/x","title":" ","publisher":"Stadt","kind":"press"}""", 400, "/title")]
    public async Task What_is_wrong_is_named(string body, int status, string place)
    {
        var errors = await editor.SendAsync("POST", "/v1/sources", body).ShouldBeProblemAsync(status, status == 400 ? "invalid-request" : "unprocessable");

        Assert.Equal([place], errors.Texts("pointer"));
    }
}
