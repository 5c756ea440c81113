namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Does the same work for each record, on all cores if there are many records. The work for one record must not depend on another
/// one. Sums over records are computed afterwards in the order of the records. So results do not depend on the number of cores.
/// </summary>
internal static class RowLoop
{
    /// <summary>With fewer records, starting threads takes longer than it saves.</summary>
    private const int Few = 400;

    /// <summary>Options of every parallel loop: it runs on the scheduler of its caller, who thereby sets the number of cores.</summary>
    public static ParallelOptions Options(CancellationToken cancel = default) => new() { CancellationToken = cancel, TaskScheduler = null };

    /// <param name="count">Number of records.</param>
    /// <param name="workspace">Creates the buffers of one thread.</param>
    /// <param name="body">The work for one record, with the buffers of its thread.</param>
    public static void Each<T>(int count, Func<T> workspace, Action<int, T> body, CancellationToken cancel = default)
    {
        if (count >= Few)
        {
            Parallel.For(0, count, Options(cancel), workspace, (i, _, own) =>
            {
                body(i, own);
                return own;
            }, _ => { });
            return;
        }

        cancel.ThrowIfCancellationRequested();
        var only = workspace();
        for (var i = 0; i < count; i++)
        {
            body(i, only);
        }
    }
}
