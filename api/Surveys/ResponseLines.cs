using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AnkerOrte.Api.Surveys;

/// <summary>
/// Responses from a stream of JSON, one at a time: lines (NDJSON) or the elements of an array. They are told apart by their bytes, because
/// JsonSerializer.DeserializeAsyncEnumerable ends at the first row that is not JSON, and here such a row costs only itself.
/// </summary>
internal static class ResponseLines
{
    /// <summary>Empty lines are skipped and not counted; a line that is too long costs only itself.</summary>
    public static async IAsyncEnumerable<ResponseRow> ReadLinesAsync(Stream body, [EnumeratorCancellation] CancellationToken cancel)
    {
        var lines = new Pieces(body, static bytes => bytes.IndexOf((byte)'\n'));
        var number = 0;
        while (await lines.NextAsync(cancel) is { } line)
        {
            if (line.IsTooLong)
            {
                yield return ResponseRow.TooLong(++number);
            }
            else if (!line.Bytes.IsEmpty)
            {
                yield return line.IsLast && !IsWhole(line.Bytes.Span) ? ResponseRow.Half(++number) : new(++number, line.Bytes);
            }
        }
    }

    /// <summary>An element that is not JSON costs only itself, as long as its brackets and quotation marks match.</summary>
    public static async IAsyncEnumerable<ResponseRow> ReadArrayAsync(Stream body, [EnumeratorCancellation] CancellationToken cancel)
    {
        var scanner = new ArrayScanner();
        var elements = new Pieces(body, scanner.FindEnd);
        // What stands before the array.
        if (await elements.NextAsync(cancel) is not { Bytes.IsEmpty: true } || !scanner.HasBegun)
        {
            yield return NotAnArray();
            yield break;
        }

        var (number, isClosed) = (0, false);
        while (await elements.NextAsync(cancel) is { } element)
        {
            if (isClosed)
            {
                if (!element.Bytes.IsEmpty || element.IsTooLong)
                {
                    yield return number == 0
                        ? NotAnArray()
                        : ResponseRow.Refused(
                            number + 1, "not-an-array", new("Nach dem Array folgt noch etwas.", "Something follows the array."));
                }

                yield break;
            }

            isClosed = scanner.IsAtEnd;
            if (element.IsTooLong)
            {
                yield return ResponseRow.TooLong(++number);
            }
            else if (element.IsLast)
            {
                yield return ResponseRow.Half(++number);
            }
            else if (!element.Bytes.IsEmpty)
            {
                yield return new(++number, element.Bytes);
            }
            else if (!isClosed || number > 0)
            {
                yield return ResponseRow.Refused(
                    ++number, "empty", new("Zwischen zwei Kommas steht nichts.", "There is nothing between two commas."));
            }
        }
    }

    private static ResponseRow NotAnArray() => ResponseRow.Refused(
        0, "not-an-array", new("Erwartet wird ein JSON-Array von Antworten.", "Expected is a JSON array of responses."));

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

    /// <param name="Bytes">Without blanks at both ends; valid until the next piece is read. Empty if it is too long.</param>
    /// <param name="IsTooLong">More than <see cref="ResponseRow.MostBytes"/>.</param>
    /// <param name="IsLast">Ended by the end of the body.</param>
    private readonly record struct Piece(ReadOnlyMemory<byte> Bytes, bool IsTooLong, bool IsLast);

    /// <summary>Cuts a body into pieces. A byte order mark at its start is skipped.</summary>
    /// <param name="body">UTF-8.</param>
    /// <param name="findEnd">Finds in further bytes the one that ends a piece; -1: none of them does.</param>
    private sealed class Pieces(Stream body, Func<ReadOnlySpan<byte>, int> findEnd)
    {
        private byte[] buffer = new byte[128 * 1024];
        private int start;
        private int scanned;
        private int end;
        private bool hasBegun;
        private bool isAtEnd;
        private bool isSkipping;

        /// <returns>Null after the last piece, which may be empty.</returns>
        public async ValueTask<Piece?> NextAsync(CancellationToken cancel)
        {
            while (!isAtEnd)
            {
                var found = findEnd(buffer.AsSpan(scanned, end - scanned));
                if (found >= 0)
                {
                    var piece = Take(scanned + found, isLast: false);
                    start = scanned = scanned + found + 1;
                    return piece;
                }

                scanned = end;
                if (end - start > ResponseRow.MostBytes)
                {
                    isSkipping = true;
                }

                isAtEnd = !await ReadMoreAsync(cancel);
                if (isAtEnd)
                {
                    return Take(end, isLast: true);
                }
            }

            return null;
        }

        private Piece Take(int until, bool isLast)
        {
            var isTooLong = isSkipping || until - start > ResponseRow.MostBytes;
            isSkipping = false;
            return new(isTooLong ? default : buffer.AsMemory(start, until - start).Trim(" \t\r\n"u8), isTooLong, isLast);
        }

        /// <summary>Keeps what belongs to a piece that has begun, unless that is skipped.</summary>
        private async ValueTask<bool> ReadMoreAsync(CancellationToken cancel)
        {
            end = scanned = isSkipping ? 0 : end - start;
            buffer.AsSpan(start, end).CopyTo(buffer);
            start = 0;
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * buffer.Length);
            }

            // The byte order mark must be seen whole.
            var read = await body.ReadAtLeastAsync(buffer.AsMemory(end), hasBegun ? 1 : 3, throwOnEndOfStream: false, cancel);
            end += read;
            if (!hasBegun && buffer.AsSpan(0, read).StartsWith("\uFEFF"u8))
            {
                start = scanned = 3;
            }

            hasBegun = true;
            return read > 0;
        }
    }

    /// <summary>Finds where the elements of an array end, by brackets and quotation marks alone.</summary>
    private sealed class ArrayScanner
    {
        private static readonly SearchValues<byte> Signs = SearchValues.Create("\"\\{}[],"u8);

        private int depth;
        private bool inString;
        private bool escaped;

        public bool HasBegun { get; private set; }

        public bool IsAtEnd { get; private set; }

        /// <summary>The first sign that is no blank ends what stands before the array; nothing ends what follows it.</summary>
        public int FindEnd(ReadOnlySpan<byte> bytes)
        {
            if (IsAtEnd)
            {
                return -1;
            }

            if (!HasBegun)
            {
                var first = bytes.IndexOfAnyExcept(" \t\r\n"u8);
                HasBegun = first >= 0 && bytes[first] == '[';
                return first;
            }

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
