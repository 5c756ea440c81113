using System.Globalization;
using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Municipalities;
using AnkerOrte.Api.Search;
using CsvHelper;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>Shipped reference data → tables and full text. Each adds what is new and updates what has changed.</summary>
internal static class ContentTables
{
    /// <summary>Population of GV100AD, all municipalities.</summary>
    private const string PopulationDate = "2022-12-31";

    public static void PutStates(SqliteConnection connection, byte[] file) => connection.Execute(
        """
        insert into states (code, name) values (@Id, @Name)
        on conflict (code) do update set name = excluded.name
        """, Content.Parse<ShippedStates>(file).Features.Select(state => new { state.Id, state.Properties.Name }));

    public static void PutMunicipalities(SqliteConnection connection, byte[] file)
    {
        var states = StateCodes(connection);
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
                csv["ags"]!, csv["ars"]!, name, shortName, German.Fold(shortName), German.SortKey(shortName), states[csv["state"]!], csv["ags"]![..5], csv["county"]!,
                population, PopulationDate, csv.GetField<double>("area_km2"), Populations.SizeClass(population),
                csv["latitude"]!.Length == 0 ? null : csv.GetField<double>("latitude"),
                csv["longitude"]!.Length == 0 ? null : csv.GetField<double>("longitude"),
                csv["state"]!));
        }

        connection.Execute(
            """
            insert into municipalities
                (ags, ars, name, short_name, name_key, sort_key, state, county_key, county, population, population_date, area_km2, size_class, latitude, longitude)
            values
                (@Ags, @Ars, @Name, @ShortName, @NameKey, @SortKey, @State, @CountyKey, @County, @Population, @PopulationDate, @AreaKm2, @SizeClass, @Latitude, @Longitude)
            on conflict (ags) do update set
                ars = excluded.ars, name = excluded.name, short_name = excluded.short_name, name_key = excluded.name_key, sort_key = excluded.sort_key, state = excluded.state,
                county_key = excluded.county_key, county = excluded.county, population = excluded.population, population_date = excluded.population_date,
                area_km2 = excluded.area_km2, size_class = excluded.size_class, latitude = excluded.latitude, longitude = excluded.longitude
            """, rows);
        SearchIndex.Put(connection, rows.Select(row => new SearchEntry("municipality", row.Ags, row.Name, $"{row.County}, {row.StateName}")
        {
            Keywords = [row.County, row.StateName, row.Ags],
        }));
    }

    public static void PutProjects(SqliteConnection connection, byte[] file)
    {
        var states = StateCodes(connection);
        foreach (var project in Content.Parse<List<ShippedProject>>(file))
        {
            connection.Execute(
                """
                insert into projects (id, name, name_key, cohort, state, kind, programme_category, note)
                values (@Id, @Name, @nameKey, @Cohort, @state, @Kind, @ProgrammeCategory, @Note)
                on conflict (id) do update set
                    name = excluded.name, name_key = excluded.name_key, cohort = excluded.cohort, state = excluded.state,
                    kind = excluded.kind, programme_category = excluded.programme_category, note = excluded.note
                """, new { project.Id, project.Name, nameKey = German.SortKey(project.Name), project.Cohort, state = states[project.State], project.Kind, project.ProgrammeCategory, project.Note });
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
        }
    }

    public static void PutCodebook(SqliteConnection connection, byte[] file)
    {
        var dimensions = Content.Parse<ShippedCodebook>(file).Dimensions;
        connection.Execute(
            """
            insert into dimensions (key, position, label_de, label_en, definition_de, definition_en, kind, weight)
            values (@Key, @position, @labelDe, @labelEn, @definitionDe, @definitionEn, @Kind, @Weight)
            on conflict (key) do update set
                position = excluded.position, label_de = excluded.label_de, label_en = excluded.label_en,
                definition_de = excluded.definition_de, definition_en = excluded.definition_en, kind = excluded.kind, weight = excluded.weight
            """, dimensions.Select((dimension, position) => new
            {
                dimension.Key,
                position,
                labelDe = dimension.Label.De,
                labelEn = dimension.Label.En,
                definitionDe = dimension.Definition.De,
                definitionEn = dimension.Definition.En,
                dimension.Kind,
                dimension.Weight,
            }));
        connection.Execute(
            """
            insert into codes (dimension, key, position, label_de, label_en, definition_de, definition_en, anchor_example, neighbours)
            values (@dimension, @Key, @position, @labelDe, @labelEn, @definitionDe, @definitionEn, @AnchorExample, @neighbours)
            on conflict (dimension, key) do update set
                position = excluded.position, label_de = excluded.label_de, label_en = excluded.label_en, definition_de = excluded.definition_de,
                definition_en = excluded.definition_en, anchor_example = excluded.anchor_example, neighbours = excluded.neighbours
            """, dimensions.SelectMany(dimension => dimension.Codes.Select((code, position) => new
            {
                dimension = dimension.Key,
                code.Key,
                position,
                labelDe = code.Label.De,
                labelEn = code.Label.En,
                definitionDe = code.Definition.De,
                definitionEn = code.Definition.En,
                code.AnchorExample,
                neighbours = JsonSerializer.Serialize(code.Neighbours),
            })));
        SearchIndex.Put(connection, dimensions.SelectMany(dimension => dimension.Codes.Select(code =>
            new SearchEntry("code", $"{dimension.Key}.{code.Key}", $"{dimension.Label.De}: {code.Label.De}", code.Definition.De)
            {
                Keywords = [code.Label.En, dimension.Label.En],
                Text = [code.Definition.De, code.Definition.En],
            })));
    }

    public static void PutSources(SqliteConnection connection, byte[] file)
    {
        var sources = Content.Parse<List<ShippedSource>>(file);
        connection.Execute(
            """
            insert into sources (id, url, title, title_key, publisher, publisher_key, date, kind)
            values (@Id, @Url, @Title, @titleKey, @Publisher, @publisherKey, @Date, @Kind)
            on conflict (id) do update set
                url = excluded.url, title = excluded.title, title_key = excluded.title_key, publisher = excluded.publisher,
                publisher_key = excluded.publisher_key, date = excluded.date, kind = excluded.kind
            """, sources.Select(source => new
            {
                source.Id,
                source.Url,
                source.Title,
                titleKey = German.SortKey(source.Title),
                source.Publisher,
                publisherKey = German.SortKey(source.Publisher),
                source.Date,
                source.Kind,
            }));
        SearchIndex.Put(connection, sources.Select(source => new SearchEntry("source", source.Id, source.Title, source.Publisher)
        {
            Keywords = [source.Publisher],
            Text = [source.Url],
        }));
    }

    private static Dictionary<string, string> StateCodes(SqliteConnection connection) =>
        connection.Query<(string Code, string Name)>("select code, name from states").ToDictionary(state => state.Name, state => state.Code);

    private sealed record MunicipalityFileRow(
        string Ags, string Ars, string Name, string ShortName, string NameKey, string SortKey, string State, string CountyKey, string County,
        long Population, string PopulationDate, double AreaKm2, string SizeClass, double? Latitude, double? Longitude, string StateName);
}
