using System.Text;
using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Tests.Surveys;

/// <summary>Rows from a stream, whatever its pieces look like.</summary>
public sealed class ResponseLinesTests
{
    [Theory]
    [InlineData("{\"id\":\"a\"}\n{\"id\":\"b\"}\n", "1 {\"id\":\"a\"}", "2 {\"id\":\"b\"}")]
    [InlineData("{\"id\":\"a\"}\r\n\r\n  \n{\"id\":\"b\"}", "1 {\"id\":\"a\"}", "2 {\"id\":\"b\"}")]
    [InlineData("\uFEFF{\"id\":\"a\"}\n", "1 {\"id\":\"a\"}")]
    [InlineData("{\"id\":\"a\"}\n{\"id\":\"b", "1 {\"id\":\"a\"}", "2 cut-off")]
    [InlineData("{\"id\":\"a\"\n{\"id\":\"b\"}\n", "1 {\"id\":\"a\"", "2 {\"id\":\"b\"}")]
    [InlineData("\uFEFF")]
    [InlineData("")]
    [InlineData("{", "1 cut-off")]
    public async Task Lines_are_rows(string body, params string[] expected)
    {
        Assert.Equal(expected, await ReadAsync(ResponseLines.ReadLinesAsync(Stream(body, int.MaxValue), default)));
        Assert.Equal(expected, await ReadAsync(ResponseLines.ReadLinesAsync(Stream(body, 1), default)));
    }

    [Theory]
    [InlineData("[{\"id\":\"a\"},{\"id\":\"b\"}]", "1 {\"id\":\"a\"}", "2 {\"id\":\"b\"}")]
    [InlineData(" \uFEFF[]", "0 not-an-array")]
    [InlineData("\uFEFF [ {\"id\":\"]},{\\\"[\"} ,\r\n {\"a\":[1,[2]]} ] \n", "1 {\"id\":\"]},{\\\"[\"}", "2 {\"a\":[1,[2]]}")]
    [InlineData("[]")]
    [InlineData("[1,\"a\"]", "1 1", "2 \"a\"")]
    [InlineData("[{\"a\":}},{\"id\":\"b\"}]", "1 {\"a\":}}", "2 {\"id\":\"b\"}")]
    [InlineData("[{},]", "1 {}", "2 empty")]
    [InlineData("[{},{\"id\":\"b", "1 {}", "2 cut-off")]
    [InlineData("[{}", "1 cut-off")]
    [InlineData("[{},", "1 {}", "2 cut-off")]
    [InlineData("[{}] x", "1 {}", "2 not-an-array")]
    [InlineData("{\"id\":\"a\"}", "0 not-an-array")]
    [InlineData("", "0 not-an-array")]
    public async Task Elements_of_an_array_are_rows(string body, params string[] expected)
    {
        Assert.Equal(expected, await ReadAsync(ResponseLines.ReadArrayAsync(Stream(body, int.MaxValue), default)));
        Assert.Equal(expected, await ReadAsync(ResponseLines.ReadArrayAsync(Stream(body, 1), default)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_of_more_than_a_megabyte_costs_only_itself(bool array)
    {
        var large = $"{{\"id\":\"{new string('x', ResponseRow.MostBytes)}\"}}";
        string[] rows = ["{\"id\":\"a\"}", large, "{\"id\":\"c\"}", large, "{\"id\":\"e\"}"];
        string[] expected = ["1 {\"id\":\"a\"}", "2 too-long", "3 {\"id\":\"c\"}", "4 too-long", "5 {\"id\":\"e\"}"];

        foreach (var piece in new[] { int.MaxValue, 10_000 })
        {
            var read = array
                ? ResponseLines.ReadArrayAsync(Stream($"[{string.Join(',', rows)}]", piece), default)
                : ResponseLines.ReadLinesAsync(Stream(string.Join('\n', rows), piece), default);

            Assert.Equal(expected, await ReadAsync(read));
        }
    }

    [Fact]
    public async Task A_last_row_that_is_too_long_is_one_row()
    {
        var large = new string('x', 3 * ResponseRow.MostBytes);

        Assert.Equal(["1 {}", "2 too-long"], await ReadAsync(ResponseLines.ReadLinesAsync(Stream("{}\n" + large, 100_000), default)));
        Assert.Equal(["1 {}", "2 too-long"], await ReadAsync(ResponseLines.ReadArrayAsync(Stream("[{},\"" + large, 100_000), default)));
    }

    [Theory]
    [InlineData("""{"id":"a","version":1,"submit":true,"answers":{"goals":["x"]}}""", "a 1 True {\"goals\":[\"x\"]}", "")]
    [InlineData("""{"answers": {} ,"version":2,"id":"\u00e4"}""", "ä 2 False {}", "")]
    [InlineData("""{}""", " 0 False ", "/id missing, /version missing, /answers missing")]
    [InlineData("""{"id":7,"version":"1","submit":"yes","answers":[]}""", " 0 False ", "/id type, /version type, /submit type, /answers type")]
    [InlineData("""{"id":"a","version":1,"version":2,"answers":{},"anwers":{}}""", "a 2 False {}", "/version duplicate-member, /anwers unknown-member")]
    [InlineData("""{"id":"","version":0,"answers":null}""", " 0 False ", "/id type, /version type, /answers type")]
    [InlineData("""[1]""", " 0 False ", " type")]
    [InlineData("""{"id":"a" """, " 0 False ", " not-json")]
    [InlineData("""{"id":"a","version":1,"answers":{}} x""", " 0 False ", " not-json")]
    [InlineData("""{"id":"\ud800","version":1,"answers":{}}""", " 1 False {}", "/id type")]
    public void What_stands_beside_the_answers_is_read_without_reading_them(string row, string expected, string problems)
    {
        var json = Encoding.UTF8.GetBytes(row);
        var errors = new List<Api.Http.ProblemError>();

        var envelope = ResponseEnvelope.Read(json, needsId: true, errors);

        var answers = envelope.Answers is { } range ? Encoding.UTF8.GetString(json[range]) : "";
        Assert.Equal(expected, $"{envelope.Id} {envelope.Version ?? 0} {envelope.Submit} {answers}");
        Assert.Equal(problems, errors.Write());
    }

    [Fact]
    public void A_row_in_another_charset_is_named()
    {
        var errors = new List<Api.Http.ProblemError>();

        ResponseEnvelope.Read(Encoding.Latin1.GetBytes("""{"id":"Bürger","version":1,"answers":{}}"""), needsId: true, errors);

        Assert.Equal(" encoding", errors.Write());
    }

    private static async Task<List<string>> ReadAsync(IAsyncEnumerable<ResponseRow> rows)
    {
        var read = new List<string>();
        await foreach (var row in rows)
        {
            read.Add($"{row.Number} {row.Errors?[0].Code ?? Encoding.UTF8.GetString(row.Json.Span)}");
        }

        return read;
    }

    /// <summary>A body that arrives in pieces of that many bytes.</summary>
    private static PiecewiseStream Stream(string body, int piece) => new(Encoding.UTF8.GetBytes(body), piece);

    private sealed class PiecewiseStream(byte[] body, int piece) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
