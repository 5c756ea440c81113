namespace AnkerOrte.Tests.About;

public sealed class AboutTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task The_root_counts_what_is_there_and_its_links_lead_there()
    {
        var service = await api.GetAsync("/v1");

        Assert.Equal("""{"anchorSites":110,"projects":73,"municipalities":10981,"sources":443,"codes":96,"types":8,"findings":84,"recommendations":50}""", service.GetProperty("counts").GetRawText());
        foreach (var link in service.GetProperty("links").EnumerateObject())
        {
            var needs = link.Name switch { "comparisons" => "?sites=probierladen-jena,jedi-jena", "search" => "?q=Jena", _ => "" };
            Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(link.Value.GetString() + needs)).StatusCode);
        }
    }

    [Theory]
    [InlineData("/", "de", "<strong>10.981</strong> Kommunen")]
    [InlineData("/en", "en", "<strong>10,981</strong> municipalities")]
    public async Task The_start_page_counts_and_links(string url, string language, string text)
    {
        var response = await api.Client.GetAsync(url);
        var html = await response.Content.ReadAsStringAsync();

        Assert.Contains(text, html, StringComparison.Ordinal);
        Assert.Contains($"<html lang=\"{language}\">", html, StringComparison.Ordinal);
        foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(html, "href=\"([^\"]+)\""))
        {
            var address = WebUtility.HtmlDecode(link.Groups[1].Value);
            if (!address.StartsWith("https:", StringComparison.Ordinal))
            {
                Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(new Uri(new Uri("http://localhost" + url), address))).StatusCode);
            }
        }
    }

    [Fact]
    public async Task Pages_for_people_forgive_what_others_append_to_a_link()
    {
        var plain = await api.Client.GetStringAsync("/");

        Assert.Equal(plain, await api.Client.GetStringAsync("/?utm_source=newsletter&fbclid=x"));
    }

    [Fact]
    public async Task The_operator_is_named_on_every_page_and_cannot_break_it()
    {
        using var own = new ApiFixture(new Dictionary<string, string?>
        {
            ["Operator:Name"] = "Stadt <Musterstadt>",
            ["Operator:ImprintUrl"] = "https://example.org/impressum?a=1&b=\"2\"",
            ["Operator:PrivacyUrl"] = "https://example.org/datenschutz",
            ["Operator:AccessibilityUrl"] = "https://example.org/barrierefreiheit",
        });

        foreach (var url in new[] { "/", "/en", "/problems/not-found" })
        {
            var html = await own.Client.GetStringAsync(url);
            Assert.Contains("Stadt &lt;Musterstadt&gt;", html, StringComparison.Ordinal);
            Assert.Contains("href=\"https://example.org/impressum?a=1&amp;b=&quot;2&quot;\"", html, StringComparison.Ordinal);
            Assert.Contains("https://example.org/datenschutz", html, StringComparison.Ordinal);
            Assert.Contains("https://example.org/barrierefreiheit", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_public_address_is_used_in_links_and_citations()
    {
        using var own = new ApiFixture(new Dictionary<string, string?> { ["PublicUrl"] = "https://ankerorte.example/wissen/" });

        var page = await own.GetAsync("/v1/anchor-sites?limit=1");
        Assert.StartsWith("https://ankerorte.example/wissen/v1/anchor-sites?limit=1&cursor=", page.GetProperty("page").GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal("https://ankerorte.example/wissen/v1/anchor-sites/berd-lich-eberstadt", page.Items()[0].GetProperty("self").GetString());
        Assert.Contains("https://ankerorte.example/wissen/v1/", page.Items()[0].GetProperty("citation").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ankerorte.invalid", page.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_says_live_and_ready()
    {
        Assert.Equal("""{"status":"live"}""", await api.Client.GetStringAsync("/health/live"));
        Assert.Equal("""{"status":"ready","revision":1}""", await api.Client.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task Health_is_found_out_anew_each_time()
    {
        using var own = new ApiFixture();
        Assert.Equal(HttpStatusCode.OK, (await own.Client.GetAsync("/health/ready")).StatusCode);
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={own.DatabaseFile}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "alter table service rename to lost";
            command.ExecuteNonQuery();
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await own.Client.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await own.Client.GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task Without_content_the_service_is_not_ready()
    {
        using var own = new ApiFixture();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={own.DatabaseFile}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "update service set revision = 0";
            command.ExecuteNonQuery();
        }

        var response = await own.Client.GetAsync("/health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("unavailable", (await response.JsonAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public void The_mapping_leaves_no_member_out() => Api.Http.Mapping.Config.Compile();
}
