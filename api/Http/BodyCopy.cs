
namespace AnkerOrte.Api.Http;

/// <summary>Passes a response body on and copies it, up to a limit.</summary>
internal sealed class BodyCopy(Stream body, int most) : Stream
{
    private MemoryStream? copy = new();

    /// <summary>All that was written; null if it was more than the limit.</summary>
    public byte[]? Copied => copy?.ToArray();

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
        Copy(buffer);
        body.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Copy(buffer.Span);
        return body.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush() => body.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => body.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        if (copy is not null && copy.Length + bytes.Length > most)
        {
            copy = null;
        }

        copy?.Write(bytes);
    }
}
