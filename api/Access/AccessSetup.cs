using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.Authorization;

namespace AnkerOrte.Api.Access;

internal static class AccessSetup
{
    public static void AddAccess(this IServiceCollection services, RateLimitSettings limits)
    {
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton(provider => new CpuBudget(limits, provider.GetRequiredService<TimeProvider>()));
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

    /// <summary>Comes after the cache, whose answers cost nearly nothing, and before compression, which costs something.</summary>
    public static void UseCpuBudget(this WebApplication app)
    {
        if (app.Services.GetRequiredService<AddressLimit>().Limiter is not null)
        {
            app.Use(app.Services.GetRequiredService<CpuBudget>().MeterAsync);
        }
    }
}
