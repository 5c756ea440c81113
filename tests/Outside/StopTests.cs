using System.Diagnostics;

namespace AnkerOrte.Tests.Outside;

public sealed class StopTests
{
    [ToolFact("sh")]
    public async Task Sigterm_ends_the_service_in_time_and_in_order()
    {
        var service = new RunningService();
        await service.InitializeAsync();
        try
        {
            // A client that keeps its connection open must not keep the service from ending.
            (await service.Client.GetAsync("/v1/anchor-sites?limit=1")).EnsureSuccessStatusCode();
            var clock = Stopwatch.StartNew();

            (await Tools.RunAsync("sh", "-c", $"kill -TERM {service.Process.Id}")).ShouldSucceed();

            await service.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.True(service.Process.ExitCode == 0, $"exit code {service.Process.ExitCode} after {clock.Elapsed}:\n{service.Log()}");
            Assert.Contains("Application is shutting down", service.Log(), StringComparison.Ordinal);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }
}
