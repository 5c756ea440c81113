using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>
/// Checks the four stages of empirically grounded type building (S. Kluge, FQS 1(1), Art. 14, 2000). A draft must pass all gates.
/// </summary>
internal static class TypologyGates
{
    /// <summary>Smallest number of sites of a type. Smaller types cannot be characterised without making sites recognisable.</summary>
    public const int SmallestType = 3;

    private const double LeastCoverage = .5;

    public static IReadOnlyList<TypologyGate> Check(SqliteConnection connection, TypologyRow row)
    {
        var record = row.Input;
        var members = connection.Query<(string Type, string SiteId)>(
            "select m.type, m.site_id from memberships m join published_sites s on s.id = m.site_id where m.typology = @Version and m.type is not null", row).ToLookup(member => member.Type, member => member.SiteId);
        return [.. Dimensions(connection, record), .. Grouping(connection, row.Version), .. Reduction(connection, row, record), .. Characterisation(connection, record, members)];
    }

    private static IEnumerable<TypologyGate> Dimensions(SqliteConnection connection, TypologyInput record)
    {
        var used = connection.Query<(string Key, long Codes, long Described, double Coverage)>(
            """
            select d.key, count(c.key), count(c.key) filter (where c.definition_de <> '' and c.anchor_example is not null),
                   (select count(*) from site_dimensions k join published_sites s on s.id = k.site_id where k.dimension = d.key) * 1.0 / max(1, (select count(*) from published_sites))
            from dimensions d
            left join codes c on c.dimension = d.key and c.retired_at is null
            where d.key in @DimensionsUsed
            group by d.key
            order by d.position
            """, record).ToList();
        yield return Gate(1, "dimension-values", "Jede Vergleichsdimension hat mindestens zwei Ausprägungen, eine Definition und ein Ankerbeispiel.",
            "Each dimension has at least two codes, a definition and an anchor example.", used.Where(dimension => dimension.Codes < 2 || dimension.Described == 0).Select(dimension => dimension.Key));
        yield return Gate(1, "dimension-coverage", "Jede Vergleichsdimension ist für mindestens die Hälfte der Ankerorte bekannt.",
            "Each dimension is known for at least half of the sites.",
            used.Where(dimension => dimension.Coverage < LeastCoverage).Select(dimension => dimension.Key));
    }

    private static IEnumerable<TypologyGate> Grouping(SqliteConnection connection, string version)
    {
        yield return Gate(2, "every-site-assigned", "Jeder Ankerort gehört zu genau einem Typ oder gilt ausdrücklich als nicht einordenbar.",
            "Each site belongs to exactly one type or is explicitly not classified.", connection.Query<string>(
                "select s.id from published_sites s where not exists (select 1 from memberships m where m.typology = @version and m.site_id = s.id) order by s.id", new { version }));
    }

    private static IEnumerable<TypologyGate> Reduction(SqliteConnection connection, TypologyRow row, TypologyInput record)
    {
        yield return Gate(3, "reduction-steps", "Der Entwurf begründet mindestens einen Schritt der Reduktion des Merkmalsraums.",
            "The draft gives a reason for at least one step of the reduction of the property space.", record.ReductionSteps.Count == 0 ? ["reductionSteps"] : []);
        yield return Gate(3, "reduction-evidence", "Jeder Schritt nennt seine Belege.", "Each step names its evidence.",
            record.ReductionSteps.Select((step, i) => (step, i)).Where(pair => pair.step.Evidence is not { Count: > 0 }).Select(pair => $"reductionSteps/{pair.i}"));
        var before = row.Predecessor is null ? [] : connection.Query<string>("select key from types where typology = @Predecessor order by position", row).ToList();
        var (from, to) = (record.Correspondence.SelectMany(step => step.From).ToHashSet(), record.Correspondence.SelectMany(step => step.To).ToHashSet());
        var now = record.Types.Select(type => type.Key).ToList();
        yield return Gate(3, "correspondence",
            "Der Entwurf nennt zu jedem neuen Typ die Herkunft und zu jedem weggefallenen Typ den Verbleib.",
            "The draft names the origin of each new type and what became of each removed type.",
            before.Except(now).Where(key => !from.Contains(key)).Concat(before.Count == 0 ? [] : now.Except(before).Where(key => !to.Contains(key))));
    }

    private static IEnumerable<TypologyGate> Characterisation(SqliteConnection connection, TypologyInput record, ILookup<string, string> members)
    {
        yield return Gate(4, "type-described", "Jeder Typ hat Name, Kurzbeschreibung, kennzeichnende Merkmale und Grenzen.", "Each type has a name, a summary, defining features and risks.",
            record.Types.Where(type => type.Label.De.Length == 0 || type.Summary.De.Length == 0 || type.TypicalRisks.Count == 0
                || !type.DefiningFeatures.Any(feature => feature.Role is FeatureRole.Defining or FeatureRole.Core or FeatureRole.Typical)).Select(type => type.Key));
        yield return Gate(4, "type-size", $"Jeder Typ hat mindestens {SmallestType} Ankerorte.", $"Each type has at least {SmallestType} sites.",
            record.Types.Where(type => members[type.Key].Count() < SmallestType).Select(type => type.Key));
        var known = SiteTable.Read(connection);
        var coverage = known.Ids.Select((id, i) => (id, i)).ToDictionary(pair => pair.id, pair => known.Coverage(pair.i));
        yield return Gate(4, "type-prototype", "Jeder Typ hat mindestens einen Prototyp: einen Ankerort, von dem 80 % der Dimensionen bekannt sind.",
            "Each type has at least one prototype: a site with 80 % of the dimensions known.",
            record.Types.Where(type => !members[type.Key].Any(site => coverage.GetValueOrDefault(site) >= Analysis.Typicalities.PrototypeCoverage - 1e-12)).Select(type => type.Key));
    }

    private static TypologyGate Gate(int stage, string name, string de, string en, IEnumerable<string> places)
    {
        var failing = places.Take(200).ToList();
        return new TypologyGate { Stage = stage, Gate = name, Passed = failing.Count == 0, Requirement = new LocalizedText { De = de, En = en }, Places = failing };
    }
}
