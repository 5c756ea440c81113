using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Http;

/// <summary>Behind a reverse proxy: only one that is known is believed.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task A_known_proxy_says_who_asks_and_under_which_address()
    {
        using var api = new ApiFixture(Settings("10.0.0.0/8, 192.168.1.5"), services: services => services.AddSingleton<IStartupFilter>(new From("10.1.2.3")));

        Assert.Equal("\"address\";r=1", await LeftAsync(api, "203.0.113.1"));
        Assert.Equal("\"address\";r=1", await LeftAsync(api, "203.0.113.2"));
        Assert.Equal("\"address\";r=0", await LeftAsync(api, "203.0.113.1"));
        var site = await (await SendAsync(api, "203.0.113.9")).JsonAsync();
        Assert.Equal("https://ankerorte.example/v1/projects/jena", site.GetProperty("self").GetString());
    }

    [Fact]
    public async Task A_stranger_who_claims_to_be_a_proxy_is_not_believed()
    {
        using var api = new ApiFixture(Settings("10.0.0.0/8"), services: services => services.AddSingleton<IStartupFilter>(new From("203.0.113.77")));

        Assert.Equal("\"address\";r=1", await LeftAsync(api, "203.0.113.1"));
        Assert.Equal("\"address\";r=0", await LeftAsync(api, "203.0.113.2"));
        await (await SendAsync(api, "203.0.113.3")).ShouldBeProblemAsync(429, "too-many-requests");
    }

    [Fact]
    public async Task Addresses_of_one_ipv6_customer_share_a_limit()
    {
        using var api = new ApiFixture(Settings("::1"), services: services => services.AddSingleton<IStartupFilter>(new From("::1")));

        Assert.Equal("\"address\";r=1", await LeftAsync(api, "2001:db8:1:2::1"));
        Assert.Equal("\"address\";r=0", await LeftAsync(api, "2001:db8:1:2:ffff::9"));
        Assert.Equal("\"address\";r=1", await LeftAsync(api, "2001:db8:1:3::1"));
    }

    private static Dictionary<string, string?> Settings(string proxies) =>
        new() { ["ForwardedHeaders:KnownProxies"] = proxies, ["RateLimiting:PerMinute"] = "2" };

    private static async Task<string> LeftAsync(ApiFixture api, string visitor) => (await SendAsync(api, visitor)).Headers.GetValues("RateLimit").Single();

    private static Task<HttpResponseMessage> SendAsync(ApiFixture api, string visitor)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/projects/jena");
        request.Headers.Add("X-Forwarded-For", visitor);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "ankerorte.example");
        return api.Client.SendAsync(request);
    }

    /// <summary>The test server has no sockets, so the address of the caller is set by hand.</summary>
    internal sealed class From(string address) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, inner) =>
            {
                http.Connection.RemoteIpAddress = IPAddress.Parse(address);
                return inner(http);
            });
            next(app);
        };
    }
}
