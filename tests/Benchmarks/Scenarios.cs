namespace AnkerOrte.Benchmarks;

/// <summary>A kind of request that is put under load.</summary>
internal sealed record Scenario(string Name, string What, Func<Inventory, Ask> Ask)
{
    public int Smallest { get; init; } = GeneratedSites.Shipped;
    public int Largest { get; init; } = int.MaxValue;

    /// <summary>The same query for N, F, J and W.</summary>
    public string? ReferenceQuery { get; init; }

    /// <summary>The share of the floor, or of N where there are references, that is wanted at the smaller sizes.</summary>
    public double? Target { get; init; }

    /// <summary>The processor time of a request that is wanted, as a multiple of the floor's.</summary>
    public double? MostProcessor { get; init; }

    /// <summary>Its cost must not grow with the inventory.</summary>
    public bool IsFlat { get; init; }

    public static readonly Scenario[] All =
    [
        new("id", "site by id, kept answer", inventory => new Ask(inventory.Site)) { Target = 0.65, MostProcessor = 1.5 },
        new("id-first", "site by id, first time", inventory => new Ask(inventory.Site, Vary.Host)) { IsFlat = true },
        new("list", "filtered list of 50, kept answer", _ => new Ask(Inventory.Filter)) { Target = 0.75, MostProcessor = 1.3 },
        new("list-br", "the same for a client that takes Brotli", _ => new Ask(Inventory.Filter) { Header = ("Accept-Encoding", "br") }) { Largest = 1_000 },
        new("not-modified", "the same with If-None-Match: 304, against the floor's whole list", inventory => new Ask(Inventory.Filter) { Header = ("If-None-Match", inventory.ETag) }) { Target = 1 },
        new("page-first", "filtered list of 50, first time, total of the filter known", _ => new Ask(Inventory.Filter, Vary.Host))
        {
            ReferenceQuery = "goals=participation&limit=50",
            Target = 1.5,
            IsFlat = true,
        },
        new("filter-first", "filtered list of 50, first time, new filter: counted as well", _ => new Ask(Inventory.Filter, Vary.Since))
        {
            ReferenceQuery = "goals=participation&limit=50",
            Target = 1.5,
            Largest = Inventory.LargestWithReferences,
        },
        new("deep-first", "the page after nine tenths of the list, first time", inventory => new Ask(inventory.Deep!, Vary.Host)) { Smallest = 1_000, IsFlat = true },
        new("search", "full-text search over everything, kept answer", _ => new Ask("/v1/search?q=kultur")) { Largest = 1_000 },
        new("search-first", "full-text search over everything, first time", _ => new Ask("/v1/search?q=kultur", Vary.Host)) { Largest = 10_000 },
        new("words-first", "sites by words, first time", _ => new Ask("/v1/anchor-sites?q=werkstatt&limit=50", Vary.Host)) { Largest = 10_000 },
        new("geojson", "GeoJSON of all (kept up to 1 MB)", _ => new Ask("/v1/anchor-sites?format=geojson")) { Largest = 1_000 },
        new("geojson-first", "GeoJSON of all, first time", _ => new Ask("/v1/anchor-sites?format=geojson", Vary.Host)) { Largest = 1_000 },
        new("csv", "CSV of all (kept up to 1 MB)", _ => new Ask("/v1/anchor-sites?format=csv")) { Largest = 1_000 },
        new("csv-first", "CSV of all, first time", _ => new Ask("/v1/anchor-sites?format=csv", Vary.Host)) { Largest = 1_000 },
    ];

    public bool Fits(Inventory inventory) =>
        inventory.Size >= Smallest && inventory.Size <= Largest && (Name != "deep-first" || inventory.Deep is not null);
}
