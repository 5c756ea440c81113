using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Writing;

/// <summary>What a change is given: one transaction, who writes, why, and when.</summary>
internal sealed record Write(SqliteConnection Connection, HttpContext Http, string BaseAddress, string At, bool IsDryRun)
{
    /// <summary>Null: nobody who is known, where a key is not needed.</summary>
    public Caller? Caller => Http.Caller();

    public string Role { get; init; } = Http.Caller()?.RoleFor(Http.Operation()) ?? "anonymous";

    public string? Reason { get; init; } = ChangeReason.Read(Http.Request);

    /// <summary>Who writes, as the history keeps it.</summary>
    public Writing.Author Author => new(Role, Caller?.Owner, Reason, At) { Touched = touched };

    /// <summary>One for all that is done in this transaction, whatever role or reason a part of it has.</summary>
    private readonly HashSet<(string Kind, string Key)> touched = [];

    /// <summary>Tag of what was there before, once it was compared.</summary>
    public string? Before { get; private set; }

    /// <summary>Null if the client has seen this representation; else the problem (RFC 9110, 13.1.1). Compared inside the transaction.</summary>
    public IResult? CheckIfMatch(byte[] document)
    {
        var current = Before = Answers.Hash(Addresses.Resolve(document, BaseAddress));
        var known = Http.Request.Headers.IfMatch.Count == 0 || (Http.Request.GetTypedHeaders().IfMatch is { Count: > 0 } tags
            && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || (!tag.IsWeak && WithoutCoding(tag.Tag.ToString()) == current)));
        return known ? null : new Problem(Problems.PreconditionFailed, new(
            $"Der aktuelle Stand hat den ETag \"{current}\".", $"The current version has the ETag \"{current}\"."));
    }

    /// <summary>A tag that was read from a compressed answer names its coding at the end.</summary>
    private static string WithoutCoding(string tag)
    {
        var bare = tag.Trim('"');
        return bare.EndsWith("-br", StringComparison.Ordinal) ? bare[..^3] : bare.EndsWith("-gzip", StringComparison.Ordinal) ? bare[..^5] : bare;
    }
}

