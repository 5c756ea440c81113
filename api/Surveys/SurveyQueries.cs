using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Mapster;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Surveys;

/// <summary>All SQL of surveys and their versions.</summary>
internal static class SurveyQueries
{
    public static readonly RecordDescriptor Record = new(RecordKind.Survey, id => "/v1/surveys/" + id)
    {
        Find = (connection, key) => RecordDescriptor.Write(Find(connection, key, withDrafts: false)),
    };

    private const string Columns =
        """
        s.id, s.title_de, s.title_en, s.description_de, s.description_en, s.accepts_submitted, s.updated_at,
        (select json_group_array(json_object('survey', v.survey, 'version', v.version, 'state', v.state, 'publishedAt', v.published_at, 'closedAt', v.closed_at) order by v.version)
         from survey_versions v where v.survey = s.id and (@drafts or v.state <> 'draft')) as versions
        """;

    public static readonly ListSource List = new()
    {
        Name = "surveys",
        From = "surveys s",
        UniqueKey = "s.id",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns = [],
        Items = Items,
    };

    /// <summary>A survey; for the public, one that has a version besides drafts.</summary>
    public static Survey? Find(SqliteConnection connection, string id, bool withDrafts) => connection.QuerySingleOrDefault<SurveyRow>(
        $"""
        select {Columns}
        from surveys s
        where s.id = @id and (@drafts or exists (select 1 from survey_versions v where v.survey = s.id and v.state <> 'draft'))
        """, new { id, drafts = withDrafts })?.To<Survey>();

    public static bool Add(SqliteConnection connection, SurveyInput survey, string at) => connection.Execute(
        """
        insert into surveys (id, title_de, title_en, description_de, description_en, accepts_submitted, created_at, updated_at)
        values (@Id, @titleDe, @titleEn, @descriptionDe, @descriptionEn, @acceptsSubmitted, @at, @at)
        on conflict (id) do nothing
        """, Values(survey, at)) > 0;

    /// <summary>Also accepts the responses that wait for a review, if the survey accepts submitted ones.</summary>
    public static void Change(SqliteConnection connection, SurveyInput survey, string at) => connection.Execute(
        """
        update surveys
        set title_de = @titleDe, title_en = @titleEn, description_de = @descriptionDe, description_en = @descriptionEn,
            accepts_submitted = @acceptsSubmitted, updated_at = @at
        where id = @Id;
        update responses set state = 'accepted', reviewed_at = @at, updated_at = @at where @acceptsSubmitted and survey = @Id and state = 'submitted';
        """, Values(survey, at));

    public static bool AcceptsSubmitted(SqliteConnection connection, string survey) => connection.ReadOne(
        "select accepts_submitted from surveys where id = @survey", row => row.GetInt64(0) == 1, ("@survey", survey));

    public static VersionRow? FindVersion(SqliteConnection connection, string survey, int version) => connection.QuerySingleOrDefault<VersionRow>(
        """
        select survey, version, state, cast(definition as blob) as definition, created_at, updated_at, published_at, closed_at
        from survey_versions
        where survey = @survey and version = @version
        """, new { survey, version });

    public static int? FindDraft(SqliteConnection connection, string survey) => connection.QuerySingleOrDefault<int?>(
        "select version from survey_versions where survey = @survey and state = 'draft'", new { survey });

    public static int AddDraft(SqliteConnection connection, string survey, byte[] definition, string? author, string at) => connection.QuerySingle<int>(
        """
        insert into survey_versions (survey, version, state, definition, author, created_at, updated_at)
        values (@survey, (select coalesce(max(version), 0) + 1 from survey_versions where survey = @survey), 'draft', cast(@definition as text), @author, @at, @at)
        returning version
        """, new { survey, definition, author, at });

    public static void ReplaceDraft(SqliteConnection connection, string survey, int version, byte[] definition, string at) => connection.Execute(
        """
        update survey_versions set definition = cast(@definition as text), updated_at = @at
        where survey = @survey and version = @version and state = 'draft'
        """, new { survey, version, definition, at });

    /// <summary>The version that was answered so far is closed in the same breath: one at a time.</summary>
    public static void Publish(SqliteConnection connection, string survey, int version, string at) => connection.Execute(
        """
        update survey_versions set state = 'closed', closed_at = @at, updated_at = @at where survey = @survey and state = 'published';
        update survey_versions set state = 'published', published_at = @at, updated_at = @at where survey = @survey and version = @version;
        """, new { survey, version, at });

    public static void Close(SqliteConnection connection, string survey, int version, string at) => connection.Execute(
        "update survey_versions set state = 'closed', closed_at = @at, updated_at = @at where survey = @survey and version = @version", new { survey, version, at });

    public static void Touch(SqliteConnection connection, string survey, string at) =>
        connection.Execute("update surveys set updated_at = @at where id = @survey", new { survey, at });

    /// <summary>How many versions were ever published.</summary>
    public static int CountPublished(SqliteConnection connection, string survey) => connection.ExecuteScalar<int>(
        "select count(*) from survey_versions where survey = @survey and state <> 'draft'", new { survey });

    /// <summary>What options may map to: "goals.participation" and so on.</summary>
    public static HashSet<string> Codes(SqliteConnection connection) => connection.Query<string>("select dimension || '.' || key from codes").ToHashSet();

