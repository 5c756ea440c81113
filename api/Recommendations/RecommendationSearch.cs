using AnkerOrte.Api.Writing;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Recommendations;

/// <summary>What a recommendation is found by.</summary>
internal static class RecommendationSearch
{
    public static void Put(SqliteConnection connection, string id)
    {
        if (RecommendationQueries.Find(connection, id) is { } found)
        {
            SearchIndex.Put(connection, [new SearchEntry(RecordKind.Recommendation, id, found.Title.De!, found.Text.De!)
            {
                Keywords = [found.Title.En],
                Text = [found.Text.De, found.Text.En, found.Conditions.De, found.CommonMistake.De],
            }]);
        }
    }
}
