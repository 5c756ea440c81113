namespace AnkerOrte.Api.Http;

/// <summary>
/// Every GET also answers HEAD (RFC 9110, 9.3.2): the same headers, no body. Handlers and the answer cache only ever
/// see GET.
/// </summary>
internal static class HeadRequests
{
    public static IApplicationBuilder UseHeadRequests(this IApplicationBuilder app) =>
        app.Use((http, next) => HttpMethods.IsHead(http.Request.Method) ? AnswerHeadAsync(http, next) : next(http));

    private static async Task AnswerHeadAsync(HttpContext http, RequestDelegate next)
    {
        var body = http.Response.Body;
        http.Request.Method = HttpMethods.Get;
        http.Response.Body = Stream.Null;
        try
        {
            await next(http);
        }
        finally
        {
            http.Request.Method = HttpMethods.Head;
            http.Response.Body = body;
        }
    }
}