    private static object Values(SurveyInput survey, string at) => new
    {
        survey.Id,
        titleDe = survey.Title.De,
        titleEn = survey.Title.En,
        descriptionDe = survey.Description?.De,
        descriptionEn = survey.Description?.En,
        acceptsSubmitted = survey.AutoAccept == true,
        at,
    };

    private static IEnumerable<ListItem> Items(Window window)
    {
        window.Parameters.Add("drafts", false);
        return window.Connection.Query<SurveyRow>(
            $"""
            select {Columns}, {window.Place} as place
            from surveys s
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.To<Survey>()), row.Place!));
    }
}

internal sealed class SurveyMapping : IRegister
{
    public void Register(TypeAdapterConfig config)
    {
        config.NewConfig<VersionReferenceRow, VersionReference>()
            .Map(version => version.State, row => WireEnum.Read<VersionReferenceState>(row.State))
            .Map(version => version.PublishedAt, row => Instant.ReadOptional(row.PublishedAt))
            .Map(version => version.ClosedAt, row => Instant.ReadOptional(row.ClosedAt))
            .Map(version => version.Self, row => Addresses.Of(VersionRow.PathOf(row.Survey, row.Version)));
        config.NewConfig<SurveyRow, Survey>().MapWith(row => Describe(row));
    }

    private static Survey Describe(SurveyRow row)
    {
        var versions = References.Read<VersionReferenceRow, VersionReference>(row.Versions);
        var current = versions.FirstOrDefault(version => version.State == VersionReferenceState.Published)?.Version;
        return new Survey
        {
            Id = row.Id,
            Title = new LocalizedText { De = row.TitleDe, En = row.TitleEn },
            Description = row.DescriptionDe is null ? null : new LocalizedText { De = row.DescriptionDe, En = row.DescriptionEn },
            State = current is not null ? SurveyState.Open : versions.Any(version => version.State == VersionReferenceState.Closed) ? SurveyState.Closed : SurveyState.Draft,
            CurrentVersion = current,
            AutoAccept = row.AcceptsSubmitted,
            Versions = versions,
            UpdatedAt = Instant.Read(row.UpdatedAt),
            Self = Addresses.Of("/v1/surveys/" + row.Id),
            Citation = Addresses.Cite("Befragung, " + row.TitleDe, "/v1/surveys/" + row.Id, row.UpdatedAt[..4]),
        };
    }
}

internal sealed record SurveyRow
{
    public required string Id { get; init; }
    public required string TitleDe { get; init; }
    public required string TitleEn { get; init; }
    public string? DescriptionDe { get; init; }
    public string? DescriptionEn { get; init; }
    public required bool AcceptsSubmitted { get; init; }
    public required string UpdatedAt { get; init; }
    public required string Versions { get; init; }
    public string? Place { get; init; }
}

internal sealed record VersionReferenceRow(string Survey, int Version, string State, string? PublishedAt, string? ClosedAt);

/// <summary>A version as it is kept, and as it is answered: the definition with what is known about it.</summary>
internal sealed record VersionRow
{
    public required string Survey { get; init; }
    public required long Version { get; init; }
    public required string State { get; init; }
    public required byte[] Definition { get; init; }
    public required string CreatedAt { get; init; }
    public required string UpdatedAt { get; init; }
    public string? PublishedAt { get; init; }
    public string? ClosedAt { get; init; }

    public string Path => PathOf(Survey, Version);

    public static string PathOf(string survey, long version) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/v1/surveys/{survey}/versions/{version}");

    public byte[] ToJson()
    {
        using var definition = JsonDocument.Parse(Definition);
        var output = new System.Buffers.ArrayBufferWriter<byte>(Definition.Length + 500);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = WireJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("survey", Survey);
            json.WriteNumber("version", Version);
            json.WriteString("state", State);
            foreach (var member in definition.RootElement.EnumerateObject().Where(member => member.Name != "items"))
            {
                member.WriteTo(json);
            }

            json.WriteStartArray("items");
            foreach (var item in definition.RootElement.GetProperty("items").EnumerateArray())
            {
                WriteItem(json, item);
            }

            json.WriteEndArray();
            json.WriteString("createdAt", CreatedAt);
            json.WriteString("updatedAt", UpdatedAt);
            WriteOptional("publishedAt", PublishedAt);
            WriteOptional("closedAt", ClosedAt);
            json.WriteString("self", Addresses.Of(Path).OriginalString);
            json.WriteString("citation", Addresses.Cite($"Fragebogen {Survey}, Version {Version}", Path, UpdatedAt[..4]));
            json.WriteEndObject();

            void WriteOptional(string name, string? value)
            {
                if (value is not null)
                {
                    json.WriteString(name, value);
                }
            }
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>What its author left out is said here, so that who reads it need not know what holds then.</summary>
    private static void WriteItem(Utf8JsonWriter json, JsonElement item)
    {
        json.WriteStartObject();
        foreach (var member in item.EnumerateObject())
        {
            member.WriteTo(json);
        }

        if (!item.TryGetProperty("required", out _))
        {
            json.WriteBoolean("required", false);
        }

        WriteDefault("privacy", DefinitionLimits.Wire(Privacy.Aggregate));
        WriteDefault("subject", DefinitionLimits.Wire(Subject.Opinion));
        if (!item.TryGetProperty("options", out _))
        {
            json.WriteStartArray("options");
            json.WriteEndArray();
        }

        json.WriteEndObject();

        void WriteDefault(string name, string value)
        {
            if (!item.TryGetProperty(name, out _))
            {
                json.WriteString(name, value);
            }
        }
    }
}
