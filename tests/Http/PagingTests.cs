using Dapper;

namespace AnkerOrte.Tests.Http;

public sealed class PagingTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("/v1/anchor-sites", "id", 7)]
    [InlineData("/v1/anchor-sites?sort=-openedOn", "id", 13)]
    [InlineData("/v1/anchor-sites?q=Werkstatt&sort=relevance", "id", 3)]
    [InlineData("/v1/anchor-sites?near=51,10&sort=-distance", "id", 9)]
    [InlineData("/v1/projects?sort=-cohort,name", "id", 10)]
    [InlineData("/v1/sources?sort=-date", "id", 100)]
    [InlineData("/v1/municipalities?state=DE-SH", "ags", 200)]
    [InlineData("/v1/municipalities?q=Neu", "ags", 50)]
    [InlineData("/v1/municipalities/16053000/similar?within=germany", "ags", 11)]
    [InlineData("/v1/codebook", "key", 3)]
    [InlineData("/v1/search?q=Smart&kind=source&kind=anchor-site", "self", 90)]
    public async Task Walking_all_pages_yields_every_record_once(string url, string key, int limit)
    {
        var separator = url.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        var items = (await api.WalkAsync($"{url}{separator}limit={limit}")).Texts(key);

        Assert.Equal((await api.GetAsync(url)).Total(), items.Count);
        Assert.Equal(items.Count, items.Distinct().Count());
        Assert.True(items.Count > limit);
        // The order is the same as in one page.
        Assert.Equal((await api.GetAsync($"{url}{separator}limit={Math.Min(200, items.Count)}")).Items().Texts(key), items.Take(200));
    }

    [Fact]
    public async Task Next_is_the_same_link_in_body_and_header_and_null_at_the_end()
    {
        var first = await api.Client.GetAsync("/v1/projects?state=DE-TH&limit=2");
        var next = (await first.JsonAsync()).GetProperty("page").GetProperty("next").GetString()!;

        Assert.Contains($"<{next}>; rel=\"next\"", first.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.StartsWith("http://localhost/v1/projects?state=DE-TH&limit=2&cursor=", next, StringComparison.Ordinal);
        var last = await api.Client.GetAsync(next);
        Assert.Equal(JsonValueKind.Null, (await last.JsonAsync()).GetProperty("page").GetProperty("next").ValueKind);
        Assert.DoesNotContain("next", last.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_of_another_list_filter_or_sort_is_refused()
    {
        var next = (await api.GetAsync("/v1/anchor-sites?state=DE-NW&limit=2")).GetProperty("page").GetProperty("next").GetString()!;
        var cursor = next.Split("cursor=")[1];

        foreach (var url in new[]
        {
            $"/v1/anchor-sites?state=DE-BY&cursor={cursor}",
            $"/v1/anchor-sites?state=DE-NW&sort=name&cursor={cursor}",
            $"/v1/anchor-sites?cursor={cursor}",
            $"/v1/projects?state=DE-NW&cursor={cursor}",
            $"/v1/anchor-sites?state=DE-NW&cursor={cursor[..^2]}",
            $"/v1/anchor-sites?state=DE-NW&cursor=A{cursor[1..]}",
            "/v1/anchor-sites?cursor=abc",
            "/v1/anchor-sites?cursor=!!!",
            "/v1/anchor-sites?cursor=" + new string('A', 1000),
        })
        {
            await (await api.Client.GetAsync(url)).ShouldBeProblemAsync(400, "invalid-cursor");
        }

        // The page size is the reader's own affair.
        Assert.Equal(5, (await api.GetAsync($"/v1/anchor-sites?state=DE-NW&limit=5&cursor={cursor}")).Items().Count);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[\"a\",\"b\"]")]
    public async Task A_cursor_that_was_forged_with_a_right_seal_is_refused(string place)
    {
        var seal = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{place}\ns.id\nanchor-sites{{}}"))[..8];
        var cursor = System.Buffers.Text.Base64Url.EncodeToString([.. seal, .. System.Text.Encoding.UTF8.GetBytes(place)]);

        await (await api.Client.GetAsync("/v1/anchor-sites?cursor=" + cursor)).ShouldBeProblemAsync(400, "invalid-cursor");
    }

    [Fact]
    public async Task A_walk_is_exact_while_others_write()
    {
        using var own = new ApiFixture();
        var stays = (await own.WalkAsync("/v1/anchor-sites?limit=200")).Texts("id").Where((_, i) => i % 3 != 0).ToHashSet();
        var goes = (await own.WalkAsync("/v1/anchor-sites?limit=200")).Texts("id").Where((_, i) => i % 3 == 0).ToList();

        var seen = new List<string>();
        var removals = new Queue<string>(goes);
        for (var next = "/v1/anchor-sites?limit=4&sort=-name"; next is not null;)
        {
            var page = await own.GetAsync(next);
            seen.AddRange(page.Items().Texts("id"));
            next = page.GetProperty("page").GetProperty("next").GetString();
            // One goes and one comes between any two pages.
            own.Write(connection =>
            {
                var goesNow = removals.Count > 0 ? removals.Dequeue() : null;
                connection.Execute("update anchor_sites set deleted_at = updated_at where id = @goesNow", new { goesNow });
                connection.Execute(
                    """
                    insert into anchor_sites (id, number, name, name_key, self_designation, summary, status, mpsc_funded, state, created_at, updated_at)
                    select 'neu-' || max(number), max(number) + 1, 'Neu', 'k' || max(number), '', '', 'planned', 'documented', 'DE-TH', '', '' from anchor_sites
                    """);
                connection.Execute("insert into site_documents select number, (select json_set(document, '$.id', id) from site_documents limit 1) from anchor_sites order by number desc limit 1");
            });
        }

        Assert.Superset(stays, seen.ToHashSet());
        Assert.All(stays, id => Assert.Equal(1, seen.Count(other => other == id)));
    }
}
