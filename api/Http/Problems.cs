using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace AnkerOrte.Api.Http;

/// <summary>A sentence in both languages of the service.</summary>
internal sealed record Text(string De, string En)
{
    public string In(bool german) => german ? De : En;
}

/// <summary>One kind of problem: its stable code, its status, what it is called and how to mend it.</summary>
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
        new("Die Anfrage passt nicht zum Vertrag", "The request does not fit the contract"),
        new("Jeder Eintrag in „errors“ nennt eine Stelle, was daran falsch ist und was richtig wäre. Alle Parameter stehen in der Beschreibung der Operation.",
            "Each entry in `errors` names one place, what is wrong with it and what would be right. All parameters are listed with the operation."));

    public static readonly ProblemKind UnknownParameter = new("unknown-parameter", 400,
        new("Unbekannter Parameter", "Unknown parameter"),
        new("Die Operation kennt diesen Parameter nicht. Groß- und Kleinschreibung zählt; „suggestion“ nennt den ähnlichsten bekannten.",
            "The operation does not know this parameter. Case matters; `suggestion` names the nearest known one."));

    public static readonly ProblemKind InvalidCursor = new("invalid-cursor", 400,
        new("Der Cursor gehört nicht zu dieser Liste", "The cursor does not belong to this list"),
        new("Ein Cursor gilt nur mit denselben Filtern und derselben Sortierung. Der Adresse in „page.next“ unverändert folgen oder ohne „cursor“ von vorn beginnen.",
            "A cursor is valid only with the same filters and the same sort. Follow the address in `page.next` unchanged, or begin again without `cursor`."));

    public static readonly ProblemKind Unauthorized = new("unauthorized", 401,
        new("Nicht angemeldet", "Not authenticated"),
        new("Diese Operation braucht einen Schlüssel: „Authorization: Bearer ao_…“. Einen Schlüssel gibt, wer den Dienst betreibt.",
            "This operation needs a key: `Authorization: Bearer ao_…`. Keys come from whoever runs the service."));

    public static readonly ProblemKind Forbidden = new("forbidden", 403,
        new("Nicht erlaubt", "Not allowed"),
        new("Der Schlüssel gilt, hat dafür aber keine Rolle oder ist auf anderes beschränkt.",
            "The key is good, but has no role for this or is limited to something else."));

    public static readonly ProblemKind Conflict = new("conflict", 409,
        new("Widerspruch zum Bestand", "Conflict with what there is"),
        new("„detail“ nennt, womit die Anfrage zusammenstößt.", "`detail` names what the request collides with."));

    public static readonly ProblemKind ResponseDeleted = new("response-deleted", 409,
        new("Diese Antwort wurde entfernt", "This response was removed"),
        new("Eine entfernte Kennung wird nicht wieder verwendet. Für eine neue Antwort eine neue nehmen.",
            "The id of a removed response is not used again. Take a new one for a new response."));

    public static readonly ProblemKind Gone = new("gone", 410,
        new("Entfernt", "Removed"),
        new("Hier gab es etwas; es ist entfernt. Listen zeigen Entferntes mit „deleted=include“, die Historie zeigt, was war.",
            "There was something here; it was removed. Lists show what was removed with `deleted=include`, the history shows what there was."));

    public static readonly ProblemKind CursorGone = new("changes-start-again", 410,
        new("Dieser Cursor passt nicht mehr zum Datenbestand", "This cursor no longer fits the data"),
        new("Die Datenbank wurde zurückgespielt oder ersetzt. Die Kopie verwerfen und GET /v1/changes ohne „after“ von vorn lesen.",
            "The database was restored or replaced. Drop the copy and read GET /v1/changes from the beginning, without `after`."));

    public static readonly ProblemKind PreconditionFailed = new("precondition-failed", 412,
        new("Inzwischen geändert", "Changed meanwhile"),
        new("Den Datensatz neu lesen, die Änderung darauf wiederholen und mit dem neuen ETag senden.",
            "Read the record again, repeat the change on it, and send it with the new ETag."));

    public static readonly ProblemKind UnsupportedMediaType = new("unsupported-media-type", 415,
        new("Dieser Inhaltstyp wird nicht gelesen", "This content type is not read"),
        new("„Content-Type“ muss einer der genannten sein, in UTF-8.", "`Content-Type` must be one of those named, in UTF-8."));

    public static readonly ProblemKind UnprocessableContent = new("unprocessable", 422,
        new("Passt zum Vertrag, aber nicht zum Inhalt", "Fits the contract, but not the content"),
        new("Jeder Eintrag in „errors“ nennt eine Stelle, was daran falsch ist und was richtig wäre.",
            "Each entry in `errors` names one place, what is wrong with it and what would be right."));

    public static readonly ProblemKind IdempotencyKeyReused = new("idempotency-key-reused", 422,
        new("Der Idempotency-Key gehört zu einer anderen Anfrage", "The Idempotency-Key belongs to another request"),
        new("Derselbe Schlüssel wiederholt dieselbe Anfrage. Für eine andere einen neuen nehmen.",
            "The same key repeats the same request. Take a new one for another."));

    public static readonly ProblemKind PreconditionRequired = new("precondition-required", 428,
        new("If-Match fehlt", "If-Match is missing"),
        new("Den Datensatz lesen und seinen ETag als „If-Match“ mitsenden, damit niemand überschreibt, was er nicht gesehen hat.",
            "Read the record and send its ETag as `If-Match`, so that nobody overwrites what they have not seen."));

    public static readonly ProblemKind NotFound = new("not-found", 404,
        new("Nicht gefunden", "Not found"),
        new("Unter dieser Adresse gibt es nichts. Die Listen unter /v1 nennen alle Kennungen.",
            "There is nothing at this address. The lists under /v1 name every id."));

    public static readonly ProblemKind MethodNotAllowed = new("method-not-allowed", 405,
        new("Methode nicht erlaubt", "Method not allowed"),
        new("Der Header „Allow“ nennt die erlaubten Methoden.", "The header `Allow` names the methods that are allowed."));

    public static readonly ProblemKind NotAcceptable = new("not-acceptable", 406,
        new("Format nicht verfügbar", "Format not available"),
        new("„Accept“ oder „format“ verlangt ein Format, das diese Operation nicht anbietet.",
            "`Accept` or `format` asks for a format that this operation does not offer."));

    public static readonly ProblemKind BodyTooLarge = new("body-too-large", 413,
        new("Der Inhalt ist zu groß", "The body is too large"),
        new("Eine Anfrage darf höchstens 1 MB Inhalt haben, mit vielen Datensätzen so viel, wie die Operation nennt; Leseanfragen brauchen keinen.",
            "A request may carry 1 MB at most, with many records as much as the operation says; requests that read need none."));

    public static readonly ProblemKind TooManyRequests = new("too-many-requests", 429,
        new("Zu viele Anfragen", "Too many requests"),
        new("„Retry-After“ nennt die Sekunden bis zum nächsten Versuch. Antworten mit „ETag“ und „If-None-Match“ zu erneuern spart Anfragen; CSV und GeoJSON liefern alles auf einmal.",
            "`Retry-After` gives the seconds until the next attempt. CSV and GeoJSON answer everything at once, which saves requests."));

    public static readonly ProblemKind Internal = new("internal-error", 500,
        new("Unerwarteter Fehler", "Unexpected error"),
        new("Der Fehler liegt beim Dienst. Die „traceId“ hilft dem Betreiber, ihn im Protokoll zu finden.",
            "The fault is ours. The `traceId` helps the operator to find it in the log."));

    public static readonly ProblemKind StorageFull = new("storage-full", 503,
        new("Der Speicherplatz des Dienstes ist voll", "The service has no storage space left"),
        new("Nichts aus dieser Anfrage ist gespeichert, wenn „detail“ nichts anderes sagt. Später noch einmal senden; lesen geht weiter.",
            "Nothing of this request is stored unless `detail` says otherwise. Send it again later; reading goes on."));

    public static readonly ProblemKind StorageUnavailable = new("storage-unavailable", 503,
        new("Der Speicher des Dienstes ist nicht verfügbar", "The storage of the service is not available"),
        new("Nichts aus dieser Anfrage ist gespeichert, wenn „detail“ nichts anderes sagt. Später noch einmal senden. Die „traceId“ hilft dem Betreiber, den Fehler im Protokoll zu finden.",
            "Nothing of this request is stored unless `detail` says otherwise. Send it again later. The `traceId` helps the operator to find the error in the log."));

    private static readonly ProblemKind Refused = new("refused", 400,
        new("Die Anfrage wurde abgelehnt", "The request was refused"),
        new("Der Statuscode sagt, warum (RFC 9110).", "The status code says why (RFC 9110)."));

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
        return new Problem(NotAcceptable, new($"Verlangt: {asked}. Angeboten: {list}.", $"Asked for: {asked}. Offered: {list}."));
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
    /// <summary>Whether Accept-Language prefers German to English. English if it names neither.</summary>
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
