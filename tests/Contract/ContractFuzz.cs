using System.Globalization;
using System.Text;
// Needed where this file is compiled into the benchmarks.
#pragma warning disable IDE0005
using System.Text.Json;
#pragma warning restore IDE0005
using System.Text.Json.Nodes;

namespace AnkerOrte.Tests.Contract;

/// <summary>A request that was derived from the contract, right in most places and wrong in some.</summary>
/// <param name="HasKey">Whether it is sent with a key that has every role.</param>
internal sealed record FuzzedRequest(string Operation, string Method, string Address, bool HasKey)
{
    public List<(string Name, string Value)> Headers { get; } = [];

    public string? MediaType { get; set; }

    public byte[]? Body { get; set; }

    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Address);
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", MediaType);
        }

        return message;
    }

    public override string ToString() =>
        $"{Operation}: {Method} {Address} {string.Join(' ', Headers)} {MediaType} {(Body is null ? "" : Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 2_000))))}";
}

/// <summary>Random requests to every operation, the same for the same seed. Knows nothing but the contract.</summary>
internal sealed class ContractFuzz
{
    private static readonly string[] Hostile =
    [
        "", " ", "0", "-1", "1e309", "NaN", "99999999999999999999", "null", "true", "'; drop table sites; --", "\" OR 1=1", "*", "%", "_",
            "<script>alert(1)</script>", "../../etc/passwd",
        "\u0000", "\u0007", "ä", "🎈", "e\u0308", "\uFFFF", "\u202E", new string('x', 300), new string('9', 400), "https://example.org/"
            + new string('y', 300), "2026-02-30", "9999-12-31T23:59:59.999Z",
        "0001-01-01", "a,b,,c", "a\nb", "{}", "[]", "AND", "NEAR(a b)", "title:x", "ao_wrong", "=1+1",
    ];

    private readonly JsonElement contract;
    private readonly Random random;

    /// <summary>Whether the request that is being made may be wrong; half of them are not, so that they get past the first check.</summary>
    private bool isWild;

    private readonly List<(string Path, string Method, JsonElement Operation, JsonElement[] Parameters)> operations = [];

    private readonly Dictionary<string, JsonElement> responsesOf = [];
    private readonly Dictionary<string, JsonElement> followed = [];

    /// <summary>Texts of all examples: ids of records that exist are among them.</summary>
    private readonly List<string> known = [];

    public ContractFuzz(JsonElement contract, int seed)
    {
        this.contract = contract;
        random = new Random(seed);
        foreach (var path in contract.GetProperty("paths").EnumerateObject())
        {
            foreach (var method in path.Value.EnumerateObject()
                .Where(method => method.Name is "get" or "post" or "put" or "patch" or "delete"))
            {
                var parameters = method.Value.TryGetProperty("parameters", out var found) ? found.EnumerateArray().Select(Follow).ToArray()
                    : [];
                operations.Add((path.Name, method.Name, method.Value, parameters));
                responsesOf[method.Value.GetProperty("operationId").GetString()!] = method.Value.GetProperty("responses");
            }
        }

        Collect(contract.GetProperty("components").GetProperty("parameters"));
    }

    public IEnumerable<FuzzedRequest> Requests(int count)
    {
        for (var i = 0; i < count; i++)
        {
            // Every operation in turn, so that none is left out by chance.
            yield return Make(operations[i % operations.Count]);
        }
    }

    /// <summary>
    /// What is wrong with an answer: an error of the service, or a status or type that the contract does not name. Null if nothing
    /// is.
    /// </summary>
    public string? Judge(FuzzedRequest request, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var responses = responsesOf[request.Operation];
        if (status >= 500)
        {
            return $"{status}";
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        if (!responses.TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out var declared))
        {
            // Refused before the operation is reached.
            return status == 413 && type == "application/problem+json" ? null : $"{status} is not in the contract.";
        }

        var types = Follow(declared).TryGetProperty("content", out var content) ? content.EnumerateObject().Select(one => one.Name)
            .ToList() : [];
        return types.Count == 0 ? type is null ? null : $"{status} has a body of {type}." : types.Contains(type ?? "") ? null
            : $"{status} is of type {type}, not {string.Join(" or ", types)}.";
    }

