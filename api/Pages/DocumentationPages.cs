using System.Text.Encodings.Web;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Pages;

/// <summary>Serves the documentation under `/docs`. As Swagger UI, it belongs to no operation of the contract.</summary>
internal static class DocumentationPages
{
    private const string Path = "/docs";

    public static void UseDocumentation(this IApplicationBuilder app) => app.Use((http, next) =>
        http.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal, out var rest) ? Choose(http, rest.Value!).ExecuteAsync(http) : next(http));

    private static IResult Choose(HttpContext http, string rest)
    {
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return Problems.ForStatus(StatusCodes.Status405MethodNotAllowed);
        }

        return rest switch
        {
            "" => Answer(http, Documentation.Index),
            // Links of the page are relative to its address without a slash.
            "/" => Results.Redirect(".." + Path, permanent: true),
            _ => Documentation.Find(rest[1..]) is { } page ? Answer(http, page) : Problems.NoSuch(new("Die Seite", "page"), rest[1..]),
        };
    }

    private static IResult Answer(HttpContext http, RenderedPage page)
    {
        var answers = http.RequestServices.GetRequiredService<Answers>();
        var settings = http.RequestServices.GetRequiredService<Settings>();
        var body = page.Body.Replace(Documentation.Service, HtmlEncoder.Default.Encode(answers.Base(http) + "/"), StringComparison.Ordinal);
        var navigation = $"""
            <a href="{page.Up}en">AnkerOrte</a> <a href="{page.Up}docs">Documentation</a>
              <a href="#pages">All pages</a> <a href="{page.Up}swagger/index.html">Swagger UI</a>
            """;
        return HtmlPage.Answer(http, answers, settings, german: false, page.Title, body, navigation, style: Style.Value);
    }

    private static readonly Lazy<string> Style = new(() => HtmlPage.Read("docs.css"));
}
