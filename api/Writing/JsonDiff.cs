using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Writing;

/// <summary>What differs between two versions of a record: members of objects one by one, lists as a whole.</summary>
internal static class JsonDiff
{
    public static IEnumerable<FieldChange> Compare(JsonElement? before, JsonElement? after, string at = "")
    {
        if (before is { } old && after is { } changed && JsonElement.DeepEquals(old, changed))
        {
            return [];
        }

        var isObject = (before ?? after)?.ValueKind == JsonValueKind.Object && (after ?? before)?.ValueKind == JsonValueKind.Object;
        return isObject ? CompareMembers(before, after, at) : [new FieldChange { Pointer = at, Before = before, After = after }];
    }

    private static IEnumerable<FieldChange> CompareMembers(JsonElement? before, JsonElement? after, string at)
    {
        var names = new[] { before, after }.SelectMany(side => side is { } value ? value.EnumerateObject().Select(member => member.Name) : []).Distinct();
        return names.SelectMany(name => Compare(Member(before, name), Member(after, name), $"{at}/{BodyCheck.Escape(name)}"));
    }

    private static JsonElement? Member(JsonElement? value, string name) =>
        value is { } parent && parent.TryGetProperty(name, out var member) ? member : null;
}

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            return JsonNode.Parse(patch.GetRawText());
        }

        var result = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                result.Remove(member.Name);
            }
            else
            {
                var before = result[member.Name];
                result.Remove(member.Name);
                result[member.Name] = Apply(before, member.Value);
            }
        }

        return result;
    }
}
