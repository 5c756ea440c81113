using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Http;

/// <summary>A sentence in both languages of the service.</summary>
internal sealed record Text(string De, string En)
{
    public string In(bool german) => german ? De : En;
}

/// <summary>One kind of problem: its stable code, its status, its title, and what the reader can do.</summary>
internal sealed record ProblemKind(string Code, int Status, Text Title, Text Help);

/// <summary>What is wrong with one parameter or field.</summary>
/// <param name="Pointer">/query/{name}, /path/{name}, or the pointer into the body (RFC 6901).</param>
internal sealed record ProblemError(string Pointer, string? Parameter, string Code, Text Detail, string? Suggestion = null)
{
    /// <summary>A place in the body.</summary>
    public static ProblemError At(string pointer, string code, Text detail, string? suggestion = null) => new(pointer, null, code, detail, suggestion);

    public Contracts.Remark ToRemark(bool german) => new() { Pointer = Pointer, Code = Code, Detail = Detail.In(german), Suggestion = Suggestion };
}

/// <summary>The one list of what can go wrong, and the one writer of it (RFC 9457).</summary>
internal static class Problems
{
    public static readonly ProblemKind InvalidRequest = new("invalid-request", 400,
        new("Ungültige Anfrage", "Invalid request"),
        new(
            "Jeder Eintrag in „errors“ nennt eine Stelle, den Fehler und was gültig ist. " +
            "Die Beschreibung der Operation nennt alle Parameter.",
            "Each entry in `errors` names one place, its error and what is valid. The description of the operation lists all parameters."));

    public static readonly ProblemKind UnknownParameter = new("unknown-parameter", 400,
        new("Unbekannter Parameter", "Unknown parameter"),
        new(
            "Die Operation hat diesen Parameter nicht. Groß- und Kleinschreibung zählt. „suggestion“ nennt den ähnlichsten Parameter.",
            "The operation has no such parameter. Names are case-sensitive. `suggestion` gives the most similar parameter."));

    public static readonly ProblemKind InvalidCursor = new("invalid-cursor", 400,
        new("Ungültiger Cursor", "Invalid cursor"),
        new(
            "Ein Cursor gilt nur mit denselben Filtern und derselben Sortierung. " +
            "Die Adresse in „page.next“ unverändert aufrufen oder ohne „cursor“ von vorn beginnen.",
            "A cursor is valid only with the same filters and the same sort. " +
            "Use the URL in `page.next` unchanged, or start again without `cursor`."));

    public static readonly ProblemKind Unauthorized = new("unauthorized", 401,
        new("Nicht angemeldet", "Not authenticated"),
        new(
            "Diese Operation braucht einen API-Schlüssel: „Authorization: Bearer ao_…“. Der Betreiber des Dienstes vergibt Schlüssel.",
            "This operation needs an API key: `Authorization: Bearer ao_…`. Ask whoever runs the service for a key."));

    public static readonly ProblemKind Forbidden = new("forbidden", 403,
        new("Nicht erlaubt", "Not allowed"),
        new("Der Schlüssel ist gültig. Ihm fehlt aber die nötige Rolle, oder er ist auf andere Daten beschränkt.",
            "The key is valid, but lacks the required role or is limited to other data."));

    public static readonly ProblemKind Conflict = new("conflict", 409,
        new("Konflikt mit dem aktuellen Stand", "Conflict with the current state"),
        new("„detail“ nennt den Konflikt.", "`detail` names the conflict."));

    public static readonly ProblemKind ResponseDeleted = new("response-deleted", 409,
        new("Diese Antwort wurde entfernt", "This response was removed"),
        new("Die Kennung einer entfernten Antwort wird nicht wieder verwendet. Eine neue Antwort braucht eine neue Kennung.",
            "The id of a removed response is never reused. Use a new id for a new response."));

    public static readonly ProblemKind Gone = new("gone", 410,
        new("Entfernt", "Removed"),
        new("Dieser Datensatz wurde entfernt. Listen zeigen ihn mit „deleted=include“. Die Historie zeigt die früheren Versionen.",
            "This record was removed. Lists show it with `deleted=include`. The history shows its earlier versions."));

    public static readonly ProblemKind CursorGone = new("changes-start-again", 410,
        new("Dieser Cursor gilt nicht mehr", "This cursor is no longer valid"),
        new("Die Datenbank wurde zurückgespielt oder ersetzt. Die Kopie verwerfen und GET /v1/changes ohne „after“ von vorn lesen.",
            "The database was restored or replaced. Discard your copy and read GET /v1/changes from the start, without `after`."));

    public static readonly ProblemKind PreconditionFailed = new("precondition-failed", 412,
        new("Inzwischen geändert", "Changed meanwhile"),
        new("Den Datensatz neu lesen, die Änderung wiederholen und mit dem neuen ETag senden.",
            "Read the record again, repeat your change, and send it with the new ETag."));

