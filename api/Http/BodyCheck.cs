using System.Globalization;
using System.Text.Json;

namespace AnkerOrte.Api.Http;

/// <summary>Holds a JSON value against a schema of the contract and names every place that does not fit.</summary>
internal static class BodyCheck
{
    /// <summary>A body with more mistakes than this was made by a program; its author sees the pattern.</summary>
    public const int MostErrors = 200;

    public static IEnumerable<ProblemError> Check(Schema schema, JsonElement value) => Check(schema, value, "").Take(MostErrors);

    private static IEnumerable<ProblemError> Check(Schema schema, JsonElement value, string at)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return schema.Nullable || schema.Type == "any" ? [] : [ProblemError.At(at, "null", new("Darf nicht null sein.", "Must not be null."))];
        }

        return (schema.Type, value.ValueKind) switch
        {
            ("any", _) => [],
            ("object", JsonValueKind.Object) => CheckObject(schema, value, at),
            ("array", JsonValueKind.Array) => CheckArray(schema, value, at),
            ("string", JsonValueKind.String) => CheckText(schema, value.GetString()!, at),
            ("boolean", JsonValueKind.True or JsonValueKind.False) => [],
            ("integer" or "number", JsonValueKind.Number) => CheckNumber(schema, value, at),
            _ => [ProblemError.At(at, "type", new(
                $"Erwartet: {GermanText(schema.Type)}; gegeben: {value.ValueKind switch { JsonValueKind.String => "Text", JsonValueKind.Number => "Zahl", JsonValueKind.Object => "Objekt", JsonValueKind.Array => "Liste", _ => "Wahrheitswert" }}.",
                $"Expected: {schema.Type}; given: {(value.ValueKind is JsonValueKind.True or JsonValueKind.False ? "boolean" : value.ValueKind.ToString().ToLowerInvariant())}."))],
        };
    }

    private static IEnumerable<ProblemError> CheckObject(Schema schema, JsonElement value, string at)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (schema.Properties.TryGetValue(member.Name, out var known) || (known = schema.Others) is not null)
            {
                // A table has hundreds of thousands of such members: their places are not needed.
                foreach (var error in known.Type == "any" ? [] : Check(known, member.Value, $"{at}/{Escape(member.Name)}"))
                {
                    yield return error;
                }
            }
            else
            {
                var nearest = NearestName.To(member.Name.Length > 60 ? member.Name[..60] : member.Name, schema.Properties.Keys);
                var list = string.Join(", ", schema.Properties.Keys);
                yield return ProblemError.At($"{at}/{Escape(member.Name)}", "unknown-member", new(
                    $"Unbekanntes oder nicht schreibbares Feld.{(nearest is null ? "" : $" Gemeint ist vielleicht „{nearest}“.")} " +
                    $"Bekannt: {list}.",
                    $"Unknown or read-only field.{(nearest is null ? "" : $" Did you mean \"{nearest}\"?")} Known: {list}."), nearest);
            }
        }

        foreach (var name in schema.Required.Where(name => !value.TryGetProperty(name, out _)))
        {
            yield return ProblemError.At($"{at}/{Escape(name)}", "missing", new(
                "Dieses Feld ist erforderlich.",
                "This field is required."));
        }
    }

    private static IEnumerable<ProblemError> CheckArray(Schema schema, JsonElement value, string at)
    {
        var count = value.GetArrayLength();
        if (count < schema.MinItems || count > schema.MaxItems)
        {
            return [ProblemError.At(at, "count", new(
                $"Erlaubt: {schema.MinItems ?? 0} bis {schema.MaxItems} Einträge, nicht {count}.",
                $"Allowed: {schema.MinItems ?? 0} to {schema.MaxItems} items, not {count}."))];
        }

        return schema.Items is null ? [] : value.EnumerateArray().SelectMany((item, i) => Check(schema.Items, item, string.Create(CultureInfo.InvariantCulture, $"{at}/{i}")));
    }

    private static IEnumerable<ProblemError> CheckText(Schema schema, string text, string at)
    {
        if (schema.Values.Count > 0)
        {
            return schema.Values.Contains(text) ? [] : [NoSuchValue(at, text, schema.Values)];
        }

        if (text.Length < schema.MinLength || text.Length > schema.MaxLength)
        {
            return [ProblemError.At(at, "length", new(
                $"Erlaubt: {schema.MinLength ?? 0} bis {schema.MaxLength} Zeichen, nicht {text.Length}.",
                $"Allowed: {schema.MinLength ?? 0} to {schema.MaxLength} characters, not {text.Length}."))];
        }

        if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\t' or '\r')))
        {
            return [ProblemError.At(at, "control-character", new("Steuerzeichen sind nicht erlaubt.", "Control characters are not allowed."))];
        }

        if (schema.Expression?.IsMatch(text) == false || (schema.Pattern is not null && text.EndsWith('\n')))
        {
            return [ProblemError.At(at, "pattern", new($"„{Short(text)}“ passt nicht zu {schema.Pattern}.", $"\"{Short(text)}\" does not match {schema.Pattern}."))];
        }

        if (schema.MinLength > 0 && string.IsNullOrWhiteSpace(text))
        {
            return [ProblemError.At(at, "blank", new("Der Text besteht nur aus Leerzeichen.", "The text contains only white space."))];
        }

        return schema.Format switch
        {
            "date-time" when !Instants.TryRead(text, out _) => [ProblemError.At(at, "type", new(
                $"„{Short(text)}“ ist kein gültiger Zeitpunkt. Beispiel: 2026-11-01T00:00:00Z.",
                $"\"{Short(text)}\" is not a valid time. Example: 2026-11-01T00:00:00Z."))],
            "date" when !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) =>
                [ProblemError.At(at, "type", new(
                    $"„{Short(text)}“ ist kein gültiges Datum. Beispiel: 2026-11-30.",
                    $"\"{Short(text)}\" is not a valid date. Example: 2026-11-30."))],
            "uri" when !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 =>
                [ProblemError.At(at, "url", new(
                    "Ungültige Adresse; sie muss mit http oder https beginnen.",
                    "Invalid URL; it must begin with http or https."))],
            _ => [],
        };
    }

    private static IEnumerable<ProblemError> CheckNumber(Schema schema, JsonElement value, string at)
    {
        if (schema.Type == "integer" && !value.TryGetInt64(out _))
        {
            return [ProblemError.At(at, "type", new("Erwartet: eine ganze Zahl.", "Expected: an integer."))];
        }

        var number = value.GetDouble();
        return number < schema.Minimum || number > schema.Maximum || !double.IsFinite(number)
            ? [ProblemError.At(at, "range", new(
                FormattableString.Invariant($"Erlaubt: {schema.Minimum} bis {schema.Maximum}."),
                FormattableString.Invariant($"Allowed: {schema.Minimum} to {schema.Maximum}.")))]
            : [];
    }

    /// <summary>A value that is not among those known, here and where the content is looked up.</summary>
    public static ProblemError NoSuchValue(string pointer, string value, IReadOnlyCollection<string> known) =>
        RequestCheck.NoSuchValue("", value, known) with { Pointer = pointer, Parameter = null };

    /// <summary>A name as a step of a pointer (RFC 6901).</summary>
    public static string Escape(string name)
    {
        var step = name.Length > 200 ? name[..200] : name;
        return step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
    }

    private static string GermanText(string type) => type switch
    {
        "object" => "Objekt",
        "array" => "Liste",
        "string" => "Text",
        "boolean" => "Wahrheitswert",
        "integer" => "ganze Zahl",
        _ => "Zahl",
    };

    private static string Short(string value) => value.Length <= 60 ? value : value[..60] + "…";
}
