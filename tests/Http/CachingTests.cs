using System.IO.Compression;
using System.Net.Http.Headers;
using Dapper;

namespace AnkerOrte.Tests.Http;

public sealed class CachingTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    public static TheoryData<string> Addresses => new()
    {
        "/v1", "/v1/anchor-sites", "/v1/anchor-sites?format=csv", "/v1/anchor-sites?format=geojson", "/v1/anchor-sites?limit=3&format=csv", "/v1/anchor-sites/probierladen-jena",
        "/v1/projects", "/v1/projects/jena", "/v1/municipalities?q=Jena", "/v1/municipalities/16053000", "/v1/municipalities/16053000/similar",
        "/v1/codebook", "/v1/codebook/goals", "/v1/sources", "/v1/sources/src-0195", "/v1/search?q=Jena", "/v1/comparisons?sites=probierladen-jena,jedi-jena",
        "/v1/comparisons?sites=probierladen-jena,jedi-jena&format=csv", "/openapi.yaml", "/openapi.json", "/", "/en", "/problems/not-found",
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_strong_etag_is_answered_with_304_whether_kept_or_made_anew(string url)
    {
        var first = await api.Client.GetAsync(url);
        var tag = first.Headers.ETag!;

        Assert.False(tag.IsWeak);
        Assert.Equal("no-cache, public", string.Join(", ", first.Headers.CacheControl!.ToString().Split(", ").Order()));
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(url, tag.ToString())).StatusCode);
        // Not kept under this address yet, so the handler answers.
        using var fresh = new ApiFixture();
        var direct = await GetAsync(url, tag.ToString(), fresh.Client);
        Assert.Equal(HttpStatusCode.NotModified, direct.StatusCode);
        Assert.Equal(tag, direct.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(url, "\"other\"")).StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(url, $"\"other\", W/{tag}")).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Head_answers_the_headers_of_get_without_the_body(string url)
    {
        using var own = new ApiFixture();
        var head = await own.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        var get = await own.Client.GetAsync(url);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.GetValues("Link"), head.Headers.GetValues("Link"));
    }

    [Fact]
    public async Task A_write_changes_lists_at_once_and_items_only_if_they_changed()
    {
        using var own = new ApiFixture();
        var list = (await own.Client.GetAsync("/v1/anchor-sites")).Headers.ETag;
        var jena = (await own.Client.GetAsync("/v1/anchor-sites/probierladen-jena")).Headers.ETag;
        var dresden = (await own.Client.GetAsync("/v1/anchor-sites/buergerlabor-dresden")).Headers.ETag;

        own.Write(connection =>
        {
            connection.Execute("update anchor_sites set name = 'Probierladen (neu)' where id = 'probierladen-jena'");
            Api.AnchorSites.AnchorSiteDocuments.Rebuild(connection, ["probierladen-jena"]);
        });

        Assert.NotEqual(list, (await own.Client.GetAsync("/v1/anchor-sites")).Headers.ETag);
        Assert.Equal(dresden, (await own.Client.GetAsync("/v1/anchor-sites/buergerlabor-dresden")).Headers.ETag);
        var changed = await own.Client.GetAsync("/v1/anchor-sites/probierladen-jena");
        Assert.NotEqual(jena, changed.Headers.ETag);
        Assert.Equal("Probierladen (neu)", (await changed.JsonAsync()).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Totals_and_facets_are_counted_anew_after_a_write()
    {
        using var own = new ApiFixture();
        const string url = "/v1/anchor-sites?state=DE-TH&facets=status&limit=1";
        var before = await own.GetAsync(url);

        own.Write(connection => connection.Execute("update anchor_sites set deleted_at = updated_at where id = 'probierladen-jena'"));

        var after = await own.GetAsync(url);
        Assert.Equal(before.Total() - 1, after.Total());
        Assert.Equal(Operating(before) - 1, Operating(after));

        static int Operating(JsonElement page) => page.GetProperty("facets").GetProperty("status").EnumerateArray()
            .Single(facet => facet.GetProperty("code").GetString() == "operating").GetProperty("count").GetInt32();
    }

    [Fact]
    public async Task Fields_do_not_change_the_etag_of_an_item()
    {
        var whole = await api.Client.GetAsync("/v1/anchor-sites/probierladen-jena");
        var sparse = await api.Client.GetAsync("/v1/anchor-sites/probierladen-jena?fields=id,name");

        Assert.Equal(whole.Headers.ETag, sparse.Headers.ETag);
        Assert.Equal("{\"id\":\"probierladen-jena\",\"name\":\"ProbierLaden Jena\"}", await sparse.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_compressed_answer_has_a_tag_of_its_own_and_the_same_content(string coding)
    {
        var plain = await api.Client.GetAsync("/v1/anchor-sites?limit=10");
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/anchor-sites?limit=10");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(coding));

        var response = await api.Client.SendAsync(request);

        Assert.Equal(coding, Assert.Single(response.Content.Headers.ContentEncoding));
        Assert.Equal($"\"{plain.Headers.ETag!.Tag.Trim('"')}-{coding}\"", response.Headers.ETag!.Tag);
        await using var body = await response.Content.ReadAsStreamAsync();
        await using Stream unpacked = coding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
        Assert.Equal(await plain.Content.ReadAsStringAsync(), await new StreamReader(unpacked).ReadToEndAsync());
    }

    [Fact]
    public async Task Kept_answers_do_not_mix_formats_hosts_or_codings()
    {
        var json = await api.Client.GetAsync("/v1/projects?limit=1");
        var csvRequest = new HttpRequestMessage(HttpMethod.Get, "/v1/projects?limit=1");
        csvRequest.Headers.Accept.ParseAdd("text/csv");
        var csv = await api.Client.SendAsync(csvRequest);
        var otherHost = new HttpRequestMessage(HttpMethod.Get, "/v1/projects?limit=1");
        otherHost.Headers.Host = "ankerorte.example";
        var other = await api.Client.SendAsync(otherHost);

        Assert.Equal("application/json", json.Content.Headers.ContentType!.MediaType);
        Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("http://localhost/", (await json.JsonAsync()).Items()[0].GetProperty("self").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("http://ankerorte.example/", (await other.JsonAsync()).Items()[0].GetProperty("self").GetString(), StringComparison.Ordinal);
        Assert.NotEqual(json.Headers.ETag, other.Headers.ETag);
    }

    [Fact]
    public async Task The_order_of_parameters_makes_no_difference_but_that_of_values_does()
    {
        var one = await api.Client.GetAsync("/v1/anchor-sites?state=DE-TH&limit=2");
        var other = await api.Client.GetAsync("/v1/anchor-sites?limit=2&state=DE-TH");
        var ab = await api.GetAsync("/v1/comparisons?sites=probierladen-jena&sites=jedi-jena");
        var ba = await api.GetAsync("/v1/comparisons?sites=jedi-jena&sites=probierladen-jena");

        Assert.Equal(one.Headers.ETag, other.Headers.ETag);
        // Answered from memory: the age says so.
        Assert.NotNull(other.Headers.Age);
        Assert.Equal(["probierladen-jena", "jedi-jena"], ab.GetProperty("sites").EnumerateArray().ToList().Texts("id"));
        Assert.Equal(["jedi-jena", "probierladen-jena"], ba.GetProperty("sites").EnumerateArray().ToList().Texts("id"));
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_kept_answer_has_the_headers_and_the_body_of_the_one_made_anew(string url)
    {
        using var own = new ApiFixture();
        using var editor = own.As("editor");
        foreach (var (method, known) in new[] { ("GET", false), ("GET", true), ("HEAD", false) })
        {
            // Another host for each, so that the first answer is made anew; asked for with a key, it is not kept.
            var host = $"{method}-{known}.example".ToLowerInvariant();
            var tag = known ? (await SendAsync(editor, "GET", host, null)).Headers.ETag!.ToString() : null;
            var made = await SendAsync(own.Client, method, host, tag);
            Assert.Null(made.Headers.Age);
            Assert.Equal(known ? HttpStatusCode.NotModified : HttpStatusCode.OK, made.StatusCode);
            // What is kept was asked for without a tag.
            await SendAsync(own.Client, "GET", host, null);
            var kept = await SendAsync(own.Client, method, host, tag);

            Assert.NotNull(kept.Headers.Age);
            Assert.Equal(made.StatusCode, kept.StatusCode);
            Assert.Equal(Headers(made), Headers(kept));
            Assert.Equal(await made.Content.ReadAsByteArrayAsync(), await kept.Content.ReadAsByteArrayAsync());
        }

        Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string host, string? tag)
        {
            var request = new HttpRequestMessage(new HttpMethod(method), url);
            request.Headers.Host = host;
            request.Headers.Add("Origin", "https://portal.example");
            request.Headers.TryAddWithoutValidation("If-None-Match", tag ?? "\"other\"");
            return client.SendAsync(request);
        }

        // Without what differs from request to request, and without the length, which a short answer made anew may say in chunks.
        static List<string> Headers(HttpResponseMessage response) => [.. response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Age" or "RateLimit" or "Date" or "Content-Length"))
            // RFC 9110, 15.4.5: a 304 need not repeat these.
            .Where(header => response.StatusCode != HttpStatusCode.NotModified || header.Key is not ("Link" or "Content-Language"))
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task What_a_key_opens_is_not_answered_from_memory_nor_kept()
    {
        using var own = new ApiFixture();
        using var editor = own.As("editor");
        const string url = "/v1/projects?limit=7";

        Assert.Null((await editor.GetAsync(url)).Headers.Age);
        Assert.Null((await own.Client.GetAsync(url)).Headers.Age);
        Assert.NotNull((await own.Client.GetAsync(url)).Headers.Age);
        Assert.Null((await editor.GetAsync(url)).Headers.Age);
    }

    [Fact]
    public async Task What_is_larger_than_a_megabyte_is_sent_whole_and_not_kept()
    {
        const string url = "/v1/municipalities?format=csv";
        var first = await api.Client.GetByteArrayAsync(url);
        var second = await api.Client.GetAsync(url);

        Assert.True(first.Length > 1024 * 1024);
        Assert.Equal(first, await second.Content.ReadAsByteArrayAsync());
        Assert.Null(second.Headers.Age);
    }

    [Fact]
    public async Task Only_tags_decide_what_is_current()
    {
        foreach (var _ in new[] { "made anew", "kept" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/v1/projects?limit=11");
            request.Headers.IfModifiedSince = DateTimeOffset.UtcNow.AddYears(1);
            request.Headers.CacheControl = new CacheControlHeaderValue { OnlyIfCached = true };
            Assert.Equal(HttpStatusCode.OK, (await api.Client.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task Tags_of_lists_differ_between_databases_of_the_same_revision()
    {
        using var other = new ApiFixture(new Dictionary<string, string?>(), copyTemplate: false);

        Assert.Equal((await api.GetAsync("/v1")).GetProperty("revision").GetInt64(), (await other.GetAsync("/v1")).GetProperty("revision").GetInt64());
        Assert.NotEqual((await api.Client.GetAsync("/v1/projects")).Headers.ETag, (await other.Client.GetAsync("/v1/projects")).Headers.ETag);
        Assert.Equal((await api.Client.GetAsync("/v1/projects/jena")).Headers.ETag, (await other.Client.GetAsync("/v1/projects/jena")).Headers.ETag);
    }

    [Fact]
    public async Task What_an_answer_depends_on_is_said()
    {
        var response = await api.Client.GetAsync("/v1/anchor-sites");

        Assert.Equal(["Accept", "Accept-Encoding", "Accept-Language", "Origin"], response.Headers.Vary.Order());
        Assert.Contains("<https://creativecommons.org/licenses/by/4.0/>; rel=\"license\"", response.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_origin_may_read_and_sees_the_headers_it_needs()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/anchor-sites?limit=1");
        request.Headers.Add("Origin", "https://portal.example");
        foreach (var _ in new[] { "made anew", "kept" })
        {
            var copy = new HttpRequestMessage(HttpMethod.Get, request.RequestUri);
            copy.Headers.Add("Origin", "https://portal.example");
            var response = await api.Client.SendAsync(copy);
            Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
            var exposed = string.Join(",", response.Headers.GetValues("Access-Control-Expose-Headers")).Split(',');
            Assert.Superset(new HashSet<string> { "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After" }, exposed.ToHashSet());
        }
    }

    [Fact]
    public async Task A_preflight_for_a_conditional_request_is_granted()
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/v1/anchor-sites");
        request.Headers.Add("Origin", "https://portal.example");
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "if-none-match");

        var response = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("if-none-match", response.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.OrdinalIgnoreCase);
    }

    private Task<HttpResponseMessage> GetAsync(string url, string tag, HttpClient? client = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        return (client ?? api.Client).SendAsync(request);
    }
}
