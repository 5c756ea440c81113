using System.Diagnostics;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>
/// Brings the shipped content into the database: each file whose bytes are not the ones applied last, all of them in
/// one transaction. A start that finds nothing new writes nothing. What an editor has changed or removed stays.
/// </summary>
internal sealed class ContentLoader(Database.Database database, TimeProvider clock, ILogger<ContentLoader> log)
{
    /// <summary>Month of the content; in an empty database it is also when its records count as created.</summary>
    public const string Month = "2026-11";

    private const string Documents = "documents";
    public const string CreatedAt = Month + "-01T00:00:00.000Z";

    /// <summary>Documents are derived by this program: another build may derive them differently.</summary>
    private static readonly string Build = typeof(ContentLoader).Module.ModuleVersionId.ToString();

    /// <summary>In the order of their references.</summary>
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
        ("questionnaire-umsetzende-kommunen.json", (connection, file, author) => SurveyEditing.PutShipped(connection, "umsetzende-kommunen", file, author.At)),
    ];

    /// <param name="isLogged">Whether the audit log gets an entry for each file; else <see cref="LogLoaded"/> adds them later.</param>
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
        var now = Database.Instant.Write(clock.GetUtcNow());
        // Later content is new when it arrives here: whoever asks for what has changed since must get it.
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

            // A site shows its project, municipality, sources and codes, so any file may change it.
            TellOf(connection, AnchorSiteDocuments.RebuildAll(connection), author.At);
            Remember(connection, Documents, Build, now);
            connection.Execute("update service set content = @Month where id = 1", new { Month });
        });
        log.LogInformation("Content {Month} loaded in {Milliseconds} ms", Month, watch.ElapsedMilliseconds);
    }

    /// <summary>Sites that are shown differently because something they show has changed; those of the file itself are told of already.</summary>
    private static void TellOf(SqliteConnection connection, IReadOnlyList<string> changed, string at)
    {
        var others = changed.Where(id => connection.ExecuteScalar<string>("select updated_at from anchor_sites where id = @id", new { id }) != at).ToList();
        foreach (var id in others)
        {
            Feed.Touch(connection, RecordKind.AnchorSite, id, at);
        }

        AnchorSiteDocuments.Rebuild(connection, others);
    }

    /// <summary>Logs a content that was loaded by the build as if it were loaded now.</summary>
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

    /// <summary>Whether the start of a service has filled this database; until then it only has its tables.</summary>
    public static bool IsLoaded(SqliteConnection connection) => Applied(connection) is var applied && Files.All(file => applied.ContainsKey(file.File));

    /// <summary>Whether this very build derived the documents.</summary>
    public static bool HasDerived(SqliteConnection connection) => Applied(connection).GetValueOrDefault(Documents) == Build;

    private static Dictionary<string, string> Applied(Database.Database database)
    {
        using var connection = database.Open();
        return Applied(connection);
    }

    private static Dictionary<string, string> Applied(SqliteConnection connection) =>
        connection.Query<(string File, string Hash)>("select file, hash from content_files").ToDictionary(row => row.File, row => row.Hash);
}
