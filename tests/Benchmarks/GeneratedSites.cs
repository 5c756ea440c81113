using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Benchmarks;

/// <summary>
/// Fills a copy of the service's database with artificial sites: each copies the characteristics, project and state of
/// a shipped one, under an id that nobody takes for real. The same number always makes the same site.
/// </summary>
internal static class GeneratedSites
{
    public const int Shipped = 110;

    private const int Batch = 20_000;

    private static readonly DateTimeOffset First = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Id(int number) => $"generated-{number:0000000}";

    /// <summary>Writes with the service's own code, in transactions.</summary>
    public static void Fill(string file, int size)
    {
        // An experience without an id gets one with the site it is copied to.
        var models = ShippedSites();
        if (models.Count != Shipped)
        {
            throw new StopException($"{models.Count} sites are shipped, not {Shipped}.");
        }

        // Nobody reads meanwhile, and an unfinished file is thrown away: safety would cost half of the time.
        using var connection = new SqliteConnection($"Data Source={file};Foreign Keys=False;Pooling=False");
        connection.Open();
        connection.Execute("pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive; pragma cache_size = -1000000");
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        for (var from = 1; from <= size - Shipped; from += Batch)
        {
            var sites = Enumerable.Range(from, Math.Min(Batch, size - Shipped - from + 1)).Select(number => Make(number, models)).ToList();
            using var transaction = connection.BeginTransaction();
            AnchorSiteTables.Put(connection, sites, Instant.Write(First.AddMinutes(from / Batch)));
            AnchorSiteDocuments.Rebuild(connection, sites.Select(site => site.Id!));
            transaction.Commit();
        }

        // As the service does after it has loaded content.
        connection.Execute("pragma journal_mode = wal");
    }

    private static AnchorSiteInput Make(int number, List<AnchorSiteInput> models)
    {
        var model = models[(int)(Mix((ulong)number) % (ulong)models.Count)];
        var bits = Mix((ulong)number + 1_000_000_007);
        return ExperienceIds.Complete(model with
        {
            Id = Id(number),
            Name = $"Messpunkt {number} nach {model.Name}",
            Summary = $"Künstlicher Datensatz Nr. {number} für Messungen, abgeleitet von {model.Name}. Keinen solchen Ort gibt es.",
            Website = null,
            // Within some 50 km of the model, so that boxes and circles find more than copies of one point.
            Location = model.Location is null ? null : model.Location with
            {
                Latitude = Math.Round(model.Location.Latitude + (((bits & 0xFFFF) / 65_535.0) - 0.5), 5),
                Longitude = Math.Round(model.Location.Longitude + ((((bits >> 16) & 0xFFFF) / 65_535.0) - 0.5), 5),
            },
            OpenedOn = model.OpenedOn is null ? null : $"{2015 + ((bits >> 32) % 11)}-{1 + ((bits >> 40) % 12):00}",
            Experiences = [.. (model.Experiences ?? []).Take(1)],
            SourceIds = [.. model.SourceIds.Take(1)],
        }, made: 0);
    }

    private static List<AnchorSiteInput> ShippedSites()
    {
        var codes = JsonNode.Parse(ShippedFiles.Read("states.geojson"))!["features"]!.AsArray().ToDictionary(state => state!["properties"]!["name"]!.GetValue<string>(), state => state!["id"]!.GetValue<string>());
        return [.. JsonNode.Parse(ShippedFiles.Read("anchor-sites.json"))!.AsArray().Select(site =>
        {
            site!["state"] = codes[site["state"]!.GetValue<string>()];
            return site.Deserialize<AnchorSiteInput>(Api.Http.WireJson.Options)!;
        })];
    }

    /// <summary>SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
