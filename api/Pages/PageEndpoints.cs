using System.Text.Encodings.Web;
using AnkerOrte.Api.About;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Pages;

/// <summary>
/// The pages for people: start page in GermanText and English, decision guide, confirmation page, release page, and one page for each
/// problem code.
/// </summary>
internal static class PageEndpoints
{
    private static readonly string LinkScript = HtmlPage.Read("link.js") + "\n";
    private static readonly string ConfirmBody = HtmlPage.Read("confirm.html");
    private static readonly string ConfirmScript = LinkScript + HtmlPage.Read("confirm.js");
    private static readonly string ReleaseBody = HtmlPage.Read("release.html");
    private static readonly string ReleaseScript = LinkScript + HtmlPage.Read("release.js");
    private static readonly string ReleaseStyle = HtmlPage.Read("release.css");
    private static readonly string GuideBody = HtmlPage.Read("guide.html").Replace("{{map}}", StateOutlines.Draw(), StringComparison.Ordinal);
    private static readonly string GuideScript = HtmlPage.Read("guide.js");
    private static readonly string GuideStyle = HtmlPage.Read("guide.css");

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.Get("/", GetStartPage).WithName("getStartPage");
        routes.Get("/en", GetStartPageInEnglish).WithName("getStartPageInEnglish");
        routes.Get("/confirm", GetConfirmPage).WithName("getConfirmPage");
        routes.Get("/release", GetReleasePage).WithName("getReleasePage");
        routes.Get("/guide", GetGuidePage).WithName("getGuidePage");
        routes.Get("/problems/{code}", GetProblemPage).WithName("getProblemPage");
    }

    private static IResult GetStartPage(HttpContext http, Answers answers, Settings settings, AboutQueries about) =>
        Start(http, answers, settings, about, german: true);

    private static IResult GetStartPageInEnglish(HttpContext http, Answers answers, Settings settings, AboutQueries about) =>
        Start(http, answers, settings, about, german: false);

    private static IResult Start(HttpContext http, Answers answers, Settings settings, AboutQueries about, bool german)
    {
        var counts = about.Find().Counts;
        var body = german
            ? $"""
               <p>Ankerorte machen den digitalen Wandel in Städten, Kreisen und Gemeinden greifbar: Stadtlabore, offene
               Werkstätten, RegioHubs, digitale Läden, mobile Labore. Diese offene Wissensbasis zeigt, wie sie aufgebaut
               sind und was ihre Träger gelernt haben. Andere Kommunen können darauf aufbauen.</p>
               <ul class="counts">
                 <li><strong>{counts.AnchorSites:N0}</strong> Ankerorte</li>
                 <li><strong>{counts.Projects:N0}</strong> Modellprojekte</li>
                 <li><strong>{GermanText(counts.Municipalities)}</strong> Kommunen</li>
                 <li><strong>{counts.Sources:N0}</strong> Quellen</li>
               </ul>
               <h2>Nutzen</h2>
               <ul>
                 <li><a href="guide">Welcher Ankerort passt zu uns? Die Entscheidungshilfe</a></li>
                 <li><a href="docs" hreflang="en">Anleitungen zur Schnittstelle (englisch)</a></li>
                 <li><a href="swagger/index.html" hreflang="en">Schnittstelle ausprobieren (Swagger UI, englisch)</a></li>
                 <li><a href="openapi.yaml" hreflang="en">Vertrag der Schnittstelle (OpenAPI, englisch)</a></li>
                 <li><a href="v1/anchor-sites?format=geojson">Alle Ankerorte als GeoJSON für Karten</a></li>
                 <li><a href="v1/anchor-sites?format=csv&amp;bom=true&amp;delimiter=%3B">Alle Ankerorte als CSV für Excel</a></li>
                 <li><a href="v1/codebook?format=csv&amp;bom=true&amp;delimiter=%3B">Codebuch als CSV</a></li>
               </ul>
               <h2>Gut zu wissen</h2>
               <p>Die Angaben stammen aus öffentlichen Quellen, Stand November 2026. Die Träger haben die Einträge nicht bestätigt.
               Eine fehlende Angabe bedeutet „unbekannt“, nicht „nein“. Als Standort gilt die Mitte der Gemeinde, nicht die
               Adresse. Inhalte: <a href="https://creativecommons.org/licenses/by/4.0/deed.de">CC BY 4.0</a>; Gemeindedaten:
               © Statistisches Bundesamt (Destatis), Gemeindeverzeichnis.</p>
               """
            : $"""
               <p>Anchor sites (<span lang="de">Ankerorte</span>) make digital change tangible in German municipalities: city labs,
               open workshops, regio-hubs, digital shops, mobile labs. This open knowledge base shows how they are set up and
               what their operators have learned. Other municipalities can build on it.</p>
               <ul class="counts">
                 <li><strong>{counts.AnchorSites:N0}</strong> anchor sites</li>
                 <li><strong>{counts.Projects:N0}</strong> projects</li>
                 <li><strong>{counts.Municipalities:N0}</strong> municipalities</li>
                 <li><strong>{counts.Sources:N0}</strong> sources</li>
               </ul>
               <h2>Use it</h2>
               <ul>
                 <li><a href="guide">Which anchor site fits us? The decision guide</a></li>
                 <li><a href="docs">Documentation of the interface</a></li>
                 <li><a href="swagger/index.html">Try the interface (Swagger UI)</a></li>
                 <li><a href="openapi.yaml">Contract of the interface (OpenAPI)</a></li>
                 <li><a href="v1/anchor-sites?format=geojson">All sites as GeoJSON for maps</a></li>
                 <li><a href="v1/anchor-sites?format=csv">All sites as CSV</a></li>
                 <li><a href="v1/codebook?format=csv">Codebook as CSV</a></li>
               </ul>
               <h2>Good to know</h2>
               <p>The facts come from public sources, as of November 2026. The operators have not confirmed the entries. A missing
               fact means "unknown", not "no". The location is the centre of the municipality, not the address.
               Content: <a href="https://creativecommons.org/licenses/by/4.0/deed.en">CC BY 4.0</a>; municipal data:
               © Statistisches Bundesamt (Destatis), Gemeindeverzeichnis.</p>
               """;
        var title = german
            ? "AnkerOrte – Wissensbasis zu Orten des digitalen Wandels"
            : "AnkerOrte – knowledge base on places of digital change";
        var other = german ? "<a href=\"en\" hreflang=\"en\" lang=\"en\">English</a>" : "<a href=\"./\" hreflang=\"de\" lang=\"de\">Deutsch</a>";
        return HtmlPage.Answer(http, answers, settings, german, title, body, other);
    }

    private static IResult GetConfirmPage(HttpContext http, Answers answers, Settings settings) => HtmlPage.Answer(
        http, answers, settings, german: true, "Stimmt dieser Eintrag noch?", ConfirmBody, "<button type=\"button\" id=\"language\" lang=\"en\">English</button>", ConfirmScript);

    private static IResult GetReleasePage(HttpContext http, Answers answers, Settings settings) => HtmlPage.Answer(
        http, answers, settings, german: true, "Was darf von Ihren Worten erscheinen?", ReleaseBody, "<button type=\"button\" id=\"language\" lang=\"en\">English</button>", ReleaseScript, ReleaseStyle);

    private static IResult GetGuidePage(HttpContext http, Answers answers, Settings settings) => HtmlPage.Answer(
        http, answers, settings, german: true, "Welcher Ankerort passt zu uns?", GuideBody, "<button type=\"button\" id=\"language\" lang=\"en\">English</button>", GuideScript, GuideStyle);

    private static IResult GetProblemPage(HttpContext http, Answers answers, Settings settings, string code)
    {
        if (Problems.All.FirstOrDefault(kind => kind.Code == code) is not { } problem)
        {
            return Problems.NoSuch(new("Das Problem", "problem"), code);
        }

        var encode = HtmlEncoder.Default;
        var body = $"""
            <p>HTTP {problem.Status}, <code>{problem.Code}</code></p>
            <p>{encode.Encode(problem.Help.En)}</p>
            <h2 lang="de">{encode.Encode(problem.Title.De)}</h2>
            <p lang="de">{encode.Encode(problem.Help.De)}</p>
            """;
        return HtmlPage.Answer(http, answers, settings, german: false, problem.Title.En, body, "<a href=\"../en\">AnkerOrte</a>");
    }

    private static string GermanText(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture).Replace(',', '.');
}
