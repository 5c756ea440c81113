using AnkerOrte.Api.ApiKeys;
using Microsoft.AspNetCore.Authorization;

namespace AnkerOrte.Api.Access;

internal static class AccessSetup
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton<IAuthorizationHandler, OperationAuthorization>();
        // Not AddAuthentication, which would bring keys for cookies and a folder for them along.
        services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = BearerAuthentication.Name;
            options.AddScheme<BearerAuthentication>(BearerAuthentication.Name, BearerAuthentication.Name);
        });
        services.AddTransient<BearerAuthentication>();
        services.AddWebEncoders();
        // Whatever says nothing else is held against the table: deny by default.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder(BearerAuthentication.Name).AddRequirements(new OperationRequirement()).Build());
    }
}
