using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>All SQL that writes sites.</summary>
internal static class AnchorSiteTables
{
    /// <summary>One version of a site: tables, document, words, history, feed, and whatever else shows it.</summary>
    public static void Store(SqliteConnection connection, AnchorSiteInput site, AnchorSiteInput? before, string action, Author author)
    {
        Put(connection, [site], author.At);
        Versions.Add(connection, RecordKind.AnchorSite, site.Id!, action, WireJson.Write(site), author);
        if (action == "restored")
        {
            Tombstones.AddRecord(connection, RecordKind.AnchorSite, site.Id!, action, author.At);
        }

        AnchorSiteDocuments.Rebuild(connection, [site.Id!]);
        Feed.Add(connection, RecordKind.AnchorSite, site.Id!, action, author.At);
        TouchNeighbours(connection, before, site, author);
    }

    /// <summary>The same for what comes with the program; the loader rebuilds all documents at its end.</summary>
    /// <param name="isFirst">Whether the feed begins in this transaction: nobody has seen anything yet that shows the site.</param>
    public static void StoreShipped(SqliteConnection connection, AnchorSiteInput site, AnchorSiteInput? before, Author author, bool isFirst)
    {
        Put(connection, [site], author.At);
        var action = before is null ? "created" : "updated";
        Versions.Add(connection, RecordKind.AnchorSite, site.Id!, action, WireJson.Write(site), author);
        Feed.Add(connection, RecordKind.AnchorSite, site.Id!, action, author.At);
        if (!isFirst)
        {
            TouchNeighbours(connection, before, site, author);
        }
    }

    /// <summary>The row stays as a tombstone with its id; everything that shows the site is gone.</summary>
    public static void Remove(SqliteConnection connection, AnchorSiteInput site, Author author)
    {
        connection.Execute("update anchor_sites set deleted_at = @At, updated_at = @At where id = @Id", new { author.At, site.Id });
        RemoveParts(connection, [site.Id!]);
        AnchorSiteDocuments.PutTombstone(connection, site.Id!, author.At);
        Tombstones.AddRecord(connection, RecordKind.AnchorSite, site.Id!, "removed", author.At);
        Versions.Add(connection, RecordKind.AnchorSite, site.Id!, "deleted", null, author);
        Feed.Add(connection, RecordKind.AnchorSite, site.Id!, "deleted", author.At);
        TouchNeighbours(connection, site, null, author);
    }

    public static void Confirm(SqliteConnection connection, AnchorSiteInput site, string by, string source, Author author)
    {
        connection.Execute(
            """
            update anchor_sites set confirmed_at = @At, confirmed_by = @by, confirmed_source = @source, updated_at = @At where id = @Id
            """, new { author.At, by, source, site.Id });
        Versions.Add(connection, RecordKind.AnchorSite, site.Id!, "updated", WireJson.Write(site), author);
        AnchorSiteDocuments.Rebuild(connection, [site.Id!]);
        Feed.Add(connection, RecordKind.AnchorSite, site.Id!, "updated", author.At);
    }