/// <summary>
/// The one way of every write: precondition, body against the contract, idempotency, one transaction, dry run. A
/// problem rolls back; what was done is committed before it is answered.
/// </summary>
internal sealed class Writes(
    Database.Database database, Contract contract, Addresses addresses, JournalFile tombstones, Overwriting overwriting,
    TimeProvider clock)
{
    public Task<IResult> RunAsync(HttpContext http, WriteEnd end, Func<Write, IResult> change) => RunAsync(http, end, ReadOnlyMemory<byte>.Empty, change, isTogether: false);

    /// <typeparam name="T">The record that the contract names for the body; JsonElement for a merge patch.</typeparam>
    public Task<IResult> RunAsync<T>(HttpContext http, WriteEnd end, Func<Write, T, IResult> change) => RunAsync(http, end, change, isTogether: false);

    /// <summary>For short writes that come many at a time and change nothing public: they share commits.</summary>
    /// <typeparam name="T">As above.</typeparam>
    public Task<IResult> RunTogetherAsync<T>(HttpContext http, Func<Write, T, IResult> change) => RunAsync(http, WriteEnd.Commit, change, isTogether: true);

    /// <summary>
    /// For writes whose input takes long to prepare: <paramref name="prepare"/> works before the transaction, so that no other
    /// writer waits for it. It returns the input, or the problem to answer.
    /// </summary>
    public async Task<IResult> RunPreparedAsync<T>(
        HttpContext http, WriteEnd end, Func<JsonElement, Task<(T? Input, IResult? Problem)>> prepare, Func<Write, T, IResult> change)
        where T : class
    {
        var operation = contract.Find(http.Operation())!;
        var body = await Bodies.ReadAsync(http.Request, operation);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        using var document = body.Document!;
        if (Repeatable(http, operation, body.Bytes) is { } request && database.ReadPrepared(request.Find) is { } answered)
        {
            return answered;
        }

        if (http.Features.Get<CpuVisit>() is { } visit)
        {
            await visit.GiveWayAsync();
        }

        var (input, problem) = await prepare(document.RootElement);
        return problem ?? await RunAsync(http, end, body.Bytes, write => change(write, input!), isTogether: false);
    }

    /// <summary>As above, for operations without a body.</summary>
    public async Task<IResult> RunPreparedAsync<T>(
        HttpContext http, WriteEnd end, Func<(T? Input, IResult? Problem)> prepare, Func<Write, T, IResult> change)
        where T : class
    {
        if (Repeatable(http, contract.Find(http.Operation())!, default) is { } request
            && database.ReadPrepared(request.Find) is { } answered)
        {
            return answered;
        }

        var (input, problem) = prepare();
        return problem ?? await RunAsync(http, end, write => change(write, input!));
    }

    private async Task<IResult> RunAsync<T>(HttpContext http, WriteEnd end, Func<Write, T, IResult> change, bool isTogether)
    {
        var operation = contract.Find(http.Operation())!;
        var body = await Bodies.ReadAsync(http.Request, operation);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        using var document = body.Document!;
        var input = document.RootElement is T element ? element : document.Deserialize<T>(WireJson.Options)!;
        return await RunAsync(http, end, body.Bytes, write => change(write, input), isTogether);
    }

    private async Task<IResult> RunAsync(HttpContext http, WriteEnd end, ReadOnlyMemory<byte> body, Func<Write, IResult> change, bool isTogether)
    {
        var operation = contract.Find(http.Operation())!;
        if (operation.Parameters.TryGetValue("If-Match", out var ifMatch) && ifMatch.Required && http.Request.Headers.IfMatch.Count == 0)
        {
            return new Problem(Problems.PreconditionRequired);
        }

        var isDryRun = IsDryRun(http);
        var request = Repeatable(http, operation, body);
        var baseAddress = addresses.Base(http.Request);
        // Without a place: only one write runs at a time, and requests that wait for it would keep all others from computing.
        http.Features.Get<CpuVisit>()?.Leave();
        var answer = await (isTogether
            ? database.WriteTogetherAsync(Change, End, http.RequestAborted)
            : database.WriteAsync(Change, End, http.RequestAborted));
        if (answer is Finished { LeavesTombstone: true })
        {
            tombstones.Note();
            overwriting.Request();
        }

        return answer;

        IResult Change(SqliteConnection connection)
        {
            var write = new Write(connection, http, baseAddress, Instant.Write(clock.GetUtcNow()), isDryRun);
            if (request?.Find(connection) is { } answered)
            {
                return answered;
            }

            // Authentication read the key or link before this transaction began: meanwhile it may have been used or revoked.
            if (write.Caller?.LookUpAgain?.Invoke(connection, write.At).Refusal is { } refusal)
            {
                return BearerAuthentication.Unauthorized(http, refusal);
            }

            var result = change(write);
            return result is Done done ? Finish(done, write, request) : result;
        }

        WriteEnd End(IResult result) => result is Finished { IsChange: true } finished ? finished.IsPublic ? end : WriteEnd.Commit : WriteEnd.Rollback;
    }

    private static bool IsDryRun(HttpContext http) => http.Request.Query["dryRun"] == "true";

    /// <summary>
    /// The request as its Idempotency-Key names it; null without one, and null without authentication: two anonymous callers who choose
    /// the same key cannot be told apart, and one would get the secrets of the other (the id of an assessment, its deletion token).
    /// </summary>
    private static IdempotentRequest? Repeatable(HttpContext http, Operation operation, ReadOnlyMemory<byte> body)
    {
        var key = IsDryRun(http) || !operation.Parameters.ContainsKey("Idempotency-Key") ? null : http.Request.Headers["Idempotency-Key"]
            .FirstOrDefault();
        return key is null || http.Caller() is not { } caller ? null : new IdempotentRequest(caller.Owner, key, Answers.Hash(
            [http.Request.Method, http.Request.Path, http.Request.QueryString.Value ?? "", Answers.Hash(body.Span)]));
    }

    private static Finished Finish(Done done, Write write, IdempotentRequest? request)
    {
        var body = done.Document is null ? null : Addresses.Resolve(done.Document, write.BaseAddress);
        var tag = body is null || !done.IsTagged ? null : $"\"{Answers.Hash(body)}\"";
        if (done.Warnings.Count > 0)
        {
            body = AppendWarnings(body!, done.Warnings, Languages.PrefersGerman(write.Http.Request));
        }

        var status = write.IsDryRun && done.Status is (StatusCodes.Status201Created or StatusCodes.Status202Accepted) ? StatusCodes.Status200OK : done.Status;
        var finished = new Finished(status, write.IsDryRun || done.Location is null ? null : write.BaseAddress + done.Location, write.IsDryRun ? null : tag, body)
        {
            IsChange = done.IsChange && !write.IsDryRun,
            IsPublic = done.IsPublic,
            Subject = done.Subject,
        };
        if (finished.IsChange)
        {
            finished = finished with { LeavesTombstone = Tombstones.HasNotNoted(write.Connection) };
            request?.Remember(write.Connection, finished, write.At);
            Log(done, write, tag?.Trim('"'));
        }

        return finished;
    }

    private static void Log(Done done, Write write, string? tag)
    {
        var entry = AuditEntry.Of(write.Http) with { Role = write.Role };
        entry = done is { Status: StatusCodes.Status201Created, Location: { } made } ? entry with { Object = made } : entry;
        AuditLog.Add(write.Connection, done.Subject is not null ? entry : entry with { Before = write.Before, After = tag }, write.At);
    }

    private static byte[] AppendWarnings(byte[] document, IReadOnlyList<ProblemError> warnings, bool german)
    {
        var remarks = WireJson.Write(warnings.Select(warning => warning.ToRemark(german)));
        return [.. document.AsSpan(0, document.Length - 1), .. ",\"warnings\":"u8, .. remarks, .. "}"u8];
    }
}

