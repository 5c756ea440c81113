using System.Net;

namespace AnkerOrte.Api.Http;

/// <summary>What an operator may set; `Pages/docs/configuration.md` has the table.</summary>
internal sealed class Settings
{
    public string? PublicUrl { get; init; }
    public OperatorSettings Operator { get; init; } = new();
    public RateLimitSettings RateLimiting { get; init; } = new();
    public RetentionSettings Retention { get; init; } = new();
    public IReadOnlyList<IPNetwork> KnownProxies { get; init; } = [];

    /// <summary>Folder of temporary files; null: that of the database.</summary>
    public string? SpoolFolder { get; init; }

    /// <summary>Whether the names under which the service answers are fixed; else links take the name that a request states.</summary>
    public bool HasKnownHost { get; init; }

    /// <exception cref="Database.StartFailure">A value is not what it must be.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var settings = new Settings
        {
            PublicUrl = configuration["PublicUrl"]?.TrimEnd('/'),
            Operator = Bind<OperatorSettings>(configuration, "Operator"),
            RateLimiting = Bind<RateLimitSettings>(configuration, "RateLimiting"),
            Retention = Bind<RetentionSettings>(configuration, "Retention"),
            SpoolFolder = configuration["SpoolFolder"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
            HasKnownHost = !string.IsNullOrEmpty(configuration["PublicUrl"]) || configuration["AllowedHosts"] is not (null or "" or "*"),
            KnownProxies = [.. Proxies(configuration.GetSection("ForwardedHeaders:KnownProxies")).Select(ReadNetwork)],
        };
        CheckAddress("PublicUrl", settings.PublicUrl);
        CheckAddress("Operator:ImprintUrl", settings.Operator.ImprintUrl);
        CheckAddress("Operator:PrivacyUrl", settings.Operator.PrivacyUrl);
        CheckAddress("Operator:AccessibilityUrl", settings.Operator.AccessibilityUrl);
        if (settings.RateLimiting.PerMinute < 1)
        {
            throw new Database.StartFailure("RateLimiting:PerMinute must be at least 1; RateLimiting:Enabled=false switches limiting off.");
        }

        if (settings.RateLimiting.WrongKeysPerMinute < 1)
        {
            throw new Database.StartFailure("RateLimiting:WrongKeysPerMinute must be at least 1.");
        }

        if (settings.RateLimiting.AssessmentsPerMinute < 1)
        {
            throw new Database.StartFailure("RateLimiting:AssessmentsPerMinute must be at least 1.");
        }

        if (settings.RateLimiting.CpuMillisecondsPerSecond < 1)
        {
            throw new Database.StartFailure("RateLimiting:CpuMillisecondsPerSecond must be at least 1.");
        }

        if (settings.RateLimiting.CpuBurstSeconds < 1)
        {
            throw new Database.StartFailure("RateLimiting:CpuBurstSeconds must be at least 1.");
        }

        return settings;
    }

    private static T Bind<T>(IConfiguration configuration, string section) where T : new()
    {
        try
        {
            return configuration.GetSection(section).Get<T>() ?? new();
        }
        catch (InvalidOperationException e)
        {
            // The framework's message names the key and the value it could not convert.
            throw new Database.StartFailure(e.Message);
        }
    }

    private static void CheckAddress(string name, string? address)
    {
        if (!string.IsNullOrEmpty(address) && (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")))
        {
            throw new Database.StartFailure($"{name} must be an absolute http or https address, not \"{address}\".");
        }
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
    public int WrongKeysPerMinute { get; init; } = 20;
    public int AssessmentsPerMinute { get; init; } = 120;

    /// <summary>Processor time that each address may use without a key, and how much of it at once.</summary>
    public int CpuMillisecondsPerSecond { get; init; } = 500;

    public int CpuBurstSeconds { get; init; } = 30;
}

internal sealed class RetentionSettings
{
    /// <summary>Last day of the project: what is kept for its sake ends with it.</summary>
    public DateOnly? ProjectEnd { get; init; }
}
