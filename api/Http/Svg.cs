using System.Globalization;
using System.Net;
using System.Text;

namespace AnkerOrte.Api.Http;

/// <summary>Builds an SVG picture with a description for screen readers, for light and dark pages.</summary>
internal sealed class Svg
{
    public const string MediaType = "image/svg+xml";

    private readonly StringBuilder text = new();

    public Svg(int width, int height, string title, string description, bool german, string style)
    {
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" lang=\"{(german ? "de" : "en")}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" aria-labelledby=\"title desc\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<title id=\"title\">{Escape(title)}</title>\n<desc id=\"desc\">{Escape(description)}</desc>\n");
        text.Append(CultureInfo.InvariantCulture, $"<style>.paper{{fill:#fff}}.ink{{fill:#1b1f24}}.soft{{fill:#57606a}}.line{{stroke:#8c959f}}{style}@media (prefers-color-scheme:dark){{.paper{{fill:#0d1117}}.ink{{fill:#e6edf3}}.soft{{fill:#9da7b3}}.line{{stroke:#6e7681}}}}</style>\n");
        text.Append(CultureInfo.InvariantCulture, $"<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n");
    }

    public void Words(double x, double y, string words, string look = "ink", string anchor = "start", bool bold = false) =>
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" class=\"{look}\" text-anchor=\"{anchor}\"{(bold ? " font-weight=\"600\"" : "")}>{Escape(words)}</text>\n");

    public void Add(FormattableString element) => text.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');

    public static string Escape(string words) => WebUtility.HtmlEncode(words).Replace("&#39;", "&apos;", StringComparison.Ordinal);

    public override string ToString() => text + "</svg>\n";

    /// <summary>Whether the picture is in German: by the parameter `lang`, or else by the Accept-Language header.</summary>
    public static bool IsGerman(HttpContext http, string? lang) => lang is null ? Languages.PrefersGerman(http.Request) : lang == "de";

    public static IResult Answer(HttpContext http, Answers answers, Svg picture)
    {
        if (Formats.Choose(http.Request, [MediaType]) is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), [MediaType]);
        }

        var bytes = Encoding.UTF8.GetBytes(picture.ToString());
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        return answers.Bytes(http, MediaType, Answers.Hash(bytes), () => bytes);
    }
}
