using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Outside;

/// <summary>
/// The process is killed while it writes. `tests/Benchmarks -- soak` does it fifty times, and checks the file in between.
/// </summary>
public sealed class KillTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("ankerorte-kill-").FullName;

    [Fact]
    public async Task What_was_acknowledged_survives_and_no_temporary_file_does()
    {
        var database = Path.Combine(folder, "kill.db");
        var acknowledged = new ConcurrentDictionary<string, bool>();
        string? key = null;
        for (var kill = 1; kill <= 3; kill++)
        {
            var service = new RunningService(database);
            await service.InitializeAsync();
            key ??= await service.CreateKeyAsync();
            service.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
            await ShouldHoldAsync(service.Client, acknowledged.Keys);
            var before = acknowledged.Count;
            using var stop = new CancellationTokenSource();
            // A load whose sender never comes to an end has its files open when the process is killed.
            var endless = service.Client.PostAsync($"{Survey}/responses/bulk?atomic=true", new EndlessRows(), stop.Token);
            var writing = Enumerable.Range(0, 4).Select(writer => WriteAsync(service.Client, $"{kill}-{writer}", acknowledged, stop.Token))
                .ToList();
            await WaitAsync(() => acknowledged.Count >= before + 40);

            service.Process.Kill();

            await stop.CancelAsync();
            await Task.WhenAll(writing);
            await Assert.ThrowsAnyAsync<Exception>(() => endless);
            await service.Process.WaitForExitAsync();
            Assert.Empty(Directory.GetFiles(folder, "*.spool"));
            service.Client.Dispose();
            service.Process.Dispose();
        }

        var last = new RunningService(database);
        await last.InitializeAsync();
        try
        {
            last.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
            await ShouldHoldAsync(last.Client, acknowledged.Keys);
            Assert.DoesNotContain("endless-", await last.Client.GetStringAsync($"{Survey}/responses?format=csv"), StringComparison.Ordinal);
        }
        finally
        {
            last.Process.Kill();
            await last.Process.WaitForExitAsync();
        }
    }

    private static async Task WriteAsync(
        HttpClient client, string name, ConcurrentDictionary<string, bool> acknowledged, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            try
            {
                using var body = new StringContent(Response().ToJsonString(), Encoding.UTF8, "application/json");
                using var answer = await client.PutAsync($"{Survey}/responses/{name}-{number}", body, stop);
                if (answer.StatusCode == HttpStatusCode.Created)
                {
                    acknowledged[$"{name}-{number}"] = true;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The service is gone. What it did not answer may be stored or not.
            }
        }
    }

    private static async Task ShouldHoldAsync(HttpClient client, ICollection<string> ids)
    {
        var lines = (await client.GetStringAsync($"{Survey}/responses?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var stored = lines.Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(response => response.GetProperty("id").GetString()!, response => response.GetProperty("answers").GetRawText());
        Assert.Empty(ids.Except(stored.Keys));
        Assert.All(stored.Values, answers => Assert.Equal(Answers().ToJsonString(), answers));
    }

    private static async Task WaitAsync(Func<bool> isDone)
    {
        var watch = Stopwatch.StartNew();
        while (!isDone())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), "The service writes nothing.");
            await Task.Delay(10);
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Rows, slowly and without end.</summary>
    private sealed class EndlessRows : HttpContent
    {
        public EndlessRows() => Headers.ContentType = new("application/x-ndjson");

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            for (var number = 0; ; number++)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(Response(id: $"endless-{number}").ToJsonString() + "\n"), cancellationToken);
                await stream.FlushAsync(cancellationToken);
                await Task.Delay(5, cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
