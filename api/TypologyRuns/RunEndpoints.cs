using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>
/// Typology runs: computed clusterings for checking the curated typology. The service never publishes them as a typology.
/// </summary>
internal static class RunEndpoints
{
    /// <summary>Largest number of rows of a matrix in an answer.</summary>
    public const int LargestMatrix = 5_000;

    /// <summary>Slowest rate for receiving a matrix, because each matrix occupies one of few places while it is sent.</summary>
    private static readonly MinDataRate SlowestReader = new(bytesPerSecond: 250_000, gracePeriod: TimeSpan.FromSeconds(10));

    /// <summary>Slowest rate for sending a table, for the same reason.</summary>
    private static readonly MinDataRate SlowestSender = new(bytesPerSecond: 50_000, gracePeriod: TimeSpan.FromSeconds(10));

    private const long LargestBody = 128_000_000;
    private const long SmallBody = 1_000_000;
    private const long LargestAnonymousBody = 16_000_000;

    /// <summary>Largest number of stored runs of all callers without a key together.</summary>
    private const int MostAnonymousRuns = 2_000;
    private const long MostAnonymousBytes = 100_000_000;

    private static readonly Text Thing = new("Die Berechnung", "run");

    public static void MapTypologyRuns(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/v1/typology-runs").WithMetadata(new NotKept());
        runs.Get("/", ListTypologyRuns).WithName("listTypologyRuns");
        runs.Post("/", CreateTypologyRun).WithName("createTypologyRun").WithMetadata(new RequestSizeLimitAttribute(LargestBody));
        runs.Get("/{run}", GetTypologyRun).WithName("getTypologyRun");
        runs.Post("/{run}/cancel", CancelTypologyRun).WithName("cancelTypologyRun");
        runs.Get("/{run}/dissimilarities", GetDissimilarities).WithName("getTypologyRunDissimilarities");
    }

    private static IResult ListTypologyRuns(int? limit, string? cursor, HttpContext http, Lists lists, TimeProvider clock) =>
        lists.Answer(new ListRequest(RunQueries.List, new ListParameters(limit, cursor, null, null, null))
        {
            Filter = (_, _) =>
            {
                var filter = new Filter();
                filter.Add("owner", "r.owner = @owner", ("owner", http.Caller()!.Owner));
                filter.Add("expired", "r.expires_at > @now", ("now", Instant.Write(clock.GetUtcNow())));
                return filter;
            },
        });

    private static async Task<IResult> CreateTypologyRun(
        HttpContext http, Writes writes, Database.Database database, RunQueue queue, RunGate gate, TimeProvider clock)
    {
        // The higher limits are for keys of researchers only.
        var isResearcher = http.Caller()?.Roles.Contains(Roles.Researcher) == true;
        if (!isResearcher)
        {
            if (http.Request.ContentLength > LargestAnonymousBody)
            {
                return new Problem(Problems.BodyTooLarge);
            }

            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = LargestAnonymousBody;
            }
        }

