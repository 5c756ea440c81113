using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace AnkerOrte.Api.Http;

/// <summary>
/// Holds every request against the contract before a handler sees it: unknown parameters, types, limits, patterns,
/// all errors at once. Handlers can therefore trust what they are given.
/// </summary>
internal sealed class RequestCheck(RequestDelegate next, Contract contract)
{
    /// <summary>A request with more mistakes than this was not written by anyone who reads them.</summary>
    private const int MostErrors = 20;

    public Task InvokeAsync(HttpContext http)
    {
        var operation = contract.Find(http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName);
        if (operation is null)
        {
            return next(http);
        }

        var errors = Check(operation, http.Request).Take(MostErrors).ToList();
        return errors.Count == 0 ? next(http) : Problems.Invalid(errors).ExecuteAsync(http);
    }

    private static IEnumerable<ProblemError> Check(Operation operation, HttpRequest request)
    {
        var known = operation.Parameters.Values.Where(parameter => parameter.In == "query").Select(parameter => parameter.Name);
        foreach (var (name, values) in request.Query)
        {
            if (operation.Parameters.TryGetValue(name, out var parameter) && parameter.In == "query")
            {
                foreach (var error in Check(parameter, values))
                {
                    yield return error;
                }
            }
            else if (!operation.IsPage)
            {
                yield return UnknownParameter(name, known.ToList());
            }
        }

        foreach (var parameter in operation.Parameters.Values)
        {
            if (parameter.In == "path")
            {
                foreach (var error in Check(parameter, request.RouteValues[parameter.Name]?.ToString()))
                {
                    yield return error;
                }
            }
            else if (parameter.In == "header")
            {
                // A missing If-Match has a status of its own.
                foreach (var error in request.Headers.TryGetValue(parameter.Name, out var values) ? Check(parameter, values) : [])
                {
                    yield return error;
                }
            }
            else if (parameter.Required && !request.Query.ContainsKey(parameter.Name))
            {
                yield return Error(parameter, "missing", new("Dieser Parameter ist erforderlich.", "This parameter is required."));
            }
        }
    }

    private static ProblemError UnknownParameter(string name, List<string> known)
    {
        var nearest = NearestName.To(name.Length > 60 ? name[..60] : name, known);
        var list = known.Count == 0 ? new Text("keine", "none") : new Text(string.Join(", ", known), string.Join(", ", known));
        return new("/query/" + name, name, Problems.UnknownParameter.Code, nearest is null
            ? new($"Unbekannter Parameter. Bekannt: {list.De}.", $"Unknown parameter. Known: {list.En}.")
            : new(
                $"Unbekannter Parameter. Gemeint ist vielleicht „{nearest}“. Bekannt: {list.De}.",
                $"Unknown parameter. Did you mean \"{nearest}\"? Known: {list.En}."),
            nearest);
    }

    private static IEnumerable<ProblemError> Check(Parameter parameter, StringValues values)
    {
        var schema = parameter.Schema;
        if (schema.Items is null)
        {
            if (values.Count != 1)
            {
                return [Error(parameter, "repeated", new(
                    "Dieser Parameter darf nur einmal vorkommen.",
                    "This parameter may occur only once."))];
            }

            return Check(parameter, schema, values[0] ?? "");
        }

        // Where the contract wants commas, generated clients that repeat the parameter are understood as well.
        var items = parameter.Explode ? values.Select(value => value ?? "").ToList() : Commas.Split(values.ToString());
        if (items.Count < schema.MinItems || items.Count > schema.MaxItems)
        {
            return [Error(parameter, "count", schema.MinItems == schema.MaxItems
                ? new($"Genau {schema.MinItems} Werte, nicht {items.Count}.", $"Exactly {schema.MinItems} values, not {items.Count}.")
                : new(
                    $"Erlaubt: {schema.MinItems} bis {schema.MaxItems} Werte, nicht {items.Count}.",
                    $"Allowed: {schema.MinItems} to {schema.MaxItems} values, not {items.Count}."))];
        }

        return items.SelectMany(item => Check(parameter, schema.Items, item));
    }

