using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;

namespace AnkerOrte.Api.Audit;

/// <summary>
/// Logs every read of an operation that the contract marks `x-audit: read`, before the first byte of its answer leaves. If the log
/// cannot be written, the read fails and the client gets a problem. A refused read or one that found nothing is not logged.
/// </summary>
internal sealed class ConfidentialReads(RequestDelegate next, Contract contract, Database.Database database, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext http) => contract.Find(http.Operation()) is { IsAudited: true } ? LogAsync(http) : next(http);

    private async Task LogAsync(HttpContext http)
    {
        var isLogged = false;
        var body = http.Response.Body;
        http.Response.Body = new BeforeWriting(body, LogOnceAsync);
        try
        {
            await next(http);
            // An answer may have no body.
            await LogOnceAsync();
        }
        finally
        {
            http.Response.Body = body;
        }

        Task LogOnceAsync()
        {
            if (isLogged || !IsConfidential(http))
            {
                return Task.CompletedTask;
            }

            isLogged = true;
            return AuditLog.AddAsync(database, AuditEntry.Of(http), Instant.Write(clock.GetUtcNow()), http.RequestAborted);
        }
    }

    /// <summary>Where everybody may see a part, only who saw more is logged: that answer is not cached.</summary>
    private static bool IsConfidential(HttpContext http) =>
        http.Response.StatusCode is >= 200 and < 300
        && (!Permissions.IsPublic(http.Operation()) || http.Response.Headers.CacheControl == "no-store");

    /// <summary>Passes a response body on, and runs something before each write: an exception there reaches the error handler.</summary>
    private sealed class BeforeWriting(Stream body, Func<Task> before) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            before().GetAwaiter().GetResult();
            body.Write(buffer);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await before();
            await body.WriteAsync(buffer, cancellationToken);
        }

        public override void Flush()
        {
            before().GetAwaiter().GetResult();
            body.Flush();
        }

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            await before();
            await body.FlushAsync(cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
