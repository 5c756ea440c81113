using AnkerOrte.Api.Surveys;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>Response rates and item non-response (methods, life cycle of responses).</summary>
internal sealed class RateQueries(Database.Database database, SurveyVersions surveys)
{
    public SurveyRates Find(string survey)
    {
        using var snapshot = database.Read();
        var connection = snapshot.Connection;
        var states = connection.Query<(string State, long Count)>(
            "select state, count(*) from responses where survey = @survey group by state", new { survey }).ToDictionary(row => row.State, row => row.Count);
        var (invited, answered) = connection.QuerySingle<(long, long)>(
            """
            select count(*), count(r.id)
            from invitations i
            left join responses r on r.survey = i.survey and r.id = i.response_id and r.state in ('submitted', 'accepted', 'rejected')
            where i.survey = @survey and i.revoked_at is null
            """, new { survey });
        return new SurveyRates
        {
            Survey = survey,
            Invited = invited,
            AnsweredInvitations = answered,
            Completion = invited == 0 ? null : Math.Round((double)answered / invited, 4),
            States = new States
            {
                Draft = states.GetValueOrDefault("draft"),
                Submitted = states.GetValueOrDefault("submitted"),
                Accepted = states.GetValueOrDefault("accepted"),
                Rejected = states.GetValueOrDefault("rejected"),
            },
            Items = CountItems(connection, survey),
        };
    }

    private List<Items> CountItems(SqliteConnection connection, string survey)
    {
        var versions = surveys.Published(connection, survey);
        var columns = new ResponseColumns(versions);
        var counts = columns.Items.ToDictionary(item => item.Code, _ => new Counts());
        foreach (var version in versions)
        {
            using var rules = new AnswerRules(version, KnownReferences.Anything);
            foreach (var answers in connection.Query<byte[]>(
                "select cast(answers as blob) from responses where survey = @survey and version = @Version and state in ('submitted', 'accepted')", new { survey, version.Version }, buffered: false))
            {
                if (rules.Check(answers, submit: false, exported: false, []))
                {
                    for (var item = 0; item < version.Items.Length; item++)
                    {
                        counts[version.Items[item].Code].Add(rules.Sheet.IsHidden(item) ? AnswerState.NotShown : rules.Sheet.State(item));
                    }
                }
            }
        }

        return [.. columns.Items.Select(item => counts[item.Code].Describe(item.Code))];
    }

    private sealed class Counts
    {
        private long shown;
        private long answered;
        private long dontKnow;
        private long refused;

        public void Add(AnswerState state)
        {
            shown += state == AnswerState.NotShown ? 0 : 1;
            answered += state == AnswerState.Value ? 1 : 0;
            dontKnow += state == AnswerState.DontKnow ? 1 : 0;
            refused += state == AnswerState.Refused ? 1 : 0;
        }

        public Items Describe(string item) => new()
        {
            Item = item,
            Shown = shown,
            Answered = answered,
            DontKnow = dontKnow,
            Refused = refused,
            NoAnswer = shown - answered - dontKnow - refused,
            NonResponse = shown == 0 ? null : Math.Round(1 - ((double)answered / shown), 4),
        };
    }
}
