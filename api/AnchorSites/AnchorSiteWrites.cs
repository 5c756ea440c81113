using AnkerOrte.Api.Database;
using AnkerOrte.Api.KnowledgeBase;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>All SQL that writes sites. The caller rebuilds their documents in the same transaction.</summary>
internal static class AnchorSiteWrites
{
    public static void Put(SqliteConnection connection, IReadOnlyCollection<ShippedSite> sites, string at)
    {
        var states = connection.Query<(string Code, string Name)>("select code, name from states").ToDictionary(state => state.Name, state => state.Code);
        connection.Execute(
            """
            insert into anchor_sites
                (id, number, name, name_key, self_designation, summary, status, mpsc_funded, project_id, ags, county_key, state, place, address, website,
                 latitude, longitude, location_precision, opened_on, opened_first, opened_last, closed_on,
                 floor_area_sqm, opening_hours, participation_fee, visitors_per_year, annual_cost_eur, created_at, updated_at)
            values
                (@Id, (select coalesce(max(number), 0) + 1 from anchor_sites), @Name, @nameKey, @SelfDesignation, @Summary, @Status, @MpscFunded, @ProjectId, @Ags, @CountyKey,
                 @state, @Place, @Address, @Website, @Latitude, @Longitude, @Precision, @OpenedOn, @openedFirst, @openedLast, @ClosedOn,
                 @FloorAreaSqm, @OpeningHours, @ParticipationFee, @VisitorsPerYear, @AnnualCostEur, @at, @at)
            on conflict (id) do update set
                name = excluded.name, name_key = excluded.name_key, self_designation = excluded.self_designation, summary = excluded.summary,
                status = excluded.status, mpsc_funded = excluded.mpsc_funded, project_id = excluded.project_id, ags = excluded.ags,
                county_key = excluded.county_key, state = excluded.state, place = excluded.place, address = excluded.address, website = excluded.website,
                latitude = excluded.latitude, longitude = excluded.longitude, location_precision = excluded.location_precision,
                opened_on = excluded.opened_on, opened_first = excluded.opened_first, opened_last = excluded.opened_last, closed_on = excluded.closed_on,
                floor_area_sqm = excluded.floor_area_sqm, opening_hours = excluded.opening_hours, participation_fee = excluded.participation_fee,
                visitors_per_year = excluded.visitors_per_year, annual_cost_eur = excluded.annual_cost_eur, updated_at = excluded.updated_at
            """, sites.Select(site => new
            {
                site.Id,
                site.Name,
                nameKey = German.SortKey(site.Name),
                site.SelfDesignation,
                site.Summary,
                site.Status,
                site.MpscFunded,
                site.ProjectId,
                site.Ags,
                site.CountyKey,
                state = states[site.State],
                site.Place,
                site.Address,
                site.Website,
                site.Location?.Latitude,
                site.Location?.Longitude,
                site.Location?.Precision,
                site.OpenedOn,
                openedFirst = PartialDate.First(site.OpenedOn),
                openedLast = PartialDate.Last(site.OpenedOn),
                site.ClosedOn,
                site.Facts?.FloorAreaSqm,
                site.Facts?.OpeningHours,
                site.Facts?.ParticipationFee,
                site.Facts?.VisitorsPerYear,
                site.Facts?.AnnualCostEur,
                at,
            }));
        PutPositions(connection, sites);
        PutParts(connection, sites);
    }

    private static void PutPositions(SqliteConnection connection, IReadOnlyCollection<ShippedSite> sites)
    {
        connection.Execute("delete from site_positions where number = (select number from anchor_sites where id = @Id)", sites.Select(site => new { site.Id }));
        connection.Execute(
            """
            insert into site_positions (number, south, north, west, east)
            select number, latitude, latitude, longitude, longitude from anchor_sites where id = @Id
            """, sites.Where(site => site.Location is not null).Select(site => new { site.Id }));
    }

    private static void PutParts(SqliteConnection connection, IReadOnlyCollection<ShippedSite> sites)
    {
        connection.Execute(
            """
            delete from site_codes where site_id = @Id;
            delete from site_dimensions where site_id = @Id;
            delete from site_experiences where site_id = @Id;
            delete from site_sources where site_id = @Id;
            """, sites.Select(site => new { site.Id }));
        connection.Execute(
            "insert into site_dimensions (site_id, dimension) values (@Id, @dimension)",
            sites.SelectMany(site => site.Characteristics.Keys.Select(dimension => new { site.Id, dimension })));
        connection.Execute(
            "insert into site_codes (site_id, dimension, code) values (@Id, @dimension, @code)",
            sites.SelectMany(site => site.Characteristics.SelectMany(pair => pair.Value.Select(code => new { site.Id, dimension = pair.Key, code }))));
        connection.Execute(
            """
            insert into site_experiences (site_id, position, id, kind, text, finding_id, relation, source_id)
            values (@site, @position, @id, @Kind, @Text, @FindingId, @Relation, @SourceId)
            """, sites.SelectMany(site => site.Experiences.Select((experience, i) => new
            {
                site = site.Id,
                position = i + 1,
                id = $"x-{site.Id}-{i + 1}",
                experience.Kind,
                experience.Text,
                experience.FindingId,
                experience.Relation,
                experience.SourceId,
            })));
        connection.Execute(
            "insert into site_sources (site_id, position, source_id) values (@Id, @position, @source)",
            sites.SelectMany(site => site.SourceIds.Select((source, position) => new { site.Id, position, source })));
    }
}
