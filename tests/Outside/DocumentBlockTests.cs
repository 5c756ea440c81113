using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AnkerOrte.Tests.Outside;

/// <summary>
/// Runs every code block of README and of the documentation, as a reader would paste them: in the order of the page, in one shell.
/// A page that asks to run the commands of another page first gets them. Each page has a service of its own.
/// </summary>
public sealed partial class DocumentBlockTests
{
    /// <summary>What a page must print, so that its examples not only answer but also show something.</summary>
    private static readonly Dictionary<string, string[]> Shown = new()
    {
        ["portals"] = ["\n304\n", "107 markers, first: "],
        ["lists-and-formats"] = ["Unbekannter Parameter. Gemeint ist vielleicht „goals“.", "Counter({"],
        ["survey"] = ["\n1000 0 0\n"],
        ["results-and-privacy"] = ["DE-BY,"],
        ["types"] = ["\"averageSilhouette\"", "\n[1] 0."],
        ["evidence"] = ["Die meisten nennen Teilhabe als Ziel."],
        ["interviews"] = [" im Rathaus\"", "/release#"],
        ["protecting-people"] = ["410\n"],
    };

    /// <summary>Enough of pandas for the example. The package with all that it needs has some 60 MB.</summary>
    private const string Pandas = """
        import collections, csv, io, urllib.request
        class Column(list):
            def value_counts(self, dropna): return collections.Counter(self)
        class Table:
            def __init__(self, rows): self.rows = rows
            def __getitem__(self, name): return Column(row[name] for row in self.rows)
        def read_csv(address, dtype):
            rows = list(csv.DictReader(io.StringIO(urllib.request.urlopen(address).read().decode())))
            assert rows and all(name in rows[0] for name in dtype)
            return Table(rows)
        """;

    public static TheoryData<string> Files => [.. Documents.ForUsers.Where(file => Documents.Blocks(Documents.Read(file)).Count > 0)];

    [ToolTheory("bash", "curl", "python3", "node", "Rscript", "chromium")]
    [MemberData(nameof(Files))]
    public async Task Every_code_block_runs(string file)
    {
        var service = new RunningService();
        await service.InitializeAsync();
        try
        {
            await RunAsync(file, service);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static async Task RunAsync(string file, RunningService service)
    {
        var folder = Directory.CreateTempSubdirectory("ankerorte-blocks-").FullName;
        var text = WithWhatComesFirst(file);
        var requests = Path.Combine(folder, "requests.log");
        await File.WriteAllTextAsync(requests, "");
        await File.WriteAllTextAsync(Path.Combine(folder, "pandas.py"), Pandas);
        var script = Path.Combine(folder, "page.sh");
        await File.WriteAllTextAsync(script, await ScriptAsync(text, folder, requests, service));

        var result = await Tools.RunAsync(TimeSpan.FromMinutes(5), "bash", script);

        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}\n{result.Output}\n{result.Errors}");
        var answers = Status().Matches(await File.ReadAllTextAsync(requests)).Select(status => int.Parse(status.Groups["code"].Value, CultureInfo.InvariantCulture)).ToList();
        // Requests that are refused are those of which the page says so, in its order.
        Assert.True(
            Said(text).SequenceEqual(answers.Where(status => status >= 400)),
            $"refused: {string.Join(", ", answers.Where(status => status >= 400))}\n{result.Output}");
        foreach (var shown in Shown.GetValueOrDefault(Path.GetFileNameWithoutExtension(file), []))
        {
            Assert.Contains(shown, result.Output, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_is_expected_of_a_page_belongs_to_a_page() =>
        Assert.All(Shown.Keys, page => Assert.Contains(page, Documents.Pages));

    /// <summary>The pages that a page asks for, each once, and the page itself.</summary>
    private static string WithWhatComesFirst(string file)
    {
        var files = new List<string>();
        Add(file);
        return string.Join('\n', files.Select(Documents.Read));

        void Add(string one)
        {
            foreach (Match first in First().Matches(Documents.Read(one)))
            {
                Add($"{Documents.PageFolder}/{first.Groups["page"].Value}");
            }

            if (!files.Contains(one))
            {
                files.Add(one);
            }
        }
    }

    private static async Task<string> ScriptAsync(string text, string folder, string requests, RunningService service)
    {
        var api = Path.Combine(AppContext.BaseDirectory, "AnkerOrte.Api.dll");
        // The service runs already, from what was built; tests and containers are the business of others.
        var script = new StringBuilder($$"""
            set -eu
            cd '{{folder}}'
            export ConnectionStrings__AnkerOrte='Data Source={{service.DatabaseFile}}'
            curl() { command curl --verbose "$@" 2>> '{{requests}}'; }
            dotnet() {
              case "$*" in
                "run --project api --no-build -- "*) shift 5; command dotnet '{{api}}' "$@" ;;
                "run --project api" | test) ;;
                *) echo "unknown: dotnet $*" >&2; return 1 ;;
              esac
            }
            docker() { :; }

            """);
        var blocks = Documents.Blocks(text);
        for (var number = 0; number < blocks.Count; number++)
        {
            var (_, language, code) = blocks[number];
            code = code.Replace("http://localhost:5000", service.Url, StringComparison.Ordinal);
            if (language == "sh")
            {
                script.Append(code).Append("echo\n");
                continue;
            }

            var (program, extension) = language switch
            {
                "python" => ("python3", "py"),
                "js" => ("node", "mjs"),
                "r" => ("Rscript", "R"),
                "html" => ($"node '{Path.Combine(Tools.Folder, "map.mjs")}' '{Tools.Find("chromium")}'", "html"),
                _ => throw new InvalidOperationException($"Nothing here runs a block of the language \"{language}\"."),
            };
            var name = $"block-{number}.{extension}";
            await File.WriteAllTextAsync(Path.Combine(folder, name), code);
            script.Append(CultureInfo.InvariantCulture, $"{program} {name}\n");
        }

        return script.ToString();
    }

    /// <summary>Statuses of refusals in comments of shell blocks, such as `# 409: …`.</summary>
    private static IEnumerable<int> Said(string text) => Documents.Blocks(text).Where(block => block.Language == "sh")
        .SelectMany(block => Refusal().Matches(block.Code)).Select(refusal => int.Parse(refusal.Groups["code"].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"Run the commands of \[[^\]]+\]\((?<page>[\w-]+\.md)\) first")]
    private static partial Regex First();

    [GeneratedRegex(@"^< HTTP/1\.1 (?<code>\d{3})", RegexOptions.Multiline)]
    private static partial Regex Status();

    [GeneratedRegex(@"# (?<code>4\d\d):")]
    private static partial Regex Refusal();
}
