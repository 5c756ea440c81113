using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>
/// Reads the CSV that the list of sites writes. An empty cell says "unknown"; a column that is not there, and
/// experiences, for which there is none, say nothing: of a site that exists they stay.
/// </summary>
internal sealed class AnchorSiteCsv
{
    private const string Characteristics = "characteristics";

    private readonly Dictionary<string, Target> targets;
    private readonly List<Target?> columns = [];
    private readonly List<ProblemError> errors = [];

    private AnchorSiteCsv(Schema schema) => targets = Targets(schema).ToDictionary(target => target.Column);

    /// <param name="schema">What a site must be; types of cells follow from it.</param>
    public static async Task<(IReadOnlyList<BulkRow> Rows, IReadOnlyList<ProblemError> Errors)> ReadAsync(
        ReadOnlyMemory<byte> bytes, Schema schema)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            return ([], [ProblemError.At("", "encoding", new("Das ist kein UTF-8. In Excel: „CSV UTF-8“.", "This is not UTF-8. In Excel: \"CSV UTF-8\"."))]);
        }

        using var table = await CsvTable.OpenAsync(new MemoryStream(bytes.ToArray(), writable: false));
        if (table.HeaderProblem is { } problem)
        {
            return ([], [problem]);
        }

        var file = new AnchorSiteCsv(schema);
        file.ReadHeader(table.Header);
        var rows = new List<BulkRow>();
        while (file.errors.Count == 0 && await table.ReadAsync(CancellationToken.None))
        {
            rows.Add(file.ReadRow(table));
        }

        return (rows, file.errors);
    }

    /// <summary>The columns and where in a site their cells belong: parts of location, characteristics and facts stand beside the rest.</summary>
    private static IEnumerable<Target> Targets(Schema site)
    {
        foreach (var (name, schema) in site.Properties)
        {
            if (schema.Type == "object")
            {
                foreach (var (part, of) in schema.Properties)
                {
                    yield return new(part == "precision" ? "locationPrecision" : part, name, part, of);
                }
            }
            else if (schema.Items?.Type != "object")
            {
                yield return new(name, null, name, schema);
            }
        }
    }

    private void ReadHeader(IReadOnlyList<string> header)
    {
        var known = targets.Keys.Union(AnchorSiteQueries.ColumnNames).ToList();
        for (var i = 0; i < header.Count; i++)
        {
            columns.Add(targets.GetValueOrDefault(header[i]));
            if (!known.Contains(header[i]))
            {
                errors.Add(CsvHeading.Unknown(header[i], i, known));
            }
            else if (header.Take(i).Contains(header[i]))
            {
                errors.Add(CsvHeading.Repeated(header[i]));
            }
        }
    }

    private BulkRow ReadRow(CsvTable table)
    {
        if (table.RowProblem is { } problem)
        {
            return new(null, _ => default, problem);
        }

        string[] cells = [.. Enumerable.Range(0, columns.Count).Select(column => table[column])];
        var id = columns.FindIndex(column => column?.Column == "id");
        return new(id >= 0 && cells[id].Trim() is { Length: > 0 } given ? given : null, before => Apply(before, cells));
    }

    private JsonElement Apply(AnchorSiteInput? before, string[] cells)
    {
        var site = before is null ? new JsonObject { [Characteristics] = new JsonObject() } : JsonNode.Parse(WireJson.Write(before))!.AsObject();
        foreach (var (target, cell) in columns.Zip(cells))
        {
            if (target is null)
            {
                continue;
            }

            if (target.Parent is not null && site[target.Parent] is null)
            {
                site[target.Parent] = new JsonObject();
            }

            var at = target.Parent is null ? site : site[target.Parent]!.AsObject();
            var value = Value(target, Csv.Restore(cell), at[target.Member]);
            at.Remove(target.Member);
            if (value is not null)
            {
                at[target.Member] = value;
            }
        }

        // Without any of its parts there is no location.
        if (site["location"] is JsonObject { Count: 0 })
        {
            site.Remove("location");
        }

        return site.Deserialize<JsonElement>();
    }

    /// <summary>What does not look as it should goes on as text, and the contract finds the words for it.</summary>
    private static JsonNode? Value(Target target, string cell, JsonNode? before)
    {
        var word = cell.Trim();
        switch (target.Schema.Type)
        {
            case "array":
                var list = word.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                var known = before?.AsArray().Select(item => item!.GetValue<string>()).ToList();
                // "None" and "unknown" are both written as an empty cell; and codes are exported in an order of their own.
                if (known is not null && (list.SequenceEqual(known) || (target.Parent == Characteristics && list.Order(StringComparer.Ordinal).SequenceEqual(known.Order(StringComparer.Ordinal)))))
                {
                    return before!.DeepClone();
                }

                return list.Length == 0 && target.Schema.Nullable ? null : new JsonArray([.. list.Select(item => JsonValue.Create(item))]);
            case "integer" or "number" when Csv.JsonNumber().IsMatch(word):
                return JsonNode.Parse(word);
            case "string" when target.Schema is { Values.Count: 0, Pattern: null } && word.Length > 0:
                return JsonValue.Create(cell);
            default:
                return word.Length == 0 ? null : JsonValue.Create(word);
        }
    }

    private sealed record Target(string Column, string? Parent, string Member, Schema Schema);
}
