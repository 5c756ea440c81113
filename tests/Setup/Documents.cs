using System.Text.RegularExpressions;

namespace AnkerOrte.Tests.Setup;

/// <summary>The texts of the repository for people: README and its siblings, and the pages below `api/Pages/docs`.</summary>
internal static partial class Documents
{
    public const string PageFolder = "api/Pages/docs";

    /// <summary>Names of the pages, without their extension.</summary>
    public static IReadOnlyList<string> Pages { get; } =
        [.. Directory.GetFiles(Repository.File(PageFolder), "*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    /// <summary>README and the pages, as paths from the root.</summary>
    public static IReadOnlyList<string> ForUsers { get; } = ["README.md", .. Pages.Select(page => $"{PageFolder}/{page}.md")];

    public static string Read(string path) => File.ReadAllText(Repository.File(path)).ReplaceLineEndings("\n");

    /// <summary>The fenced blocks: the line of text before each, its language, its code.</summary>
    public static IReadOnlyList<(string Before, string Language, string Code)> Blocks(string text) =>
        [.. Fence().Matches(text).Select(block => (block.Groups["before"].Value, block.Groups["language"].Value, block.Groups["code"].Value))];

    /// <summary>Targets of links, not those within code.</summary>
    public static IReadOnlyList<string> Links(string text) =>
        [.. Link().Matches(CodeSpan().Replace(Fence().Replace(text, ""), "``")).Select(link => link.Groups["target"].Value)];

    /// <summary>The anchors of the headings, as GitHub makes them.</summary>
    public static IEnumerable<string> Anchors(string text) => Heading().Matches(Fence().Replace(text, "")).Select(heading =>
        NotOfAnchor().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex("(?:(?<before>[^\n]+)\n\n)?^```(?<language>\\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotOfAnchor();
}
