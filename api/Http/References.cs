using System.Text.Json;

namespace AnkerOrte.Api.Http;

/// <summary>References that SQL gathers as JSON.</summary>
internal static class References
{
    public static IReadOnlyList<TContract> Read<TRow, TContract>(string json) where TRow : class =>
        json == "[]" ? [] : [.. JsonSerializer.Deserialize<List<TRow>>(json, WireJson.Options)!.Select(row => row.To<TContract>())];
}
