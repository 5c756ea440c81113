using System.Security.Cryptography;
using System.Text;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>A release that is computed and not yet stored.</summary>
/// <param name="Members">Responses that it counts.</param>
internal sealed record NewRelease(
    string Survey, int Number, bool IsFinal, CubeKeys Keys, IReadOnlyList<PublishedItem> Items, IReadOnlyList<ReleaseMember> Members,
        string LastChange);

/// <param name="Fingerprint">Hash of answers, groups and respondent: another one means another answer.</param>
internal sealed record ReleaseMember(string Response, byte[] Fingerprint);

/// <summary>
/// Computes releases. All tables of all questions are decided together and with all earlier releases, so that no two answers
/// reveal what each of them suppresses.
/// </summary>
internal sealed class ReleaseBuilder(Database.Database database, SurveyVersions surveys)
{
    /// <returns>The release, or why it can not be published.</returns>
    public (NewRelease? Release, IResult? Problem) Build(string survey, bool isFinal)
    {
        Database.Database.CheckNotWriting();
        using var snapshot = database.Read();
        var connection = snapshot.Connection;
        var versions = surveys.Published(connection, survey);
        if (versions.Count == 0)
        {
            return (null, SurveyVersions.NoSuch(survey));
        }

        var columns = new ResponseColumns(versions);
        var questions = columns.Items.Where(item => MayBePublished(item, versions)).SelectMany(item => ResultQuestion.Of(item, versions))
            .ToList();
        var counted = Read(connection, survey, columns, versions, questions, out var lastChange);
        var breakdowns = new Breakdowns(connection, counted.Select(response => (response.Ags, response.Site)));
        var respondents = new Dictionary<string, int>();
        var members = counted.Select(response => new CubeMember(breakdowns.Of(response.Ags, response.Site), Respondent(response))).ToList();
        var fingerprints = counted.Select((response, place) => Fingerprint(response, breakdowns.Keys, members[place])).ToList();
        var releases = ReleaseQueries.Earlier(connection, survey);
        var comparisons = releases.Select(release => Compare(release, counted, fingerprints)).ToList();
        if (questions.Count == 0)
        {
            return (null, new Problem(Problems.Conflict, new(
                "Zu keiner Frage dürfen Ergebnisse veröffentlicht werden.", "No item of this survey has results that may be published.")));
        }

        var sizeMinimum = questions.Max(question => question.Minimum);
        if (Refuse(counted.Count, sizeMinimum, members, releases, comparisons) is { } refused)
        {
            return (null, refused);
        }

        var tables = questions.Select(question => question.Build(breakdowns.Keys, members, sizeMinimum,
        [
            .. releases.Zip(comparisons)
                .Select(pair => (Item: pair.First.Find(question.Item, question.Row), pair.First.Keys, pair.Second))
                .Where(pair => pair.Item is not null)
                .Select(pair => new Earlier<EarlierItem>(new(pair.Item!, pair.Keys), pair.Second.IsNew, pair.Second.HasLeft)),
        ])).ToList();
        foreach (var (question, table) in questions.Zip(tables))
        {
            // Only items with options lead to others, so each has one table.
            table.Parents = [.. question.Skips.Select(skip => (skip, tables.FirstOrDefault(parent => parent.Item == skip.Item)))];
        }

        var items = tables.Select(table => table.Publish(breakdowns.Keys)).ToList();
        if (releases.Count > 0 && !items.Exists(item => item.HasNumbers))
        {
            return (null, TooClose([.. releases.Select(release => release.Number)]));
        }

        return (new(survey, (releases.Count == 0 ? 0 : releases[^1].Number) + 1, isFinal, breakdowns.Keys, items,
            [.. counted.Zip(fingerprints).Select(pair => new ReleaseMember(pair.First.Id, pair.Second))], lastChange), null);

        int Respondent(CountedResponse response)
        {
            var key = response.InvitedAgs ?? breakdowns.Municipality(response.Ags, response.Site) ?? "owner:" + response.Owner;
            return respondents.TryGetValue(key, out var known) ? known : respondents[key] = respondents.Count;
        }
    }

