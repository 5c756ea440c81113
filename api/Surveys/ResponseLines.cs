using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AnkerOrte.Api.Surveys;

/// <summary>Responses from a stream of JSON, one at a time: lines (NDJSON) or the elements of an array.</summary>
internal static class ResponseLines
{
    private static readonly StreamPipeReaderOptions Buffers = new(bufferSize: 64 * 1024, minimumReadSize: 16 * 1024, leaveOpen: true);

    /// <summary>Empty lines are skipped and not counted; a line that is too long costs only itself.</summary>
    public static async IAsyncEnumerable<ResponseRow> ReadLinesAsync(Stream body, [EnumeratorCancellation] CancellationToken cancel)
    {
        var reader = PipeReader.Create(body, Buffers);
        using var scratch = new Scratch();
        var number = 0;
        var skipping = false;
        var atStart = true;
        while (true)
        {
            var read = await ReadMoreAsync(reader, atStart, cancel);
            var rest = atStart ? SkipBom(read.Buffer) : read.Buffer;
            atStart = false;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var line = rest.Slice(0, end);
                rest = rest.Slice(rest.GetPosition(1, end));
                if (skipping)
                {
                    skipping = false;
                }
                else if (line.Length > ResponseRow.MostBytes)
                {
                    yield return ResponseRow.TooLong(++number);
                }
                else if (scratch.Take(line) is { Length: > 0 } row)
                {
                    yield return new(++number, row);
                }
            }

            if (!skipping && rest.Length > ResponseRow.MostBytes)
            {
                yield return ResponseRow.TooLong(++number);
                skipping = true;
            }

            if (read.IsCompleted && !skipping && scratch.Take(rest) is { Length: > 0 } last)
            {
                yield return IsWhole(last.Span) ? new(++number, last) : ResponseRow.Half(++number);
            }

            reader.AdvanceTo(skipping ? rest.End : rest.Start, rest.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    /// <summary>An element that is not JSON costs only itself, as long as its brackets and quotation marks match.</summary>
    public static async IAsyncEnumerable<ResponseRow> ReadArrayAsync(Stream body, [EnumeratorCancellation] CancellationToken cancel)
    {
        var reader = PipeReader.Create(body, Buffers);
        using var scratch = new Scratch();
        var elements = new ArrayScanner();
        var number = 0;
        var skipping = false;
        var atStart = true;
        while (true)
        {
            var read = await ReadMoreAsync(reader, atStart, cancel);
            var rest = atStart ? SkipBom(read.Buffer) : read.Buffer;
            atStart = false;
            while (elements.TryFind(ref rest, out var element))
            {
                var row = skipping || element.Length > ResponseRow.MostBytes ? default : scratch.Take(element);
                if (!skipping && (row.Length > 0 || !elements.IsAtEnd || number > 0))
                {
                    yield return element.Length > ResponseRow.MostBytes ? ResponseRow.TooLong(number + 1)
                        : row.Length > 0 ? new(number + 1, row)
                        : ResponseRow.Refused(number + 1, "empty", new("Zwischen zwei Kommas steht nichts.", "There is nothing between two commas."));
                    number++;
                }

                skipping = false;
            }

            if (elements.IsBroken)
            {
                yield return ResponseRow.Refused(number == 0 ? 0 : number + 1, "not-an-array", number == 0
                    ? new("Erwartet wird ein JSON-Array von Antworten.", "Expected is a JSON array of responses.")
                    : new("Nach dem Array folgt noch etwas.", "Something follows the array."));
                yield break;
            }

            if (!skipping && rest.Length > ResponseRow.MostBytes)
            {
                yield return ResponseRow.TooLong(++number);
                skipping = true;
            }

            if (read.IsCompleted && !elements.IsAtEnd)
            {
                if (!skipping)
                {
                    yield return elements.HasBegun ? ResponseRow.Half(number + 1)
                        : ResponseRow.Refused(0, "not-an-array", new("Erwartet wird ein JSON-Array von Antworten.", "Expected is a JSON array of responses."));
                }

                yield break;
            }

            if (skipping)
            {
                elements.Forget();
            }

            reader.AdvanceTo(skipping ? rest.End : rest.Start, rest.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    /// <summary>The byte order mark must be seen whole.</summary>
    private static ValueTask<ReadResult> ReadMoreAsync(PipeReader reader, bool atStart, CancellationToken cancel) =>
        atStart ? reader.ReadAtLeastAsync(3, cancel) : reader.ReadAsync(cancel);

    private static ReadOnlySequence<byte> SkipBom(ReadOnlySequence<byte> bytes)
    {
        Span<byte> start = stackalloc byte[3];
        if (bytes.Length < 3)
        {
            return bytes;
        }

        bytes.Slice(0, 3).CopyTo(start);
        return start.SequenceEqual("\uFEFF"u8) ? bytes.Slice(3) : bytes;
    }

    /// <summary>Whether a last line without a line end is a whole JSON value.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Makes bytes contiguous and takes blanks off both ends.</summary>
    private sealed class Scratch : IDisposable
    {
        private byte[] buffer = [];

        public ReadOnlyMemory<byte> Take(ReadOnlySequence<byte> bytes)
        {
            if (bytes.IsSingleSegment)
            {
                return Trim(bytes.First);
            }

            if (buffer.Length < bytes.Length)
            {
                Dispose();
                buffer = ArrayPool<byte>.Shared.Rent((int)bytes.Length);
            }

            bytes.CopyTo(buffer);
            return Trim(buffer.AsMemory(0, (int)bytes.Length));
        }

        public void Dispose()
        {
            if (buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = [];
            }
        }

        private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> bytes) => bytes.Trim(" \t\r\n"u8);
    }

    /// <summary>Finds where the elements of an array end, by brackets and quotation marks alone.</summary>
    private sealed class ArrayScanner
    {
        private static readonly SearchValues<byte> Signs = SearchValues.Create("\"\\{}[],"u8);

        private long scanned;
        private int depth;
        private bool inString;
        private bool escaped;

        public bool HasBegun { get; private set; }

        public bool IsAtEnd { get; private set; }

        public bool IsBroken { get; private set; }

        /// <summary>What was looked at so far is given away.</summary>
        public void Forget() => scanned = 0;

        public bool TryFind(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> element)
        {
            element = default;
            if (!HasBegun || IsAtEnd)
            {
                SkipOutside(ref rest);
                if (!HasBegun || IsAtEnd)
                {
                    return false;
                }
            }

            foreach (var segment in rest.Slice(scanned))
            {
                if (FindEnd(segment.Span) is var length and >= 0)
                {
                    element = rest.Slice(0, scanned + length);
                    rest = rest.Slice(scanned + length + 1);
                    scanned = 0;
                    return true;
                }

                scanned += segment.Length;
            }

            return false;
        }

        /// <summary>Before the array, and after it, there may be blanks only.</summary>
        private void SkipOutside(ref ReadOnlySequence<byte> rest)
        {
            foreach (var segment in rest)
            {
                var start = segment.Span.IndexOfAnyExcept(" \t\r\n"u8);
                if (start < 0)
                {
                    rest = rest.Slice(segment.Length);
                    continue;
                }

                rest = rest.Slice(start);
                IsBroken = HasBegun || rest.FirstSpan[0] != '[';
                if (!IsBroken)
                {
                    HasBegun = true;
                    rest = rest.Slice(1);
                }

                return;
            }
        }

        private int FindEnd(ReadOnlySpan<byte> bytes)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                if (escaped)
                {
                    escaped = false;
                    continue;
                }

                var next = inString ? bytes[i..].IndexOfAny((byte)'"', (byte)'\\') : bytes[i..].IndexOfAny(Signs);
                if (next < 0)
                {
                    return -1;
                }

                i += next;
                switch (bytes[i])
                {
                    case (byte)'\\':
                        escaped = inString;
                        break;
                    case (byte)'"':
                        inString = !inString;
                        break;
                    case (byte)'{' or (byte)'[':
                        depth++;
                        break;
                    case (byte)']' when depth == 0:
                        IsAtEnd = true;
                        return i;
                    case (byte)'}' or (byte)']':
                        depth = Math.Max(0, depth - 1);
                        break;
                    case (byte)',' when depth == 0:
                        return i;
                }
            }

            return -1;
        }
    }
}