    /// <summary>Tables only; the caller rebuilds the documents in the same transaction.</summary>
    public static void Put(SqliteConnection connection, IReadOnlyCollection<AnchorSiteInput> sites, string at)
    {
        connection.Execute(
            """
            insert into anchor_sites
                (id, number, name, name_key, self_designation, summary, status, mpsc_funded, project_id, ags, county_key, state, place, address, website,
                 latitude, longitude, location_precision, opened_on, opened_first, opened_last, closed_on,
                 floor_area_sqm, opening_hours, participation_fee, visitors_per_year, annual_cost_eur, experiences_made, created_at, updated_at)
            values
                (@Id, (select coalesce(max(number), 0) + 1 from anchor_sites), @Name, @nameKey, @SelfDesignation, @Summary, @status, @mpscFunded, @ProjectId, @Ags, @CountyKey,
                 @state, @Place, @Address, @website, @Latitude, @Longitude, @precision, @OpenedOn, @openedFirst, @openedLast, @ClosedOn,
                 @FloorAreaSqm, @OpeningHours, @fee, @VisitorsPerYear, @AnnualCostEur, @experiences, @at, @at)
            on conflict (id) do update set
                name = excluded.name, name_key = excluded.name_key, self_designation = excluded.self_designation, summary = excluded.summary,
                status = excluded.status, mpsc_funded = excluded.mpsc_funded, project_id = excluded.project_id, ags = excluded.ags,
                county_key = excluded.county_key, state = excluded.state, place = excluded.place, address = excluded.address, website = excluded.website,
                latitude = excluded.latitude, longitude = excluded.longitude, location_precision = excluded.location_precision,
                opened_on = excluded.opened_on, opened_first = excluded.opened_first, opened_last = excluded.opened_last, closed_on = excluded.closed_on,
                floor_area_sqm = excluded.floor_area_sqm, opening_hours = excluded.opening_hours, participation_fee = excluded.participation_fee,
                visitors_per_year = excluded.visitors_per_year, annual_cost_eur = excluded.annual_cost_eur,
                experiences_made = max(experiences_made, excluded.experiences_made), updated_at = excluded.updated_at, deleted_at = null
            """, sites.Select(site => new
            {
                site.Id,
                site.Name,
                nameKey = GermanText.SortKey(site.Name),
                site.SelfDesignation,
                site.Summary,
                status = WireEnum.Write(site.Status),
                mpscFunded = WireEnum.Write(site.MpscFunded),
                site.ProjectId,
                site.Ags,
                site.CountyKey,
                state = WireEnum.Write(site.State),
                site.Place,
                site.Address,
                website = site.Website?.OriginalString,
                site.Location?.Latitude,
                site.Location?.Longitude,
                precision = site.Location is null ? null : WireEnum.Write(site.Location.Precision),
                site.OpenedOn,
                openedFirst = PartialDate.First(site.OpenedOn),
                openedLast = PartialDate.Last(site.OpenedOn),
                site.ClosedOn,
                site.Facts?.FloorAreaSqm,
                site.Facts?.OpeningHours,
                fee = site.Facts?.ParticipationFee is { } fee ? WireEnum.Write(fee) : null,
                site.Facts?.VisitorsPerYear,
                site.Facts?.AnnualCostEur,
                experiences = (site.Experiences ?? []).Select(experience => ExperienceIds.Number(experience.Id)).DefaultIfEmpty(0).Max(),
                at,
            }));
        RemoveParts(connection, [.. sites.Select(site => site.Id!)]);
        PutParts(connection, sites);
    }

    private static void RemoveParts(SqliteConnection connection, IReadOnlyCollection<string> ids) => connection.Execute(
        """
        delete from site_positions where number = (select number from anchor_sites where id = @id);
        delete from site_codes where site_id = @id;
        delete from site_dimensions where site_id = @id;
        delete from site_experiences where site_id = @id;
        delete from site_sources where site_id = @id;
        """, ids.Select(id => new { id }));

    private static void PutParts(SqliteConnection connection, IReadOnlyCollection<AnchorSiteInput> sites)
    {
        connection.Execute(
            """
            insert into site_positions (number, south, north, west, east)
            select number, latitude, latitude, longitude, longitude from anchor_sites where id = @Id
            """, sites.Where(site => site.Location is not null).Select(site => new { site.Id }));
        connection.Execute(
            "insert into site_dimensions (site_id, dimension) values (@Id, @dimension)",
            sites.SelectMany(site => Codes(site).Select(known => new { site.Id, dimension = known.Dimension })));
        connection.Execute(
            "insert into site_codes (site_id, dimension, code) values (@Id, @dimension, @code)",
            sites.SelectMany(site => Codes(site).SelectMany(known => known.Codes.Select(code => new { site.Id, dimension = known.Dimension, code }))));
        connection.Execute(
            """
            insert into site_experiences (site_id, position, id, kind, text, finding_id, relation, source_id)
            values (@site, @position, @Id, @kind, @Text, @FindingId, @relation, @SourceId)
            """, sites.SelectMany(site => (site.Experiences ?? []).Select((experience, i) => new
            {
                site = site.Id,
                position = i + 1,
                experience.Id,
                kind = WireEnum.Write(experience.Kind),
                experience.Text,
                experience.FindingId,
                relation = WireEnum.Write(experience.Relation),
                experience.SourceId,
            })));
        connection.Execute(
            "insert into site_sources (site_id, position, source_id) values (@Id, @position, @source)",
            sites.SelectMany(site => site.SourceIds.Select((source, position) => new { site.Id, position, source })));
    }