    private static List<CountedResponse> Read(
        SqliteConnection connection,
        string survey,
        ResponseColumns columns,
        IReadOnlyList<Questionnaire> versions,
        List<ResultQuestion> questions,
        out string lastChange)
    {
        var counted = new List<CountedResponse>();
        var readers = versions.ToDictionary(version => version.Version, version => new AnswerRules(version, KnownReferences.Anything));
        lastChange = "";
        try
        {
            foreach (var row in ReleaseQueries.Accepted(connection, survey))
            {
                var (questionnaire, rules) = (columns.Versions[(int)row.Version], readers[(int)row.Version]);
                if (!rules.Check(row.Answers, submit: false, exported: false, []))
                {
                    throw new InvalidOperationException($"A stored response of {survey} does not fit version {row.Version}.");
                }

                if (!Consent.AllowsCounting(questionnaire, rules.Sheet))
                {
                    continue;
                }

                lastChange = string.CompareOrdinal(row.UpdatedAt, lastChange) > 0 ? row.UpdatedAt : lastChange;
                counted.Add(new(row.Id, row.Version, SHA256.HashData(row.Answers), row.Owner, row.InvitedAgs,
                    Text(questionnaire, rules.Sheet, row.Answers, "municipality"),
                        Text(questionnaire, rules.Sheet, row.Answers, "anchorSite")));
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

        return counted;
    }

    private static (bool[] IsNew, bool HasLeft, int Stayed) Compare(
        EarlierRelease release, List<CountedResponse> counted, List<byte[]> fingerprints)
    {
        var isNew = counted.Select((response, place) =>
            !release.Members.TryGetValue(response.Id, out var fingerprint) || !fingerprint.AsSpan().SequenceEqual(fingerprints[place]))
                .ToArray();
        var stayed = isNew.Count(added => !added);
        return (isNew, stayed < release.Responses, stayed);
    }

    /// <summary>
    /// Reasons that no suppression removes: too few respondents, or a number of responses too close to that of an earlier release.
    /// </summary>
    private static IResult? Refuse(
        int responses, int fewest, List<CubeMember> members, IReadOnlyList<EarlierRelease> releases,
            List<(bool[] IsNew, bool HasLeft, int Stayed)> comparisons)
    {
        if (Respondents(members) < fewest)
        {
            return new Problem(Problems.Conflict, new(
                $"Ergebnisse brauchen angenommene Antworten von mindestens {fewest} verschiedenen Antwortenden.",
                $"Results need accepted responses of at least {fewest} different respondents."));
        }

        if (releases.Count > 0 && comparisons[^1] is { HasLeft: false } latest && latest.Stayed == responses)
        {
            return new Problem(Problems.Conflict, new(
                $"Seit der Veröffentlichung {releases[^1].Number} hat sich keine angenommene Antwort geändert.",
                $"No accepted response has changed since release {releases[^1].Number}."));
        }

        var close = releases.Zip(comparisons)
            .Where(pair => IsSmall(Math.Abs(responses - pair.First.Responses))
                || Respondents(members.Where((_, member) => pair.Second.IsNew[member])) is var added
                    && (IsSmall(added) || (added == 0 && pair.Second.HasLeft)))
            .Select(pair => pair.First.Number)
            .ToList();
        return close.Count > 0 ? TooClose(close) : null;

        static bool IsSmall(double count) => Suppression.IsSmall(count, EarlierCube.Minimum);
    }

    private static int Respondents(IEnumerable<CubeMember> members) => members.Select(member => member.Respondent).Distinct().Count();

    private static Problem TooClose(List<int> releases) => new(Problems.Conflict, null,
    [
        .. releases.Select(number => ProblemError.At("", "too-close", new(
            $"Die Zahlen würden sich von Veröffentlichung {number} um weniger als {EarlierCube.Minimum} Antwortende unterscheiden "
            + "und deren Antworten verraten. Mehr Antworten abwarten.",
            $"The numbers would differ from release {number} by fewer than {EarlierCube.Minimum} respondents and reveal their answers. "
            + "Wait for more responses."))),
    ]);

    private static byte[] Fingerprint(CountedResponse response, CubeKeys keys, CubeMember member)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(response.AnswersHash);
        var groups = keys.Breakdowns.Select(
            (breakdown, axis) => member.Groups[axis] < 0 ? Breakdown.Unknown : breakdown.Groups[member.Groups[axis]]);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', [response.Version, response.InvitedAgs, response.Owner, .. groups])));
        return hash.GetHashAndReset()[..16];
    }

    private static string? Text(Questionnaire questionnaire, AnswerSheet sheet, byte[] answers, string mapsTo)
    {
        var item = Array.FindIndex(questionnaire.Items, item => item.Definition.MapsTo == mapsTo);
        return item >= 0 && sheet.State(item) == AnswerState.Value ? sheet.Text(item, answers) : null;
    }

    /// <summary>Codes of the items whose results may be published, in the order of the questionnaire.</summary>
    public static IReadOnlyList<string> ItemCodes(IReadOnlyList<Questionnaire> versions) =>
        [.. new ResponseColumns(versions).Items.Where(item => MayBePublished(item, versions)).Select(item => item.Code)];

    /// <summary>No texts, and no item that any version calls confidential.</summary>
    private static bool MayBePublished(UnionItem item, IReadOnlyList<Questionnaire> versions) =>
        item.Kind is not (ItemKind.Text or ItemKind.Url or ItemKind.Date)
        && versions.All(
            version => version.Find(item.Code) is not { } found || version.Items[found].Definition.Privacy != Surveys.Privacy.Confidential);

    private sealed record CountedResponse(
        string Id, long Version, byte[] AnswersHash, string Owner, string? InvitedAgs, string? Ags, string? Site);
}
