using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AnkerOrte.Tests.Http;

/// <summary>The name under which a request asks stands in links, so an operator can say which names are right.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task Only_allowed_hosts_are_answered()
    {
        using var api = new ApiFixture(new Dictionary<string, string?> { ["AllowedHosts"] = "ankerorte.example;*.kommune.example" });
        // Not held against the contract: the refusal comes before the service.
        using var client = ((TestServer)api.Services.GetRequiredService<IServer>()).CreateClient();

        var right = await SendAsync(client, "ankerorte.example");
        var below = await SendAsync(client, "jena.kommune.example");
        var wrong = await SendAsync(client, "attacker.example");

        Assert.Equal(
            "https://ankerorte.example/v1/projects/jena".Replace("https", "http", StringComparison.Ordinal), (await right.JsonAsync())
            .GetProperty("self").GetString());
        Assert.Equal(HttpStatusCode.OK, below.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Empty(await wrong.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("Production", null, null, true)]
    [InlineData("Production", null, "*", true)]
    [InlineData("Production", "https://ankerorte.example", null, false)]
    [InlineData("Production", null, "ankerorte.example", false)]
    [InlineData("Development", null, null, false)]
    public void In_production_a_start_without_a_known_host_warns(string environment, string? publicUrl, string? allowedHosts, bool warns)
    {
        using var log = new StartLog();
        using var api = new ApiFixture(
            new Dictionary<string, string?> { ["environment"] = environment, ["PublicUrl"] = publicUrl, ["AllowedHosts"] = allowedHosts },
            services: services => services.AddSingleton<ILoggerProvider>(log));

        Assert.Equal(
            warns, log.Lines.Any(line => line.StartsWith("Warning Links take the host that a request states.", StringComparison.Ordinal)));
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string host)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/projects/jena");
        request.Headers.Host = host;
        return client.SendAsync(request);
    }

    private sealed class StartLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel} {formatter(state, exception)}");

        public void Dispose() { }
    }
}
