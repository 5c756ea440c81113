namespace AnkerOrte.Tests.Http;

public sealed class RateLimitTests
{
    [Fact]
    public async Task The_limit_is_announced_and_kept_and_says_when_to_come_back()
    {
        using var api = new ApiFixture(new Dictionary<string, string?> { ["RateLimiting:PerMinute"] = "3" });

        var left = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var answer = await api.Client.GetAsync("/v1/projects/jena");
            Assert.Equal("\"address\";q=3;w=60", answer.Headers.GetValues("RateLimit-Policy").Single());
            left.Add(answer.Headers.GetValues("RateLimit").Single());
        }

        // Kept answers count too, and carry today's numbers.
        Assert.Equal(["\"address\";r=2", "\"address\";r=1", "\"address\";r=0"], left);
        var refused = await api.Client.GetAsync("/v1/projects/jena");
        await refused.ShouldBeProblemAsync(429, "too-many-requests");
        Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single(), System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public async Task Limiting_can_be_switched_off()
    {
        using var api = new ApiFixture(new Dictionary<string, string?> { ["RateLimiting:Enabled"] = "false", ["RateLimiting:PerMinute"] = "1" });

        for (var i = 0; i < 5; i++)
        {
            var answer = await api.Client.GetAsync("/v1/projects/jena");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.False(answer.Headers.Contains("RateLimit"));
        }
    }
}
