namespace AnkerOrte.Api.Http;

/// <summary>
/// Maps handlers like MapGet and its siblings, but builds the code that binds their parameters at the first request. The
/// framework builds it for every route at start, through expression trees; for some two hundred routes that took longer than
/// the rest of the start.
/// </summary>
internal static class Routes
{
    public static IEndpointConventionBuilder Get(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => Map(routes, HttpMethods.Get, pattern, handler);

    public static IEndpointConventionBuilder Post(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => Map(routes, HttpMethods.Post, pattern, handler);

    public static IEndpointConventionBuilder Put(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => Map(routes, HttpMethods.Put, pattern, handler);

    public static IEndpointConventionBuilder Patch(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => Map(routes, HttpMethods.Patch, pattern, handler);

    public static IEndpointConventionBuilder Delete(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => Map(routes, HttpMethods.Delete, pattern, handler);

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, string method, string pattern, Delegate handler)
    {
        var lazy = new LazyHandler(handler, routes.ServiceProvider);
        return routes.MapMethods(pattern, [method], lazy.InvokeAsync).WithMetadata(handler.Method);
    }

    private sealed class LazyHandler(Delegate handler, IServiceProvider services)
    {
        private RequestDelegate? built;

        // Two first requests at once may build it twice; either result is good.
        public Task InvokeAsync(HttpContext http) => (built ??= Build(http))(http);

        private RequestDelegate Build(HttpContext http) => RequestDelegateFactory.Create(handler, new RequestDelegateFactoryOptions
        {
            ServiceProvider = services,
            RouteParameterNames = ((RouteEndpoint)http.GetEndpoint()!).RoutePattern.Parameters.Select(parameter => parameter.Name),
            ThrowOnBadRequest = true,
            // Bodies are read and validated by Writes, never bound.
            DisableInferBodyFromParameters = true,
        }).RequestDelegate;
    }
}

internal static class OperationName
{
    /// <summary>The operationId of the contract; null where no route matches, or the route is a page.</summary>
    public static string? Operation(this HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
}
