using System.Globalization;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>What is wrong with a site, what is odd, and whether it is there already under another id.</summary>
internal sealed record SiteCheck(IReadOnlyList<ProblemError> Errors, IReadOnlyList<ProblemError> Warnings, IResult? Duplicate)
{
    /// <summary>The problem to answer with, if any: all errors at once before the conflict.</summary>
    public IResult? Problem => Errors.Count > 0 ? Problems.Unprocessable(Errors) : Duplicate;
}

/// <summary>What only the content can tell of a site.</summary>
internal static class AnchorSiteRules
{
    /// <param name="before">The site as it is: codes it carries already may have been retired since.</param>
    /// <param name="today">Day of the check, for what lies in the future.</param>
    public static SiteCheck Check(SqliteConnection connection, AnchorSiteInput site, AnchorSiteInput? before, DateOnly today)
    {
        var errors = new List<ProblemError>();
        var warnings = new List<ProblemError>();
        CheckPlace(connection, site, errors);
        CheckPosition(connection, site, errors, warnings);
        CheckDates(site, today, errors, warnings);
        CheckCodes(connection, site, before, errors);
        CheckReferences(connection, site, before, errors);
        return new SiteCheck(errors, warnings, FindDuplicate(connection, site));
    }

    private static void CheckPlace(SqliteConnection connection, AnchorSiteInput site, List<ProblemError> errors)
    {
        var state = WireEnum.Write(site.State);
        if (site.Ags is { } ags)
        {
            var found = connection.QuerySingleOrDefault<(string? Name, string State)>("select short_name, state from municipalities where ags = @ags", new { ags });
            if (found.Name is null)
            {
                var near = connection.Query<string>("select ags from municipalities where county_key = @county", new { county = ags[..5] });
                errors.Add(NoSuch("/ags", ags, near.ToList()));
            }
            else if (found.State != state)
            {
                errors.Add(ProblemError.At("/state", "contradiction", new(
                    $"{found.Name} (AGS {ags}) liegt in {found.State}, nicht in {state}.", $"{found.Name} (AGS {ags}) is in {found.State}, not in {state}."), found.State));
            }

            if (site.CountyKey is { } of && of != ags[..5])
            {
                errors.Add(ProblemError.At("/countyKey", "contradiction", new($"Zum AGS {ags} gehört der Kreis {ags[..5]}.", $"AGS {ags} belongs to county {ags[..5]}."), ags[..5]));
            }
        }

        if (site.CountyKey is { } county)
        {
            var found = connection.QueryFirstOrDefault<string>("select state from municipalities where county_key = @county limit 1", new { county });
            if (found is null)
            {
                errors.Add(NoSuch("/countyKey", county, connection.Query<string>("select distinct county_key from municipalities").ToList()));
            }
            else if (found != state)
            {
                errors.Add(ProblemError.At("/state", "contradiction", new($"Der Kreis {county} liegt in {found}, nicht in {state}.", $"County {county} is in {found}, not in {state}."), found));
            }
        }

        if (site.ProjectId is { } project && !connection.ExecuteScalar<bool>("select exists (select 1 from projects where id = @project)", new { project }))
        {
            errors.Add(NoSuch("/projectId", project, connection.Query<string>("select id from projects").ToList()));
        }
    }

