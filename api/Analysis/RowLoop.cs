namespace AnkerOrte.Api.Analysis;

/// <summary>
/// The same work for every record, on all cores where there are many. What is done for one record must not depend on
/// another's, and sums over records are made afterwards, in their order: so results are the same on any number of cores.
/// </summary>
internal static class RowLoop
{
    /// <summary>Below this many records starting threads costs more than they save.</summary>
    private const int Few = 400;

    /// <summary>For every parallel loop: it runs on the scheduler of its caller, who so decides on how many cores.</summary>
    public static ParallelOptions Options(CancellationToken cancel = default) => new() { CancellationToken = cancel, TaskScheduler = null };

    /// <param name="count">Number of records.</param>
    /// <param name="workspace">What one thread needs for itself.</param>
    /// <param name="body">For one record.</param>
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
