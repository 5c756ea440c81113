using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace AnkerOrte.Api.Access;

/// <summary>
/// `Authorization: Bearer …`: keys and single-purpose tokens. Looked up with every request, so that a revocation counts
/// at once, whichever process wrote it.
/// </summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder,
    Database.Database database, IEnumerable<TokenKind> kinds, FailedAttempts failed, TimeProvider clock)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string Name = "Bearer";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        return Task.FromResult(header.Length == 0 ? AuthenticateResult.NoResult() : Find(header) switch
        {
            { Caller: { } caller } => Accept(caller),
            var found => Refuse(found.Refusal!),
        });
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var refusal = Context.Features.Get<Refusal>()?.Why;
        if (refusal is not null && failed.Wait(Context.Connection.RemoteIpAddress) is { } wait)
        {
            Response.Headers.RetryAfter = Math.Clamp((int)Math.Ceiling(wait.TotalSeconds), 1, 60).ToString(CultureInfo.InvariantCulture);
            return new Problem(Problems.TooManyRequests).ExecuteAsync(Context);
        }

        return Unauthorized(Context, refusal).ExecuteAsync(Context);
    }

    /// <param name="http">Its response gets the header that belongs to a 401.</param>
    /// <param name="refusal">Why the key or token is not accepted; null: there is none.</param>
    public static Problem Unauthorized(HttpContext http, Text? refusal)
    {
        http.Response.Headers.WWWAuthenticate = refusal is null ? "Bearer realm=\"AnkerOrte\""
            : "Bearer realm=\"AnkerOrte\", error=\"invalid_token\"";
        return new Problem(Problems.Unauthorized, refusal);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var roles = Permissions.Of(Context.Operation()) ?? [];
        var caller = Context.Caller()!;
        return (roles.Any(caller.Roles.Contains) ? caller.OutOfScope() : new Problem(Problems.Forbidden, new(
            $"Der Schlüssel braucht eine dieser Rollen: {string.Join(", ", roles)}.",
            $"The key needs one of these roles: {string.Join(", ", roles)}."))).ExecuteAsync(Context);
    }

    private Found Find(string header)
    {
        var parts = header.Split(' ', 2, StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !parts[0].Equals(Name, StringComparison.OrdinalIgnoreCase))
        {
            return new(null, new("Erwartet: „Authorization: Bearer …“.", "Expected: `Authorization: Bearer …`."));
        }

        var kind = kinds.FirstOrDefault(kind => parts[1].StartsWith(kind.Prefix, StringComparison.Ordinal));
        if (kind is null || parts[1].Length > 200)
        {
            return new(null, new("Das ist kein Schlüssel dieses Dienstes.", "This is not a key of this service."));
        }

        var now = Instant.Write(clock.GetUtcNow());
        var hash = Secret.Hash(parts[1]);
        var found = database.ReadPrepared(connection => kind.Find(connection, hash, now));
        if (found.Caller is not { } caller)
        {
            return found;
        }

        kind.NoteUse?.Invoke(database, caller.Id, now);
        return new(caller with { LookUpAgain = (connection, at) => kind.Find(connection, hash, at) }, null);
    }

    private AuthenticateResult Accept(Caller caller)
    {
        Context.Features.Set(caller);
        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, caller.Id), .. caller.Roles.Select(role => new Claim(ClaimTypes.Role, role))], Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Name));
    }

    private AuthenticateResult Refuse(Text why)
    {
        Context.Features.Set(new Refusal(why));
        return AuthenticateResult.Fail(why.En);
    }

    private sealed record Refusal(Text Why);
}

/// <summary>
/// Counts wrong keys per address. A right key is never kept waiting: behind one address there may be a whole town hall,
/// and 256 random bits are not guessed.
/// </summary>
internal sealed class FailedAttempts(Settings settings) : IDisposable
{
    private readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetFixedWindowLimiter(
        address, _ => new FixedWindowRateLimiterOptions { PermitLimit = settings.RateLimiting.WrongKeysPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    /// <summary>Counts one; says how long to wait if that was too many.</summary>
    public TimeSpan? Wait(System.Net.IPAddress? address)
    {
        if (!settings.RateLimiting.Enabled)
        {
            return null;
        }

        using var lease = limiter.AttemptAcquire(RateLimits.Partition(address));
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1);
    }

    public void Dispose() => limiter.Dispose();
}

internal sealed class OperationRequirement : IAuthorizationRequirement;

/// <summary>Holds the caller against the table; what is not found or has the wrong method is told so by routing. Also where no key is needed a wrong one is refused: its sender believes to be known.</summary>
internal sealed class OperationAuthorization : AuthorizationHandler<OperationRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, OperationRequirement requirement)
    {
        var http = (HttpContext)context.Resource!;
        var roles = Permissions.Of(http.Operation());
        var caller = http.Caller();
        var isWrongKey = caller is null && http.Request.Headers.Authorization.Count > 0;
        var isAllowed = roles is not null && (roles.Count == 0 || (caller is not null && roles.Any(caller.Roles.Contains)
            && Permissions.IsInScope(caller, http.Operation()!, http.Request.RouteValues["survey"]?.ToString())));
        if (http.GetEndpoint() is not RouteEndpoint || (isAllowed && !isWrongKey))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
