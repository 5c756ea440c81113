using System.Text.Json;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Comparisons;

/// <summary>Sites side by side. What is missing is "unknown", never "no".</summary>
internal static class ComparisonEndpoints
{
    private static readonly (string Key, string De, string En, string Path)[] Members =
    [
        ("status", "Status", "Status", "status"),
        ("type", "Typ", "Type", "membership.type"),
        ("selfDesignation", "Eigenbezeichnung", "Self-designation", "selfDesignation"),
        ("state", "Land", "State", "state"),
        ("municipality", "Gemeinde", "Municipality", "municipality.name"),
        ("sizeClass", "Größenklasse", "Size class", "municipality.sizeClass"),
        ("project", "Modellprojekt", "Project", "project.name"),
        ("mpscFunded", "Förderung belegt", "Funding documented", "mpscFunded"),
        ("openedOn", "Eröffnet", "Opened", "openedOn"),
        ("closedOn", "Geschlossen", "Closed", "closedOn"),
        ("floorAreaSqm", "Fläche (m²)", "Floor area (m²)", "facts.floorAreaSqm"),
        ("participationFee", "Teilnahmegebühr", "Participation fee", "facts.participationFee"),
        ("visitorsPerYear", "Besuche im Jahr", "Visitors a year", "facts.visitorsPerYear"),
        ("annualCostEur", "Kosten im Jahr (EUR)", "Annual cost (EUR)", "facts.annualCostEur"),
    ];

    public static void MapComparisons(this IEndpointRouteBuilder routes) =>
        routes.Get("/v1/comparisons", CompareAnchorSites).WithName("compareAnchorSites");

    private static async Task<IResult> CompareAnchorSites(
        string sites, string? format, bool? bom, string? delimiter, HttpContext http, Answers answers, AnchorSiteQueries anchorSites, Codebook.CodebookQueries codebook)
    {
        var ids = Commas.Split(sites);
        var documents = anchorSites.FindAll(ids);
        var missing = ids.Where(id => !documents.ContainsKey(id)).ToList();
        if (missing.Count > 0)
        {
            var known = anchorSites.Ids();
            return Problems.Invalid([.. missing.Select(id => RequestCheck.NoSuchValue("sites", id, known))]);
        }

        if (ids.Distinct().Count() != ids.Count)
        {
            return Problems.Invalid([new("/query/sites", "sites", "repeated", new("Jeder Ort nur einmal.", "Each site only once."))]);
        }

        var compared = ids.Select(id => JsonDocument.Parse(documents[id]).RootElement).ToList();
        var path = "/v1/comparisons?sites=" + string.Join(',', ids);
        var comparison = new Comparison
        {
            Sites = [.. compared.Select(site => new AnchorSiteReference
            {
                Id = site.GetProperty("id").GetString()!,
                Name = site.GetProperty("name").GetString()!,
                Self = new Uri(site.GetProperty("self").GetString()!),
            })],
            Attributes = [.. CompareMembers(compared), .. codebook.List().SelectMany(dimension => CompareCodes(compared, dimension))],
            Citation = Addresses.Cite("Vergleich von Ankerorten", path, "2026"),
        };
        return await answers.Table(http, "comparison", WireJson.Write(comparison), Columns(ids), Rows, new ListParameters(null, null, format, bom, delimiter));
    }

    private static IEnumerable<ComparedAttribute> CompareMembers(List<JsonElement> sites) => Members.Select(member =>
    {
        var column = Column.Of(member.Key, member.Path);
        return new ComparedAttribute
        {
            Key = member.Key,
            Label = new LocalizedText { De = member.De, En = member.En },
            Values = [.. sites.Select(site => column.Value(site)?.ToString() ?? "unknown")],
        };
    });

    /// <summary>A row for each code that at least one of the sites carries.</summary>
    private static IEnumerable<ComparedAttribute> CompareCodes(List<JsonElement> sites, Dimension dimension)
    {
        var codes = sites.Select(site => site.GetProperty("characteristics").TryGetProperty(dimension.Key, out var values)
            ? values.EnumerateArray().Select(value => value.GetString()!).ToHashSet() : null).ToList();
        return dimension.Codes.Where(code => codes.Any(known => known?.Contains(code.Key) == true)).Select(code => new ComparedAttribute
        {
            Key = $"{dimension.Key}.{code.Key}",
            Label = new LocalizedText { De = $"{dimension.Label.De}: {code.Label.De}", En = $"{dimension.Label.En}: {code.Label.En}" },
            Values = [.. codes.Select(known => known is null ? "unknown" : known.Contains(code.Key) ? "yes" : "no")],
        });
    }

    private static Column[] Columns(IReadOnlyList<string> ids) =>
    [
        Column.Of("key"), Column.Of("labelDe", "label.de"), Column.Of("labelEn", "label.en"),
        .. ids.Select((id, i) => new Column(id, "values", row => row.GetProperty("values")[i].GetString())),
    ];

    private static IEnumerable<JsonElement> Rows(JsonElement comparison) => comparison.GetProperty("attributes").EnumerateArray();
}
