using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Http;

/// <summary>Conditions that several lists share, with what only the content can tell to be wrong.</summary>
internal static class Checks
{
    /// <summary>One of several values in a column.</summary>
    public static void AddValues(this Filter filter, string name, string sql, IReadOnlyList<object>? values)
    {
        if (values is { Count: > 0 })
        {
            filter.Add(name, sql, (name, values));
        }
    }

    /// <summary>Ids that must exist; an unknown one is an error that names the nearest.</summary>
    /// <param name="known">A query for the known ones among @ids, and one for all of them.</param>
    public static void AddKnown(
        this Filter filter, string name, string sql, IReadOnlyList<string>? ids,
        SqliteConnection connection, (string Among, string All) known, List<ProblemError> errors)
    {
        if (ids is not { Count: > 0 })
        {
            return;
        }

        var found = connection.Query<string>(known.Among, new { ids }).ToHashSet();
        var missing = ids.Where(id => !found.Contains(id)).Distinct().ToList();
        if (missing.Count > 0)
        {
            var all = connection.Query<string>(known.All).ToList();
            errors.AddRange(missing.Select(id => RequestCheck.NoSuchValue(name, id, all)));
        }

        filter.Add(name, sql, (name, ids));
    }

    /// <summary>Changed at or after an instant that the contract has checked already.</summary>
    public static void AddUpdatedSince(this Filter filter, string column, string? since)
    {
        if (since is not null && Instants.TryRead(since, out var instant))
        {
            filter.Add("updatedSince", $"{column} >= @updatedSince", ("updatedSince", Instant.Write(instant)));
        }
    }

    public static ProblemError NoWord() => new("/query/q", "q", "no-word", new(
        "Der Suchtext enthält keinen Buchstaben und keine Ziffer.",
        "The search text contains no letter and no digit."));

    public static ProblemError Needs(string parameter, string other) =>
        new("/query/" + parameter, parameter, "needs-parameter", new(
            $"Dieser Parameter braucht auch „{other}“.",
            $"This parameter also needs `{other}`."));
}