    public static readonly ProblemKind UnsupportedMediaType = new("unsupported-media-type", 415,
        new("Ungültiger Inhaltstyp", "Unsupported content type"),
        new(
            "„detail“ oder die Beschreibung der Operation nennt die gültigen Werte für „Content-Type“. " +
            "Der Inhalt muss UTF-8 sein.",
            "`detail` or the description of the operation lists the valid values of `Content-Type`. The body must be UTF-8."));

    public static readonly ProblemKind UnprocessableContent = new("unprocessable", 422,
        new("Unzulässiger Inhalt", "Invalid content"),
        new(
            "Die Form der Anfrage ist gültig, aber der Inhalt verletzt eine Regel. " +
            "Jeder Eintrag in „errors“ nennt eine Stelle, den Fehler und was gültig ist.",
            "The request is well-formed but breaks a rule of the content. " +
            "Each entry in `errors` names one place, its error and what is valid."));

    public static readonly ProblemKind IdempotencyKeyReused = new("idempotency-key-reused", 422,
        new("Der Idempotency-Key gehört zu einer anderen Anfrage", "The Idempotency-Key belongs to another request"),
        new("Derselbe Idempotency-Key wiederholt dieselbe Anfrage. Eine andere Anfrage braucht einen neuen.",
            "The same Idempotency-Key repeats the same request. Use a new one for another request."));

    public static readonly ProblemKind PreconditionRequired = new("precondition-required", 428,
        new("If-Match fehlt", "If-Match is missing"),
        new(
            "Den Datensatz lesen und seinen ETag als „If-Match“ mitsenden. Das verhindert, dass eine fremde Änderung überschrieben wird.",
            "Read the record and send its ETag as `If-Match`. This prevents overwriting a change of somebody else."));

    public static readonly ProblemKind NotFound = new("not-found", 404,
        new("Nicht gefunden", "Not found"),
        new("Diese Adresse oder diesen Datensatz gibt es nicht. Die Listen unter /v1 nennen alle Kennungen.",
            "There is no such path or record. The lists under /v1 give all ids."));

    public static readonly ProblemKind MethodNotAllowed = new("method-not-allowed", 405,
        new("Methode nicht erlaubt", "Method not allowed"),
        new("Der Header „Allow“ nennt die erlaubten Methoden.", "The header `Allow` lists the allowed methods."));

    public static readonly ProblemKind NotAcceptable = new("not-acceptable", 406,
        new("Format nicht verfügbar", "Format not available"),
        new("„Accept“ oder „format“ verlangt ein Format, das diese Operation nicht anbietet.",
            "`Accept` or `format` asks for a format that this operation does not offer."));

    public static readonly ProblemKind BodyTooLarge = new("body-too-large", 413,
        new("Der Inhalt ist zu groß", "The body is too large"),
        new(
            "Der Inhalt darf höchstens 1 MB groß sein. Operationen für viele Datensätze nennen ihre eigene Grenze. " +
            "Leseanfragen brauchen keinen Inhalt.",
            "The body may have at most 1 MB. Operations for many records state their own limit. Read requests need no body."));

    public static readonly ProblemKind TooManyRequests = new("too-many-requests", 429,
        new("Zu viele Anfragen", "Too many requests"),
        new(
            "„Retry-After“ nennt die Sekunden bis zum nächsten Versuch. CSV und GeoJSON liefern alles auf einmal und sparen so Anfragen.",
            "`Retry-After` gives the seconds until the next attempt. CSV and GeoJSON return everything at once, which saves requests."));

    public static readonly ProblemKind Internal = new("internal-error", 500,
        new("Unerwarteter Fehler", "Unexpected error"),
        new("Der Fehler liegt beim Dienst. Der Betreiber findet ihn mit der „traceId“ im Protokoll.",
            "The error is in the service. Whoever runs the service finds it in the log by its `traceId`."));

    public static readonly ProblemKind StorageFull = new("storage-full", 503,
        new("Der Speicherplatz des Dienstes ist voll", "The service has no storage space left"),
        new(
            "Nichts aus dieser Anfrage ist gespeichert, wenn „detail“ nichts anderes sagt. Später noch einmal senden. " +
            "Leseanfragen funktionieren weiter.",
            "Nothing of this request is stored unless `detail` says otherwise. Send it again later. Read requests still work."));

    public static readonly ProblemKind StorageUnavailable = new("storage-unavailable", 503,
        new("Der Speicher des Dienstes ist nicht verfügbar", "The storage of the service is not available"),
        new(
            "Nichts aus dieser Anfrage ist gespeichert, wenn „detail“ nichts anderes sagt. Später noch einmal senden. " +
            "Der Betreiber findet den Fehler mit der „traceId“ im Protokoll.",
            "Nothing of this request is stored unless `detail` says otherwise. Send it again later. " +
            "Whoever runs the service finds the error in the log by its `traceId`."));

