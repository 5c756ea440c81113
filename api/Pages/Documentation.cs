using System.Text.Encodings.Web;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AnkerOrte.Api.Pages;

/// <summary>
/// The documentation: one Markdown file a page in `docs/`. Read and rendered when it is first asked for, since most starts never need it.
/// </summary>
internal static class Documentation
{
    /// <summary>How the files name this service; a page gives the address under which it was asked for.</summary>
    public const string Service = "http://localhost:5000/";

    private const string Folder = "docs/";
    private const string Contents = "index";
    private const string Extension = ".md";

    /// <summary>How the files name the contract, from their folder.</summary>
    private const string Contract = "../../../openapi.yaml";

    // Raw HTML is shown as text.
    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    private static readonly Lazy<IReadOnlyDictionary<string, Lazy<RenderedPage>>> Pages = new(() => typeof(Documentation).Assembly
        .GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .Select(name => name[Folder.Length..])
        .ToDictionary(name => name, name => new Lazy<RenderedPage>(() => Render(name, Read(name))), StringComparer.Ordinal));

    private static readonly Lazy<IReadOnlyList<PageGroup>> Groups = new(ReadGroups);

    public static RenderedPage Index => Pages.Value[Contents].Value;

    public static RenderedPage? Find(string name) => name != Contents && Pages.Value.TryGetValue(name, out var page) ? page.Value : null;

    /// <param name="name">Of the file, without its extension.</param>
    /// <param name="text">Markdown that begins with a heading, the title.</param>
    internal static RenderedPage Render(string name, string text)
    {
        var document = Markdown.Parse(text, Pipeline);
        var title = document.OfType<HeadingBlock>().First();
        document.Remove(title);
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = Address(link.Url!, name);
        }

        foreach (var code in document.Descendants<CodeBlock>())
        {
            // What scrolls must be reachable by keyboard.
            code.GetAttributes().AddProperty("tabindex", "0");
        }

        var sections = document.OfType<HeadingBlock>().ToList();
        var onThisPage = List(sections.Where(heading => heading.Level == 2).Select(heading => ("#" + heading.GetAttributes().Id, Text(heading), false)));
        foreach (var heading in sections)
        {
            LinkToItself(heading);
        }

        var contents = string.Concat(Groups.Value.Select(group =>
            $"<h2>{Encode(group.Title)}</h2>{List(group.Pages.Select(page => (Address(page.Name + Extension, name), page.Title, page.Name == name)))}"));
        return new(Text(title), Up(name), $"""
            <div class="page">
            <div class="text">
            <nav class="sections" aria-label="On this page">{onThisPage}</nav>
            {Write(document)}</div>
            <nav class="pages" id="pages" aria-label="All pages">{contents}</nav>
            </div>
            """);
    }

    private static string Write(MarkdownDocument document)
    {
        using var html = new StringWriter();
        var renderer = new HtmlRenderer(html);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.FindExact<CodeBlockRenderer>()!.OutputAttributesOnPre = true;
        renderer.ObjectRenderers.Replace<HtmlTableRenderer>(new ScrollingTable());
        renderer.Render(document);
        return html.ToString();
    }

    private static void LinkToItself(HeadingBlock heading)
    {
        var link = new LinkInline("#" + heading.GetAttributes().Id, "");
        foreach (var part in heading.Inline!.ToList())
        {
            part.Remove();
            link.AppendChild(part);
        }

        heading.Inline!.AppendChild(link);
    }

    /// <summary>The sections of the contents page, and the pages to which their lists lead.</summary>
    private static List<PageGroup> ReadGroups()
    {
        var groups = new List<PageGroup>();
        foreach (var block in Markdown.Parse(Read(Contents), Pipeline))
        {
            if (block is HeadingBlock { Level: 2 } heading)
            {
                groups.Add(new(Text(heading), []));
            }
            else if (block is ListBlock list)
            {
                groups[^1].Pages.AddRange(list.Descendants<LinkInline>().Select(link => link.Url!)
                    .Where(IsPage).Select(url => url[..^Extension.Length]).Select(name => (name, Title(name))));
            }
        }

        return [.. groups.Where(group => group.Pages.Count > 0)];
    }

    private static string Title(string name) => Text(Markdown.Parse(Read(name), Pipeline).OfType<HeadingBlock>().First());

    /// <summary>Where a link of a file leads, relative to the address of the page.</summary>
    private static string Address(string url, string name)
    {
        var (path, anchor) = url.IndexOf('#', StringComparison.Ordinal) is var at and >= 0 ? (url[..at], url[at..]) : (url, "");
        return path == Contract ? Up(name) + "openapi.yaml"
            : path == Contents + Extension ? Up(name) + "docs" + anchor
            : IsPage(path) ? (name == Contents ? Folder : "") + path[..^Extension.Length] + anchor
            : url.StartsWith(Service, StringComparison.Ordinal) ? Up(name) + url[Service.Length..]
            : url;
    }

    private static bool IsPage(string path) => path.EndsWith(Extension, StringComparison.Ordinal) && !path.Contains('/', StringComparison.Ordinal);

    private static string Up(string name) => name == Contents ? "" : "../";

    private static string List(IEnumerable<(string Url, string Text, bool IsCurrent)> links) =>
        $"<ul>{string.Concat(links.Select(link =>
            $"<li><a href=\"{Encode(link.Url)}\"{(link.IsCurrent ? " aria-current=\"page\"" : "")}>{Encode(link.Text)}</a></li>"))}</ul>";

    private static string Text(HeadingBlock heading) => string.Concat(heading.Inline!.Descendants().Select(part => part switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        _ => "",
    }));

    private static string Read(string name) => HtmlPage.Read(Folder + name);

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private sealed record PageGroup(string Title, List<(string Name, string Title)> Pages);

    /// <summary>A table that scrolls by itself when the screen is narrow.</summary>
    private sealed class ScrollingTable : HtmlTableRenderer
    {
        protected override void Write(HtmlRenderer renderer, Table table)
        {
            renderer.WriteLine("<div class=\"scroll\" tabindex=\"0\">");
            base.Write(renderer, table);
            renderer.WriteLine("</div>");
        }
    }
}

/// <param name="Up">From the address of the page to that of the start page.</param>
/// <param name="Body">HTML in which <see cref="Documentation.Service"/> stands for the address of the service.</param>
internal sealed record RenderedPage(string Title, string Up, string Body);
