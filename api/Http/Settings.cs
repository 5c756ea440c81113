using System.Net;

namespace AnkerOrte.Api.Http;

/// <summary>What an operator may set; README has the table.</summary>
internal sealed class Settings
{
    public string? PublicUrl { get; init; }
    public OperatorSettings Operator { get; init; } = new();
    public RateLimitSettings RateLimiting { get; init; } = new();
    public IReadOnlyList<IPNetwork> KnownProxies { get; init; } = [];

    /// <exception cref="Database.StartFailure">A value is not what it must be.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var settings = new Settings
        {
            PublicUrl = configuration["PublicUrl"]?.TrimEnd('/'),
            Operator = configuration.GetSection("Operator").Get<OperatorSettings>() ?? new(),
            RateLimiting = configuration.GetSection("RateLimiting").Get<RateLimitSettings>() ?? new(),
            KnownProxies = [.. Proxies(configuration.GetSection("ForwardedHeaders:KnownProxies")).Select(ReadNetwork)],
        };
        if (settings.PublicUrl is { Length: > 0 } url && (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
        {
            throw new Database.StartFailure($"PublicUrl must be an absolute http or https address, not \"{url}\".");
        }

        if (settings.RateLimiting.PerMinute < 1)
        {
            throw new Database.StartFailure("RateLimiting:PerMinute must be at least 1; RateLimiting:Enabled=false switches limiting off.");
        }

        return settings;
    }

    /// <summary>One address or network, several separated by commas, or a list.</summary>
    private static IEnumerable<string> Proxies(IConfigurationSection section) =>
        section.Value?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? section.Get<string[]>() ?? [];

    private static IPNetwork ReadNetwork(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new Database.StartFailure($"ForwardedHeaders:KnownProxies: \"{text}\" is neither an address nor a network.");
}

internal sealed class OperatorSettings
{
    public string? Name { get; init; }
    public string? ImprintUrl { get; init; }
    public string? PrivacyUrl { get; init; }
    public string? AccessibilityUrl { get; init; }
}

internal sealed class RateLimitSettings
{
    public bool Enabled { get; init; } = true;
    public int PerMinute { get; init; } = 600;
}
