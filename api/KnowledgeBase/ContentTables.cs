using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Codebook;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Municipalities;
using AnkerOrte.Api.Sources;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using CsvHelper;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>Writes shipped reference data to the tables and to the full-text index. Adds new records and updates changed ones.</summary>
internal static class ContentTables
{
    /// <summary>Reference date of the population in GV100AD, for all municipalities.</summary>
    private const string PopulationDate = "2022-12-31";

    public static void PutStates(SqliteConnection connection, byte[] file) => connection.Execute(
        """
        insert into states (code, name) values (@Id, @Name)
        on conflict (code) do update set name = excluded.name
        """, ShippedFiles.Parse<ShippedStates>(file).Features.Select(state => new { state.Id, state.Properties.Name }));

    public static void PutMunicipalities(SqliteConnection connection, byte[] file, Author author)
    {
        var states = StateCodes(connection);
        var known = connection.Query<string>("select ags from municipalities").ToHashSet();
        using var csv = new CsvReader(new StreamReader(new MemoryStream(file)), CultureInfo.InvariantCulture);
        var rows = new List<MunicipalityFileRow>();
        csv.Read();
        csv.ReadHeader();
        while (csv.Read())
        {
            var name = csv["name"]!;
            var shortName = name.Split(", ")[0];
            var population = csv.GetField<long>("population");
            rows.Add(new MunicipalityFileRow(
                csv["ags"]!, csv["ars"]!, name, shortName, GermanText.Fold(shortName), GermanText.SortKey(shortName), states[csv["state"]!], csv["ags"]![..5], csv["county"]!,
                population, csv.GetField<double>("area_km2"), Populations.SizeClass(population),
                csv["latitude"]!.Length == 0 ? null : csv.GetField<double>("latitude"),
                csv["longitude"]!.Length == 0 ? null : csv.GetField<double>("longitude"),
                csv["state"]!));
        }

        connection.Execute(
            """
            insert into municipalities
                (ags, ars, name, short_name, name_key, sort_key, state, county_key, county, population, population_date, area_km2, size_class, latitude, longitude, updated_at)
            select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9, @PopulationDate, value ->> 10, value ->> 11,
                value ->> 12, value ->> 13, @At
            from json_each(@rows)
            where true
            on conflict (ags) do update set
                ars = excluded.ars, name = excluded.name, short_name = excluded.short_name, name_key = excluded.name_key, sort_key = excluded.sort_key, state = excluded.state,
                county_key = excluded.county_key, county = excluded.county, population = excluded.population, population_date = excluded.population_date,
                area_km2 = excluded.area_km2, size_class = excluded.size_class, latitude = excluded.latitude, longitude = excluded.longitude,
                updated_at = iif(
                    (municipalities.ars, municipalities.name, municipalities.state, municipalities.county, municipalities.population, municipalities.area_km2, municipalities.latitude, municipalities.longitude)
                        is not (excluded.ars, excluded.name, excluded.state, excluded.county, excluded.population, excluded.area_km2, excluded.latitude, excluded.longitude),
                    excluded.updated_at, municipalities.updated_at)
            """, new
            {
                PopulationDate,
                author.At,
                rows = RowSet.Of(rows.Select(row => new object?[]
                {
                    row.Ags, row.Ars, row.Name, row.ShortName, row.NameKey, row.SortKey, row.State, row.CountyKey, row.County, row.Population, row.AreaKm2, row.SizeClass,
                    row.Latitude, row.Longitude,
                })),
            });
        var changed = connection.Query<string>("select ags from municipalities where updated_at = @At order by ags", author).ToList();
        Feed.AddAll(connection, RecordKind.Municipality, changed.Where(ags => !known.Contains(ags)), "created", author.At);
        Feed.AddAll(connection, RecordKind.Municipality, changed.Where(known.Contains), "updated", author.At);
        SearchIndex.Put(connection, rows.Select(row => new SearchEntry("municipality", row.Ags, row.Name, $"{row.County}, {row.StateName}")
        {
            Keywords = [row.County, row.StateName, row.Ags],
        }));
    }

    public static void PutProjects(SqliteConnection connection, byte[] file, Author author)
    {
        var states = StateCodes(connection);
        foreach (var project in ShippedFiles.Parse<List<ShippedProject>>(file))
        {
            var before = RecordKinds.Find(connection, RecordKind.Project, project.Id);
            connection.Execute(
                """
                insert into projects (id, name, name_key, cohort, state, kind, programme_category, note, updated_at)
                values (@Id, @Name, @nameKey, @Cohort, @state, @Kind, @ProgrammeCategory, @Note, @At)
                on conflict (id) do update set
                    name = excluded.name, name_key = excluded.name_key, cohort = excluded.cohort, state = excluded.state,
                    kind = excluded.kind, programme_category = excluded.programme_category, note = excluded.note
                """, new { project.Id, project.Name, nameKey = GermanText.SortKey(project.Name), project.Cohort, state = states[project.State], project.Kind, project.ProgrammeCategory, project.Note, author.At });
            connection.Execute(
                """
                delete from project_states where project_id = @Id;
                delete from project_members where project_id = @Id;
                delete from project_sources where project_id = @Id;
                """, new { project.Id });
            connection.Execute(
                "insert into project_states (project_id, position, state) values (@Id, @position, @state)",
                (project.States ?? [project.State]).Select((name, position) => new { project.Id, position, state = states[name] }));
            connection.Execute(
                """
                insert into project_members (project_id, position, key, name, population, population_date, latitude, longitude)
                values (@Id, @position, @Ags, @Name, @Population, @PopulationDate, @Lat, @Lon)
                """, project.Municipalities.Select((member, position) => new { project.Id, position, member.Ags, member.Name, member.Population, member.PopulationDate, member.Lat, member.Lon }));
            connection.Execute(
                "insert into project_sources (project_id, position, url) values (@Id, @position, @url)",
                project.Sources.Select((url, position) => new { project.Id, position, url }));
            SearchIndex.Put(connection, [new SearchEntry("project", project.Id, project.Name, string.Join(", ", project.Municipalities.Select(member => member.Name)))
            {
                Keywords = [project.State, .. project.Municipalities.Select(member => member.Name)],
                Text = [project.Note],
            }]);
            if (before is null)
            {
                Feed.Add(connection, RecordKind.Project, project.Id, "created", author.At);
            }
            else if (!before.AsSpan().SequenceEqual(RecordKinds.Find(connection, RecordKind.Project, project.Id)))
            {
                Feed.Touch(connection, RecordKind.Project, project.Id, author.At);
            }
        }
    }

