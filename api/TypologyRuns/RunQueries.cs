using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>All SQL of typology runs.</summary>
internal static class RunQueries
{
    private const string Columns = "r.id, r.owner, r.status, r.rows, r.parameters, r.problem, r.created_at, r.finished_at, r.expires_at";

    public static readonly ListSource List = new()
    {
        Name = "typology-runs",
        From = "typology_runs r",
        UniqueKey = "-r.number",
        SortKeys = new Dictionary<string, SortKey>(),
        Columns = [],
        IsConfidential = true,
        Items = window => window.Connection.Query<RunRow>(
            $"""
            select {Columns}, {window.Place} as place
            from typology_runs r
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(RunMapping.Compose(row, null)), row.Place!)),
    };

    /// <param name="connection">Any open connection.</param>
    /// <param name="id">Id of the run.</param>
    /// <param name="now">Current time. Expired runs are not found.</param>
    public static RunRow? Find(SqliteConnection connection, string id, string now) => connection.QuerySingleOrDefault<RunRow>(
        $"select {Columns}, r.result from typology_runs r where r.id = @id and r.expires_at > @now", new { id, now });

    public static byte[] Data(SqliteConnection connection, string id) => connection.QuerySingle<byte[]>("select data from typology_runs where id = @id", new { id });

    public static void Add(SqliteConnection connection, string id, string? owner, int rows, string parameters, byte[] data, string at, string expiresAt) => connection.Execute(
        """
        insert into typology_runs (id, owner, status, rows, parameters, data, created_at, expires_at)
        values (@id, @owner, 'queued', @rows, @parameters, @data, @at, @expiresAt)
        """, new { id, owner, rows, parameters, data, at, expiresAt });

    public static void Start(SqliteConnection connection, string id) => connection.Execute("update typology_runs set status = 'running' where id = @id and status = 'queued'", new { id });

    /// <summary>Ends a run that has not ended yet.</summary>
    /// <returns>False: the run had ended already.</returns>
    public static bool End(SqliteConnection connection, string id, string status, string? result, string? problem, string at) => connection.Execute(
        """
        update typology_runs set status = @status, result = @result, problem = @problem, finished_at = @at
        where id = @id and status in ('queued', 'running')
        """, new { id, status, result, problem, at }) > 0;

    /// <summary>Cancels a run that has not ended, and deletes its data at once.</summary>
    public static bool Cancel(SqliteConnection connection, string id, string at) => connection.Execute(
        """
        update typology_runs set status = 'cancelled', data = x'', finished_at = @at
        where id = @id and status in ('queued', 'running')
        """, new { id, at }) > 0;

    /// <summary>Number and size in bytes of the stored runs of callers without a key.</summary>
    public static (long Runs, long Bytes) StoredWithoutKey(SqliteConnection connection) => connection.QuerySingle<(long, long)>(
        "select count(*), coalesce(sum(length(data) + coalesce(length(result), 0)), 0) from typology_runs where owner is null");

    /// <summary>Marks runs as interrupted that had not ended when the service stopped or was killed.</summary>
    public static void MarkInterrupted(SqliteConnection connection, string problem, string at) => connection.Execute(
        "update typology_runs set status = 'interrupted', problem = @problem, finished_at = @at where status in ('queued', 'running')", new { problem, at });

    /// <summary>Whether <see cref="MarkInterrupted"/> or <see cref="RemoveExpired"/> would change anything.</summary>
    public static bool HasEndedOrUnfinished(SqliteConnection connection, string now) => connection.ReadOne(
        "select exists (select 1 from typology_runs where status in ('queued', 'running') or expires_at <= @now)",
            row => row.GetBoolean(0), ("@now", now));

    /// <summary>Keeps a succeeded run that a finding cites. It becomes public by this, so it is one over the inventory or the caller's own.</summary>
    /// <returns>False if there is no such run.</returns>
    public static bool KeepCited(SqliteConnection connection, string run, string owner, string at) => connection.Execute(
        """
        update typology_runs set expires_at = '9999-12-31T23:59:59.999Z'
        where id = @run and status = 'succeeded' and expires_at > @at and (owner = @owner or json_extract(parameters, '$.source') = 'inventory')
        """, new { run, owner, at }) > 0;

    /// <summary>A run that no finding cites any more stays as long as a new one.</summary>
    public static void LetExpire(SqliteConnection connection, string? run, string at) => connection.Execute(
        "update typology_runs set expires_at = @until where id = @run and not exists (select 1 from finding_computations where run = @run)",
        new { run, until = Instant.Write(Instant.Read(at).AddDays(RunLimits.Key.DaysKept)) });

    public static void RemoveExpired(SqliteConnection connection, string now) => connection.Execute("delete from typology_runs where expires_at <= @now", new { now });

    /// <summary>The types of the current typology.</summary>
    public static CuratedTypes Curated(SqliteConnection connection)
    {
        var version = TypologyQueries.Current(connection);
        return new CuratedTypes(
            version,
            connection.Query<(string Site, string Type)>("select site_id, type from site_types").ToDictionary(row => row.Site, row => row.Type, StringComparer.Ordinal),
            Typologies.TypeQueries.Labels(connection, version));
    }
}

internal sealed record RunRow
{
    public required string Id { get; init; }
    public string? Owner { get; init; }
    public required string Status { get; init; }
    public required int Rows { get; init; }
    public required string Parameters { get; init; }
    public string? Result { get; init; }
    public string? Problem { get; init; }
    public required string CreatedAt { get; init; }
    public string? FinishedAt { get; init; }
    public required string ExpiresAt { get; init; }
    public string? Place { get; init; }
}

internal static class RunMapping
{
    public static TypologyRun Compose(RunRow row, RunProgress? progress) => new()
    {
        Id = row.Id,
        Status = WireEnum.Read<RunStatus>(row.Status),
        Progress = progress ?? new RunProgress { Share = row.Status == "succeeded" ? 1 : 0 },
        Rows = row.Rows,
        Problem = row.Problem is null ? null : WireJson.Read<LocalizedText>(row.Problem),
        CreatedAt = Instant.Read(row.CreatedAt),
        FinishedAt = Instant.ReadOptional(row.FinishedAt),
        ExpiresAt = Instant.Read(row.ExpiresAt),
        Dissimilarities = row.Rows > RunEndpoints.LargestMatrix || row.Status == "cancelled" ? null
            : Addresses.Of(Path(row.Id) + "/dissimilarities"),
        Self = Addresses.Of(Path(row.Id)),
    };

    public static string Path(string id) => "/v1/typology-runs/" + id;

    /// <summary>The run as JSON. The stored result is copied byte for byte.</summary>
    public static byte[] Document(RunRow row, RunProgress? progress)
    {
        var run = WireJson.Write(Compose(row, progress));
        return row.Result is null ? run : [.. run.AsSpan(0, run.Length - 1), .. ",\"result\":"u8, .. System.Text.Encoding.UTF8.GetBytes(row.Result), .. "}"u8];
    }
}
