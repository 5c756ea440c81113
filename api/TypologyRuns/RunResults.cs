using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>The stored form of a result: numbers with 12 significant digits, and a hash over 9 digits that anybody can recompute.</summary>
internal static class RunResults
{
    private const int Published = 12;
    private const int Hashed = 9;

    public static string Write(RunResult result)
    {
        var json = JsonSerializer.SerializeToNode(result, WireJson.Options)!.AsObject();
        Round(json, Published);
        json["resultHash"] = Hash(json);
        return json.ToJsonString(WireJson.Options);
    }

    /// <summary>Hash of the whole result without the hash itself.</summary>
    private static string Hash(JsonObject result)
    {
        var rounded = result.DeepClone().AsObject();
        rounded.Remove("resultHash");
        Round(rounded, Hashed);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rounded.ToJsonString(WireJson.Options))));
    }

    private static void Round(JsonNode node, int digits)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    if (Rounded(value, digits) is { } number)
                    {
                        members[name] = number;
                    }
                    else if (value is not null)
                    {
                        Round(value, digits);
                    }
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (Rounded(items[i], digits) is { } number)
                    {
                        items[i] = number;
                    }
                    else if (items[i] is { } value)
                    {
                        Round(value, digits);
                    }
                }

                break;
        }
    }

    private static double? Rounded(JsonNode? node, int digits) => node is JsonValue value && value.TryGetValue<double>(out var number) && number != Math.Floor(number)
        ? double.Parse(number.ToString("E" + (digits - 1), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : null;
}
