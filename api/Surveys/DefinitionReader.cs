using System.Text.Json;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>
/// Reads a definition from JSON and goes on after a mistake, so that all of them can be named at once. What could not
/// be read is replaced by something harmless.
/// </summary>
internal sealed class DefinitionReader(List<ProblemError> errors)
{
    private static readonly Text Nothing = new("", "");

    public QuestionnaireDefinition Read(JsonElement root)
    {
        var members = Members(root, "", "title", "introduction", "changes", "items");
        var items = Array(members, "items", "", DefinitionLimits.Items, required: true);
        return new(
            Localized(members, "title", "", 300, required: true) ?? Nothing,
            Localized(members, "introduction", "", DefinitionLimits.LongText),
            String(members, "changes", "", DefinitionLimits.LongText),
            [.. items.Select((item, number) => ReadItem(item, $"/items/{number}"))]);
    }

    private ItemDefinition ReadItem(JsonElement element, string at)
    {
        var members = Members(element, at, "code", "kind", "label", "help", "required", "privacy", "subject", "options", "rows", "other",
            "min", "max", "maxLength", "visibleIf", "mapsTo");
        return new()
        {
            Code = String(members, "code", at, 200, required: true) ?? "",
            Kind = Choice<ItemKind>(members, "kind", at, required: true),
            Label = Localized(members, "label", at, DefinitionLimits.Label, required: true) ?? Nothing,
            Help = Localized(members, "help", at, DefinitionLimits.LongText),
            Required = Boolean(members, "required", at),
            Privacy = Choice<Privacy>(members, "privacy", at) ?? Privacy.Aggregate,
            Subject = Choice<Subject>(members, "subject", at) ?? Subject.Opinion,
            Options = [.. Array(members, "options", at, DefinitionLimits.Options).Select((option, number) => ReadOption(option, $"{at}/options/{number}"))],
            Rows = [.. Array(members, "rows", at, DefinitionLimits.Rows).Select((row, number) => ReadRow(row, $"{at}/rows/{number}"))],
            Other = Boolean(members, "other", at),
            Min = Number(members, "min", at),
            Max = Number(members, "max", at),
            MaxLength = Number(members, "maxLength", at) is { } length ? (int)Math.Clamp(length, int.MinValue, int.MaxValue) : null,
            VisibleIf = members.TryGetValue("visibleIf", out var condition) ? ReadCondition(condition, at + "/visibleIf", 1) : null,
            MapsTo = String(members, "mapsTo", at, 200),
            Given = members.Keys.ToHashSet(),
        };
    }

    private OptionDefinition ReadOption(JsonElement element, string at)
    {
        var members = Members(element, at, "code", "short", "label", "exclusive", "mapsTo");
        return new(
            String(members, "code", at, 200, required: true) ?? "",
            String(members, "short", at, 200),
            Localized(members, "label", at, DefinitionLimits.Label, required: true) ?? Nothing,
            Boolean(members, "exclusive", at),
            String(members, "mapsTo", at, 200));
    }

    private RowDefinition ReadRow(JsonElement element, string at)
    {
        var members = Members(element, at, "code", "short", "label");
        return new(
            String(members, "code", at, 200, required: true) ?? "",
            String(members, "short", at, 200),
            Localized(members, "label", at, DefinitionLimits.Label, required: true) ?? Nothing);
    }

    private Condition? ReadCondition(JsonElement element, string at, int depth)
    {
        if (depth > DefinitionLimits.ConditionDepth)
        {
            Add(at, "too-deep", new($"Bedingungen dürfen höchstens {DefinitionLimits.ConditionDepth} Ebenen haben.", $"Conditions may have {DefinitionLimits.ConditionDepth} levels at most."));
            return null;
        }

        var members = Members(element, at, "all", "any", "item", "equals", "in", "answered");
        var forms = members.Keys.Where(name => name is not "item").ToList();
        if (forms.Count != 1 || (forms[0] is "all" or "any") == members.ContainsKey("item"))
        {
            Add(at, "condition", new(
                "Genau eine Form: {\"all\": […]}, {\"any\": […]}, {\"item\", \"equals\"}, {\"item\", \"in\"} oder {\"item\", \"answered\"}.",
                "Exactly one form: {\"all\": […]}, {\"any\": […]}, {\"item\", \"equals\"}, {\"item\", \"in\"} or {\"item\", \"answered\"}."));
            return null;
        }

        var item = String(members, "item", at, 200) ?? "";
        switch (forms[0])
        {
            case "equals":
                return ReadCode(members["equals"], at + "/equals") is { } code ? new Condition.Chosen(item, [code]) : null;
            case "answered":
                return new Condition.Answered(item, Boolean(members, "answered", at));
            case "in":
                var codes = Array(members, "in", at, DefinitionLimits.Options, required: true).Select((value, number) => ReadCode(value, $"{at}/in/{number}")).ToList();
                return new Condition.Chosen(item, [.. codes.OfType<string>()]);
            default:
                var parts = Array(members, forms[0], at, DefinitionLimits.ConditionParts, required: true)
                    .Select((part, number) => ReadCondition(part, $"{at}/{forms[0]}/{number}", depth + 1)).ToList();
                return new Condition.Several(forms[0] == "all", [.. parts.OfType<Condition>()]);
        }
    }

