using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Recommendations;

/// <summary>How strong a recommendation may be: no stronger than its weakest approved finding allows.</summary>
internal static class RecommendationStrength
{
    /// <summary>Brings recommendations to what their findings allow; one that rests on nothing approved is not published.</summary>
    /// <returns>Ids of those that were unpublished.</returns>
    public static List<string> Settle(SqliteConnection connection, IReadOnlyList<string> findings, Author author)
    {
        var unpublished = new List<string>();
        foreach (var row in connection.Query<(string Id, string Status, string Strength, string Wanted, int? Limit)>(
            $"""
            select r.id, r.status, r.strength, coalesce(r.wanted_strength, r.strength),
                   (select max({Weakness})
                    from recommendation_findings u join published_findings f on f.id = u.finding_id where u.recommendation_id = r.id)
            from recommendations r
            where r.deleted_at is null and r.id in (select recommendation_id from recommendation_findings where finding_id in @findings)
            order by r.id
            """, new { findings }).ToList())
        {
            // A draft is published by people alone.
            var status = row.Status == "draft" ? "draft" : row.Limit is null ? "under-review" : "published";
            var strength = row.Limit is { } limit ? Strengths[Math.Max(limit, Array.IndexOf(Strengths, row.Wanted))] : row.Strength;
            connection.Execute(
                "update recommendations set status = @status, strength = @strength, wanted_strength = @Wanted, updated_at = @At where id = @Id", new { row.Id, row.Wanted, status, strength, author.At });
            if (status == "published")
            {
                RecommendationSearch.Put(connection, row.Id);
                Feed.Add(connection, RecordKind.Recommendation, row.Id, row.Status == "published" ? "updated" : "created", author.At);
            }
            else if (row.Status == "published")
            {
                unpublished.Add(row.Id);
                SearchIndex.Remove(connection, RecordKind.Recommendation, row.Id);
                Feed.Add(connection, RecordKind.Recommendation, row.Id, "deleted", author.At);
                Versions.Add(connection, RecordKind.Recommendation, row.Id, "updated", null, author);
            }
        }

        return unpublished;
    }

    /// <summary>What the weakest approved one of some findings allows (high, moderate: strong; low: conditional; very low: experience); null if none is approved.</summary>
    public static string? Limit(SqliteConnection connection, IEnumerable<string> findings) => connection.ExecuteScalar<long?>(
        $"select max({Weakness}) from published_findings f where f.id in @findings", new { findings }) is { } limit ? Strengths[limit] : null;

    public static bool IsStronger(string strength, string limit) => Array.IndexOf(Strengths, strength) < Array.IndexOf(Strengths, limit);

    /// <summary>How far down the row of strengths a finding pulls; of several the weakest counts.</summary>
    private const string Weakness = "case f.confidence_level when 'very-low' then 2 when 'low' then 1 else 0 end";

    /// <summary>From the strongest to the weakest.</summary>
    private static readonly string[] Strengths = ["strong", "conditional", "experience"];
}
