using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>
/// Derives what is kept beside the tables: the public document of each site, and what can be found of it by words.
/// Whoever changes a site, or something that is shown with it, calls this in the same transaction.
/// </summary>
internal static class AnchorSiteDocuments
{
    public static readonly string[] Dimensions = ["goals", "contents", "targetGroups", "formats", "spaces", "operators", "funding", "setting"];

    private const int Batch = 500;

    /// <returns>Sites that were published before and are shown differently now.</returns>
    public static IReadOnlyList<string> RebuildAll(SqliteConnection connection)
    {
        var changed = new List<string>();
        foreach (var batch in connection.Query<string>("select id from published_sites").ToList().Chunk(Batch))
        {
            var before = Read(connection, batch);
            RebuildBatch(connection, batch);
            var after = Read(connection, batch);
            changed.AddRange(before.Keys.Where(id => before[id] != after[id]));
        }

        return changed;
    }

    private static Dictionary<string, string> Read(SqliteConnection connection, string[] ids) => connection.Query<(string Id, string Document)>(
        """
        select s.id, d.document
        from published_sites s
        join site_documents d on d.number = s.number
        where s.id in @ids
        """, new { ids }).ToDictionary(site => site.Id, site => site.Document);

    /// <summary>What is listed of a removed site when it is asked for.</summary>
    public static void PutTombstone(SqliteConnection connection, string id, string at)
    {
        connection.Execute(
            """
            update site_documents set document = @document where number = (select number from anchor_sites where id = @id)
            """, new { id, document = System.Text.Encoding.UTF8.GetString(WireJson.Write(new RemovedRecord(id, at, at, Addresses.Of("/v1/anchor-sites/" + id)))) });
        Writing.SearchIndex.Remove(connection, "anchor-site", id);
    }

    public static void Rebuild(SqliteConnection connection, IEnumerable<string> ids)
    {
        foreach (var batch in ids.Chunk(Batch))
        {
            RebuildBatch(connection, batch);
        }
    }

    /// <summary>The documents as they are derived now, nothing of it written.</summary>
    public static IEnumerable<(string Id, byte[] Document)> Derive(SqliteConnection connection, IEnumerable<string> ids) =>
        ids.Chunk(Batch).SelectMany(batch => Compose(connection, batch)).Select(site => (site.Row.Id, WireJson.Write(site.Document)));

    private static void RebuildBatch(SqliteConnection connection, string[] ids)
    {
        var sites = Compose(connection, ids);
        connection.Execute(
            """
            insert into site_documents (number, document) values (@number, @document)
            on conflict (number) do update set document = excluded.document
            """, sites.Select(site => new { number = site.Row.Number, document = System.Text.Encoding.UTF8.GetString(WireJson.Write(site.Document)) }));
        Writing.SearchIndex.Put(connection, sites.Select(site => Entry(site.Row, site.Document, site.Codes)));
    }

    private static List<(AnchorSiteRow Row, AnchorSite Document, IEnumerable<CodeRow> Codes)> Compose(SqliteConnection connection, string[] ids)
    {
        var sites = connection.Query<AnchorSiteRow>(
            """
            select s.id, s.number, s.name, s.self_designation, s.summary, s.status, s.mpsc_funded, s.project_id, s.ags, s.county_key,
                   (select m.county from municipalities m where m.county_key = s.county_key limit 1) as county,
                   s.state, t.name as state_name, s.place, s.address, s.website, s.latitude, s.longitude, s.location_precision,
                   s.opened_on, s.closed_on, s.floor_area_sqm, s.opening_hours, s.participation_fee, s.visitors_per_year, s.annual_cost_eur,
                   s.confirmed_at, s.confirmed_by, s.confirmed_source, s.created_at, s.updated_at
            from anchor_sites s
            join states t on t.code = s.state
            where s.deleted_at is null and s.id in @ids
            """, new { ids }).ToList();
        var codes = connection.Query<CodeRow>(
            """
            select d.site_id, d.dimension, c.code, k.label_de, k.label_en
            from site_dimensions d
            left join site_codes c on c.site_id = d.site_id and c.dimension = d.dimension
            left join codes k on k.dimension = c.dimension and k.key = c.code
            where d.site_id in @ids
            order by c.code
            """, new { ids }).ToLookup(row => row.SiteId);
        var experiences = connection.Query<ExperienceRow>(
            """
            select site_id, id, kind, text, finding_id, relation, source_id
            from site_experiences
            where site_id in @ids
            order by site_id, position
            """, new { ids }).ToLookup(row => row.SiteId);
        var sources = connection.Query<SourceReferenceRow>(
            """
            select s.site_id, c.id, c.title, c.publisher, c.date, c.url, c.kind
            from site_sources s
            join sources c on c.id = s.source_id
            where s.site_id in @ids
            order by s.site_id, s.position
            """, new { ids }).ToLookup(row => row.SiteId);
        var projects = connection.Query<ProjectReferenceRow>(
            """
            select id, name, cohort, kind
            from projects
            where id in (select project_id from anchor_sites where id in @ids)
            """, new { ids }).ToDictionary(row => row.Id);
        var municipalities = connection.Query<MunicipalityReferenceRow>(
            """
            select ags, ars, name, short_name, county, county_key, population, size_class
            from municipalities
            where ags in (select ags from anchor_sites where id in @ids)
            """, new { ids }).ToDictionary(row => row.Ags);
        var memberships = connection.Query<SiteMembershipRow>(
            """
            select m.site_id, m.type, m.degree, m.secondary_type, m.rationale, m.confidence
            from memberships m
            join current_typology c on c.version = m.typology
            where m.site_id in @ids and m.type is not null
            """, new { ids }).ToDictionary(row => row.SiteId);

        return sites.ConvertAll(site => (site, AnchorSiteMapping.Compose(
            site, codes[site.Id], experiences[site.Id], sources[site.Id],
            site.ProjectId is null ? null : projects[site.ProjectId], site.Ags is null ? null : municipalities[site.Ags], memberships.GetValueOrDefault(site.Id)), codes[site.Id]));
    }

    private static Writing.SearchEntry Entry(AnchorSiteRow row, AnchorSite site, IEnumerable<CodeRow> codes) => new("anchor-site", site.Id, site.Name, site.Summary)
    {
        Keywords = [site.SelfDesignation, site.Place, site.Address, row.County, site.StateName, site.Project?.Name, site.Municipality?.Name, site.Municipality?.County, .. codes.SelectMany(code => new[] { code.LabelDe, code.LabelEn })],
        Text = [site.Summary, .. site.Experiences.Select(experience => experience.Text)],
    };
}

/// <summary>What stays of a removed record.</summary>
internal sealed record RemovedRecord(string Id, string UpdatedAt, string DeletedAt, Uri Self);