/// <summary>What a change has done, still with placeholders for addresses.</summary>
internal sealed record Done(int Status, byte[]? Document, string? Location = null) : IResult
{
    public IReadOnlyList<ProblemError> Warnings { get; init; } = [];

    /// <summary>Whether the answer is the representation that a GET would give, so that its ETag can go with it.</summary>
    public bool IsTagged { get; init; } = true;

    /// <summary>False: everything was as asked for already.</summary>
    public bool IsChange { get; init; } = true;

    /// <summary>What the answer tells of, if that can be erased.</summary>
    public string? Subject { get; init; }

    /// <summary>False: this time no public answer has changed, so that the revision stays.</summary>
    public bool IsPublic { get; init; } = true;

    public static Done Created(byte[] document, string location, bool tagged = true) => new(StatusCodes.Status201Created, document, location) { IsTagged = tagged };

    public static Done Changed(byte[] document) => new(StatusCodes.Status200OK, document);

    /// <summary>There is nothing to say but that it is done.</summary>
    public static Done Nothing() => new(StatusCodes.Status204NoContent, null);

    public Task ExecuteAsync(HttpContext http) => throw new InvalidOperationException("What is done is finished by the write.");
}

/// <summary>An answer to a write, as it goes out and as it is kept for a repetition.</summary>
internal sealed record Finished(int Status, string? Location, string? ETag, byte[]? Body) : IResult
{
    public bool IsChange { get; init; }
    public bool IsPublic { get; init; }
    public string? Subject { get; init; }
    public bool IsReplay { get; init; }

    /// <summary>Something was erased or withdrawn that no backup may bring back.</summary>
    public bool LeavesTombstone { get; init; }

    public async Task ExecuteAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.Location = Location;
        headers.ETag = ETag;
        if (IsReplay)
        {
            headers["Idempotency-Replayed"] = "true";
        }

        http.Response.StatusCode = Status;
        if (Body is not null)
        {
            http.Response.ContentType = Formats.Json;
            http.Response.ContentLength = Body.Length;
            await http.Response.Body.WriteAsync(Body, http.RequestAborted);
        }
    }
}

/// <summary>Why something was changed: published, so it names no persons.</summary>
internal static class ChangeReason
{
    public const string Header = "X-Change-Reason";

    /// <summary>The header arrives as Latin-1, byte by byte; most clients sent UTF-8.</summary>
    public static string? Read(HttpRequest request)
    {
        if (request.Headers[Header].FirstOrDefault()?.Trim() is not { Length: > 0 } reason)
        {
            return null;
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Encoding.Latin1.GetBytes(reason));
        }
        catch (DecoderFallbackException)
        {
            return reason;
        }
    }
}
