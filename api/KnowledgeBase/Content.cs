using System.Security.Cryptography;
using System.Text.Json;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>The shapes of the shipped files, as README.md beside them describes.</summary>
internal static class Content
{
    public static byte[] Read(string file)
    {
        using var stream = typeof(Content).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static T Parse<T>(byte[] json) => JsonSerializer.Deserialize<T>(json, WireJson.Options)!;

    public static string Hash(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));
}

internal sealed record ShippedText(string De, string En);

internal sealed record ShippedState(string Id, ShippedStateProperties Properties);

internal sealed record ShippedStateProperties(string Name);

internal sealed record ShippedStates(IReadOnlyList<ShippedState> Features);

internal sealed record ShippedProject(
    string Id, string Name, int Cohort, string State, IReadOnlyList<string>? States, string Kind, string ProgrammeCategory,
    IReadOnlyList<ShippedMember> Municipalities, IReadOnlyList<string> Sources, string? Note);

internal sealed record ShippedMember(string Name, string Ags, int Population, string PopulationDate, double Lat, double Lon);

internal sealed record ShippedCodebook(string Version, IReadOnlyList<ShippedDimension> Dimensions);

internal sealed record ShippedDimension(string Key, ShippedText Label, ShippedText Definition, string Kind, double Weight, IReadOnlyList<ShippedCode> Codes);

internal sealed record ShippedCode(string Key, ShippedText Label, ShippedText Definition, string? AnchorExample, IReadOnlyList<string> Neighbours);

internal sealed record ShippedSource(string Id, string Url, string Title, string Publisher, string? Date, string Kind);

internal sealed record ShippedLocation(double Latitude, double Longitude, string Precision);

internal sealed record ShippedFacts(double? FloorAreaSqm, string? OpeningHours, string? ParticipationFee, int? VisitorsPerYear, double? AnnualCostEur);

internal sealed record ShippedExperience(string Kind, string Text, string FindingId, string Relation, string SourceId);

internal sealed record ShippedSite
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string SelfDesignation { get; init; }
    public required string Summary { get; init; }
    public string? ProjectId { get; init; }
    public string? Ags { get; init; }
    public string? CountyKey { get; init; }

    /// <summary>German name of the state, as in the file.</summary>
    public required string State { get; init; }

    public string? Place { get; init; }
    public string? Address { get; init; }
    public string? Website { get; init; }
    public ShippedLocation? Location { get; init; }
    public required string Status { get; init; }
    public required string MpscFunded { get; init; }
    public string? OpenedOn { get; init; }
    public string? ClosedOn { get; init; }
    public ShippedFacts? Facts { get; init; }
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Characteristics { get; init; }
    public required IReadOnlyList<ShippedExperience> Experiences { get; init; }
    public required IReadOnlyList<string> SourceIds { get; init; }
}
