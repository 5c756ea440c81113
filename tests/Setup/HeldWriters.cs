using AnkerOrte.Api.Database;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Setup;

/// <summary>Keeps all writers of a service waiting, inside a write transaction, until it is disposed.</summary>
internal sealed class HeldWriters : IAsyncDisposable
{
    private readonly ManualResetEventSlim gate = new();
    private Task holding = Task.CompletedTask;

    public static async Task<HeldWriters> OfAsync(ApiFixture api)
    {
        var held = new HeldWriters();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        held.holding = Task.Run(() => api.Services.GetRequiredService<Database>().WriteAsync(
            _ =>
            {
                begun.SetResult();
                return held.gate.Wait(TimeSpan.FromMinutes(1));
            },
            _ => WriteEnd.Rollback, CancellationToken.None));
        await begun.Task;
        return held;
    }

    public async ValueTask DisposeAsync()
    {
        gate.Set();
        await holding;
        gate.Dispose();
    }
}
