namespace AnkerOrte.Api.Http;

/// <summary>The contract as a file, and Swagger UI that shows it.</summary>
internal static class ContractPages
{
    /// <summary>Swagger UI loads its own scripts, styles and fonts, sets styles on elements, and asks this service alone.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string OpenApiJson = "application/vnd.oai.openapi+json";

    public static void MapContract(this IEndpointRouteBuilder routes)
    {
        routes.Get("/openapi.yaml", GetContract).WithName("getContract");
        routes.Get("/openapi.json", GetContractAsJson).WithName("getContractAsJson");
    }

    /// <summary>Set up at its first request, since most visitors of most services never open it.</summary>
    public static void UseSwaggerPage(this IApplicationBuilder app) => app.Use(next =>
    {
        var page = new Lazy<RequestDelegate>(() =>
        {
            var branch = app.New();
            branch.Use((http, next) =>
            {
                http.Response.Headers.ContentSecurityPolicy = Policy;
                http.Response.Headers.XContentTypeOptions = "nosniff";
                return next(http);
            });
            UseSwaggerUI(branch);
            branch.Run(next);
            return branch.Build();
        });
        return http => http.Request.Path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase) ? page.Value(http) : next(http);
    });

    private static void UseSwaggerUI(IApplicationBuilder app) => app.UseSwaggerUI(options =>
    {
        // The page reads no YAML merge keys.
        options.SwaggerEndpoint("../openapi.json", "AnkerOrte");
        options.DocumentTitle = "AnkerOrte API";
        options.EnableDeepLinking();
        options.DisplayRequestDuration();
        options.DefaultModelsExpandDepth(0);
        options.DocExpansion(Swashbuckle.AspNetCore.SwaggerUI.DocExpansion.List);
        options.EnableTryItOutByDefault();
        // There is one definition and one server: nothing to choose.
        options.HeadContent = "<style>.swagger-ui .topbar, .swagger-ui .scheme-container .servers-title, .swagger-ui .scheme-container .servers { display: none }</style>";
    });

    private static IResult GetContract(HttpContext http, Answers answers, Contract contract) =>
        answers.Bytes(http, "application/yaml", Answers.Hash(contract.Yaml), () => contract.Yaml);

    private static IResult GetContractAsJson(HttpContext http, Answers answers, Contract contract)
    {
        var offered = answers.Offered(http);
        return Formats.Choose(http.Request, offered) is { } format
            ? answers.Bytes(http, format == OpenApiJson ? OpenApiJson + ";version=3.0" : format, Answers.Hash(format, Answers.Hash(contract.Json)), () => contract.Json)
            : Problems.NoSuchFormat(Formats.Asked(http.Request), offered);
    }
}
