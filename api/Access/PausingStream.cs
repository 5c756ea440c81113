
namespace AnkerOrte.Api.Access;

/// <summary>The body of a request or of its answer. While it waits for the client, the request gives its place back.</summary>
internal sealed class PausingStream(Stream body, CpuVisit visit) : Stream
{
    public override bool CanRead => body.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => body.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => body.Read(buffer, offset, count);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>
    /// Bodies are read whole before they are looked at. So the place is taken again only at their end, and a slow upload does not queue
    /// for each part of it.
    /// </summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = body.ReadAsync(buffer, cancellationToken);
        return visit.HasPlace && read.IsCompletedSuccessfully ? read : ReadWithoutPlaceAsync(read, buffer.IsEmpty);
    }

    public override void Write(byte[] buffer, int offset, int count) => body.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => body.Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await visit.GiveWayAsync();
        await WaitAsync(body.WriteAsync(buffer, cancellationToken));
    }

    public override void Flush() => body.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => WaitAsync(new(body.FlushAsync(cancellationToken))).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask<int> ReadWithoutPlaceAsync(ValueTask<int> reading, bool isProbe)
    {
        visit.Leave();
        var read = await reading;
        if (read == 0 && !isProbe)
        {
            await visit.EnterAsync();
        }

        return read;
    }

    private ValueTask WaitAsync(ValueTask written) => !visit.HasPlace || written.IsCompleted ? written : WaitWithoutPlaceAsync(written);

    private async ValueTask WaitWithoutPlaceAsync(ValueTask written)
    {
        visit.Leave();
        await written;
        await visit.EnterAsync();
    }
}
