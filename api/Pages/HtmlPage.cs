using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Pages;

/// <summary>The frame, style, footer and content security policy of all pages.</summary>
internal static class HtmlPage
{
    /// <param name="script">Inline script. The policy allows it by its hash, and lets it call this service only.</param>
    /// <param name="style">Styles of this page, added to the common ones.</param>
    public static IResult Answer(HttpContext http, Answers answers, Settings settings, bool german, string title, string body, string navigation, string? script = null, string style = "")
    {
        var page = Encoding.UTF8.GetBytes($$"""
            <!doctype html>
            <html lang="{{(german ? "de" : "en")}}">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>{{HtmlEncoder.Default.Encode(title)}}</title>
              <style>
                :root { color-scheme: light dark; background: Canvas; color: CanvasText; }
                body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 0 auto; padding: 1rem; }
                nav { text-align: right; }
                h1 { line-height: 1.25; }
                .counts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: 0; list-style: none; }
                .counts strong { display: block; font-size: 1.75rem; line-height: 1.2; }
                footer { border-top: 1px solid; margin-top: 3rem; padding-top: .5rem; }
                footer a { margin-right: 1rem; }
                dt, label { display: block; font-weight: 600; }
                dd { margin: 0 0 .5rem; white-space: pre-line; overflow-wrap: anywhere; }
                input, select, textarea { font: inherit; width: 100%; padding: .4rem; box-sizing: border-box; }
                button { font: inherit; padding: .4rem 1rem; }
                .error { display: block; font-weight: 600; }
                .error:not(:empty)::before { content: "⚠ "; }
                :focus-visible { outline: 3px solid; outline-offset: 2px; }
            {{style}}
              </style>
            </head>
            <body>
              <nav aria-label="{{(german ? "Sprache" : "Navigation")}}">{{navigation}}</nav>
              <main>
                <h1>{{HtmlEncoder.Default.Encode(title)}}</h1>
            {{body}}
              </main>
              <footer>{{Footer(settings.Operator, german)}}</footer>{{(script is null ? "" : $"\n  <script>{script}</script>")}}
            </body>
            </html>

            """);
        http.Response.Headers.ContentSecurityPolicy = script is null
            ? "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            : $"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        http.Response.Headers.ContentLanguage = german ? "de" : "en";
        return answers.Bytes(http, "text/html; charset=utf-8", Answers.Hash(page), () => page);
    }

    /// <summary>GermanText public bodies must give their name, imprint, privacy and accessibility statement on every page.</summary>
    private static string Footer(OperatorSettings of, bool german)
    {
        var encode = HtmlEncoder.Default;
        var links = new (string? Url, string De, string En)[]
        {
            (of.ImprintUrl, "Impressum", "Imprint"),
            (of.PrivacyUrl, "Datenschutz", "Privacy"),
            (of.AccessibilityUrl, "Barrierefreiheit", "Accessibility"),
        };
        var shown = links.Where(link => !string.IsNullOrEmpty(link.Url)).Select(link => $"<a href=\"{encode.Encode(link.Url!)}\">{(german ? link.De : link.En)}</a>");
        return $"<p>{encode.Encode(of.Name ?? "AnkerOrte")}</p><p>{string.Concat(shown)}</p>";
    }

    /// <summary>Reads an embedded file of this folder, for example a script.</summary>
    public static string Read(string name)
    {
        using var text = new StreamReader(typeof(HtmlPage).Assembly.GetManifestResourceStream(name)!);
        return text.ReadToEnd().ReplaceLineEndings("\n").TrimEnd();
    }
}
