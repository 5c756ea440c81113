using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Benchmarks;

/// <summary>
/// Other ways to answer the filtered list, each as short as one would write it, without any of the service's pipeline.
/// All answer `{"items":[…],"page":{"limit","total"}}` with the columns of anchor_sites and the code lists, and
/// count the total with each request. N, J and W leave out experiences, sources, project and municipality, so they do less
/// than the service; F is N with those as further queries, so that its answer has about the service's bytes.
/// </summary>
internal static class References
{
    private const string SiteColumns =
        """
        s.id, s.name, s.self_designation, s.summary, s.status, s.mpsc_funded, s.project_id, s.ags, s.county_key, s.state, s.place, s.address, s.website,
        s.latitude, s.longitude, s.location_precision, s.opened_on, s.closed_on, s.floor_area_sqm, s.opening_hours, s.participation_fee, s.visitors_per_year,
        s.annual_cost_eur, s.created_at, s.updated_at
        """;

    private const string Matching =
        "exists (select 1 from site_codes c where c.dimension = 'goals' and c.code = @Goals and c.site_id = s.id) and s.updated_at >= @Since";

    private static readonly string[] Dimensions = ["goals", "contents", "targetGroups", "formats", "spaces", "operators", "funding", "setting"];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <param name="files">size=database, once per size.</param>
    public static void Run(IEnumerable<string> files, string[] args)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var databases = files.Select(file => file.Split('=')).ToDictionary(file => file[0], file => $"Data Source={file[1]}");
        var app = WebApplication.CreateSlimBuilder(args).Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapGet("/N/{size}", (string size, string goals, int limit, string? updatedSince) => Normalised(databases[size], new Ask(goals, limit, updatedSince)));
        app.MapGet("/F/{size}", (string size, string goals, int limit, string? updatedSince) => Full(databases[size], new Ask(goals, limit, updatedSince)));
        app.MapGet("/J/{size}", (string size, string goals, int limit, string? updatedSince) => JsonText(databases[size], new Ask(goals, limit, updatedSince)));
        app.MapGet("/W/{size}", (string size, string goals, int limit, string? updatedSince, HttpContext http) => WriteAsync(databases[size], new Ask(goals, limit, updatedSince), http));
        app.Run();
    }

    /// <summary>What J and W read: the same sites, with each code list as JSON text in the row.</summary>
    public static void Prepare(string file)
    {
        using var connection = new SqliteConnection("Data Source=" + file);
        connection.Execute(
            $"""
            create table if not exists benchmark_sites as
            select {SiteColumns}, {string.Join(", ", Dimensions.Select(dimension =>
                $"(select case when count(*) > 0 then (select json_group_array(c.code) from site_codes c where c.site_id = s.id and c.dimension = '{dimension}') end from site_dimensions d where d.site_id = s.id and d.dimension = '{dimension}') as {dimension}"))}
            from anchor_sites s
            order by s.id;
            create unique index if not exists benchmark_sites_by_id on benchmark_sites (id);
            """);
        SqliteConnection.ClearAllPools();
    }

    private static IResult Normalised(string database, Ask ask)
    {
        using var connection = new SqliteConnection(database);
        return Page(Sites(connection, ask), ask, Total(connection, ask, "anchor_sites"));
    }

    private static IResult Full(string database, Ask ask)
    {
        using var connection = new SqliteConnection(database);
        var sites = Sites(connection, ask);
        var ids = sites.Select(site => site.Id);
        var experiences = connection.Query<Experience>(
            "select site_id, id, kind, text, finding_id, relation, source_id from site_experiences where site_id in @ids order by site_id, position", new { ids })
            .ToLookup(experience => experience.SiteId);
        var sources = connection.Query<Source>(
            "select s.site_id, c.id, c.title, c.publisher, c.date, c.url, c.kind from site_sources s join sources c on c.id = s.source_id where s.site_id in @ids order by s.site_id, s.position", new { ids })
            .ToLookup(source => source.SiteId);
        var projects = connection.Query<Project>(
            "select id, name, cohort, kind from projects where id in @ids", new { ids = sites.Select(site => site.ProjectId).Distinct() }).ToDictionary(project => project.Id);
        var municipalities = connection.Query<Municipality>(
            "select ags, ars, name, short_name, county, county_key, population, size_class from municipalities where ags in @ids",
            new { ids = sites.Select(site => site.Ags).Distinct() }).ToDictionary(municipality => municipality.Ags);
        foreach (var site in sites)
        {
            site.Experiences = experiences[site.Id];
            site.Sources = sources[site.Id];
            site.Project = site.ProjectId is null ? null : projects[site.ProjectId];
            site.Municipality = site.Ags is null ? null : municipalities[site.Ags];
        }

        return Page(sites, ask, Total(connection, ask, "anchor_sites"));
    }

    private static List<Site> Sites(SqliteConnection connection, Ask ask)
    {
        var sites = connection.Query<Site>($"select {SiteColumns} from anchor_sites s where {Matching} order by s.id limit @Limit", ask).ToList();
        var codes = connection.Query<Code>(
            """
            select d.site_id, d.dimension, c.code as value
            from site_dimensions d
            left join site_codes c on c.site_id = d.site_id and c.dimension = d.dimension
            where d.site_id in @ids
            order by c.code
            """, new { ids = sites.Select(site => site.Id) }).ToLookup(code => code.SiteId);
        foreach (var site in sites)
        {
            site.Characteristics = codes[site.Id].GroupBy(code => code.Dimension).ToDictionary(
                dimension => dimension.Key, dimension => dimension.Where(code => code.Value is not null).Select(code => code.Value!).ToList());
        }

        return sites;
    }

    private static IResult JsonText(string database, Ask ask)
    {
        using var connection = new SqliteConnection(database);
        var rows = connection.Query<JsonSite>(
            $"select {SiteColumns}, goals, contents, targetGroups, formats, spaces, operators, funding, setting from benchmark_sites s where {Matching} order by s.id limit @Limit", ask).ToList();
        foreach (var row in rows)
        {
            row.Characteristics = new Dictionary<string, string?>
            {
                ["goals"] = row.Goals,
                ["contents"] = row.Contents,
                ["targetGroups"] = row.TargetGroups,
                ["formats"] = row.Formats,
                ["spaces"] = row.Spaces,
                ["operators"] = row.Operators,
                ["funding"] = row.Funding,
                ["setting"] = row.Setting,
            }.Where(list => list.Value is not null).ToDictionary(list => list.Key, list => JsonSerializer.Deserialize<List<string>>(list.Value!)!);
        }

        return Page(rows, ask, Total(connection, ask, "benchmark_sites"));
    }

    private static async Task WriteAsync(string database, Ask ask, HttpContext http)
    {
        using var connection = new SqliteConnection(database);
        connection.Open();
        using var select = Command(
            connection, $"select {SiteColumns}, goals, contents, targetGroups, formats, spaces, operators, funding, setting from benchmark_sites s where {Matching} order by s.id limit @Limit", ask);
        using var reader = select.ExecuteReader();
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartArray("items");
        var lists = reader.GetOrdinal("goals");
        while (reader.Read())
        {
            json.WriteStartObject();
            for (var i = 0; i < lists; i++)
            {
                Write(json, reader, i);
            }

            json.WriteStartObject("characteristics");
            for (var i = lists; i < reader.FieldCount; i++)
            {
                if (!reader.IsDBNull(i))
                {
                    json.WritePropertyName(reader.GetName(i));
                    json.WriteRawValue(reader.GetString(i), skipInputValidation: true);
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        using var count = Command(connection, $"select count(*) from benchmark_sites s where {Matching}", ask);
        json.WriteEndArray();
        json.WriteStartObject("page");
        json.WriteNumber("limit", ask.Limit);
        json.WriteNumber("total", (long)count.ExecuteScalar()!);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync();
    }

    private static void Write(Utf8JsonWriter json, SqliteDataReader reader, int column)
    {
        switch (reader.GetValue(column))
        {
            case string text:
                json.WriteString(reader.GetName(column), text);
                break;
            case double number:
                json.WriteNumber(reader.GetName(column), number);
                break;
            case long number:
                json.WriteNumber(reader.GetName(column), number);
                break;
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, Ask ask)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@Goals", ask.Goals);
        command.Parameters.AddWithValue("@Since", ask.Since);
        command.Parameters.AddWithValue("@Limit", ask.Limit);
        return command;
    }

    private static long Total(SqliteConnection connection, Ask ask, string table) =>
        connection.ExecuteScalar<long>($"select count(*) from {table} s where {Matching}", ask);

    private static IResult Page<T>(List<T> items, Ask ask, long total) => Results.Json(new { items, page = new { limit = ask.Limit, total } }, Json);

    private sealed record Ask(string Goals, int Limit, string? UpdatedSince)
    {
        public string Since => UpdatedSince ?? "";
    }

    private record Site
    {
        public required string Id { get; init; }
        public required string Name { get; init; }
        public required string SelfDesignation { get; init; }
        public required string Summary { get; init; }
        public required string Status { get; init; }
        public required string MpscFunded { get; init; }
        public string? ProjectId { get; init; }
        public string? Ags { get; init; }
        public string? CountyKey { get; init; }
        public required string State { get; init; }
        public string? Place { get; init; }
        public string? Address { get; init; }
        public string? Website { get; init; }
        public double? Latitude { get; init; }
        public double? Longitude { get; init; }
        public string? LocationPrecision { get; init; }
        public string? OpenedOn { get; init; }
        public string? ClosedOn { get; init; }
        public double? FloorAreaSqm { get; init; }
        public string? OpeningHours { get; init; }
        public string? ParticipationFee { get; init; }
        public long? VisitorsPerYear { get; init; }
        public double? AnnualCostEur { get; init; }
        public required string CreatedAt { get; init; }
        public required string UpdatedAt { get; init; }
        public Dictionary<string, List<string>>? Characteristics { get; set; }
        public IEnumerable<Experience>? Experiences { get; set; }
        public IEnumerable<Source>? Sources { get; set; }
        public Project? Project { get; set; }
        public Municipality? Municipality { get; set; }
    }

    private sealed record JsonSite : Site
    {
        [JsonIgnore] public string? Goals { get; init; }
        [JsonIgnore] public string? Contents { get; init; }
        [JsonIgnore] public string? TargetGroups { get; init; }
        [JsonIgnore] public string? Formats { get; init; }
        [JsonIgnore] public string? Spaces { get; init; }
        [JsonIgnore] public string? Operators { get; init; }
        [JsonIgnore] public string? Funding { get; init; }
        [JsonIgnore] public string? Setting { get; init; }
    }

    private sealed record Code
    {
        public required string SiteId { get; init; }
        public required string Dimension { get; init; }
        public string? Value { get; init; }
    }

    private sealed record Experience
    {
        [JsonIgnore] public string SiteId { get; init; } = "";
        public required string Id { get; init; }
        public required string Kind { get; init; }
        public required string Text { get; init; }
        public required string FindingId { get; init; }
        public required string Relation { get; init; }
        public required string SourceId { get; init; }
    }

    private sealed record Source
    {
        [JsonIgnore] public string SiteId { get; init; } = "";
        public required string Id { get; init; }
        public required string Title { get; init; }
        public required string Publisher { get; init; }
        public string? Date { get; init; }
        public required string Url { get; init; }
        public required string Kind { get; init; }
    }

    private sealed record Project
    {
        public required string Id { get; init; }
        public required string Name { get; init; }
        public required long Cohort { get; init; }
        public required string Kind { get; init; }
    }

    private sealed record Municipality
    {
        public required string Ags { get; init; }
        public required string Ars { get; init; }
        public required string Name { get; init; }
        public required string ShortName { get; init; }
        public required string County { get; init; }
        public required string CountyKey { get; init; }
        public required long Population { get; init; }
        public required string SizeClass { get; init; }
    }
}
