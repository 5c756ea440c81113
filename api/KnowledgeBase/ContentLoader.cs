using System.Diagnostics;
using AnkerOrte.Api.AnchorSites;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>
/// Brings the shipped content into the database: each file whose bytes are not the ones applied last, all of them in
/// one transaction. A start that finds nothing new writes nothing.
/// </summary>
internal sealed class ContentLoader(Database.Database database, ILogger<ContentLoader> log)
{
    /// <summary>Month of the content; it is also when its records count as created.</summary>
    public const string Month = "2026-11";

    private const string Documents = "documents";
    private const string CreatedAt = Month + "-01T00:00:00.000Z";

    /// <summary>In the order of their references.</summary>
    private static readonly (string File, Action<SqliteConnection, byte[]> Apply)[] Files =
    [
        ("states.geojson", ContentTables.PutStates),
        ("municipalities.csv", ContentTables.PutMunicipalities),
        ("projects.json", ContentTables.PutProjects),
        ("codebook.json", ContentTables.PutCodebook),
        ("sources.json", ContentTables.PutSources),
        ("anchor-sites.json", PutSites),
    ];

    public void Load()
    {
        var applied = Applied();
        var pending = Files.Select(file => (file.File, file.Apply, Bytes: Content.Read(file.File)))
            .Where(file => applied.GetValueOrDefault(file.File) != Content.Hash(file.Bytes)).ToList();
        // Documents are derived by this program: another build may derive them differently.
        var build = typeof(ContentLoader).Module.ModuleVersionId.ToString();
        if (pending.Count == 0 && applied.GetValueOrDefault(Documents) == build)
        {
            return;
        }

        var watch = Stopwatch.StartNew();
        log.LogInformation("Loading content {Month}: {Files}", Month, string.Join(", ", pending.Select(file => file.File).Append(Documents)));
        database.Write(connection =>
        {
            foreach (var (file, apply, bytes) in pending)
            {
                apply(connection, bytes);
                Remember(connection, file, Content.Hash(bytes));
            }

            // A site shows its project, municipality, sources and codes, so any file may change it.
            AnchorSiteDocuments.RebuildAll(connection);
            Remember(connection, Documents, build);
            connection.Execute("update service set content = @Month where id = 1", new { Month });
        });
        log.LogInformation("Content {Month} loaded in {Milliseconds} ms", Month, watch.ElapsedMilliseconds);
    }

    private static void Remember(SqliteConnection connection, string file, string hash) => connection.Execute(
        """
        insert into content_files (file, hash, applied_at) values (@file, @hash, @at)
        on conflict (file) do update set hash = excluded.hash, applied_at = excluded.applied_at
        """, new { file, hash, at = Http.Instant.Write(TimeProvider.System.GetUtcNow()) });

    private Dictionary<string, string> Applied()
    {
        using var connection = database.Open();
        return connection.Query<(string File, string Hash)>("select file, hash from content_files").ToDictionary(row => row.File, row => row.Hash);
    }

    private static void PutSites(SqliteConnection connection, byte[] bytes) =>
        AnchorSiteWrites.Put(connection, Content.Parse<List<ShippedSite>>(bytes), CreatedAt);
}
