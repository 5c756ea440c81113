using System.Text.RegularExpressions;
using AnkerOrte.Api.Access;

namespace AnkerOrte.Tests.Contract;

/// <summary>What README and CONTRIBUTING say is so.</summary>
public sealed class DocumentTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly string Readme = File.ReadAllText(Repository.File("README.md"));
    private static readonly string Contributing = File.ReadAllText(Repository.File("CONTRIBUTING.md"));

    [Fact]
    public async Task Every_address_in_the_readme_answers()
    {
        var addresses = Regex.Matches(Readme, "http://localhost:5000(/[^'\"`>\\s]*)").Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.True(addresses.Count > 12);
        // What is posted to is tried where it is tested.
        foreach (var address in addresses.Where(address => !address.EndsWith("/bulk", StringComparison.Ordinal)))
        {
            var response = await api.Client.GetAsync(address == "/swagger" ? "/swagger/index.html" : address);
            // One example is there to show what a problem looks like; and some are asked with a key.
            var isForKeys = ContractDocument.Find(address.Split('?')[0]) is { } path && path.TryGetValue("get", out var operation) && !Permissions.IsPublic(operation.OperationId);
            Assert.Equal(address.Contains("gaols", StringComparison.Ordinal) ? HttpStatusCode.BadRequest : isForKeys ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    public void Every_link_to_a_file_resolves(string document)
    {
        var links = Regex.Matches(File.ReadAllText(Repository.File(document)), @"\]\((?!https?:)([^)#]+)\)").Select(match => match.Groups[1].Value);

        Assert.All(links, link => Assert.True(File.Exists(Repository.File(link)), link));
    }

    [Fact]
    public void Every_path_in_the_contributors_guide_exists()
    {
        var paths = Regex.Matches(Contributing, @"`((?:api|tests|contracts|Http|Database|AnchorSites|Sources)/[\w/.]+|\w+\.(?:cs|yaml|md))`").Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.True(paths.Count > 12);
        Assert.All(paths, path => Assert.True(
            Path.Exists(Repository.File(path)) || Path.Exists(Repository.File("api", path)), path));
    }

    [Fact]
    public void The_walk_names_every_folder_of_the_program()
    {
        var folders = Directory.GetDirectories(Repository.File("api")).Select(folder => Path.GetFileName(folder)!).Except(["bin", "obj", "data"]);

        Assert.All(folders, folder => Assert.Contains(folder + "/", Contributing, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ConnectionStrings:AnkerOrte")]
    [InlineData("PublicUrl")]
    [InlineData("ForwardedHeaders:KnownProxies")]
    [InlineData("RateLimiting:Enabled")]
    [InlineData("RateLimiting:PerMinute")]
    [InlineData("RateLimiting:CpuMillisecondsPerSecond")]
    [InlineData("RateLimiting:CpuBurstSeconds")]
    [InlineData("Retention:ProjectEnd")]
    [InlineData("RateLimiting:AssessmentsPerMinute")]
    [InlineData("Operator:Name")]
    [InlineData("Operator:ImprintUrl")]
    [InlineData("Operator:PrivacyUrl")]
    [InlineData("Operator:AccessibilityUrl")]
    public void Every_setting_is_documented(string setting) => Assert.Contains($"`{setting}`", Readme, StringComparison.Ordinal);
}
