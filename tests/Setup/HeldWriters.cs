using AnkerOrte.Api.Database;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Setup;

/// <summary>Keeps all writers of a service waiting, inside a write transaction, until it is disposed.</summary>
internal sealed class HeldWriters : IAsyncDisposable
{
    private readonly ManualResetEventSlim gate = new();
    private Task holding = Task.CompletedTask;

    /// <param name="api">The service.</param>
    /// <param name="change">What the held transaction writes at its end; null: nothing.</param>
    public static async Task<HeldWriters> OfAsync(ApiFixture api, Action<SqliteConnection>? change = null)
    {
        var held = new HeldWriters();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        held.holding = Task.Run(() => api.Services.GetRequiredService<Database>().WriteAsync(
            connection =>
            {
                begun.SetResult();
                var isReleased = held.gate.Wait(TimeSpan.FromMinutes(1));
                change?.Invoke(connection);
                return isReleased;
            },
            _ => change is null ? WriteEnd.Rollback : WriteEnd.Commit, CancellationToken.None));
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