    private FuzzedRequest Make((string Path, string Method, JsonElement Operation, JsonElement[] Parameters) of)
    {
        isWild = Chance(50);
        var path = of.Path;
        var query = new List<string>();
        var headers = new List<(string, string)>();
        foreach (var parameter in of.Parameters)
        {
            var name = parameter.GetProperty("name").GetString()!;
            switch (parameter.GetProperty("in").GetString())
            {
                case "path":
                    // An empty step would be another address.
                    path = path.Replace(
                        $"{{{name}}}",
                        Uri.EscapeDataString(
                        Value(parameter).Replace("/", "", StringComparison.Ordinal).Trim('.', '\0', ' ') is { Length: > 0 } value ? value
                        : "x"), StringComparison.Ordinal);
                    break;
                case "query" when Chance(IsRequired(parameter) ? 97 : 15):
                    query.AddRange(Enumerable.Range(0, Wild(5) ? 3 : 1).Select(_ => $"{name}={Uri.EscapeDataString(Value(parameter))}"));
                    break;
                case "header" when Chance(IsRequired(parameter) ? 90 : 30):
                    headers.Add((name, name == "If-Match" && Chance(70) ? "*" : Ascii(Value(parameter))));
                    break;
            }
        }

        if (Wild(8))
        {
            query.Add($"{Uri.EscapeDataString(Any())}={Uri.EscapeDataString(Any())}");
        }

        var request = new FuzzedRequest(
            of.Operation.GetProperty("operationId").GetString()!, of.Method.ToUpperInvariant(), path
            + (query.Count > 0 ? "?" + string.Join('&', query) : ""), Chance(90));
        request.Headers.AddRange(headers);
        if (Wild(30))
        {
            request.Headers.Add(
                ("Accept", Pick(
                ["*/*", "text/csv", "application/geo+json", "text/html;q=0.5, application/json", "image/svg+xml", "text/markdown", ";;",
                "application/xml"])));
        }

        if (Chance(20))
        {
            request.Headers.Add(("Accept-Language", Pick(["de", "en;q=0.1, de", "fr", "*", ";q=x"])));
        }

        if (of.Operation.TryGetProperty("requestBody", out var body))
        {
            AddBody(request, Pick([.. Follow(body).GetProperty("content").EnumerateObject()]));
        }

        return request;
    }

