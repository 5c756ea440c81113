using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Audit;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.KnowledgeBase;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>Checks the rules that every database of this service must fulfil. Only reads.</summary>
internal static class IntegrityCheck
{
    private const int Damaged = 11;

    /// <summary>The records that must have an entry in the change feed.</summary>
    private const string Records =
        """
        with records (kind, key, is_published) as (
            select 'municipality', ags, 1 from municipalities
            union all select 'project', id, 1 from projects
            union all select 'dimension', key, 1 from dimensions
            union all select 'source', id, deleted_at is null from sources
            union all select 'anchor-site', id, deleted_at is null from anchor_sites
        )
        """;

    /// <summary>The records that must have versions.</summary>
    private const string Written =
        """
        with written (kind, key, is_published) as (
            select 'code', dimension || '.' || key, retired_at is null from codes
            union all select 'source', id, deleted_at is null from sources
            union all select 'anchor-site', id, deleted_at is null from anchor_sites
        )
        """;

    /// <summary>The records that must be in the full-text index. Retired codes are among them.</summary>
    private const string Findable =
        """
        with findable (kind, key) as (
            select 'municipality', ags from municipalities
            union all select 'project', id from projects
            union all select 'code', dimension || '.' || key from codes
            union all select 'source', id from sources where deleted_at is null
            union all select 'anchor-site', id from published_sites
        )
        """;

    /// <summary>Each query returns the violations of one rule. In a sound database all of them return no rows.</summary>
    private static readonly (string What, string Sql)[] Rules =
    [
        ("the change feed has gaps",
            "select 'numbers end at ' || max(number) || ', but there are ' || count(*) from changes having count(*) > 0 and (max(number) <> count(*) or min(number) <> 1)"),
        ("missing in the change feed",
            $"{Records} select kind || ' ' || key from records where (kind, key) not in (select kind, key from changes)"),
        ("the last entry in the change feed does not match its record",
            $"""
            {Records}
            select r.kind || ' ' || r.key
            from records r
            join (select kind, key, action, max(number) from changes group by kind, key) c on c.kind = r.kind and c.key = r.key
            where r.is_published = (c.action = 'deleted')
            """),
        ("a record has no history",
            $"{Written} select kind || ' ' || key from written where (kind, key) not in (select kind, key from versions)"),
        ("a history has gaps", "select kind || ' ' || key from versions group by kind, key having max(version) <> count(*) or min(version) <> 1"),
        ("the last version does not match its record",
            $"""
            {Written}
            select w.kind || ' ' || w.key
            from written w
            join (select kind, key, action, max(version) from versions group by kind, key) v on v.kind = w.kind and v.key = w.key
            where w.is_published = (v.action = 'deleted')
            """),
        ("a site has no document", "select id from anchor_sites where number not in (select number from site_documents)"),
        ("a stored document does not match its site",
            """
            select s.id
            from anchor_sites s
            join site_documents d on d.number = s.number
            where d.document ->> 'id' <> s.id or d.document ->> 'updatedAt' <> s.updated_at or d.document ->> 'deletedAt' is not s.deleted_at
            """),
        // The R*Tree index stores coordinates with 32 bits, so they differ by up to two metres.
        ("a position does not match its site",
            """
            select s.id
            from published_sites s
            left join site_positions p on p.number = s.number
            where (s.latitude is null) <> (p.number is null)
               or max(abs(p.south - s.latitude), abs(p.north - s.latitude), abs(p.west - s.longitude), abs(p.east - s.longitude)) > 0.0001
            """),
        ("a position belongs to no site", "select number from site_positions where number not in (select number from published_sites)"),
        ("missing in the full-text index",
            $"""
            {Findable}
            select f.kind || ' ' || f.key
            from findable f
            left join search_entries e on e.kind = f.kind and e.key = f.key
            left join search_words_docsize w on w.id = e.number
            where w.id is null
            """),
        ("in the full-text index, but not published",
            $"{Findable} select kind || ' ' || key from search_entries where kind in (select kind from findable) and (kind, key) not in (select kind, key from findable)"),
        (
            "the full-text index has words without a record",
            "select id from search_words_docsize where id not in (select number from search_entries)"),
        ("a response is not valid JSON", "select survey || '/' || id from responses where not json_valid(answers)"),
        ("a removed response still has answers", "select survey || '/' || id from responses where state = 'deleted' and answers <> '{}'"),
        ("an erased passage still has text", "select id from passages where state = 'erased' and quote <> ''"),
        ("a passage differs from its transcript",
            """
            select p.id
            from passages p
            join transcripts t on t.conversation_id = p.conversation_id and t.sha256 = p.text_sha256
            where p.state <> 'erased' and substr(t.text, p.start_at + 1, p.end_at - p.start_at) <> p.quote
              and not exists (select 1 from tombstones e where e.kind = 'conversation' and e.id = p.conversation_id)
            """),
        ("a passage is public without consent",
            """
            select p.id
            from released_passages p
            where p.pseudonym is not null
              and not (exists (select 1 from consents s where s.conversation_id = p.conversation_id and s.pseudonym = p.pseudonym
                                and s.withdrawn_at is null and s.purpose = 'transcript-use')
                   and exists (select 1 from consents s where s.conversation_id = p.conversation_id and s.pseudonym = p.pseudonym
                                and s.withdrawn_at is null and s.purpose in ('quotation-pseudonymous', 'quotation-named')))
            """),
        (Privacy.PersonQueries.StillThere.What, Privacy.PersonQueries.StillThere.Sql),
        ("a response belongs to no version of its survey",
            "select r.survey || '/' || r.id from responses r left join survey_versions v on v.survey = r.survey and v.version = r.version where v.version is null and r.state <> 'deleted'"),
    ];