        if (!isResearcher && (http.Request.ContentLength ?? LargestAnonymousBody) > SmallBody)
        {
            if (await gate.EnterUploadAsync(http) is not { } upload)
            {
                await RunGate.SlowDownAsync(http);
                return RunGate.Busy(http);
            }

            http.Response.RegisterForDispose(upload);
            if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = SlowestSender;
            }
        }

        var address = http.Caller() is null ? RateLimits.Partition(http.Connection.RemoteIpAddress) : null;
        if (!queue.HasRoom(address))
        {
            http.Response.Headers.RetryAfter = "60";
            return new Problem(Problems.TooManyRequests, new("Zu viele Berechnungen warten.", "Too many runs are waiting."));
        }

        var limits = isResearcher ? RunLimits.Key : RunLimits.Anonymous;
        Action? enqueue = null;
        var answer = await writes.RunPreparedAsync<NewRun>(
            http,
            WriteEnd.Commit,
            async body =>
            {
                using var place = await gate.EnterAsync(http);
                return place is null ? (null, RunGate.Busy(http)) : Prepare(database, clock, body, limits);
            },
            (write, run) =>
            {
                var (owner, id) = (http.Caller()?.Owner, "run-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
                if (owner is null && RunQueries.StoredWithoutKey(write.Connection) is var stored
                    && (stored.Runs >= MostAnonymousRuns || stored.Bytes + run.Data.Length > MostAnonymousBytes))
                {
                    http.Response.Headers.RetryAfter = "3600";
                    return new Problem(Problems.TooManyRequests, new(
                        "Der Speicher für Berechnungen ohne Schlüssel ist voll. Bitte später noch einmal versuchen oder einen "
                            + "Schlüssel verwenden.",
                        "The storage for runs without a key is full. Try again later, or use a key."));
                }

                RunQueries.Add(
                    write.Connection, id, owner, run.Request.Table.Count, WireJson.Text(run.Request.Parameters), run.Data, write.At,
                    Instant.Write(Instant.Read(write.At).AddDays(limits.DaysKept)));
                enqueue = () => queue.Add(id, run.Request, run.Curated, run.Hash, limits.Time, address, owner);
                var document = RunMapping.Document(RunQueries.Find(write.Connection, id, write.At)!, null);
                return new Done(StatusCodes.Status202Accepted, document, RunMapping.Path(id)) { IsTagged = false };
            });
        // The run is committed, so the computation may start.
        if (answer is Finished { IsChange: true, IsReplay: false })
        {
            enqueue!();
        }

        return answer;
    }

    /// <summary>Reads, checks and compresses the data, all from one state of the inventory.</summary>
    private static (NewRun? Run, IResult? Problem) Prepare(
        Database.Database database, TimeProvider clock, JsonElement body, RunLimits limits)
    {
        using var snapshot = database.Read();
        var (request, problem) = RunRequest.Read(snapshot.Connection, clock.GetUtcNow(), body, limits);
        if (request is null)
        {
            return (null, problem);
        }

        var data = RunData.Write(request.Table);
        var curated = request.Parameters.Source == RunSourceKind.Inventory ? RunQueries.Curated(snapshot.Connection) : null;
        return (new NewRun(request, curated, RunData.Compress(data), RunData.Hash(data)), null);
    }

    /// <summary>A checked run, ready to be stored.</summary>
    private sealed record NewRun(RunRequest Request, CuratedTypes? Curated, byte[] Data, string Hash);

    private static IResult GetTypologyRun(string run, HttpContext http, Answers answers, Database.Database database, RunQueue queue, TimeProvider clock)
    {
        using var connection = database.Open();
        return RunQueries.Find(connection, run, Instant.Write(clock.GetUtcNow())) is { } row
            ? answers.ConfidentialItem(http, RunMapping.Document(row, row.Status is "queued" or "running" ? queue.Progress(run) : null))
            : Problems.NoSuch(Thing, run);
    }

    private static async Task<IResult> CancelTypologyRun(string run, HttpContext http, Writes writes, RunQueue queue)
    {
        var answer = await writes.RunAsync(http, WriteEnd.Commit, write =>
        {
            if (RunQueries.Find(write.Connection, run, write.At) is not { } row)
            {
                return Problems.NoSuch(Thing, run);
            }

            if (!RunQueries.Cancel(write.Connection, run, write.At))
            {
                return new Problem(Problems.Conflict, new(
                    $"Die Berechnung ist schon beendet ({row.Status}).",
                    $"The run has already ended ({row.Status})."));
            }

            return Done.Changed(RunMapping.Document(RunQueries.Find(write.Connection, run, write.At)!, null)) with { IsTagged = false };
        });
        if (answer is Finished)
        {
            queue.Cancel(run);
        }

        return answer;
    }

    private static async Task<IResult> GetDissimilarities(
        string run, HttpContext http, Database.Database database, RunGate gate, TimeProvider clock)
    {
        if (Formats.Choose(http.Request, [Formats.Csv]) is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), [Formats.Csv]);
        }

        if (await gate.EnterAsync(http) is not { } place)
        {
            return RunGate.Busy(http);
        }

        // The place stays taken until the matrix is sent, because the matrix is in memory until then.
        http.Response.RegisterForDispose(place);
        var (row, data) = Find(database, run, Instant.Write(clock.GetUtcNow()));
        if (row is null)
        {
            return Problems.NoSuch(Thing, run);
        }

        if (row.Rows > LargestMatrix)
        {
            return new Problem(Problems.Conflict, new(
                $"Die Berechnung hat {row.Rows} Zeilen. Eine Matrix gibt es bis {LargestMatrix} Zeilen.",
                $"The run has {row.Rows} rows. A matrix is available for up to {LargestMatrix} rows."));
        }

        if (data.Length == 0)
        {
            return new Problem(
                Problems.Conflict,
                new("Die Berechnung ist abgebrochen. Ihre Daten sind gelöscht.", "The run was cancelled. Its data are deleted."));
        }

        var parameters = WireJson.Read<RunParameters>(row.Parameters);
        var table = RunData.Read(data, parameters.Dimensions.ToDictionary(dimension => dimension.Key, dimension => dimension.Weight));
        var comparable = Comparable.Choose(table, parameters.MinCoverage, cancel: http.RequestAborted);
        // Pairs whose dissimilarity the run had to assume stay empty in the matrix.
        var distances = comparable.AssumedPairs == 0 ? comparable.Distances : Gower.Compute(comparable.Table, cancel: http.RequestAborted);
        Answers.SetConfidential(http.Response.Headers);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{run}-dissimilarities.csv\"";
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = SlowestReader;
        }

        return Results.Stream(stream => WriteMatrixAsync(stream, comparable.Table.Ids, distances, http.RequestAborted), Csv.MediaType);
    }

    private static (RunRow? Row, byte[] Data) Find(Database.Database database, string run, string now)
    {
        using var connection = database.Open();
        return RunQueries.Find(connection, run, now) is { } row ? (row, row.Rows > LargestMatrix ? [] : RunQueries.Data(connection, run))
            : (null, []);
    }

    private static async Task WriteMatrixAsync(Stream stream, IReadOnlyList<string> ids, Dissimilarities d, CancellationToken cancel)
    {
        var output = PipeWriter.Create(stream);
        output.Write(Encoding.UTF8.GetBytes("id," + string.Join(',', ids.Select(Csv.Quoted)) + "\r\n"));
        for (var i = 0; i < ids.Count; i++)
        {
            output.Write(Encoding.UTF8.GetBytes(Csv.Quoted(ids[i])));
            for (var j = 0; j < ids.Count; j++)
            {
                output.Write(","u8);
                if (!double.IsNaN(d[i, j]))
                {
                    output.Write(Encoding.ASCII.GetBytes(d[i, j].ToString("R", CultureInfo.InvariantCulture)));
                }
            }

            output.Write("\r\n"u8);
            await output.FlushAsync(cancel);
        }

        await output.CompleteAsync();
    }
}
