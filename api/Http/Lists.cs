using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Http;

/// <summary>The parameters that every list knows.</summary>
internal sealed record ListParameters(int? Limit, string? Cursor, string? Format, bool? Bom, string? Delimiter);

/// <summary>One item: its JSON, and its place in the order.</summary>
internal sealed record ListItem(byte[] Json, string Place);

/// <summary>Not positional: of an empty result SQLite knows no types, for which Dapper would look for a constructor.</summary>
internal sealed record FacetCount
{
    public required string Code { get; init; }
    public required long Count { get; init; }
}

/// <summary>What an items query is given. Its SQL ends in: where, order by, "limit @limit".</summary>
internal sealed record Window(SqliteConnection Connection, string Where, string OrderBy, string Place, DynamicParameters Parameters);

/// <summary>What a slice says about its list; everything else happens here, once.</summary>
internal sealed record ListSource
{
    /// <summary>Names the list in file names, cursors and kept totals.</summary>
    public required string Name { get; init; }

    /// <summary>The table that the conditions speak of, with its alias.</summary>
    public required string From { get; init; }

    public required string UniqueKey { get; init; }
    public required IReadOnlyDictionary<string, SortKey> SortKeys { get; init; }
    public required Func<Window, IEnumerable<ListItem>> Items { get; init; }
    public required IReadOnlyList<Column> Columns { get; init; }

    /// <summary>Turns an item into several CSV rows.</summary>
    public Func<JsonElement, IEnumerable<JsonElement>>? Rows { get; init; }

    public Func<SqliteConnection, Filter, string, IEnumerable<FacetCount>>? Facet { get; init; }

    /// <summary>Not for everybody, and not under the revision of public answers: no tags, nothing kept.</summary>
    public bool IsConfidential { get; init; }
}

/// <summary>What a request asks of a list.</summary>
internal sealed record ListRequest(ListSource Source, ListParameters Parameters)
{
    public IReadOnlyList<string> Sort { get; init; } = [];
    public IReadOnlyList<string> Fields { get; init; } = [];
    public IReadOnlyList<string> Facets { get; init; } = [];

    /// <summary>Whether there is a point to measure distances from.</summary>
    public bool IsNear { get; init; }

    /// <summary>Whether there are words to rank by.</summary>
    public bool HasWords { get; init; }

    /// <summary>Parameters of the slice that were given and make sense for CSV only.</summary>
    public IReadOnlyList<string> CsvOnly { get; init; } = [];

    /// <summary>Builds the conditions; what the content does not know is added to the errors.</summary>
    public required Func<SqliteConnection, List<ProblemError>, Filter> Filter { get; init; }
}

/// <summary>
/// Paging, totals, conditional requests, formats and facets of every list. Nothing is sent while a snapshot is open: a client that
/// reads slowly would keep SQLite from emptying its write-ahead log, which then grows without limit and holds what was erased.
/// </summary>
internal sealed class Lists(Database.Database database, KeptCounts counts, Answers answers)
{
    /// <summary>Rows that are read at once where the whole list is sent: some 200 kB to 2 MB.</summary>
    private const int PartRows = 500;

    public IResult Answer(ListRequest list) => new ListAnswer(this, list);

    private sealed class ListAnswer(Lists lists, ListRequest list) : IResult
    {
        public Task ExecuteAsync(HttpContext http) => lists.WriteAsync(http, list);
    }

