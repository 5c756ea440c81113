using System.Collections.Concurrent;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Surveys;

/// <summary>Published questionnaires, parsed once: they never change. And what answers may refer to.</summary>
internal sealed class SurveyVersions(Database.Database database)
{
    private readonly ConcurrentDictionary<(string Survey, int Version), Questionnaire> kept = new();
    private readonly ConcurrentDictionary<string, bool> parsed = new();
    private Kept? references;

    /// <summary>Also while it has nothing but drafts: its researchers work with it.</summary>
    public bool Exists(string survey)
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<bool>("select exists (select 1 from surveys where id = @survey)", new { survey });
    }

    /// <summary>Every version that was ever published, the oldest first; empty if there is no such survey.</summary>
    public IReadOnlyList<Questionnaire> Published(SqliteConnection connection, string survey) =>
    [
        .. connection.ReadAll("select version from survey_versions where survey = @survey and state <> 'draft' order by version", row => row.GetInt32(0), ("@survey", survey))
            .Select(version => kept.GetOrAdd((survey, version), _ => Questionnaire.Parse(version, connection.QuerySingle<byte[]>(
                "select cast(definition as blob) from survey_versions where survey = @survey and version = @version", new { survey, version })))),
    ];

    /// <summary>Parses the published questionnaires of a survey before a write, which must not parse them itself.</summary>
    /// <param name="anew">Also if they were parsed already: one more may be published.</param>
    public void ReadAhead(string survey, bool anew = false)
    {
        if (!anew && parsed.ContainsKey(survey))
        {
            return;
        }

        using var connection = database.Open();
        if (Published(connection, survey).Count > 0)
        {
            parsed[survey] = true;
        }
    }

    /// <summary>The version that takes responses now.</summary>
    public static int? Current(SqliteConnection connection, string survey) => connection.ReadOne(
        "select version from survey_versions where survey = @survey and state = 'published'", row => (int?)row.GetInt32(0), ("@survey", survey));

    /// <summary>Municipalities and sites as they are; read anew only when one was added or removed, for they may be a million.</summary>
    public KnownReferences References(SqliteConnection connection)
    {
        var last = connection.ReadOne(
            "select coalesce(max(number), 0) from changes where kind in ('anchor-site', 'municipality') and action <> 'updated'", row => row.GetInt64(0));
        if (references is { } known && known.Last == last)
        {
            return known.References;
        }

        var read = new KnownReferences(
            new KnownIds(connection.Query<string>("select ags from municipalities").ToList()), new KnownIds(connection.Query<string>("select id from published_sites").ToList()));
        references = new Kept(last, read);
        return read;
    }

    /// <param name="Last">Number of the change that added or removed one last.</param>
    private sealed record Kept(long Last, KnownReferences References);

    public static IResult NoSuch(string survey) => Problems.NoSuch(new("Die Befragung", "survey"), survey);
}
