using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using YamlDotNet.Serialization;

namespace AnkerOrte.Tests.Contract;

/// <summary>What README, the documentation and their siblings say is so.</summary>
public sealed class DocumentTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Settings = Documents.PageFolder + "/configuration.md";
    private const int LargestReadme = 12_288;

    private static readonly string Contributing = Documents.Read("CONTRIBUTING.md");

    public static TheoryData<string> ForUsers => [.. Documents.ForUsers];

    public static TheoryData<string> All =>
        [.. Documents.ForUsers, "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", ".github/pull_request_template.md"];

    [Fact]
    public void The_readme_is_short() =>
        Assert.InRange(new FileInfo(Repository.File("README.md")).Length, 1, LargestReadme);

    [Theory]
    [MemberData(nameof(ForUsers))]
    public async Task Every_address_in_a_document_answers(string document)
    {
        var lines = Documents.Read(document).Split('\n');
        var addresses = lines.SelectMany(line => Regex.Matches(line, "http://localhost:5000(/[^'\"`>)\\s]*)")
            .Select(match => (Address: match.Groups[1].Value, IsRefused: line.Contains("# 400:", StringComparison.Ordinal)))).Distinct().ToList();

        // What is posted to is tried where the blocks are run.
        foreach (var (address, isRefused) in addresses.Where(found => !found.Address.EndsWith("/bulk", StringComparison.Ordinal)))
        {
            var response = await api.Client.GetAsync(address == "/swagger" ? "/swagger/index.html" : address);
            // Some are asked with a key.
            var isForKeys = ContractDocument.Find(address.Split('?')[0]) is { } path && path.TryGetValue("get", out var operation)
                && !Permissions.IsPublic(operation.OperationId);
            var expected = isRefused ? HttpStatusCode.BadRequest : isForKeys ? HttpStatusCode.Unauthorized : HttpStatusCode.OK;
            Assert.True(expected == response.StatusCode, $"{address}: {(int)response.StatusCode}");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_link_leads_to_a_file_and_to_a_heading_in_it(string document)
    {
        var folder = Path.GetDirectoryName(Repository.File(document))!;
        foreach (var link in Documents.Links(Documents.Read(document)).Where(link => !link.Contains(':', StringComparison.Ordinal)))
        {
            var parts = link.Split('#');
            var file = parts[0].Length == 0 ? Repository.File(document) : Path.GetFullPath(Path.Combine(folder, parts[0]));
            Assert.True(File.Exists(file), $"{document}: {link}");
            if (parts.Length > 1)
            {
                Assert.Contains(parts[1], Documents.Anchors(Documents.Read(file)));
            }
        }
    }

    [Fact]
    public void The_readme_leads_to_every_page_of_the_documentation()
    {
        var links = Documents.Links(Documents.Read("README.md"));

        Assert.All(Documents.Pages, page => Assert.Contains($"{Documents.PageFolder}/{page}.md", links));
    }

    [Fact]
    public void Every_path_in_the_contributors_guide_exists()
    {
        var paths = Regex.Matches(Contributing, @"`([A-Za-z]+/[\w/]+\.(?:cs|yaml|md|json)|\w+\.(?:cs|yaml|md))`")
            .Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.True(paths.Count > 12);
        Assert.All(paths, path => Assert.True(
            Path.Exists(Repository.File(path)) || Path.Exists(Repository.File("api", path)), path));
    }

    /// <summary>Who follows a request opens few files, and none of them twice.</summary>
    [Fact]
    public void The_five_requests_of_the_contributors_guide_pass_few_files()
    {
        var requests = Regex.Matches(Contributing, @"^\*\*`(?:GET|PUT|POST) [^`]+`\*\*:(.+?)(?=\n\n)", RegexOptions.Multiline | RegexOptions.Singleline);

        Assert.Equal(5, requests.Count);
        Assert.All(requests, request =>
        {
            var files = Regex.Matches(request.Groups[1].Value, @"`([\w/]+\.cs)`").Select(match => match.Groups[1].Value).ToList();
            Assert.InRange(files.Count, 5, 15);
            Assert.Equal(files.Distinct(), files);
        });
    }

    /// <summary>Each block stands below a line that ends with the name of its file. A line `…` leaves lines out.</summary>
    [Fact]
    public void The_example_of_the_contributors_guide_is_the_code_of_its_files()
    {
        var blocks = Documents.Blocks(Contributing).Where(block => block.Language.Length > 0).ToList();

        Assert.True(blocks.Count >= 6);
        foreach (var (before, _, code) in blocks)
        {
            var file = Regex.Match(before, @"`([\w./]+)`:$").Groups[1].Value;
            Assert.True(File.Exists(Repository.File(file)), $"No file is named before the block that begins with {code.Split('\n')[0]}");
            var content = Lines(Documents.Read(file));
            Assert.All(
                Regex.Split(Lines(code).Trim(), @"\n…\n"),
                part => Assert.Contains("\n" + part + "\n", "\n" + content + "\n", StringComparison.Ordinal));
        }

        static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public void The_walk_names_every_folder_of_the_program()
    {
        var folders = Directory.GetDirectories(Repository.File("api")).Select(folder => Path.GetFileName(folder)!).Except(["bin", "obj", "data"]);

        Assert.All(folders, folder => Assert.Contains(folder + "/", Contributing, StringComparison.Ordinal));
    }

    /// <summary>Those that are read in one place, and the names of the settings classes.</summary>
    public static TheoryData<string> SettingNames =>
    [
        "ConnectionStrings:AnkerOrte", "PublicUrl", "AllowedHosts", "SpoolFolder", "ForwardedHeaders:KnownProxies",
        .. Of("RateLimiting", typeof(RateLimitSettings)), .. Of("Retention", typeof(RetentionSettings)), .. Of("Operator", typeof(OperatorSettings)),
    ];

    [Theory]
    [MemberData(nameof(SettingNames))]
    public void Every_setting_is_documented(string setting) =>
        Assert.Contains($"\n| `{setting}` |", Documents.Read(Settings), StringComparison.Ordinal);

    [Fact]
    public void The_citation_file_agrees_with_the_project()
    {
        var citation = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(Documents.Read("CITATION.cff"));
        var project = XDocument.Load(Repository.File("Directory.Build.props"));

        Assert.Equal(("1.2.0", "AnkerOrte", "software", "MIT"), (citation["cff-version"], citation["title"], citation["type"], citation["license"]));
        Assert.False(string.IsNullOrWhiteSpace((string)citation["message"]));
        var author = Assert.IsType<Dictionary<object, object>>(Assert.Single((List<object>)citation["authors"]));
        Assert.Equal("AnkerOrte developers", author["name"]);
        Assert.Equal(project.Descendants("Version").Single().Value, citation["version"]);
        Assert.True(DateOnly.TryParseExact((string)citation["date-released"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));
        Assert.StartsWith("MIT License", Documents.Read("LICENSE"), StringComparison.Ordinal);
        // The keys that CFF 1.2.0 knows and this file uses; another one would make it invalid.
        string[] known = ["cff-version", "message", "title", "abstract", "type", "authors", "version", "date-released", "license"];
        Assert.All(citation.Keys, key => Assert.Contains(key, known));
    }

    private static IEnumerable<string> Of(string section, Type settings) =>
        settings.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(setting => $"{section}:{setting.Name}");
}