    private static void CheckPosition(SqliteConnection connection, AnchorSiteInput site, List<ProblemError> errors, List<ProblemError> warnings)
    {
        if (site.Location is not { } at)
        {
            return;
        }

        if (!IsInGermany(at.Latitude, at.Longitude))
        {
            errors.Add(IsInGermany(at.Longitude, at.Latitude)
                ? ProblemError.At("/location", "swapped", new("Reihenfolge vertauscht: latitude ist die Breite (47 bis 55), longitude die Länge (6 bis 15).", "Swapped: latitude is 47 to 55, longitude is 6 to 15."),
                    string.Create(CultureInfo.InvariantCulture, $"{at.Longitude},{at.Latitude}"))
                : ProblemError.At("/location", "outside-germany", new("Liegt nicht in Deutschland (Breite 47,2 bis 55,1; Länge 5,8 bis 15,1).", "Is not in Germany (latitude 47.2 to 55.1, longitude 5.8 to 15.1).")));
        }
        else if (site.Ags is not null)
        {
            var distance = connection.ExecuteScalar<double?>(
                $"select {Nearness.Distance("m")} from municipalities m where m.ags = @Ags and m.latitude is not null",
                new { site.Ags, near_latitude = at.Latitude, near_longitude = at.Longitude });
            if (distance > 30)
            {
                warnings.Add(ProblemError.At("/location", "far-from-municipality", new(
                    string.Create(CultureInfo.InvariantCulture, $"Liegt {distance:0} km vom Mittelpunkt der Gemeinde entfernt."), string.Create(CultureInfo.InvariantCulture, $"Is {distance:0} km away from the centre of the municipality."))));
            }
        }
    }

    private static void CheckDates(AnchorSiteInput site, DateOnly today, List<ProblemError> errors, List<ProblemError> warnings)
    {
        foreach (var (pointer, date) in new[] { ("/openedOn", site.OpenedOn), ("/closedOn", site.ClosedOn) })
        {
            if (date?.Length == 10 && !DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                errors.Add(ProblemError.At(pointer, "date", new($"Den Tag {date} gibt es nicht.", $"There is no day {date}.")));
            }
        }

        var openedAtTheEarliest = PartialDate.First(site.OpenedOn);
        var closedAtTheLatest = PartialDate.Last(site.ClosedOn);
        if (openedAtTheEarliest is not null && closedAtTheLatest is not null && string.CompareOrdinal(closedAtTheLatest, openedAtTheEarliest) < 0)
        {
            errors.Add(ProblemError.At("/closedOn", "order", new($"Liegt vor openedOn ({site.OpenedOn}).", $"Is before openedOn ({site.OpenedOn}).")));
        }

        var day = today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (site.Status == SiteStatus.Closed && site.ClosedOn is null)
        {
            warnings.Add(ProblemError.At("/closedOn", "missing-date", new("Geschlossen, aber ohne Datum.", "Closed, but without a date.")));
        }
        else if (site.Status != SiteStatus.Closed && closedAtTheLatest is not null && string.CompareOrdinal(closedAtTheLatest, day) < 0)
        {
            warnings.Add(ProblemError.At("/status", "closed-earlier", new($"closedOn ({site.ClosedOn}) ist vorbei, der Status ist aber nicht „closed“.", $"closedOn ({site.ClosedOn}) is past, but the status is not `closed`.")));
        }

        if (site.Status is SiteStatus.Operating or SiteStatus.Paused && openedAtTheEarliest is not null && string.CompareOrdinal(openedAtTheEarliest, day) > 0)
        {
            warnings.Add(ProblemError.At("/openedOn", "in-future", new("Liegt in der Zukunft, obwohl der Ort schon in Betrieb ist.", "Is in the future, although the site is operating.")));
        }
    }

    private static void CheckCodes(SqliteConnection connection, AnchorSiteInput site, AnchorSiteInput? before, List<ProblemError> errors)
    {
        var known = connection.Query<(string Dimension, string Key, string? RetiredAt, string? ReplacedBy)>("select dimension, key, retired_at, replaced_by from codes").ToLookup(code => code.Dimension);
        var carried = before is null ? [] : AnchorSiteTables.Codes(before).SelectMany(dimension => dimension.Codes.Select(code => (dimension.Dimension, code))).ToHashSet();
        foreach (var (dimension, codes) in AnchorSiteTables.Codes(site))
        {
            for (var i = 0; i < codes.Count; i++)
            {
                var pointer = string.Create(CultureInfo.InvariantCulture, $"/characteristics/{dimension}/{i}");
                var code = known[dimension].FirstOrDefault(code => code.Key == codes[i]);
                if (code.Key is null)
                {
                    errors.Add(NoSuch(pointer, codes[i], known[dimension].Where(code => code.RetiredAt is null).Select(code => code.Key).ToList()));
                }
                else if (code.RetiredAt is not null && !carried.Contains((dimension, code.Key)))
                {
                    errors.Add(ProblemError.At(pointer, "retired-code", new("Der Code wird nicht mehr vergeben.", "The code is not given any more."), code.ReplacedBy));
                }

                if (codes.Take(i).Contains(codes[i]))
                {
                    errors.Add(ProblemError.At(pointer, "repeated", new("Steht schon in der Liste.", "Is in the list already.")));
                }
            }
        }
    }

