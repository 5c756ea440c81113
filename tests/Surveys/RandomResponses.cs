using System.Text.Json.Nodes;
using AnkerOrte.Api.Analysis;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>Made-up responses of many municipalities to the shipped survey, uneven as real ones are.</summary>
internal static class RandomResponses
{
    /// <summary>Lines for a bulk upload; every municipality answers once.</summary>
    public static IEnumerable<string> Lines(JsonElement definition, IReadOnlyList<string> municipalities, int count, ulong seed = 1)
    {
        var random = new SplitMix64(seed);
        string[] places = [.. municipalities.OrderBy(_ => random.Next())];
        for (var number = 0; number < count; number++)
        {
            var answers = new JsonObject();
            foreach (var item in definition.GetProperty("items").EnumerateArray().Where(item => IsAsked(item, answers)))
            {
                var code = item.GetProperty("code").GetString()!;
                var isRequired = item.TryGetProperty("required", out var required) && required.GetBoolean();
                if (code == "municipality" || isRequired || random.Below(4) > 0)
                {
                    var answer = code switch { "municipality" => places[number], "consent" => "aggregate-only", _ => Answer(item, random) };
                    if (answer is not null)
                    {
                        answers[code] = answer;
                    }
                }
            }

            yield return Response(answers, id: $"r-{number}").ToJsonString();
        }
    }

    private static bool IsAsked(JsonElement item, JsonObject answers)
    {
        if (!item.TryGetProperty("visibleIf", out var condition))
        {
            return true;
        }

        return Holds(condition, answers);
    }

    private static bool Holds(JsonElement condition, JsonObject answers)
    {
        if (condition.TryGetProperty("all", out var all))
        {
            return all.EnumerateArray().All(part => Holds(part, answers));
        }

        var given = answers[condition.GetProperty("item").GetString()!] switch
        {
            null => [],
            JsonArray array => array.Select(code => code!.ToJsonString()).ToArray(),
            var one => [one.ToJsonString()],
        };
        return condition.TryGetProperty("equals", out var value) ? given.Contains(value.GetRawText())
            : condition.TryGetProperty("in", out var values) ? values.EnumerateArray().Any(known => given.Contains(known.GetRawText()))
            : given.Length > 0;
    }

    private static JsonNode? Answer(JsonElement item, SplitMix64 random)
    {
        string[] options = item.TryGetProperty("options", out var found)
            ? [.. found.EnumerateArray().Select(option => option.GetProperty("code").GetString()!)] : [];
        switch (item.GetProperty("kind").GetString())
        {
            case "singleChoice" or "ordinalScale":
                return options[Uneven(options.Length)];
            case "multiChoice":
                var most = item.TryGetProperty("max", out var max) ? max.GetInt32() : 3;
                var exclusive = options.Where(option => option is "none" or "unknown").ToHashSet();
                var open = options.Where(option => !exclusive.Contains(option)).ToArray();
                return new JsonArray(
                    [.. Enumerable.Range(0, 1 + random.Below(Math.Min(3, most))).Select(_ => open[Uneven(open.Length)]).Distinct()
                    .Select(option => (JsonNode)option)]);
            case "yesNo":
                return random.Below(3) > 0;
            case "integer" or "decimal":
                var least = item.TryGetProperty("min", out var min) ? min.GetInt32() : 0;
                return least + random.Below(20);
            case "matrix":
                return new JsonObject(
                    item.GetProperty("rows").EnumerateArray()
                    .Select(row => KeyValuePair.Create(row.GetProperty("code").GetString()!, (JsonNode?)options[Uneven(options.Length)])));
            default:
                return null;
        }

        int Uneven(int size) => Math.Min(random.Below(size), random.Below(size));
    }
}
