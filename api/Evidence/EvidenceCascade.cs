using AnkerOrte.Api.Changes;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Search;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Evidence;

/// <summary>What follows when evidence goes or a finding weighs less, in the transaction of the caller.</summary>
internal static class EvidenceCascade
{
    /// <summary>Findings that rest on passages which no longer show come under review, and so on down to recommendations.</summary>
    public static (IReadOnlyList<string> Findings, IReadOnlyList<string> Recommendations) OfPassages(SqliteConnection connection, IReadOnlyList<string> passages, string at) => Review(
        connection, [.. connection.Query<string>("select distinct finding_id from finding_passages where passage_id in @passages order by finding_id", new { passages })], at);

    /// <summary>Takes approved findings out of what is public until an editor has looked at them again.</summary>
    public static (IReadOnlyList<string> Findings, IReadOnlyList<string> Recommendations) Review(SqliteConnection connection, IReadOnlyList<string> findings, string at)
    {
        var reviewed = connection.Query<string>(
            "update findings set status = 'under-review', updated_at = @at where id in @findings and status = 'approved' and deleted_at is null returning id", new { findings, at })
            .Order(StringComparer.Ordinal).ToList();
        foreach (var id in reviewed)
        {
            SearchIndex.Remove(connection, RecordKind.Finding, id);
            Feed.Add(connection, RecordKind.Finding, id, "deleted", at);
        }

        return (reviewed, Settle(connection, reviewed, at));
    }

    /// <summary>Brings recommendations to what their findings allow; one that rests on nothing approved is not published.</summary>
    /// <returns>Ids of those that were unpublished.</returns>
    public static List<string> Settle(SqliteConnection connection, IReadOnlyList<string> findings, string at)
    {
        var unpublished = new List<string>();
        foreach (var row in connection.Query<(string Id, string Status, string Strength, string Wanted, int? Limit)>(
            """
            select r.id, r.status, r.strength, coalesce(r.wanted_strength, r.strength),
                   (select max(case f.confidence_level when 'very-low' then 2 when 'low' then 1 else 0 end)
                    from recommendation_findings u join published_findings f on f.id = u.finding_id where u.recommendation_id = r.id)
            from recommendations r
            where r.deleted_at is null and r.id in (select recommendation_id from recommendation_findings where finding_id in @findings)
            order by r.id
            """, new { findings }).ToList())
        {
            var status = row.Limit is null ? "under-review" : row.Status == "under-review" ? "published" : row.Status;
            var strength = row.Limit is { } limit ? Strengths[Math.Max(limit, Array.IndexOf(Strengths, row.Wanted))] : row.Strength;
            connection.Execute(
                "update recommendations set status = @status, strength = @strength, wanted_strength = @Wanted, updated_at = @at where id = @Id", new { row.Id, row.Wanted, status, strength, at });
            if (status == "published")
            {
                RecommendationSearch.Put(connection, row.Id);
                Feed.Add(connection, RecordKind.Recommendation, row.Id, row.Status == "published" ? "updated" : "created", at);
            }
            else if (row.Status == "published")
            {
                unpublished.Add(row.Id);
                SearchIndex.Remove(connection, RecordKind.Recommendation, row.Id);
                Feed.Add(connection, RecordKind.Recommendation, row.Id, "deleted", at);
            }
        }

        return unpublished;
    }

    /// <summary>What the weakest approved one of some findings allows (high, moderate: strong; low: conditional; very low: experience); null if none is approved.</summary>
    public static string? Limit(SqliteConnection connection, IEnumerable<string> findings) => connection.ExecuteScalar<long?>(
        "select max(case confidence_level when 'very-low' then 2 when 'low' then 1 else 0 end) from published_findings where id in @findings", new { findings }) is { } limit ? Strengths[limit] : null;

    public static bool IsStronger(string strength, string limit) => Array.IndexOf(Strengths, strength) < Array.IndexOf(Strengths, limit);

    /// <summary>From the strongest to the weakest.</summary>
    private static readonly string[] Strengths = ["strong", "conditional", "experience"];
}