    private static void CheckReferences(SqliteConnection connection, AnchorSiteInput site, AnchorSiteInput? before, List<ProblemError> errors)
    {
        var known = connection.Query<string>("select id from sources where deleted_at is null and id in @ids", new { ids = site.SourceIds.Distinct() }).ToHashSet();
        for (var i = 0; i < site.SourceIds.Count; i++)
        {
            var pointer = string.Create(CultureInfo.InvariantCulture, $"/sourceIds/{i}");
            if (!known.Contains(site.SourceIds[i]))
            {
                errors.Add(NoSuch(pointer, site.SourceIds[i], connection.Query<string>("select id from sources where deleted_at is null").ToList()));
            }
            else if (site.SourceIds.Take(i).Contains(site.SourceIds[i]))
            {
                errors.Add(ProblemError.At(pointer, "repeated", new("Steht schon in der Liste.", "Is in the list already.")));
            }
        }

        var findings = site.Experiences is { Count: > 0 } ? AnchorSiteQueries.FindingIds(connection) : [];
        var own = before?.Experiences?.Select(experience => experience.Id).ToHashSet() ?? [];
        foreach (var (experience, i) in (site.Experiences ?? []).Select((experience, i) => (experience, i)))
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"/experiences/{i}");
            if (experience.Id is not null && !own.Contains(experience.Id))
            {
                errors.Add(ProblemError.At(at + "/id", "not-own", new("Diese Erfahrung hat der Ort nicht; eine neue bekommt ihre Kennung vom Dienst.", "The site has no such experience; a new one gets its id from the service.")));
            }
            else if (experience.Id is not null && site.Experiences!.Take(i).Any(other => other.Id == experience.Id))
            {
                errors.Add(ProblemError.At(at + "/id", "repeated", new("Steht schon in der Liste.", "Is in the list already.")));
            }

            if (!site.SourceIds.Contains(experience.SourceId))
            {
                errors.Add(ProblemError.At(at + "/sourceId", "not-cited", new("Muss auch in sourceIds stehen.", "Must be among sourceIds as well.")));
            }

            if (!findings.Contains(experience.FindingId))
            {
                errors.Add(NoSuch(at + "/findingId", experience.FindingId, findings));
            }
        }
    }

    /// <summary>The same name in the same municipality (or county) is the same site until somebody tells them apart.</summary>
    private static Problem? FindDuplicate(SqliteConnection connection, AnchorSiteInput site)
    {
        var other = connection.QueryFirstOrDefault<(string? Id, string Name)>(
            """
            select id, name
            from published_sites
            where name_key = @key and ags is @Ags and county_key is @CountyKey and id <> @Id
            """, new { key = GermanText.SortKey(site.Name), site.Ags, site.CountyKey, Id = site.Id ?? "" });
        return other.Id is null ? null : new Problem(Problems.Conflict, null,
        [
            ProblemError.At("/name", "duplicate", new(
                $"In derselben Gemeinde gibt es schon „{other.Name}“: /v1/anchor-sites/{other.Id}.", $"The same municipality has \"{other.Name}\" already: /v1/anchor-sites/{other.Id}."), other.Id),
        ]);
    }

    private static bool IsInGermany(double latitude, double longitude) => latitude is >= 47.2 and <= 55.1 && longitude is >= 5.8 and <= 15.1;

    private static ProblemError NoSuch(string pointer, string value, IReadOnlyCollection<string> known) => BodyCheck.NoSuchValue(pointer, value, known);
}
