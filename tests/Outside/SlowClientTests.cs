using System.Net.Sockets;
using System.Text;

namespace AnkerOrte.Tests.Outside;

/// <summary>What only a real connection shows: one client's line is not another client's fate.</summary>
[Collection(OneRunningService.Name)]
public sealed class SlowClientTests(RunningService service)
{
    private const string Large = "/v1/municipalities?format=geojson&populationMin=1";

    [Fact]
    public async Task A_client_that_does_not_read_keeps_nobody_waiting_and_takes_nobody_along()
    {
        using var slow = new TcpClient { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync("127.0.0.1", new Uri(service.Url).Port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Large} HTTP/1.1\r\nHost: {new Uri(service.Url).Authority}\r\n\r\n"));
        // The answer has begun, and nobody reads on.
        await slow.GetStream().ReadExactlyAsync(new byte[100]);

        var other = service.Client.GetAsync(Large);
        var answer = await other.WaitAsync(TimeSpan.FromMinutes(1));
        slow.Client.Close(0);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.EndsWith("]}", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_does_not_read_keeps_nothing_erased_in_the_file()
    {
        const string Name = "Zeisigkauz-Personenname";
        using var officer = new HttpClient { BaseAddress = new Uri(service.Url) };
        officer.DefaultRequestHeaders.Authorization = new("Bearer", await service.CreateKeyAsync());
        var person = await officer.SendAsync("POST", "/v1/persons", new { name = Name, deleteAfter = "2099-01-01" })
            .ShouldBeAsync(HttpStatusCode.Created);
        using var slow = new TcpClient { ReceiveBufferSize = 4096 };
        await slow.ConnectAsync("127.0.0.1", new Uri(service.Url).Port);
        await slow.GetStream()
            .WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {Large.Replace("populationMin=1", "populationMin=2", StringComparison.Ordinal)} HTTP/1.1\r\nHost: {new Uri(service.Url).Authority}\r\n\r\n"));
        await slow.GetStream().ReadExactlyAsync(new byte[100]);

        var report = await officer.SendAsync(
            "POST", $"/v1/persons/{person.GetProperty("id").GetString()}/erasure", new { reason = "request" })
            .ShouldBeAsync(HttpStatusCode.OK);

        Assert.True(report.GetProperty("overwritten").GetBoolean());
        foreach (var file in new[] { service.DatabaseFile, service.DatabaseFile + "-wal" }.Where(File.Exists))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            Assert.DoesNotContain(Name, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }

        slow.Client.Close(0);
    }
}
