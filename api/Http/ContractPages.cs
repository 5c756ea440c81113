namespace AnkerOrte.Api.Http;

/// <summary>The contract as a file, and Swagger UI that shows it.</summary>
internal static class ContractPages
{
    public static void MapContract(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi.yaml", GetContract).WithName("getContract");

    public static void UseSwaggerPage(this IApplicationBuilder app) => app.UseSwaggerUI(options =>
    {
        options.SwaggerEndpoint("../openapi.yaml", "AnkerOrte");
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
        answers.Bytes(http, "application/yaml", Answers.Hash(contract.File), () => contract.File);
}