    public static void PutCodebook(SqliteConnection connection, byte[] file, Author author)
    {
        var edited = Versions.Edited(connection, RecordKind.Code);
        foreach (var (dimension, position) in ShippedFiles.Parse<ShippedCodebook>(file).Dimensions.Select((dimension, position) => (dimension, position)))
        {
            var before = RecordKinds.Find(connection, RecordKind.Dimension, dimension.Key);
            connection.Execute(
                """
                insert into dimensions (key, position, label_de, label_en, definition_de, definition_en, kind, weight, updated_at)
                values (@Key, @position, @labelDe, @labelEn, @definitionDe, @definitionEn, @Kind, @Weight, @At)
                on conflict (key) do update set
                    position = excluded.position, label_de = excluded.label_de, label_en = excluded.label_en,
                    definition_de = excluded.definition_de, definition_en = excluded.definition_en, kind = excluded.kind, weight = excluded.weight
                """, new
                {
                    dimension.Key,
                    position,
                    labelDe = dimension.Label.De,
                    labelEn = dimension.Label.En,
                    definitionDe = dimension.Definition.De,
                    definitionEn = dimension.Definition.En,
                    dimension.Kind,
                    dimension.Weight,
                    author.At,
                });
            foreach (var (code, place) in dimension.Codes.Select((code, place) => (code, place)))
            {
                PutCode(connection, dimension.Key, code, place, edited, author);
            }

            if (before is null)
            {
                Feed.Add(connection, RecordKind.Dimension, dimension.Key, "created", author.At);
            }
            else if (!before.AsSpan().SequenceEqual(RecordKinds.Find(connection, RecordKind.Dimension, dimension.Key)))
            {
                Feed.Touch(connection, RecordKind.Dimension, dimension.Key, author.At);
            }
        }
    }

    private static void PutCode(SqliteConnection connection, string dimension, CodeInput code, int place, HashSet<string> edited, Author author)
    {
        var name = CodebookHandlers.Name(dimension, code.Key!);
        if (edited.Contains(name))
        {
            return;
        }

        var before = Versions.Latest(connection, RecordKind.Code, name);
        if (!WireJson.Write(code).AsSpan().SequenceEqual(before))
        {
            CodebookHandlers.Put(connection, dimension, code, place, before is null ? "created" : "updated", author);
        }
    }

    public static void PutSources(SqliteConnection connection, byte[] file, Author author)
    {
        var edited = Versions.Edited(connection, RecordKind.Source);
        foreach (var source in ShippedFiles.Parse<List<SourceInput>>(file).Where(source => !edited.Contains(source.Id!)))
        {
            var before = Versions.Latest(connection, RecordKind.Source, source.Id!);
            if (!WireJson.Write(source).AsSpan().SequenceEqual(before))
            {
                SourceHandlers.Put(connection, source, before is null ? "created" : "updated", author);
            }
        }
    }

    public static void PutSites(SqliteConnection connection, byte[] file, Author author)
    {
        var states = StateCodes(connection);
        var edited = Versions.Edited(connection, RecordKind.AnchorSite);
        var isFirst = !connection.ExecuteScalar<bool>("select exists (select 1 from versions where kind = @AnchorSite)", new { RecordKind.AnchorSite });
        foreach (var shipped in JsonNode.Parse(file)!.AsArray())
        {
            // The file gives the state by name.
            shipped!["state"] = states[shipped["state"]!.GetValue<string>()];
            var site = shipped.Deserialize<AnchorSiteInput>(WireJson.Options)!;
            if (edited.Contains(site.Id!))
            {
                continue;
            }

            var before = AnchorSiteHandlers.Latest(connection, site.Id!);
            site = ExperienceIds.Complete(site, made: 0);
            if (before is null || !WireJson.Write(site).AsSpan().SequenceEqual(WireJson.Write(before)))
            {
                AnchorSiteTables.StoreShipped(connection, site, before, author, isFirst);
            }
        }
    }

    private static Dictionary<string, string> StateCodes(SqliteConnection connection) =>
        connection.Query<(string Code, string Name)>("select code, name from states").ToDictionary(state => state.Name, state => state.Code);

    private sealed record MunicipalityFileRow(
        string Ags, string Ars, string Name, string ShortName, string NameKey, string SortKey, string State, string CountyKey, string County,
        long Population, double AreaKm2, string SizeClass, double? Latitude, double? Longitude, string StateName);
}