    private void AddBody(FuzzedRequest request, JsonProperty content)
    {
        request.MediaType = !Wild(8) ? content.Name : Pick(["text/plain", "application/json; charset=utf-16", "x", ""]);
        var schema = content.Value.TryGetProperty("schema", out var found) ? found : default;
        var example = content.Value.TryGetProperty("example", out var given) ? JsonNode.Parse(given.GetRawText()) : null;
        var text = content.Name.EndsWith("json", StringComparison.Ordinal) && schema.ValueKind == JsonValueKind.Object
            && !content.Name.EndsWith("ndjson", StringComparison.Ordinal)
            ? (example is not null && Chance(60) ? Mutate(example, isWild ? 12 : 0) : Write(schema, 0))?.ToJsonString() ?? "null"
            : string.Join(
                '\n', Enumerable.Range(0, random.Next(4))
                .Select(_ => Chance(50) ? example?.ToString() ?? Any()
                : Pick(["{\"id\":\"x\",\"version\":1,\"submit\":true,\"answers\":{}}", "id,version,status\nx,1,planned", "<a/>", "{",
                Any()])));
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > 0 && Wild(8))
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        request.Body = Wild(5) ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }

    /// <summary>A value of a parameter: mostly its example, or another that its schema allows, sometimes anything.</summary>
    private string Value(JsonElement parameter)
    {
        var schema = Follow(parameter.GetProperty("schema"));
        return (isWild ? random.Next(100) : random.Next(60)) switch
        {
            < 55 when parameter.TryGetProperty("example", out var example)
                || parameter.TryGetProperty("x-example", out example) => Plain(example),
            < 75 => Plain(JsonSerializer.SerializeToElement(Write(schema, 4))),
            < 85 => Pick(known),
            _ => Any(),
        };
    }

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(Plain)),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    /// <summary>A value that fits a schema in most places.</summary>
    private JsonNode? Write(JsonElement schema, int depth)
    {
        schema = Follow(schema);
        if (Wild(5))
        {
            return Strange();
        }

        foreach (var choice in (string[])["oneOf", "anyOf", "allOf"])
        {
            if (schema.TryGetProperty(choice, out var some))
            {
                return Write(Pick([.. some.EnumerateArray()]), depth + 1);
            }
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return JsonNode.Parse(Pick([.. values.EnumerateArray()]).GetRawText());
        }

        if (schema.TryGetProperty("example", out var example) && Chance(60))
        {
            return JsonNode.Parse(example.GetRawText());
        }

        switch (schema.TryGetProperty("type", out var type) ? type.GetString() : "object")
        {
            case "object":
                var made = new JsonObject();
                var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!)
                    .ToHashSet() : [];
                foreach (var property in schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject()
                    .AsEnumerable() : [])
                {
                    if (Chance(required.Contains(property.Name) ? 96 : depth > 5 ? 0 : 40))
                    {
                        made[property.Name] = Write(property.Value, depth + 1);
                    }
                }

                if (schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object && depth < 6)
                {
                    for (var more = random.Next(3); more > 0; more--)
                    {
                        made[Chance(70) ? Pick(known) : Any()] = Write(others, depth + 1);
                    }
                }

                return made;
            case "array":
                var items = schema.TryGetProperty("items", out var item) ? item : default;
                var least = schema.TryGetProperty("minItems", out var minimum) ? minimum.GetInt32() : 0;
                return new JsonArray(
                    [.. Enumerable.Range(0, depth > 6 ? least : Math.Min(least + random.Next(3), 20))
                    .Select(_ => items.ValueKind == JsonValueKind.Object ? Write(items, depth + 1) : Strange())]);
            case "boolean":
                return JsonValue.Create(Chance(50));
            case "integer":
                return JsonValue.Create(
                    Whole(schema, "minimum", 0)
                    + random.Next(0, (int)Math.Clamp(Whole(schema, "maximum", 50) - Whole(schema, "minimum", 0) + 1, 1, 1_000)));
            case "number":
                return JsonValue.Create(Math.Round(random.NextDouble() * 100, 2));
            default:
                return JsonValue.Create((schema.TryGetProperty("format", out var format) ? format.GetString() : "") switch
                {
                    "date" => "2026-0" + random.Next(1, 10).ToString(CultureInfo.InvariantCulture) + "-11",
                    "date-time" => "2026-11-01T00:00:00Z",
                    "uri" => "https://example.org/" + random.Next(100).ToString(CultureInfo.InvariantCulture),
                    "uuid" => new Guid(random.Next(), 0, 0, new byte[8]).ToString(),
                    _ => Chance(50) ? Pick(known) : "Wort " + random.Next(1_000).ToString(CultureInfo.InvariantCulture),
                });
        }
    }

    private static long Whole(JsonElement schema, string name, long otherwise) =>
        schema.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : otherwise;

    /// <summary>The same with some values replaced, left out or repeated.</summary>
    private JsonNode? Mutate(JsonNode? node, int percent)
    {
        if (Chance(percent) && Chance(30))
        {
            return Strange();
        }

        switch (node)
        {
            case JsonObject of:
                var made = new JsonObject();
                foreach (var (name, value) in of)
                {
                    if (!Chance(percent / 3))
                    {
                        made[Chance(percent / 6) ? Any() : name] = Mutate(value, percent);
                    }
                }

                return made;
            case JsonArray of:
                return new JsonArray(
                    [.. of.SelectMany(
                    item => Enumerable.Range(0, Chance(percent / 3) ? random.Next(3) : 1).Select(_ => Mutate(item, percent)))]);
            default:
                return Chance(percent) ? Strange() : node?.DeepClone();
        }
    }

    private JsonNode? Strange() => random.Next(9) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(-2, 3)),
        2 => JsonValue.Create(1e300),
        3 => JsonValue.Create(Chance(50)),
        4 => new JsonArray(),
        5 => new JsonObject(),
        6 => JsonNode.Parse(string.Concat(Enumerable.Repeat("[", 30)) + string.Concat(Enumerable.Repeat("]", 30))),
        _ => JsonValue.Create(Any()),
    };

    private string Any() => random.Next(3) switch
    {
        0 => Pick(Hostile),
        1 => Pick(Hostile) + Pick(Hostile),
        _ => new string([.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)random.Next(1, 0xD800))]),
    };

    /// <summary>HTTP headers carry no other characters.</summary>
    private static string Ascii(string text) => new([.. text.Where(c => c is >= ' ' and <= '~')]);

    private JsonElement Follow(JsonElement element)
    {
        while (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!;
            if (!followed.TryGetValue(name, out element))
            {
                followed[name] = element = name.Split('/').Skip(1).Aggregate(contract, (at, step) => at.GetProperty(step));
            }
        }

        return element;
    }

    private void Collect(JsonElement parameters)
    {
        foreach (var parameter in parameters.EnumerateObject())
        {
            if (parameter.Value.TryGetProperty("example", out var example) || parameter.Value.TryGetProperty("x-example", out example))
            {
                known.AddRange(example.ValueKind == JsonValueKind.Array ? example.EnumerateArray().Select(Plain) : [Plain(example)]);
            }
        }
    }

    private static bool IsRequired(JsonElement parameter) => parameter.TryGetProperty("required", out var required)
        && required.GetBoolean();

    private bool Wild(int percent) => isWild && Chance(percent);

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
