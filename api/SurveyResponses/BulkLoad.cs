using System.Text.RegularExpressions;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Writing;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>
/// Very many responses in one request. Rows are checked as they arrive and written in short transactions, so that memory
/// stays flat and other writers get in between; checking the next rows goes on while the last ones are written.
/// </summary>
internal sealed partial class BulkLoad(
    Database.Database database, SurveyVersions surveys, Contract contract, SpoolFiles spools, TimeProvider clock, ILogger<BulkLoad> log)
{
    private const int Batch = 2_000;

    public async Task<IResult> RunAsync(HttpContext http, string survey)
    {
        if (Bodies.CheckType(http.Request, contract.Find(http.Operation())!.Bodies.Keys) is { } refused)
        {
            return refused;
        }

        using var check = PrepareCheck(survey);
        if (check is null)
        {
            return SurveyVersions.NoSuch(survey);
        }

        // Before anything is stored: without a place for the report there would be none.
        var file = spools.Open();
        var report = new BulkReport(file, Languages.PrefersGerman(http.Request));
        var stored = new StoredRows();
        var isReported = false;
        try
        {
            var insert = new BulkInsert(survey, http.Caller()!.Owner, http.Request.Query["dryRun"] == "true", AuditEntry.Of(http));
            var problem = http.Request.Query["atomic"] == "true" ? await LoadWholeAsync(http, check, insert, report)
                : await LoadAsync(http, check, insert, report, stored);
            isReported = problem is null;
            return problem ?? report;
        }
        catch (Exception e) when (stored.Last > 0 && StorageFailure.Of(e) is { } failure)
        {
            log.LogError("Bulk load stopped after row {Row}: {Message}", stored.Last, e.Message);
            return Problems.Storage(failure, stored.Describe());
        }
        finally
        {
            if (!isReported)
            {
                await report.DisposeAsync();
            }
        }
    }

    /// <summary>Row by row; each batch is stored together with its part of the report.</summary>
    private async Task<IResult?> LoadAsync(HttpContext http, BulkCheck check, BulkInsert insert, BulkReport report, StoredRows stored)
    {
        var writing = Task.CompletedTask;
        var rows = new List<BulkRow>(Batch);
        try
        {
            await foreach (var row in ReadAsync(http, check))
            {
                var checkedRow = check.Check(row);
                if (row.Number == 0)
                {
                    return Problems.Unprocessable(checkedRow.Problems!);
                }

                rows.Add(checkedRow);
                if (rows.Count == Batch)
                {
                    await writing;
                    writing = WriteAsync(rows, isLast: false);
                    rows = new List<BulkRow>(Batch);
                }
            }
        }
        finally
        {
            // Also when the sender is gone: what is being written is finished.
            await writing;
        }

        await WriteAsync(rows, isLast: true);
        return null;

        // Not cancelled with the request: what is written is known to be whole.
        async Task WriteAsync(List<BulkRow> batch, bool isLast)
        {
            var outcomes = await database.WriteAsync(
                connection =>
                {
                    var outcomes = insert.Run(connection, batch, Instant.Write(clock.GetUtcNow()));
                    // Inside the transaction: rows that cannot be reported are not stored.
                    report.Add(outcomes);
                    if (isLast)
                    {
                        report.Finish();
                    }

                    return outcomes;
                },
                _ => insert.End, CancellationToken.None).ConfigureAwait(false);
            stored.Add(outcomes);
        }
    }

    /// <summary>All or nothing: the checked rows wait in a file, so that nobody waits for a slow sender.</summary>
    private async Task<IResult?> LoadWholeAsync(HttpContext http, BulkCheck check, BulkInsert insert, BulkReport report)
    {
        using var spool = new RowSpool(spools.Open());
        var errors = new List<ProblemError>();
        await foreach (var row in ReadAsync(http, check))
        {
            var checkedRow = check.Check(row);
            if (errors.Count < BodyCheck.MostErrors)
            {
                errors.AddRange(checkedRow.Problems?.Select(problem => Named(checkedRow.Number, problem)) ?? []);
            }

            if (errors.Count == 0)
            {
                spool.Add(checkedRow);
            }
        }

        if (errors.Count == 0)
        {
            errors = await database.WriteAsync(
                connection =>
                {
                    var at = Instant.Write(clock.GetUtcNow());
                    var failed = spool.Batches(Batch).SelectMany(batch =>
                    {
                        var outcomes = insert.Run(connection, batch, at);
                        report.Add(outcomes);
                        return outcomes.SelectMany(outcome => outcome.Problems?.Select(problem => Named(outcome.Number, problem)) ?? []);
                    }).Take(BodyCheck.MostErrors).ToList();
                    if (failed.Count == 0)
                    {
                        report.Finish();
                    }

                    return failed;
                },
                failed => failed.Count > 0 ? WriteEnd.Rollback : insert.End, CancellationToken.None);
        }

        return errors.Count == 0 ? null : Problems.Unprocessable([.. errors.Take(BodyCheck.MostErrors)]);
    }

    private static ProblemError Named(int row, ProblemError problem) =>
        problem with { Pointer = row == 0 ? problem.Pointer : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/rows/{row}{problem.Pointer}") };

    private static async IAsyncEnumerable<ResponseRow> ReadAsync(HttpContext http, BulkCheck check)
    {
        var (body, cancel) = (http.Request.Body, http.RequestAborted);
        var mediaType = MediaTypeHeaderValue.Parse(http.Request.ContentType!).MediaType.ToString().ToLowerInvariant();
        if (mediaType != "text/csv")
        {
            await foreach (var row in mediaType == Formats.Json ? ResponseLines.ReadArrayAsync(body, cancel) : ResponseLines.ReadLinesAsync(body, cancel))
            {
                yield return row;
            }

            yield break;
        }

        using var csv = await ResponseCsv.OpenAsync(body, check.Columns, check.Current ?? 0);
        if (csv.HeaderErrors.Count > 0)
        {
            yield return new ResponseRow(0, default, null, csv.HeaderErrors);
            yield break;
        }

        check.IsExport = true;
        await foreach (var row in csv.ReadAsync(cancel))
        {
            yield return row;
        }
    }

    private BulkCheck? PrepareCheck(string survey)
    {
        using var connection = database.Open();
        var versions = surveys.Published(connection, survey);
        return versions.Count == 0 ? null : new BulkCheck(versions, SurveyVersions.Current(connection, survey), surveys.References(connection));
    }

    /// <summary>Checks rows, one after the other, without asking the database.</summary>
    private sealed class BulkCheck(IReadOnlyList<Questionnaire> versions, int? current, KnownReferences references) : IDisposable
    {
        private readonly Dictionary<int, AnswerRules> rules = versions.ToDictionary(version => version.Version, version => new AnswerRules(version, references));
        private readonly List<ProblemError> errors = [];

        public ResponseColumns Columns { get; } = new(versions);

        public int? Current => current;

        /// <summary>Whether "not shown" may be said, as exports do.</summary>
        public bool IsExport { get; set; }

        public BulkRow Check(ResponseRow row)
        {
            if (row.Errors is { Count: > 0 } broken)
            {
                return new(row.Number, row.Id) { Problems = [.. broken] };
            }

            errors.Clear();
            var json = row.Json.Span;
            var envelope = ResponseEnvelope.Read(json, needsId: true, errors);
            var id = envelope.Id ?? row.Id;
            if (id is not null && errors.Count == 0 && !IdPattern().IsMatch(id))
            {
                errors.Add(ProblemError.At("/id", "pattern", new("Erlaubt sind Buchstaben, Ziffern und . _ ~ -, höchstens 100.", "Allowed are letters, digits and . _ ~ -, 100 at most.")));
            }

            var reader = envelope.Version is { } version ? rules.GetValueOrDefault(version) : null;
            if (envelope.Version is { } unknown && reader is null)
            {
                errors.Add(ResponseHandlers.WrongVersionError(unknown, current));
            }
            else if (envelope.Answers is { } range)
            {
                reader?.Check(json[range], envelope.Submit, IsExport, errors);
            }

            return errors.Count > 0
                ? new(row.Number, id) { Problems = [.. errors] }
                : new(row.Number, id)
                {
                    Version = envelope.Version!.Value,
                    Submit = envelope.Submit,
                    Answers = reader!.Sheet.Normalised.ToArray(),
                    Issues = ResponseQueries.Remarks(reader.Issues),
                };
        }

        public void Dispose()
        {
            foreach (var reader in rules.Values)
            {
                reader.Dispose();
            }
        }
    }

    [GeneratedRegex("^[A-Za-z0-9._~-]{1,100}$")]
    private static partial Regex IdPattern();
}

/// <summary>How far a load has come; rows of a batch count once they are committed.</summary>
internal sealed class StoredRows
{
    private int accepted;
    private int replayed;
    private int rejected;

    /// <summary>Number of the last row; 0 before the first batch.</summary>
    public int Last { get; private set; }

    public void Add(IReadOnlyList<BulkOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            _ = outcome.Status switch { "accepted" => accepted++, "replayed" => replayed++, _ => rejected++ };
            Last = outcome.Number;
        }
    }

    public Text Describe() => new(
        $"Die Zeilen 1 bis {Last} sind bearbeitet ({accepted} angenommen, {replayed} wiederholt, {rejected} abgelehnt), spätere Zeilen sind nicht gespeichert. Dieselbe Datei später noch einmal senden.",
        $"Rows 1 to {Last} were processed ({accepted} accepted, {replayed} replayed, {rejected} rejected); later rows are not stored. Send the same file again later.");
}

/// <summary>A row that was checked: ready to be written, or with what is wrong with it.</summary>
internal sealed record BulkRow(int Number, string? Id)
{
    public IReadOnlyList<ProblemError>? Problems { get; init; }
    public int Version { get; init; }
    public bool Submit { get; init; }
    public byte[] Answers { get; init; } = [];
    public string? Issues { get; init; }
}

/// <param name="Status">accepted, replayed or rejected.</param>
internal readonly record struct BulkOutcome(int Number, string? Id, string Status, IReadOnlyList<ProblemError>? Problems = null);