    private static readonly ProblemKind Refused = new("refused", 400,
        new("Die Anfrage wurde abgelehnt", "The request was refused"),
        new("Der Statuscode nennt den Grund (RFC 9110).", "The status code gives the reason (RFC 9110)."));

    public static readonly IReadOnlyList<ProblemKind> All =
    [
        InvalidRequest, UnknownParameter, InvalidCursor, Unauthorized, Forbidden, NotFound, MethodNotAllowed, NotAcceptable, Conflict, ResponseDeleted, Gone, CursorGone,
        PreconditionFailed, BodyTooLarge, UnsupportedMediaType, UnprocessableContent, IdempotencyKeyReused, PreconditionRequired,
            TooManyRequests, Internal, StorageFull, StorageUnavailable, Refused,
    ];

    /// <summary>Several wrong parameters at once; if all are unknown ones, the problem is called that.</summary>
    public static IResult Invalid(IReadOnlyList<ProblemError> errors) =>
        new Problem(errors.All(error => error.Code == UnknownParameter.Code) ? UnknownParameter : InvalidRequest, null, errors);

    public static IResult Unprocessable(IReadOnlyList<ProblemError> errors) => new Problem(UnprocessableContent, null, errors);

    public static IResult NoSuchCursor() => new Problem(InvalidCursor, null, [new("/query/cursor", "cursor", InvalidCursor.Code, InvalidCursor.Help)]);

    public static IResult NoSuch(Text thing, string id) => new Problem(NotFound, new(
        $"{thing.De} „{id}“ gibt es nicht.", $"There is no {thing.En} \"{id}\"."));

    public static IResult IsGone(Text thing, string id, string deletedAt) => new Problem(Gone, new(
        $"{thing.De} „{id}“ gibt es seit {deletedAt} nicht mehr.", $"The {thing.En} \"{id}\" was removed at {deletedAt}."));

    public static IResult NoSuchFormat(string asked, IEnumerable<string> offered)
    {
        var list = string.Join(", ", offered);
        return new Problem(NotAcceptable, new($"Verlangt: {asked}. Angeboten: {list}.", $"Requested: {asked}. Offered: {list}."));
    }

    /// <summary>A file that the service needs cannot be read or written.</summary>
    /// <param name="detail">What is stored nevertheless; null if nothing is.</param>
    public static IResult Storage(Database.StorageFailure failure, Text? detail = null) =>
        new Problem(failure.IsFull ? StorageFull : StorageUnavailable, detail);

    /// <summary>What routing, the server or the limiter refused: a status without a body.</summary>
    public static IResult ForStatus(int status) => new Problem(All.FirstOrDefault(kind => kind.Status == status) ?? Refused with { Status = status });
}

/// <summary>Writes a problem in the language of the reader. Nothing internal is in it: only what was put there for clients.</summary>
internal sealed class Problem(ProblemKind kind, Text? detail = null, IReadOnlyList<ProblemError>? errors = null) : IResult
{
    public ProblemKind Kind => kind;

    /// <summary>What is wrong, place by place, for a report that goes on.</summary>
    public IReadOnlyList<ProblemError> Errors => errors ?? [ProblemError.At("", kind.Code, detail ?? kind.Help)];

    /// <summary>The same about a part of a larger body.</summary>
    public Problem Below(string pointer) => new(kind, detail, errors?.Select(error => error with { Pointer = pointer + error.Pointer }).ToList());

    /// <summary>The same, where the client has not sent what does not fit.</summary>
    public Problem As(ProblemKind other) => new(other, detail, errors);

    public async Task ExecuteAsync(HttpContext http)
    {
        var german = Languages.PrefersGerman(http.Request);
        var problem = new ProblemDetails
        {
            Type = "/problems/" + kind.Code,
            Title = kind.Title.In(german),
            Status = kind.Status,
            Detail = (detail ?? (errors is null ? kind.Help : null))?.In(german),
        };
        if (errors is not null)
        {
            problem.Extensions["errors"] = errors.Select(error => new
            {
                error.Pointer,
                error.Parameter,
                error.Code,
                Detail = error.Detail.In(german),
                error.Suggestion,
            });
        }

        if (kind.Status >= 500)
        {
            problem.Extensions["traceId"] = Activity.Current?.Id ?? http.TraceIdentifier;
        }

        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentLanguage = german ? "de" : "en";
        headers.Remove(HeaderNames.ETag);
        headers.Remove(HeaderNames.ContentDisposition);
        http.Response.StatusCode = kind.Status;
        await http.Response.WriteAsJsonAsync(problem, WireJson.Options, "application/problem+json", http.RequestAborted);
    }
}

internal static class Languages
{
    /// <summary>Whether Accept-Language prefers GermanText to English. English if it names neither.</summary>
    public static bool PrefersGerman(HttpRequest request)
    {
        var preferred = request.GetTypedHeaders().AcceptLanguage
            .Where(language => language.Quality is not 0)
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.ToString().Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(language => language is "de" or "en");
        return preferred == "de";
    }
}