    /// <returns>One line for each finding; empty if there is none.</returns>
    /// <exception cref="SqliteException">The file is not a database.</exception>
    /// <exception cref="StartFailure">The database is not one of this service, or it has another version.</exception>
    public static IReadOnlyList<string> Run(string file) => Read(file, connection =>
    {
        CheckVersion(file, connection);
        var damage = FindInFile(connection).ToList();
        // Documents can only be compared if all references are valid.
        return [.. damage, .. FindBrokenRules(connection), .. FindBrokenChain(connection), .. damage.Count == 0 ? FindStaleDocuments(connection) : []];
    });

    /// <summary>Checks the file only, which works for a database of any version.</summary>
    /// <exception cref="SqliteException">The file is not a database.</exception>
    public static IReadOnlyList<string> RunOnFile(string file) => Read(file, FindInFile);

    /// <summary>Verifies the audit log of a database of this version. Other processes may use the database.</summary>
    /// <exception cref="SqliteException">The file is not a database.</exception>
    /// <exception cref="StartFailure">The database is not one of this service, or it has another version.</exception>
    public static AuditVerification VerifyAuditLog(string file, (long Seq, string Hash)? noted)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        using var connection = Open(file, IsAlone(file));
        using var transaction = connection.BeginTransaction(deferred: true);
        CheckVersion(file, connection);
        return AuditChain.Verify(connection, noted);
    }

    private static List<string> Read(string file, Func<SqliteConnection, IEnumerable<string>> find)
    {
        while (true)
        {
            var isAlone = IsAlone(file);
            var findings = Find(file, isAlone, find);
            // If a service has begun to write in the meantime, the findings may be wrong: check again.
            if (!isAlone || findings.Count == 0 || IsAlone(file))
            {
                return findings;
            }
        }
    }

    private static List<string> Find(string file, bool isAlone, Func<SqliteConnection, IEnumerable<string>> find)
    {
        using var connection = Open(file, isAlone);
        // One transaction, so that all rules see the same state while others write.
        using var transaction = connection.BeginTransaction(deferred: true);
        var findings = new List<string>();
        try
        {
            findings.AddRange(find(connection));
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Damaged)
        {
            findings.Add(e.Message);
        }

        return findings;
    }

    private static IEnumerable<string> FindInFile(SqliteConnection connection) =>
        connection.Query<string>("pragma integrity_check").Where(finding => finding != "ok").Concat(
            connection.Query<string>("select \"table\" || ' refers to a missing row of ' || parent from pragma_foreign_key_check"));

    private static IEnumerable<string> FindBrokenRules(SqliteConnection connection) =>
        Rules.SelectMany(rule => connection.Query<string>(rule.Sql + "\nlimit 20").Select(found => $"{rule.What}: {found}"));

    private static IEnumerable<string> FindBrokenChain(SqliteConnection connection)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        return AuditChain.Verify(connection).Broken is { } broken ? [$"the audit log is broken at {broken.Seq}: {broken.Detail}"] : [];
    }

    /// <summary>
    /// Compares the stored documents of sites with the tables. Only this build can do that: another build may compose documents
    /// differently, and its first start composes all of them again.
    /// </summary>
    private static IEnumerable<string> FindStaleDocuments(SqliteConnection connection)
    {
        if (!ContentLoader.HasDerived(connection))
        {
            return [];
        }

        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var kept = connection.Query<(string Id, byte[] Document)>(
            """
            select s.id, cast(d.document as blob)
            from published_sites s
            join site_documents d on d.number = s.number
            """).ToDictionary(site => site.Id, site => site.Document);
        return AnchorSiteDocuments.Derive(connection, kept.Keys).Where(site => !site.Document.AsSpan().SequenceEqual(kept[site.Id]))
            .Take(20).Select(site => $"a stored document differs from the tables: {site.Id}");
    }

    /// <summary>Requires the schema of this program. Only the start of the service may upgrade or fill a database.</summary>
    private static void CheckVersion(string file, SqliteConnection connection)
    {
        if (!connection.ExecuteScalar<bool>("select exists (select 1 from sqlite_schema where name = 'SchemaVersions')"))
        {
            throw new StartFailure($"{file} is not a database of AnkerOrte.");
        }

        var applied = connection.Query<string>("select ScriptName from SchemaVersions").ToList();
        if (applied.Except(Migrations.Names).Any())
        {
            throw new StartFailure(
                $"{file} is newer than this program. Unknown migrations: {string.Join(", ", applied.Except(Migrations.Names))}.");
        }

        if (Migrations.Names.Except(applied).Any() || !ContentLoader.IsLoaded(connection))
        {
            throw new StartFailure($"{file} is older than this program or has no content yet. "
                + "Start the service with this file or with a copy, then check again.");
        }
    }

    /// <summary>Whether no process has the database open. A process that writes keeps a -wal file beside it.</summary>
    private static bool IsAlone(string file) => !File.Exists(file + "-wal");

    /// <summary>
    /// Opens the database for reading. If no process has it open, `immutable` avoids the -wal and -shm files that SQLite would create
    /// in WAL mode.
    /// </summary>
    private static SqliteConnection Open(string file, bool isAlone)
    {
        var source = isAlone ? new Uri(Path.GetFullPath(file)).AbsoluteUri + "?immutable=1" : file;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 60 }.ToString());
        connection.Open();
        return connection;
    }
}
