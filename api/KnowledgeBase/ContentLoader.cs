using System.Diagnostics;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>
/// Loads the shipped content into the database: each file whose hash has changed since it was last applied, all files in one
/// transaction. If no file has changed, nothing is written. Changes and deletions by editors are kept.
/// </summary>
internal sealed class ContentLoader(Database.Database database, TimeProvider clock, ILogger<ContentLoader> log)
{
    /// <summary>Month of the content. In an empty database it is also the creation date of the records.</summary>
    public const string Month = "2026-11";

    private const string Documents = "documents";
    public const string CreatedAt = Month + "-01T00:00:00.000Z";

    /// <summary>Id of this build. Documents of sites are stored with it, because another build may compose them differently.</summary>
    private static readonly string Build = typeof(ContentLoader).Module.ModuleVersionId.ToString();

    /// <summary>The shipped files, in an order in which references point backwards.</summary>
    private static readonly (string File, Action<SqliteConnection, byte[], Author> Apply)[] Files =
    [
        ("states.geojson", (connection, file, _) => ContentTables.PutStates(connection, file)),
        ("municipalities.csv", ContentTables.PutMunicipalities),
        ("projects.json", ContentTables.PutProjects),
        ("codebook.json", ContentTables.PutCodebook),
        ("sources.json", ContentTables.PutSources),
        ("anchor-sites.json", ContentTables.PutSites),
        ("typology.json", ShippedTypology.Put),
        ("findings.json", ShippedEvidence.PutFindings),
        ("recommendations.json", ShippedEvidence.PutRecommendations),
        ("questionnaire-umsetzende-kommunen.json", (connection, file, author) => SurveyHandlers.PutShipped(connection, "umsetzende-kommunen", file, author.At)),
    ];

    /// <param name="isLogged">
    /// Whether the audit log gets an entry for each file. If not, <see cref="LogLoaded"/> adds the entries later.
    /// </param>
    public void Load(bool isLogged = true)
    {
        var applied = Applied(database);
        var pending = Files.Select(file => (file.File, file.Apply, Bytes: ShippedFiles.Read(file.File)))
            .Where(file => applied.GetValueOrDefault(file.File) != ShippedFiles.Hash(file.Bytes)).ToList();
        if (pending.Count == 0 && applied.GetValueOrDefault(Documents) == Build)
        {
            return;
        }

        var watch = Stopwatch.StartNew();
        var now = Instant.Write(clock.GetUtcNow());
        // Later content gets the current time, so that clients find it when they ask for changes since their last visit.
        var author = new Author(Author.Content, null, "shipped content " + Month, applied.Count == 0 ? CreatedAt : now);
        log.LogInformation("Loading content {Month}", Month);
        database.Write(connection =>
        {
            foreach (var (number, (file, apply, bytes)) in pending.Index())
            {
                log.LogInformation("Loading content {Number} of {Count}: {File}", number + 1, pending.Count, file);
                apply(connection, bytes, author);
                Remember(connection, file, ShippedFiles.Hash(bytes), now);
                if (isLogged)
                {
                    Log(connection, file, ShippedFiles.Hash(bytes), now);
                }
            }

            // The document of a site contains its project, municipality, sources and codes, so each file may change it.
            TellOf(connection, AnchorSiteDocuments.RebuildAll(connection), author.At);
            Remember(connection, Documents, Build, now);
            connection.Execute("update service set content = @Month where id = 1", new { Month });
        });
        log.LogInformation("Content {Month} loaded in {Milliseconds} ms", Month, watch.ElapsedMilliseconds);
    }

    /// <summary>
    /// Adds sites to the change feed whose document changed because of another record. Sites of the file itself are in it already.
    /// </summary>
    private static void TellOf(SqliteConnection connection, IReadOnlyList<string> changed, string at)
    {
        var others = changed.Where(id => connection.ExecuteScalar<string>("select updated_at from anchor_sites where id = @id", new { id }) != at).ToList();
        foreach (var id in others)
        {
            Feed.Touch(connection, RecordKind.AnchorSite, id, at);
        }

        AnchorSiteDocuments.Rebuild(connection, others);
    }

    /// <summary>Writes the audit log entries for content that the build has loaded, with the current time.</summary>
    public static void LogLoaded(SqliteConnection connection, string now)
    {
        connection.Execute("update content_files set applied_at = @now", new { now });
        var applied = Applied(connection);
        foreach (var (file, _) in Files)
        {
            Log(connection, file, applied[file], now);
        }
    }

    private static void Log(SqliteConnection connection, string file, string hash, string now) =>
        AuditLog.Add(connection, new AuditEntry(null, Author.Content, "load content", file) { After = hash }, now);

    private static void Remember(SqliteConnection connection, string file, string hash, string at) => connection.Execute(
        """
        insert into content_files (file, hash, applied_at) values (@file, @hash, @at)
        on conflict (file) do update set hash = excluded.hash, applied_at = excluded.applied_at
        """, new { file, hash, at });

    /// <summary>Whether the content is loaded. Before the first start of a service a database has empty tables.</summary>
    public static bool IsLoaded(SqliteConnection connection) => Applied(connection) is var applied && Files.All(file => applied.ContainsKey(file.File));

    /// <summary>Whether this build composed the stored documents.</summary>
    public static bool HasDerived(SqliteConnection connection) => Applied(connection).GetValueOrDefault(Documents) == Build;

    private static Dictionary<string, string> Applied(Database.Database database)
    {
        using var connection = database.Open();
        return Applied(connection);
    }

    private static Dictionary<string, string> Applied(SqliteConnection connection) =>
        connection.Query<(string File, string Hash)>("select file, hash from content_files").ToDictionary(row => row.File, row => row.Hash);
}