    /// <summary>A code; yes and no may be written as JSON writes them.</summary>
    private string? ReadCode(JsonElement value, string at)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString();
            case JsonValueKind.True or JsonValueKind.False:
                return value.GetBoolean() ? "true" : "false";
            default:
                Type(at, new("ein Code (Text)", "a code (text)"));
                return null;
        }
    }

    private Dictionary<string, JsonElement> Members(JsonElement element, string at, params string[] known)
    {
        var members = new Dictionary<string, JsonElement>();
        if (element.ValueKind != JsonValueKind.Object)
        {
            Type(at, new("ein Objekt", "an object"));
            return members;
        }

        foreach (var member in element.EnumerateObject())
        {
            var name = member.Name;
            if (!known.Contains(name))
            {
                var nearest = NearestName.To(ShortQuote.Short(name), known);
                Add($"{at}/{Pointer.Escape(name)}", "unknown-member", new(
                    $"Unbekannt. Bekannt: {string.Join(", ", known)}.", $"Unknown. Known: {string.Join(", ", known)}."), nearest);
            }
            else if (!members.TryAdd(name, member.Value))
            {
                Add($"{at}/{name}", "duplicate-member", new("Der Name kommt mehrmals vor.", "The name occurs more than once."));
            }
        }

        return members;
    }

    private IEnumerable<JsonElement> Array(Dictionary<string, JsonElement> members, string name, string at, int most, bool required = false)
    {
        if (!Find(members, name, at, required, out var value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Type($"{at}/{name}", new("ein Array", "an array"));
            return [];
        }

        var count = value.GetArrayLength();
        if (count is 0 || count > most)
        {
            Add($"{at}/{name}", count == 0 ? "empty" : "too-many", new($"1 bis {most} Einträge, nicht {count}.", $"1 to {most} entries, not {count}."));
            // Thousands of entries would bring thousands of further messages.
            return [];
        }

        return value.EnumerateArray();
    }

    private Text? Localized(Dictionary<string, JsonElement> members, string name, string at, int most, bool required = false)
    {
        if (!Find(members, name, at, required, out var value))
        {
            return null;
        }

        var texts = Members(value, $"{at}/{name}", "de", "en");
        return value.ValueKind != JsonValueKind.Object
            ? null
            : new(String(texts, "de", $"{at}/{name}", most, required: true) ?? "", String(texts, "en", $"{at}/{name}", most, required: true) ?? "");
    }

    private string? String(Dictionary<string, JsonElement> members, string name, string at, int most, bool required = false)
    {
        if (!Find(members, name, at, required, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String || !TryRead(value, out var text))
        {
            Type($"{at}/{name}", new("Text", "text"));
            return null;
        }

        if (string.IsNullOrWhiteSpace(text) || text.Length > most)
        {
            Add($"{at}/{name}", "length", new($"1 bis {most} Zeichen, nicht {text.Length}.", $"1 to {most} characters, not {text.Length}."));
            return null;
        }

        return text;
    }

    /// <summary>Half of a surrogate pair, or bytes that are not UTF-8, are found only when the text is read.</summary>
    private static bool TryRead(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private bool Boolean(Dictionary<string, JsonElement> members, string name, string at)
    {
        if (!Find(members, name, at, required: false, out var value))
        {
            return false;
        }

        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Type($"{at}/{name}", new("true oder false", "true or false"));
        }

        return value.ValueKind == JsonValueKind.True;
    }

    private decimal? Number(Dictionary<string, JsonElement> members, string name, string at)
    {
        if (!Find(members, name, at, required: false, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number))
        {
            return number;
        }

        Type($"{at}/{name}", new("eine Zahl", "a number"));
        return null;
    }

    private T? Choice<T>(Dictionary<string, JsonElement> members, string name, string at, bool required = false) where T : struct, Enum
    {
        if (String(members, name, at, 200, required) is not { } text)
        {
            return null;
        }

        foreach (var candidate in Enum.GetValues<T>())
        {
            if (candidate.Wire() == text)
            {
                return candidate;
            }
        }

        var known = Enum.GetValues<T>().Select(DefinitionLimits.Wire).ToList();
        Add($"{at}/{name}", "unknown-value", new(
            $"„{ShortQuote.Short(text)}“ ist unbekannt. Bekannt: {string.Join(", ", known)}.",
            $"\"{ShortQuote.Short(text)}\" is unknown. Known: {string.Join(", ", known)}."), NearestName.To(ShortQuote.Short(text), known));
        return null;
    }

    private bool Find(Dictionary<string, JsonElement> members, string name, string at, bool required, out JsonElement value)
    {
        if (members.TryGetValue(name, out value))
        {
            return true;
        }

        if (required)
        {
            Add($"{at}/{name}", "missing", new("Fehlt.", "Missing."));
        }

        return false;
    }

    private void Type(string at, Text wanted) => Add(at, "type", new($"Erwartet wird {wanted.De}.", $"Expected is {wanted.En}."));

    private void Add(string at, string code, Text detail, string? suggestion = null) => errors.Add(new(at, null, code, detail, suggestion));
}
