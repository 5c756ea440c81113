namespace AnkerOrte.Api.Http;

/// <summary>
/// Passes a response body on. Before each part is written, and before each flush (with no bytes), it calls a function. An exception in
/// that function reaches the error handler, and the part is not written.
/// </summary>
internal sealed class WatchedBody(Stream body, Func<ReadOnlyMemory<byte>, ValueTask> before) : Stream
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

    public override void Write(byte[] buffer, int offset, int count)
    {
        before(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
        body.Write(buffer, offset, count);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await before(buffer);
        await body.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush()
    {
        before(default).AsTask().GetAwaiter().GetResult();
        body.Flush();
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await before(default);
        await body.FlushAsync(cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
