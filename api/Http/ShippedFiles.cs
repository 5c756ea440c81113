using System.Security.Cryptography;
using System.Text.Json;

namespace AnkerOrte.Api.Http;

/// <summary>Reads the files that ship inside the program.</summary>
internal static class ShippedFiles
{
    public static byte[] Read(string file)
    {
        using var stream = typeof(ShippedFiles).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static T Parse<T>(byte[] json) => JsonSerializer.Deserialize<T>(json, WireJson.Options)!;

    public static string Hash(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));
}
