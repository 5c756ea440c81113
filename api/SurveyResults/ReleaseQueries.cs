using System.Text.Json;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>A release as the next one is compared with it.</summary>
/// <param name="Members">Fingerprints by response; erased responses are missing.</param>
internal sealed record EarlierRelease(
    int Number, long Responses, CubeKeys Keys, IReadOnlyList<PublishedItem> Items, IReadOnlyDictionary<string, byte[]> Members)
{
    public PublishedItem? Find(string item, string? row) =>
        Items.FirstOrDefault(known => known.About.Item == item && known.About.Row == row);
}

/// <summary>All SQL of releases. A release is written once and never changed.</summary>
internal static class ReleaseQueries
{
    private const string Columns = "r.survey, r.number, r.responses, r.final, r.created_at";

    public static readonly ListSource List = new()
    {
        Name = "survey-releases",
        From = "survey_releases r",
        UniqueKey = "r.number",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns = [],
        Items = window => window.Connection.Query<ReleaseRow>(
            $"""
            select {Columns}, {window.Place} as place
            from survey_releases r
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract()), row.Place!)),
    };

    public static ReleaseRow? Latest(SqliteConnection connection, string survey) => connection.QueryFirstOrDefault<ReleaseRow>(
        $"""
        select {Columns}
        from survey_releases r
        where r.survey = @survey
        order by r.number desc
        limit 1
        """, new { survey });

    public static ReleaseRow? Find(SqliteConnection connection, string survey, int number) => connection.QuerySingleOrDefault<ReleaseRow>(
        $"""
        select {Columns}
        from survey_releases r
        where r.survey = @survey and r.number = @number
        """, new { survey, number });

    public static CubeKeys Keys(SqliteConnection connection, string survey, long release) =>
        PublishedBreakdown.Read(connection.QuerySingle<string>(
        "select breakdowns from survey_releases where survey = @survey and number = @release", new { survey, release }));

    /// <summary>Codes of the items of a release, in the order of the questionnaire.</summary>
    public static IReadOnlyList<string> ItemCodes(SqliteConnection connection, string survey, long release) => connection.Query<string>(
        "select item from survey_release_items where survey = @survey and release = @release group by item order by min(place)",
            new { survey, release }).ToList();

    /// <param name="items">Null: all.</param>
    public static IReadOnlyList<PublishedItem> Items(
        SqliteConnection connection, string survey, long release, IReadOnlyCollection<string>? items) => connection.Query<string>(
        """
        select content
        from survey_release_items
        where survey = @survey and release = @release and (@items is null or item in (select value from json_each(@items)))
        order by place
        """, new { survey, release, items = items is null ? null : WireJson.Text(items) }).Select(WireJson.Read<PublishedItem>).ToList();

    public static IReadOnlyList<EarlierRelease> Earlier(SqliteConnection connection, string survey) =>
    [
        .. connection.Query<(int Number, long Responses)>(
            "select number, responses from survey_releases where survey = @survey order by number", new { survey })
            .Select(release => new EarlierRelease(
                release.Number,
                release.Responses,
                Keys(connection, survey, release.Number),
                Items(connection, survey, release.Number, null),
                connection.Query<(string Response, byte[] Fingerprint)>(
                    "select response, fingerprint from survey_release_responses where survey = @survey and release = @Number",
                        new { survey, release.Number })
                    .ToDictionary(member => member.Response, member => member.Fingerprint))),
    ];

    /// <summary>In the order of their ids, so that the same responses always give the same results.</summary>
    public static IEnumerable<AcceptedRow> Accepted(SqliteConnection connection, string survey) => connection.Query<AcceptedRow>(
        """
        select r.id, r.version, cast(r.answers as blob) as answers, r.owner, i.ags as invited_ags, r.updated_at
        from responses r
        left join invitations i on i.id = r.invitation
        where r.survey = @survey and r.state = 'accepted'
        order by r.id
        """, new { survey }, buffered: false);

    /// <summary>Stores a release, unless another one was stored or a response that it counts was changed since it was computed.</summary>
    public static bool Add(SqliteConnection connection, NewRelease release, string? author, string at)
    {
        var ids = WireJson.Text(release.Members.Select(member => member.Response).ToList());
        var isCurrent = connection.ExecuteScalar<bool>(
            """
            select (select coalesce(max(number), 0) from survey_releases where survey = @Survey) = @Number - 1
               and (select count(*) from json_each(@ids) m join responses r on r.survey = @Survey and r.id = m.value
                    where r.state = 'accepted' and r.updated_at <= @LastChange) = @count
            """, new { release.Survey, release.Number, release.LastChange, ids, count = release.Members.Count });
        if (!isCurrent)
        {
            return false;
        }

        var published = new PublishedRelease(
            release.Members.Count, release.IsFinal, PublishedBreakdown.Of(release.Keys), release.Items, author, at);
        Put(connection, release.Survey, release.Number, published);
        Tombstones.Add(
            connection, new Tombstone(
            Tombstones.SurveyRelease, $"{release.Survey}/{release.Number}", at, "published")
            { Details = new() { Release = JsonSerializer.SerializeToElement(published, WireJson.Options) } });
        connection.Execute(
            """
            insert into survey_release_responses (survey, response, release, fingerprint)
            select @Survey, value ->> 0, @Number, unhex(value ->> 1) from json_each(@rows)
            """, new { release.Survey, release.Number, rows = RowSet.Of(release.Members.Select(member => new object?[] { member.Response, Convert.ToHexString(member.Fingerprint) })) });
        return true;
    }

    /// <summary>Writes what a release publishes, unless the release is there already or its survey is not.</summary>
    public static void Put(SqliteConnection connection, string survey, int number, PublishedRelease release)
    {
        var isNew = connection.Execute(
            """
            insert into survey_releases (survey, number, responses, final, breakdowns, author, created_at)
            select @survey, @number, @Responses, @Final, @breakdowns, @Author, @CreatedAt
            where exists (select 1 from surveys where id = @survey)
            on conflict do nothing
            """, new
            {
                survey,
                number,
                release.Responses,
                release.Final,
                breakdowns = WireJson.Text(release.Breakdowns),
                release.Author,
                release.CreatedAt,
            }) > 0;
        if (isNew)
        {
            connection.Execute(
                "insert into survey_release_items (survey, release, place, item, content) values (@survey, @number, @place, @Item, @content)",
                release.Items.Select((item, place) => new { survey, number, place, item.About.Item, content = WireJson.Text(item) }));
        }
    }
}

internal sealed record ReleaseRow
{
    public required string Survey { get; init; }
    public required long Number { get; init; }
    public required long Responses { get; init; }
    public required bool Final { get; init; }
    public required string CreatedAt { get; init; }
    public string? Place { get; init; }

    public string Path => PathOf(Survey, Number);

    public static string PathOf(string survey, long number) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/v1/surveys/{survey}/releases/{number}");

    public SurveyRelease ToContract() => new()
    {
        Number = (int)Number,
        ResponseCount = Responses,
        Final = Final,
        CreatedAt = Instant.Read(CreatedAt),
        Self = Addresses.Of(Path),
    };

    public ResultRelease ToResult() =>
        new()
        {
            Number = (int)Number,
            ResponseCount = Responses,
            Final = Final,
            CreatedAt = Instant.Read(CreatedAt),
            Self = Addresses.Of(Path)
        };
}

internal sealed record AcceptedRow
{
    public required string Id { get; init; }
    public required long Version { get; init; }
    public required byte[] Answers { get; init; }
    public required string Owner { get; init; }
    public string? InvitedAgs { get; init; }
    public required string UpdatedAt { get; init; }
}
