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

internal sealed record ShippedDimension(string Key, ShippedText Label, ShippedText Definition, string Kind, double Weight, IReadOnlyList<Contracts.CodeInput> Codes);