    private async Task WriteAsync(HttpContext http, ListRequest list)
    {
        var offered = answers.Offered(http);
        if (Formats.Choose(http.Request, offered) is not { } format)
        {
            await Problems.NoSuchFormat(Formats.Asked(http.Request), offered).ExecuteAsync(http);
            return;
        }

        using var snapshot = database.Read();
        var errors = Check(list, format).ToList();
        var filter = list.Filter(snapshot.Connection, errors);
        if (errors.Count > 0)
        {
            snapshot.Dispose();
            await Problems.Invalid(errors).ExecuteAsync(http);
            return;
        }

        var order = new Order(list.Sort, list.Source.SortKeys, list.Source.UniqueKey);
        var listKey = list.Source.Name + filter.Key;
        IReadOnlyList<object> place = [];
        if (list.Parameters.Cursor is { } cursor)
        {
            if (order.ReadCursor(cursor, listKey) is not { } read)
            {
                snapshot.Dispose();
                await Problems.NoSuchCursor().ExecuteAsync(http);
                return;
            }

            place = read;
        }

        var isPaged = format == Formats.Json || list.Parameters.Limit is not null || list.Parameters.Cursor is not null;
        var limit = list.Parameters.Limit ?? 50;
        var baseAddress = answers.Base(http);
        var hash = Answers.Hash(snapshot.State, format, baseAddress, http.Request.Path, Canonical(http.Request.Query));

        if (list.Source.IsConfidential)
        {
            Answers.SetConfidential(http.Response.Headers);
        }
        else if (answers.IsCurrent(http, hash))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (!isPaged)
        {
            SlowReaders.Limit(http);
            await WriteRowsAsync(http, list, format, ReadInParts(http, list.Source, filter, order, snapshot), baseAddress);
            return;
        }

        if (list.Facets.Count > 0)
        {
            filter.FindOnce(snapshot.Connection);
        }

        // One more than asked for tells whether there is a next page.
        var items = list.Source.Items(Look(snapshot, filter, order, place, limit + 1)).ToList();
        string? next = null;
        if (items.Count > limit)
        {
            items.RemoveAt(limit);
            next = NextAddress(http.Request, baseAddress, order.WriteCursor(items[^1].Place, listKey));
            http.Response.Headers.Link = $"{http.Response.Headers.Link}, <{next}>; rel=\"next\"";
        }

        if (format == Formats.Json)
        {
            var total = list.Source.IsConfidential
                ? Count(snapshot.Connection, list.Source, filter)
                : counts.Get(snapshot.Revision, listKey, "total", () => Count(snapshot.Connection, list.Source, filter));
            var facets = list.Facets.Distinct().ToDictionary(name => name, name => counts.Get(
                snapshot.Revision, listKey, name, () => list.Source.Facet!(snapshot.Connection, filter, name).ToList()));
            // A pipe, for its memory is pooled: pages are large enough to wear out the heap of large objects.
            var output = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 32 * 1024));
            WritePage(output.Writer, list, items, baseAddress, new Contracts.Page { Limit = limit, Total = total, Next = next }, facets);
            http.Response.ContentType = Formats.Json;
            http.Response.ContentLength = output.Writer.UnflushedBytes;
            await output.Writer.CompleteAsync();
            snapshot.Dispose();
            await output.Reader.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        else
        {
            snapshot.Dispose();
            await WriteRowsAsync(http, list, format, items, baseAddress);
        }
    }

    private static Window Look(Snapshot snapshot, Filter filter, Order order, IReadOnlyList<object> place, int limit)
    {
        var parameters = filter.Parameters(("limit", limit));
        for (var i = 0; i < place.Count; i++)
        {
            parameters.Add("place" + i, place[i]);
        }

        return new Window(
            snapshot.Connection, filter.Where(and: place.Count > 0 ? order.After() : null), order.OrderBy, order.Place, parameters);
    }

    /// <summary>
    /// The whole list, part by part. Each part is read in a snapshot of its own that is closed before the part is sent. A public answer
    /// has one ETag, so it is broken off where the next part would show another revision; a confidential one has none and shows each
    /// record as it is when it is read. The keys are read first, so that the list is sorted once and only by what it is sorted by.
    /// </summary>
    private IEnumerable<ListItem> ReadInParts(HttpContext http, ListSource source, Filter filter, Order order, Snapshot first)
    {
        var state = first.State;
        var keys = new List<object>();
        using (var reader = first.Connection.ExecuteReader(
            $"select {source.UniqueKey} from {source.From} {filter.Where()} order by {order.OrderBy}", filter.Parameters()))
        {
            while (reader.Read())
            {
                keys.Add(reader.GetValue(0));
            }
        }

        if (keys.Count == 0)
        {
            first.Dispose();
        }

        var isFirst = true;
        foreach (var next in keys.Chunk(PartRows))
        {
            List<ListItem> part;
            using (var snapshot = isFirst ? first : database.Read())
            {
                isFirst = false;
                if (!source.IsConfidential && snapshot.State != state)
                {
                    http.Abort();
                    throw new OperationCanceledException("The records changed while the answer was sent.");
                }

                var parameters = filter.Parameters(("limit", -1), ("keys", JsonSerializer.Serialize(next)));
                var where = filter.Where(and: $"{source.UniqueKey} in (select value from json_each(@keys))");
                part = [.. source.Items(new Window(snapshot.Connection, where, order.OrderBy, "''", parameters))];
            }

            foreach (var item in part)
            {
                yield return item;
            }
        }
    }

    private static long Count(SqliteConnection connection, ListSource source, Filter filter) => connection.ExecuteScalar<long>(
        $"""
        select count(*)
        from {source.From}
        {filter.Where()}
        """, filter.Parameters());

    private static void WritePage(
        PipeWriter output, ListRequest list, List<ListItem> items, string baseAddress, Contracts.Page page, Dictionary<string, List<FacetCount>> facets)
    {
        var address = Encoding.UTF8.GetBytes(baseAddress);
        output.Write("{\"items\":["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            Addresses.Copy(list.Fields.Count == 0 ? items[i].Json : Fields.Pick(items[i].Json, list.Fields), address, output);
        }

        output.Write("],\"page\":"u8);
        output.Write(WireJson.Write(page));
        if (facets.Count > 0)
        {
            output.Write(",\"facets\":"u8);
            output.Write(WireJson.Write(facets));
        }

        output.Write("}"u8);
    }

    private static async Task WriteRowsAsync(HttpContext http, ListRequest list, string format, IEnumerable<ListItem> items, string baseAddress)
    {
        var columns = list.Fields.Count == 0 ? list.Source.Columns : [.. list.Source.Columns.Where(column => list.Fields.Contains(column.Field))];
        var bytes = Encoding.UTF8.GetBytes(baseAddress);
        var documents = items.Select(item =>
        {
            var resolved = new ArrayBufferWriter<byte>(item.Json.Length + 256);
            Addresses.Copy(item.Json, bytes, resolved);
            return JsonDocument.Parse(resolved.WrittenMemory);
        });
        if (format == Formats.Lines)
        {
            http.Response.ContentType = Formats.Lines;
            foreach (var item in items)
            {
                Addresses.Copy(item.Json, bytes, http.Response.BodyWriter);
                http.Response.BodyWriter.Write("\n"u8);
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            }
        }
        else if (format == Formats.Csv)
        {
            Csv.SetHeaders(http.Response, list.Source.Name);
            await Csv.WriteAsync(http.Response.Body, columns, documents, list.Source.Rows, list.Parameters, http.RequestAborted);
        }
        else
        {
            GeoJson.SetHeaders(http.Response, list.Source.Name);
            await GeoJson.WriteAsync(http.Response.Body, columns, documents, http.RequestAborted);
        }
    }

    /// <summary>What the contract cannot say of a single parameter: which need each other, and which belong to one format.</summary>
    private static IEnumerable<ProblemError> Check(ListRequest list, string format)
    {
        var sort = list.Sort.Select(name => name.TrimStart('-')).ToList();
        if (sort.Distinct().Count() != sort.Count)
        {
            yield return new("/query/sort", "sort", "repeated", new(
                "Jedes Feld ist nur einmal erlaubt.",
                "Each field is allowed only once."));
        }

        if (!list.IsNear && sort.Contains("distance"))
        {
            yield return Checks.Needs("sort", "near");
        }

        if (!list.HasWords && sort.Contains("relevance"))
        {
            yield return Checks.Needs("sort", "q");
        }

        if (!list.IsNear && list.Fields.Contains("distanceKm"))
        {
            yield return Checks.Needs("fields", "near");
        }

        foreach (var field in list.Fields.Where(field => format != Formats.Json && list.Source.Columns.All(column => column.Field != field) && field != "distanceKm"))
        {
            yield return new("/query/fields", "fields", "other-format", new(
                $"„{field}“ ist nur mit format=json möglich.",
                $"`{field}` is available with format=json only."));
        }

        if (format != Formats.Json && list.Facets.Count > 0)
        {
            yield return Formats.Belongs("facets", "json");
        }

        foreach (var error in format == Formats.Csv ? [] : Csv.CheckUnused(list.Parameters, list.CsvOnly))
        {
            yield return error;
        }
    }

    /// <summary>The same for requests that differ only in the order of their parameters.</summary>
    private static string Canonical(IQueryCollection query) =>
        string.Join('&', query.OrderBy(parameter => parameter.Key, StringComparer.Ordinal).Select(parameter => parameter.Key + "=" + string.Join('\u0001', parameter.Value.ToArray())));

    private static string NextAddress(HttpRequest request, string baseAddress, string cursor)
    {
        var query = new QueryBuilder(request.Query.Where(parameter => parameter.Key != "cursor").SelectMany(
            parameter => parameter.Value, (parameter, value) => KeyValuePair.Create(parameter.Key, value ?? "")))
        {
            { "cursor", cursor },
        };
        return baseAddress + request.Path + query.ToQueryString();
    }
}
