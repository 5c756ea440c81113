using System.Net.Sockets;
using System.Text;

namespace AnkerOrte.Tests.Outside;

/// <summary>Requests that are no HTTP, or whose body breaks off: refused without noise in the log.</summary>
[Collection(OneRunningService.Name)]
public sealed class BrokenRequestTests(RunningService service)
{
    [Fact]
    public async Task A_broken_body_is_one_line_in_the_log()
    {
        var before = service.Log().Split('\n').Length;

        var answer = await SendAsync(
            "POST /v1/assessments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nno length\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        // The log is written beside the answer.
        List<string> lines = [];
        for (var tries = 0; tries < 500 && !lines.Exists(line => line.Contains("createAssessment", StringComparison.Ordinal)); tries++)
        {
            await Task.Delay(20);
            lines = [.. service.Log().Split('\n').Skip(before)];
        }

        Assert.Single(lines, line => line.Contains("createAssessment: request refused with 400", StringComparison.Ordinal));
        Assert.DoesNotContain(
            lines, line => line.TrimStart().StartsWith("at ", StringComparison.Ordinal)
            || line.Contains("Exception", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET / FTP/1.1\r\n\r\n", 505)]
    [InlineData("long address", 414)]
    [InlineData("long header", 431)]
    public async Task What_is_refused_before_the_service_has_a_status_and_no_body(string request, int status)
    {
        request = request switch
        {
            "long address" => $"GET /{new string('a', 10_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "long header" => $"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('a', 40_000)}\r\n\r\n",
            _ => request,
        };

        var answer = await SendAsync(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 0\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    private async Task<string> SendAsync(string request)
    {
        using var socket = new TcpClient();
        var address = new Uri(service.Url);
        await socket.ConnectAsync(address.Host, address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // The service closes the connection with the rest of the request unread.
        }

        return Encoding.ASCII.GetString(answer.ToArray());
    }
}
