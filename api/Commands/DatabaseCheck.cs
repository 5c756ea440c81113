using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Commands;

/// <summary>What must hold in every database of this service. Reads only.</summary>
internal static class DatabaseCheck
{
    /// <summary>Each query finds what is wrong; none of them finds anything in a sound database.</summary>
    private static readonly (string What, string Sql)[] Rules =
    [
        ("the change feed has gaps",
            "select 'numbers end at ' || max(number) || ', but there are ' || count(*) from changes having count(*) > 0 and (max(number) <> count(*) or min(number) <> 1)"),
        ("a site is not in the change feed",
            "select id from anchor_sites where id not in (select key from changes where kind = 'anchor-site')"),
        ("the last word of the feed on a site is wrong",
            """
            select s.id from anchor_sites s
            join (select key, action, max(number) from changes where kind = 'anchor-site' group by key) c on c.key = s.id
            where (s.deleted_at is null) = (c.action = 'deleted')
            """),
        ("a site has no document", "select id from anchor_sites where number not in (select number from site_documents)"),
        ("a site has no history", "select id from anchor_sites where id not in (select key from versions where kind = 'anchor-site')"),
        ("a source has no history", "select id from sources where id not in (select key from versions where kind = 'source')"),
        ("a history has gaps", "select kind || ' ' || key from versions group by kind, key having max(version) <> count(*) or min(version) <> 1"),
        ("the last version of a site does not fit it",
            """
            select s.id from anchor_sites s
            join (select key, action, max(version) from versions where kind = 'anchor-site' group by key) v on v.key = s.id
            where (s.deleted_at is null) = (v.action = 'deleted')
            """),
        ("a document is not that of its site",
            """
            select s.id from anchor_sites s join site_documents d on d.number = s.number
            where json_extract(d.document, '$.id') <> s.id or json_extract(d.document, '$.updatedAt') <> s.updated_at
            """),
        ("a position is not that of its site",
            """
            select s.id from anchor_sites s left join site_positions p on p.number = s.number
            where s.deleted_at is null and (s.latitude is null) <> (p.number is null)
            """),
        ("a published site cannot be found by words",
            "select id from anchor_sites where deleted_at is null and id not in (select key from search_entries where kind = 'anchor-site')"),
        ("a removed site can be found by words",
            "select id from anchor_sites where deleted_at is not null and id in (select key from search_entries where kind = 'anchor-site')"),
        ("a response is no JSON", "select survey || '/' || id from responses where not json_valid(answers)"),
        ("a removed response still has answers", "select survey || '/' || id from responses where state = 'deleted' and answers <> '{}'"),
        ("a response belongs to no version",
            "select r.survey || '/' || r.id from responses r left join survey_versions v on v.survey = r.survey and v.version = r.version where v.version is null and r.state <> 'deleted'"),
    ];

    /// <summary>One line for each finding.</summary>
    /// <exception cref="SqliteException">The file is no database of this service.</exception>
    public static IEnumerable<string> Run(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 60 }.ToString());
        connection.Open();
        // One state for all rules, also while others write.
        using var transaction = connection.BeginTransaction(deferred: true);
        foreach (var finding in connection.Query<string>("pragma integrity_check").Where(finding => finding != "ok"))
        {
            yield return finding;
        }

        foreach (var row in connection.Query<(string Table, long? Row, string Parent)>("select \"table\", rowid, parent from pragma_foreign_key_check"))
        {
            yield return $"{row.Table} refers to a row of {row.Parent} that is not there";
        }

        foreach (var (what, sql) in Rules)
        {
            foreach (var found in connection.Query<string>(sql + " limit 20"))
            {
                yield return $"{what}: {found}";
            }
        }
    }
}
