using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Changes;

/// <summary>The change feed: what happened to published records, in order, with the records as they are now.</summary>
internal static class ChangeEndpoints
{
    public static void MapChanges(this IEndpointRouteBuilder routes) =>
        routes.Get("/v1/changes", ListChanges).WithName("listChanges");

    private static IResult ListChanges(string? after, string? from, string[]? kind, int? limit, HttpContext http, Answers answers, Database.Database database)
    {
        if (after is not null && from is not null)
        {
            return Problems.Invalid([new("/query/from", "from", "other-parameter", new("Nicht zusammen mit „after“.", "Not together with `after`."))]);
        }

        using var snapshot = database.Read();
        var last = FindLast(snapshot.Connection);
        var start = after is null ? ChangeCursor.Beginning : ChangeCursor.Read(after);
        if (start is null)
        {
            return Problems.Invalid([new("/query/after", "after", "cursor", new("Das ist kein Cursor dieses Feeds.", "This is not a cursor of this feed."))]);
        }

        if (start.Number > 0 && ChangeCursor.Of(Find(snapshot.Connection, start.Number)) != start)
        {
            return new Problem(Problems.CursorGone);
        }

        var rows = from is null ? List(snapshot.Connection, start.Number, kind ?? [], (limit ?? 50) + 1) : [];
        var more = rows.Count > (limit ?? 50);
        if (more)
        {
            rows.RemoveAt(rows.Count - 1);
        }

        // Without more, everything up to the end has been looked at, also what the filter left out.
        var cursor = ChangeCursor.Of(more ? rows[^1] : last) ?? ChangeCursor.Beginning;
        var page = Write(snapshot.Connection, rows, cursor.ToString(), more);
        var json = Addresses.Resolve(page, answers.Base(http));
        var result = answers.Bytes(http, Formats.Json, Answers.Hash(json), () => json);
        if (more)
        {
            var kinds = string.Concat((kind ?? []).Select(name => "&kind=" + name));
            http.Response.Headers.Link = $"{http.Response.Headers.Link}, <{answers.Base(http)}/v1/changes?after={cursor}&limit={limit ?? 50}{kinds}>; rel=\"next\"";
        }

        return result;
    }

    private static byte[] Write(SqliteConnection connection, List<ChangeRow> rows, string cursor, bool more)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = WireJson.Options.Encoder }))
        {
            // The same record may come several times on a page.
            var records = new Dictionary<(string, string), byte[]?>();
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var row in rows)
            {
                if (!records.TryGetValue((row.Kind, row.Key), out var record))
                {
                    records[(row.Kind, row.Key)] = record = RecordKinds.Find(connection, row.Kind, row.Key);
                }

                json.WriteStartObject();
                json.WriteNumber("number", row.Number);
                json.WriteString("kind", row.Kind);
                json.WriteString("id", row.Key);
                json.WriteString("action", row.Action);
                json.WriteString("at", row.At);
                json.WriteString("self", Addresses.Of(RecordKinds.Path(row.Kind, row.Key)).OriginalString);
                if (record is not null)
                {
                    json.WritePropertyName("record");
                    json.WriteRawValue(record, skipInputValidation: true);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("cursor", cursor);
            json.WriteBoolean("more", more);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static List<ChangeRow> List(SqliteConnection connection, long after, string[] kinds, int limit)
    {
        var filter = new Filter();
        filter.Add("after", "c.number > @after", ("after", after));
        filter.AddValues("kind", "c.kind in @kind", kinds);
        return connection.Query<ChangeRow>(
            $"""
            select c.number, c.kind, c.key, c.action, c.at
            from changes c
            {filter.Where()}
            order by c.number
            limit @limit
            """, filter.Parameters(("limit", limit))).ToList();
    }

    private static ChangeRow? Find(SqliteConnection connection, long number) => connection.QuerySingleOrDefault<ChangeRow>(
        "select number, kind, key, action, at from changes where number = @number", new { number });

    private static ChangeRow? FindLast(SqliteConnection connection) => connection.QuerySingleOrDefault<ChangeRow>(
        "select number, kind, key, action, at from changes order by number desc limit 1");
}

/// <summary>
/// A place in the feed: the number of the change that was read last, and what it was. After a restore the same number may
/// be another change; then the cursor is refused instead of continuing a history that did not happen.
/// </summary>
internal sealed record ChangeCursor(long Number, string Mark)
{
    public static readonly ChangeCursor Beginning = new(0, "0");

    public static ChangeCursor? Of(ChangeRow? row) =>
        row is null ? null : new(row.Number, Answers.Hash([row.Kind, row.Key, row.Action, row.At])[..8]);

    public static ChangeCursor? Read(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(number, parts[1]) : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}.{Mark}");
}

internal sealed record ChangeRow
{
    public required long Number { get; init; }
    public required string Kind { get; init; }
    public required string Key { get; init; }
    public required string Action { get; init; }
    public required string At { get; init; }
}