    private static IEnumerable<ProblemError> Check(Parameter parameter, Schema schema, string value)
    {
        if (value.Any(char.IsControl))
        {
            return [Error(parameter, "control-character", new("Steuerzeichen sind nicht erlaubt.", "Control characters are not allowed."))];
        }

        if (schema.Values.Count > 0 && !schema.Values.Contains(value))
        {
            return [NoSuchValue(parameter.Name, value, schema.Values)];
        }

        if (value.Length < schema.MinLength || value.Length > schema.MaxLength)
        {
            return [Error(parameter, "length", new(
                $"Erlaubt: {schema.MinLength ?? 0} bis {schema.MaxLength} Zeichen, nicht {value.Length}.",
                $"Allowed: {schema.MinLength ?? 0} to {schema.MaxLength} characters, not {value.Length}."))];
        }

        if (schema.Expression?.IsMatch(value) == false || value.EndsWith('\n'))
        {
            return [Error(parameter, "pattern", new($"„{Short(value)}“ passt nicht zu {schema.Pattern}.", $"\"{Short(value)}\" does not match {schema.Pattern}."))];
        }

        return schema.Type switch
        {
            "integer" when !int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) =>
                [Error(parameter, "type", new($"„{Short(value)}“ ist keine ganze Zahl.", $"\"{Short(value)}\" is not an integer."))],
            "number" when !double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) =>
                [Error(parameter, "type", new($"„{Short(value)}“ ist keine Zahl (Dezimalpunkt, kein Komma).", $"\"{Short(value)}\" is not a number (decimal point)."))],
            "boolean" when value is not ("true" or "false") =>
                [Error(parameter, "type", new("Erwartet: „true“ oder „false“.", "Expected: `true` or `false`."))],
            "integer" or "number" => CheckRange(parameter, schema, double.Parse(value, CultureInfo.InvariantCulture)),
            "string" when schema.Format == "date-time" && !Instants.TryRead(value, out _) =>
                [Error(parameter, "type", new(
                    $"„{Short(value)}“ ist kein gültiger Zeitpunkt. " +
                    "Erwartet: RFC 3339 ohne Schaltsekunden, Jahre 1 bis 9999, etwa 2026-11-01T00:00:00Z. " +
                    "In einer Adresse „+“ als %2B schreiben.",
                    $"\"{Short(value)}\" is not a valid time. " +
                    "Expected: RFC 3339 without leap seconds, years 1 to 9999, such as 2026-11-01T00:00:00Z. " +
                    "In a URL, write \"+\" as %2B."))],
            _ => [],
        };
    }

    private static IEnumerable<ProblemError> CheckRange(Parameter parameter, Schema schema, double value) =>
        value < schema.Minimum || value > schema.Maximum
            ? [Error(parameter, "range", new(
                FormattableString.Invariant($"Erlaubt: {schema.Minimum} bis {schema.Maximum}."),
                FormattableString.Invariant($"Allowed: {schema.Minimum} to {schema.Maximum}.")))]
            : [];

    /// <summary>A value that is not among those known, here and where codes and ids are looked up in the content.</summary>
    public static ProblemError NoSuchValue(string parameter, string value, IReadOnlyCollection<string> known)
    {
        var nearest = NearestName.To(Short(value), known);
        // A long list would hide the message; the codebook has it.
        var list = known.Count <= 40 ? string.Join(", ", known) : null;
        return new("/query/" + parameter, parameter, "unknown-value", new(
            $"„{Short(value)}“ ist unbekannt.{(nearest is null ? "" : $" Gemeint ist vielleicht „{nearest}“.")}{(list is null ? "" : $" Bekannt: {list}.")}",
            $"\"{Short(value)}\" is unknown.{(nearest is null ? "" : $" Did you mean \"{nearest}\"?")}{(list is null ? "" : $" Known: {list}.")}"),
            nearest);
    }

    private static ProblemError Error(Parameter parameter, string code, Text detail) => new($"/{parameter.In}/{parameter.Name}", parameter.Name, code, detail);

    private static string Short(string value) => value.Length <= 60 ? value : value[..60] + "…";
}

internal static class Commas
{
    public static IReadOnlyList<string> Split(string? value) => string.IsNullOrEmpty(value) ? [] : value.Split(',');

    public static double[] Numbers(string value) => [.. value.Split(',').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
}

internal static class Instants
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    public static bool TryRead(string value, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(value.ToUpperInvariant(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
}
