using System.Collections.Concurrent;
using AnkerOrte.Api.Surveys;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>
/// Public results. They are worked out once for each state of the responses, all breakdowns of an item together: only so
/// can no two answers give away between them what each of them hides.
/// </summary>
internal sealed class ResultQueries(Database.Database database, SurveyVersions surveys)
{
    private readonly ConcurrentDictionary<string, Kept> kept = new();

    /// <summary>Codes of the items that may be published, in the order of the questionnaire; null if there is no such survey.</summary>
    public IReadOnlyList<string>? Items(string survey)
    {
        using var connection = database.Open();
        var versions = surveys.Published(connection, survey);
        return versions.Count == 0 ? null : [.. new ResponseColumns(versions).Items.Where(item => MayBePublished(item, versions)).Select(item => item.Code)];
    }

    /// <summary>The results of these items.</summary>
    public IReadOnlyList<ResultTables> Tables(string survey, IReadOnlyList<string> items)
    {
        using var snapshot = database.Read();
        // The groups come from the inventory, so its revision counts as well.
        var state = (snapshot.Connection.ExecuteScalar<long>("select responses_revision from surveys where id = @survey", new { survey }), snapshot.Revision);
        var known = kept.AddOrUpdate(survey, _ => new Kept(state), (_, old) => old.State == state ? old : new Kept(state));
        lock (known.Gate)
        {
            var missing = items.Where(item => !known.Tables.ContainsKey(item)).ToList();
            if (missing.Count > 0)
            {
                // All of them: what one item hides, another one that hangs on it must not tell.
                foreach (var group in Build(snapshot.Connection, survey).GroupBy(table => table.Item))
                {
                    known.Tables[group.Key] = [.. group];
                }
            }

            return [.. items.SelectMany(item => known.Tables[item])];
        }
    }

    private List<ResultTables> Build(SqliteConnection connection, string survey)
    {
        var versions = surveys.Published(connection, survey);
        var columns = new ResponseColumns(versions);
        var questions = columns.Items.Where(item => MayBePublished(item, versions)).SelectMany(item => Question.Of(item, versions)).ToList();
        var places = new List<(string? Ags, string? Site)>();
        var readers = versions.ToDictionary(version => version.Version, version => new AnswerRules(version, KnownReferences.Anything));
        try
        {
            foreach (var (version, answers) in Read(connection, survey))
            {
                var (questionnaire, rules) = (columns.Versions[(int)version], readers[(int)version]);
                if (!rules.Check(answers, submit: false, exported: false, []))
                {
                    throw new InvalidOperationException($"A stored response of {survey} does not fit version {version}.");
                }

                if (!Consent.AllowsCounting(questionnaire, rules.Sheet))
                {
                    continue;
                }

                places.Add((Text(questionnaire, rules.Sheet, answers, "municipality"), Text(questionnaire, rules.Sheet, answers, "anchorSite")));
                foreach (var question in questions)
                {
                    question.Add(questionnaire, rules.Sheet);
                }
            }
        }
        finally
        {
            foreach (var reader in readers.Values)
            {
                reader.Dispose();
            }
        }

        var breakdowns = new Breakdowns(connection, places);
        var groups = places.Select(place => (IReadOnlyList<int>)breakdowns.Of(place.Ags, place.Site)).ToList();
        var tables = questions.Select(question => question.Build(breakdowns.All, groups)).ToList();
        foreach (var (question, table) in questions.Zip(tables))
        {
            // A matrix is never asked what was chosen in it, so an item has one table here.
            table.Parents = [.. question.Routes.Select(route => (route, tables.FirstOrDefault(parent => parent.Item == route.Item)))];
        }

        return tables;
    }

    /// <summary>In the order of their ids, so that the same responses always give the same results.</summary>
    private static IEnumerable<(long Version, byte[] Answers)> Read(SqliteConnection connection, string survey) => connection.Query<(long, byte[])>(
        """
        select version, cast(answers as blob)
        from responses
        where survey = @survey and state in ('submitted', 'accepted')
        order by id
        """, new { survey }, buffered: false);

    private static string? Text(Questionnaire questionnaire, AnswerSheet sheet, byte[] answers, string mapsTo)
    {
        var item = Array.FindIndex(questionnaire.Items, item => item.Definition.MapsTo == mapsTo);
        return item >= 0 && sheet.State(item) == AnswerState.Value ? sheet.Text(item, answers) : null;
    }

    /// <summary>Never texts; and nothing that any version called confidential.</summary>
    private static bool MayBePublished(UnionItem item, IReadOnlyList<Questionnaire> versions) =>
        item.Kind is not (ItemKind.Text or ItemKind.Url or ItemKind.Date)
        && versions.All(version => version.Find(item.Code) is not { } found || version.Items[found].Definition.Privacy != Surveys.Privacy.Confidential);

    private sealed record Kept((long Responses, long Inventory) State)
    {
        public Lock Gate { get; } = new();

        public Dictionary<string, IReadOnlyList<ResultTables>> Tables { get; } = [];
    }
}