    /// <summary>The dimensions that are known, each with its codes; none of them is an empty list.</summary>
    public static IEnumerable<(string Dimension, IReadOnlyList<string> Codes)> Codes(AnchorSiteInput site)
    {
        var known = site.Characteristics;
        return new (string, IReadOnlyList<string>?)[]
        {
            ("goals", known.Goals), ("contents", known.Contents), ("targetGroups", known.TargetGroups), ("formats", known.Formats),
            ("spaces", known.Spaces), ("operators", known.Operators), ("funding", known.Funding), ("setting", known.Setting),
        }.Where(dimension => dimension.Item2 is not null).Select(dimension => (dimension.Item1, dimension.Item2!));
    }

    /// <summary>Records that show the site, or count it: those that show something else than before are changed as well.</summary>
    private static void TouchNeighbours(SqliteConnection connection, AnchorSiteInput? before, AnchorSiteInput? after, Author author)
    {
        var shown = new[] { before, after }.Select(site => site is null ? [] : Shown(site).ToHashSet()).ToList();
        shown[0].SymmetricExceptWith(shown[1]);
        if (before?.Name != after?.Name)
        {
            shown[0].UnionWith(AnchorSiteQueries.RecordsNaming(connection, (before ?? after)!.Id!).Select(record => (record.Kind, record.Id, "")));
        }

        foreach (var (kind, key) in shown[0].Select(record => (record.Kind, record.Key)).Distinct().Where(author.Touched.Add).Order())
        {
            Feed.Touch(connection, kind, key, author.At);
        }
    }

    private static IEnumerable<(string Kind, string Key, string What)> Shown(AnchorSiteInput site)
    {
        var codes = Codes(site).ToDictionary(known => known.Dimension, known => string.Join(' ', known.Codes.Order(StringComparer.Ordinal)));
        return
        [
            .. site.SourceIds.Select(source => (RecordKind.Source, source, site.Name)),
            .. (site.Experiences ?? []).Select(experience => (RecordKind.Finding, experience.FindingId, $"{experience.Id} {experience.Relation} {experience.SourceId}")),
            .. site.Ags is { } ags ? [(RecordKind.Municipality, ags, site.Name)] : Array.Empty<(string, string, string)>(),
            .. site.ProjectId is { } project ? [(RecordKind.Project, project, site.Name)] : Array.Empty<(string, string, string)>(),
            .. AnchorSiteDocuments.Dimensions.Select(dimension => (RecordKind.Dimension, dimension, codes.GetValueOrDefault(dimension, "unknown"))),
        ];
    }
}

/// <summary>Experiences keep their id for ever: x-{site}-{n}.</summary>
internal static class ExperienceIds
{
    public static int Number(string? id) =>
        id is not null && int.TryParse(id.AsSpan(id.LastIndexOf('-') + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>An experience that comes without its id, but word for word, is the one that is there.</summary>
    public static AnchorSiteInput Recognise(AnchorSiteInput site, AnchorSiteInput before) => site.Experiences is null ? site : site with
    {
        Experiences = [.. site.Experiences.Select(experience => experience.Id is not null ? experience
            : before.Experiences?.FirstOrDefault(known => known with { Id = null } == experience && site.Experiences.All(other => other.Id != known.Id)) ?? experience)],
    };

    /// <summary>Gives a number to those that have none.</summary>
    /// <param name="made">How many numbers were given before.</param>
    public static AnchorSiteInput Complete(AnchorSiteInput site, int made) => site.Experiences is null ? site : site with
    {
        Experiences = [.. site.Experiences.Select(experience => experience.Id is null ? experience with { Id = $"x-{site.Id}-{++made}" } : experience)],
    };
}
