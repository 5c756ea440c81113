using System.Text.Json;

namespace AnkerOrte.Api.Http;

/// <summary>A column of the CSV and a property of the GeoJSON, read from the JSON of an item.</summary>
/// <param name="Field">The member of the item it comes from; `fields` picks by it.</param>
/// <param name="Value">A string, a number or boolean as JsonElement, a list of strings, or null.</param>
internal sealed record Column(string Name, string Field, Func<JsonElement, object?> Value)
{
    /// <summary>A column by the path of its value: "municipality.name"; along a list, of each of its items.</summary>
    public static Column Of(string name, string? path = null)
    {
        var steps = (path ?? name).Split('.');
        return new Column(name, steps[0], item => Follow(item, steps));
    }

    private static object? Follow(JsonElement at, ReadOnlySpan<string> steps)
    {
        if (at.ValueKind == JsonValueKind.Array)
        {
            var values = new List<string>();
            foreach (var item in at.EnumerateArray())
            {
                values.Add(Follow(item, steps)?.ToString() ?? "");
            }

            return values;
        }

        if (steps.Length > 0)
        {
            return at.ValueKind == JsonValueKind.Object && at.TryGetProperty(steps[0], out var member) ? Follow(member, steps[1..]) : null;
        }

        return at.ValueKind switch
        {
            JsonValueKind.String => at.GetString(),
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => at,
        };
    }
}
