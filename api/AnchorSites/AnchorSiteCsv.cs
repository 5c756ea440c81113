using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using CsvHelper;
using CsvHelper.Configuration;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>
/// Reads the CSV that the list of sites writes. An empty cell says "unknown"; a column that is not there, and
/// experiences, for which there is none, say nothing: of a site that exists they stay.
/// </summary>
internal sealed partial class AnchorSiteCsv
{
    private const string Characteristics = "characteristics";

    private readonly Dictionary<string, Target> targets;
    private readonly List<Target?> columns = [];
    private readonly List<ProblemError> errors = [];

    private AnchorSiteCsv(Schema schema) => targets = Targets(schema).ToDictionary(target => target.Column);

    /// <param name="schema">What a site must be; types of cells follow from it.</param>
    public static (IReadOnlyList<BulkRow> Rows, IReadOnlyList<ProblemError> Errors) Read(ReadOnlyMemory<byte> bytes, Schema schema)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return ([], [ProblemError.At("", "encoding", new("Das ist kein UTF-8. In Excel: „CSV UTF-8“.", "This is not UTF-8. In Excel: \"CSV UTF-8\"."))]);
        }

        using var parser = new CsvParser(new StringReader(text), new CsvConfiguration(CultureInfo.InvariantCulture) { Delimiter = FindDelimiter(text), BadDataFound = null });
        var file = new AnchorSiteCsv(schema);
        if (!parser.Read())
        {
            return ([], [ProblemError.At("", "empty", new("Die Datei ist leer.", "The file is empty."))]);
        }

        file.ReadHeader(parser.Record!);
        var rows = new List<BulkRow>();
        while (file.errors.Count == 0 && parser.Read())
        {
            // Spreadsheets leave rows of nothing but delimiters behind.
            if (parser.Record!.Any(cell => !string.IsNullOrWhiteSpace(cell)))
            {
                rows.Add(file.ReadRow(parser.Record!));
            }
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

    private void ReadHeader(string[] header)
    {
        var known = targets.Keys.Union(AnchorSiteQueries.ColumnNames).ToList();
        for (var i = 0; i < header.Length; i++)
        {
            var name = header[i].Trim();
            columns.Add(targets.GetValueOrDefault(name));
            if (!known.Contains(name))
            {
                var nearest = Nearest.To(Short(name), known);
                Refuse(name, "unknown-column", name.Length == 0
                    ? new($"Spalte {i + 1} hat keinen Namen.", $"Column {i + 1} has no name.")
                    : new($"Die Spalte „{Short(name)}“ ist unbekannt.{(nearest is null ? "" : $" Gemeint ist vielleicht „{nearest}“.")}",
                        $"The column \"{Short(name)}\" is unknown.{(nearest is null ? "" : $" Did you mean \"{nearest}\"?")}"), nearest);
            }
            else if (header.Take(i).Any(other => other.Trim() == name))
            {
                Refuse(name, "duplicate-column", new($"Die Spalte „{name}“ kommt mehrmals vor.", $"The column \"{name}\" occurs more than once."));
            }
        }
    }

    private BulkRow ReadRow(string[] cells)
    {
        if (cells.Length != columns.Count)
        {
            return new(null, _ => default, ProblemError.At("", "cells", new($"{cells.Length} Zellen statt {columns.Count}.", $"{cells.Length} cells instead of {columns.Count}.")));
        }

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
            case "integer" or "number" when JsonNumber().IsMatch(word):
                return JsonNode.Parse(word);
            case "string" when target.Schema is { Values.Count: 0, Pattern: null } && word.Length > 0:
                return JsonValue.Create(cell);
            default:
                return word.Length == 0 ? null : JsonValue.Create(word);
        }
    }

    private void Refuse(string column, string code, Text detail, string? suggestion = null) => errors.Add(new("", Short(column), code, detail, suggestion));

    /// <summary>The sign of the three that the header has most of; names of columns contain none of them.</summary>
    private static string FindDelimiter(string text)
    {
        var header = text.AsSpan(0, text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? end : text.Length);
        var counts = new[] { header.Count(','), header.Count(';'), header.Count('\t') };
        return ",;\t"[counts.Index().MaxBy(count => count.Item).Index].ToString();
    }

    private static string Short(string name) => name.Length <= 60 ? name : name[..60];

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();

    private sealed record Target(string Column, string? Parent, string Member, Schema Schema);
}
