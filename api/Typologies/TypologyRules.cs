using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>Checks a draft for references to missing records and for contradictions.</summary>
internal static class TypologyRules
{
    public static List<ProblemError> Check(SqliteConnection connection, TypologyInput record)
    {
        var errors = new List<ProblemError>();
        var codes = connection.Query<(string Dimension, string Key)>("select dimension, key from codes").ToHashSet();
        var dimensions = codes.Select(code => code.Dimension).ToHashSet();
        var sources = connection.Query<string>("select id from sources where deleted_at is null").ToHashSet();
        var keys = record.Types.Select(type => type.Key).ToHashSet();
        Unknown(record.DimensionsUsed, "/dimensionsUsed", dimensions);
        foreach (var (type, i) in record.Types.Select((type, i) => (type, i)))
        {
            if (record.Types.Take(i).Any(other => other.Key == type.Key))
            {
                errors.Add(ProblemError.At($"/types/{i}/key", "repeated", new(
                    $"„{type.Key}“ gibt es schon.",
                    $"The key \"{type.Key}\" already exists.")));
            }

            foreach (var (feature, f) in type.DefiningFeatures.Select((feature, f) => (feature, f)))
            {
                if (!codes.Contains((feature.Dimension, feature.Code)))
                {
                    var known = codes.Where(code => code.Dimension == feature.Dimension).Select(code => code.Key).ToList();
                    errors.Add(NoSuch($"/types/{i}/definingFeatures/{f}/{(dimensions.Contains(feature.Dimension) ? "code" : "dimension")}",
                        dimensions.Contains(feature.Dimension) ? feature.Code : feature.Dimension, dimensions.Contains(feature.Dimension) ? known : [.. dimensions]));
                }
            }

            Unknown([.. type.DistinguishedFrom.Select(other => other.Type)], $"/types/{i}/distinguishedFrom", keys, "/type");
            Unknown([.. type.Literature.Select(note => note.SourceId)], $"/types/{i}/literature", sources, "/sourceId");
        }

        Unknown([.. record.OtherTypologies.Select(note => note.SourceId)], "/otherTypologies", sources, "/sourceId");
        foreach (var (step, i) in record.Correspondence.Select((step, i) => (step, i)))
        {
            Unknown([.. step.To], $"/correspondence/{i}/to", keys);
        }

        if (Cycle(record.ReductionSteps) is { } cycle)
        {
            errors.Add(ProblemError.At($"/reductionSteps/{cycle}", "cycle", new(
                "Dieser Schritt gehört zu einem Kreis: Sein Ergebnis führt zu seinen eigenen Ausgangswerten zurück.",
                "This step belongs to a cycle: its result leads back to its own input.")));
        }

        return errors;

        void Unknown(IReadOnlyList<string?> named, string pointer, ICollection<string> known, string member = "") =>
            errors.AddRange(named.Select((name, i) => (name, i)).Where(pair => pair.name is not null && !known.Contains(pair.name)).Select(pair => NoSuch($"{pointer}/{pair.i}{member}", pair.name!, [.. known])));
    }

    public static List<ProblemError> Check(IReadOnlyList<MembershipInput> items, HashSet<string> types, HashSet<string> sites)
    {
        var errors = new List<ProblemError>();
        var seen = new HashSet<string>();
        for (var i = 0; i < items.Count && errors.Count < 200; i++)
        {
            var item = items[i];
            if (!sites.Contains(item.SiteId))
            {
                errors.Add(ProblemError.At($"/items/{i}/siteId", "unknown-value", new(
                    $"Es gibt keinen Ankerort „{item.SiteId}“.",
                    $"There is no site \"{item.SiteId}\".")));
            }

            if (!seen.Add(item.SiteId))
            {
                errors.Add(ProblemError.At($"/items/{i}/siteId", "repeated", new(
                    "Jeder Ankerort darf nur einmal vorkommen.",
                    "Each site may appear only once.")));
            }

            foreach (var (member, type) in new[] { ("type", item.Type), ("secondaryType", item.SecondaryType) })
            {
                if (type is not null && !types.Contains(type))
                {
                    errors.Add(NoSuch($"/items/{i}/{member}", type, [.. types]));
                }
            }

            if ((item.Type is null) != (item.Degree is null))
            {
                errors.Add(ProblemError.At($"/items/{i}/degree", "contradiction", new(
                    "Ein Grad ist mit Typ nötig und ohne Typ nicht erlaubt.",
                    "A degree is required with a type and not allowed without one.")));
            }

            if (item.SecondaryType is not null && (item.SecondaryType == item.Type || item.Type is null))
            {
                errors.Add(ProblemError.At($"/items/{i}/secondaryType", "contradiction", new(
                    "Der zweite Typ muss ein anderer sein als der erste.",
                    "The secondary type must differ from the first.")));
            }
        }

        return errors;
    }

    /// <summary>The first step that belongs to a cycle of steps; null if there is none.</summary>
    private static int? Cycle(IReadOnlyList<ReductionStep> steps)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var (reached, open) = (new HashSet<string>(), new Stack<string>([steps[i].To]));
            while (open.TryPop(out var at))
            {
                if (steps[i].From.Contains(at))
                {
                    return i;
                }

                foreach (var next in reached.Add(at) ? steps.Where(step => step.From.Contains(at)) : [])
                {
                    open.Push(next.To);
                }
            }
        }

        return null;
    }

    private static ProblemError NoSuch(string pointer, string name, IReadOnlyCollection<string> known)
    {
        var nearest = NearestName.To(name, known);
        return ProblemError.At(pointer, "unknown-value", new(
            $"„{name}“ gibt es nicht.{(nearest is null ? "" : $" Gemeint ist vielleicht „{nearest}“.")}", $"There is no \"{name}\".{(nearest is null ? "" : $" Did you mean \"{nearest}\"?")}"), nearest);
    }
}
