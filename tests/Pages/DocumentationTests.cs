using System.Text.RegularExpressions;
using AnkerOrte.Api.Pages;

namespace AnkerOrte.Tests.Pages;

/// <summary>The documentation as the service shows it.</summary>
public sealed partial class DocumentationTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    public static TheoryData<string> Addresses => [.. Documents.Pages.Select(Address)];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_page_is_a_whole_document_without_script_and_foreign_content(string address)
    {
        var response = await api.Client.GetAsync(address);
        var html = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("en", response.Content.Headers.ContentLanguage.Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("<html lang=\"en\">", html, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(html, "<h1>"));
        Assert.Equal(address == "/docs" ? 0 : 1, Regex.Count(html, "aria-current=\"page\""));
        Assert.DoesNotMatch("<(script|iframe|img|link|object|form)\\b", html);
        Assert.DoesNotMatch("<[^>]* (src|on\\w+)=", html);
        // Code blocks and tables scroll by themselves, also by keyboard.
        Assert.Equal(Regex.Count(html, "<pre"), Regex.Count(html, "<pre[^>]* tabindex=\"0\""));
        Assert.Equal(Regex.Count(html, "<table"), Regex.Count(html, "<div class=\"scroll\" tabindex=\"0\">\\s*<table"));
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Every_link_of_a_page_leads_to_something(string address)
    {
        var at = new Uri("http://localhost" + address);
        var links = Links(await api.Client.GetStringAsync(at)).Select(link => new Uri(at, link)).Where(link => link.Host == "localhost").Distinct().ToList();

        // The navigation alone has a link to each page.
        Assert.True(links.Count > Documents.Pages.Count);
        foreach (var link in links)
        {
            var response = await api.Client.GetAsync(link.PathAndQuery);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{address} leads to {link}: {(int)response.StatusCode}");
            if (link.Fragment.Length > 0)
            {
                Assert.Contains($"id=\"{link.Fragment[1..]}\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Every_page_is_reached_from_every_page()
    {
        var expected = Documents.Pages.Select(Address).Order().ToList();
        foreach (var address in expected)
        {
            var at = new Uri("http://localhost" + address);
            var reached = Links(await api.Client.GetStringAsync(at)).Select(link => new Uri(at, link).AbsolutePath)
                .Where(path => path == "/docs" || path.StartsWith("/docs/", StringComparison.Ordinal)).Distinct().Order();
            Assert.Equal(expected, reached);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/en")]
    public async Task The_start_page_leads_to_the_documentation(string address) =>
        Assert.Contains("href=\"docs\"", await api.Client.GetStringAsync(address), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_page_is_not_sent_again_to_who_has_it(string address)
    {
        var first = await api.Client.GetAsync(address);
        var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        var head = await api.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, address));

        Assert.False(first.Headers.ETag!.IsWeak);
        Assert.Equal("no-cache, public", string.Join(", ", first.Headers.CacheControl!.ToString().Split(", ").Order()));
        Assert.Equal(HttpStatusCode.NotModified, (await api.Client.SendAsync(request)).StatusCode);
        Assert.Equal((HttpStatusCode.OK, first.Headers.ETag), (head.StatusCode, head.Headers.ETag));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/docs/nope")]
    [InlineData("/docs/index")]
    [InlineData("/docs/portals.md")]
    [InlineData("/docs/portals/")]
    [InlineData("/docs/Portals")]
    [InlineData("/docs/..%2Findex")]
    [InlineData("/docsx")]
    public async Task There_is_no_other_page(string address) =>
        await (await api.Client.GetAsync(address)).ShouldBeProblemAsync(404, "not-found");

    [Fact]
    public async Task A_slash_at_the_end_is_forgiven()
    {
        var response = await api.Client.GetAsync("/docs/");

        Assert.Equal(HttpStatusCode.MovedPermanently, response.StatusCode);
        Assert.Equal("/docs", new Uri(new Uri("http://localhost/docs/"), response.Headers.Location!).AbsolutePath);
    }

    [Fact]
    public async Task Pages_are_only_read()
    {
        var response = await api.Client.PostAsync("/docs/portals", new StringContent(""));

        await response.ShouldBeProblemAsync(405, "method-not-allowed");
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow.Order());
    }

    [Fact]
    public async Task Examples_name_the_address_of_this_service()
    {
        using var own = new ApiFixture(new Dictionary<string, string?> { ["PublicUrl"] = "https://ankerorte.example/wissen/" });

        var html = await own.Client.GetStringAsync("/docs/lists-and-formats");

        Assert.Contains("curl 'https://ankerorte.example/wissen/v1/anchor-sites/probierladen-jena'", html, StringComparison.Ordinal);
        Assert.DoesNotContain("localhost:5000", html, StringComparison.Ordinal);
        // The default of a setting stays what it is.
        Assert.Contains("<code>http://localhost:5000</code>", await own.Client.GetStringAsync("/docs/configuration"), StringComparison.Ordinal);
    }

    [Fact]
    public void Html_in_a_file_is_shown_as_text()
    {
        var page = Documentation.Render("page", "# A <b>title</b>\n\n<script>alert(1)</script>\n\nA <img src=x onerror=alert(1)> text\n\n## One & two\n\n```html\n<p>\n```\n");

        Assert.DoesNotMatch("<(script|img|b|p>\n)", page.Body);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page.Body, StringComparison.Ordinal);
        Assert.Contains("A &lt;img src=x onerror=alert(1)&gt; text", page.Body, StringComparison.Ordinal);
        Assert.Contains("<h2 id=\"one--two\"><a href=\"#one--two\">One &amp; two</a></h2>", page.Body, StringComparison.Ordinal);
        Assert.Contains("<pre class=\"language-html\" tabindex=\"0\"><code>&lt;p&gt;", page.Body, StringComparison.Ordinal);
    }

    private static string Address(string page) => page == "index" ? "/docs" : "/docs/" + page;

    private static IEnumerable<string> Links(string html) => Href().Matches(html).Select(link => WebUtility.HtmlDecode(link.Groups["url"].Value));

    [GeneratedRegex("href=\"(?<url>[^\"]+)\"")]
    private static partial Regex Href();
}
