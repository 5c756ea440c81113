namespace AnkerOrte.Api.Access;

/// <summary>
/// Decides which requests without a key may compute now: at most as many as there are cores. Of those that wait, the one whose address
/// used the least processor time lately comes first; among equals the address that came last, so that a new visitor is answered
/// quickly even when many unknown addresses ask at once. Expensive requests get at most half of the places, and one for each address.
/// </summary>
/// <param name="places">Number of requests that compute at the same time.</param>
internal sealed class CpuPlaces(int places, TimeProvider clock)
{
    public const int MostWaiting = 1_000;
    public const int MostWaitingOfOneAddress = 50;

    private readonly int mostExpensive = Math.Max(1, places / 2);
    private readonly Lock sync = new();
    private readonly List<CpuVisit> waiting = [];
    private int free = places;
    private int expensive;
    private long arrivals;

    /// <summary>Waits for a place.</summary>
    /// <returns>False: too many requests wait. Never false for a request that had a place before.</returns>
    /// <exception cref="OperationCanceledException">The request was cancelled while it waited.</exception>
    public ValueTask<bool> EnterAsync(CpuVisit visit, CancellationToken cancel)
    {
        lock (sync)
        {
            if (visit.HasPlace)
            {
                return new(true);
            }

            if (visit.Arrival == 0)
            {
                visit.Arrival = visit.Account.LastArrival = ++arrivals;
            }

            // Nobody else waits for a place that this one could get: it would have been given away.
            if (MayCompute(visit))
            {
                Take(visit);
                return new(true);
            }

            if (!visit.HasBegun && visit.Account.Waiting >= MostWaitingOfOneAddress)
            {
                return new(false);
            }

            Add(visit);
            RefuseLast();
        }

        return new(WaitAsync(visit, cancel));
    }

    /// <summary>Gives the place back, if the request has one.</summary>
    public void Leave(CpuVisit visit)
    {
        lock (sync)
        {
            if (visit.HasPlace)
            {
                GiveBack(visit);
                Next();
            }
        }
    }

    /// <summary>Lets others go first that used less; the request goes on as an expensive one.</summary>
    public ValueTask<bool> GiveWayAsync(CpuVisit visit, CancellationToken cancel)
    {
        lock (sync)
        {
            if (!visit.HasPlace)
            {
                return new(true);
            }

            GiveBack(visit);
            visit.IsExpensive = true;
            Add(visit);
            Next();
            if (visit.HasPlace)
            {
                return new(true);
            }
        }

        return new(WaitAsync(visit, cancel));
    }

    /// <summary>Adds to the processor time that the address used.</summary>
    public void Charge(CpuAccount account, TimeSpan cost)
    {
        lock (sync)
        {
            account.Use(cost, clock);
        }
    }

    private async Task<bool> WaitAsync(CpuVisit visit, CancellationToken cancel)
    {
        await using var registration = cancel.UnsafeRegister(_ =>
        {
            lock (sync)
            {
                if (waiting.Remove(visit))
                {
                    visit.Account.Waiting--;
                    visit.Turn!.SetCanceled(cancel);
                }
            }
        }, null);
        return await visit.Turn!.Task;
    }

    private bool MayCompute(CpuVisit visit) =>
        free > 0 && (!visit.IsExpensive || (expensive < mostExpensive && visit.Account.Expensive == 0));

    private void Take(CpuVisit visit)
    {
        free--;
        visit.HasPlace = visit.HasBegun = true;
        visit.Account.Computing++;
        if (visit.IsExpensive)
        {
            expensive++;
            visit.Account.Expensive++;
        }
    }

    private void GiveBack(CpuVisit visit)
    {
        free++;
        visit.HasPlace = false;
        visit.Account.Computing--;
        if (visit.IsExpensive)
        {
            expensive--;
            visit.Account.Expensive--;
        }
    }

    private void Add(CpuVisit visit)
    {
        visit.Turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        visit.Account.Waiting++;
        waiting.Add(visit);
    }

    private void Remove(CpuVisit visit, bool mayCompute)
    {
        waiting.Remove(visit);
        visit.Account.Waiting--;
        visit.Turn!.SetResult(mayCompute);
    }

    /// <summary>Gives free places to those that wait.</summary>
    private void Next()
    {
        while (free > 0 && waiting.Where(MayCompute).MinBy(Order) is { } visit)
        {
            Take(visit);
            Remove(visit, mayCompute: true);
        }
    }

    /// <summary>Refuses the last one in the order, which is not always the one that came last.</summary>
    private void RefuseLast()
    {
        if (waiting.Count > MostWaiting && waiting.Where(visit => !visit.HasBegun).MaxBy(Order) is { } visit)
        {
            Remove(visit, mayCompute: false);
        }
    }

    /// <summary>The requests of one address in the order in which they came.</summary>
    private (double Used, long Address, long Arrival) Order(CpuVisit visit) =>
        (visit.Account.Used(clock), -visit.Account.LastArrival, visit.Arrival);
}

/// <summary>What one address used lately, and its requests. <see cref="CpuPlaces"/> guards it with its lock.</summary>
internal sealed class CpuAccount
{
    /// <summary>Seconds after which half of the used time is forgotten.</summary>
    private const double HalfLife = 10;

    /// <summary>Longest processor time of a light request. An address without a known cost is expected to need this.</summary>
    private const double Light = .025;

    /// <summary>A cheaper request lowers the expected cost to this share: after one of 200 ms, ten cheap requests are light.</summary>
    private const double Memory = .8;

    private double seconds;
    private long at;
    private double expected;

    public int Computing { get; set; }

    /// <summary>Of those that compute.</summary>
    public int Expensive { get; set; }

    public int Waiting { get; set; }

    public long LastArrival { get; set; }

    /// <summary>Whether the next request is known to be cheap.</summary>
    public bool IsLight => Volatile.Read(ref expected) is > 0 and <= Light;

    /// <summary>Learns from the cost of one request what the next ones probably cost.</summary>
    public void Expect(TimeSpan cost) =>
        Volatile.Write(ref expected, Math.Max(Volatile.Read(ref expected) * Memory, Math.Max(cost.TotalSeconds, double.Epsilon)));

    public void Use(TimeSpan cost, TimeProvider clock)
    {
        var now = clock.GetTimestamp();
        (seconds, at) = (Left(now, clock) + cost.TotalSeconds, now);
    }

    /// <summary>Seconds of processor time, of which half is forgotten every ten seconds. Running requests count as expected.</summary>
    public double Used(TimeProvider clock) => Left(clock.GetTimestamp(), clock) + (Computing * (expected == 0 ? Light : expected));

    // A test clock can be set back.
    private double Left(long now, TimeProvider clock) =>
        seconds == 0 ? 0 : seconds * double.Exp2(-Math.Max(0, clock.GetElapsedTime(at, now).TotalSeconds) / HalfLife);
}

/// <summary>One request on its way through <see cref="CpuPlaces"/>.</summary>
/// <param name="spent">Processor time of the request until now.</param>
internal sealed class CpuVisit(CpuPlaces places, CpuAccount account, Func<TimeSpan> spent, CancellationToken cancel)
{
    /// <summary>A request that wrote part of its answer after this time lets others go first.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private TimeSpan charged;

    public CpuAccount Account => account;

    /// <summary>Whether it belongs to an address whose requests are expensive, or not known to be cheap.</summary>
    public bool IsExpensive { get; set; } = !account.IsLight;

    public bool HasPlace { get; set; }

    /// <summary>Whether it had a place before.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Number of the arrival; 0: not yet.</summary>
    public long Arrival { get; set; }

    /// <summary>Ends the waiting: true with a place.</summary>
    public TaskCompletionSource<bool>? Turn { get; set; }

    public ValueTask<bool> EnterAsync() => places.EnterAsync(this, cancel);

    /// <summary>Keeps in mind for the next requests of the address what this one cost.</summary>
    public void Learn() => account.Expect(spent());

    public void Leave()
    {
        Charge();
        places.Leave(this);
    }

    /// <summary>Between two parts of an answer: lets others go first if this request has computed for long.</summary>
    public ValueTask<bool> GiveWayAsync()
    {
        if (spent() - charged < Slice)
        {
            return new(true);
        }

        Charge();
        return places.GiveWayAsync(this, cancel);
    }

    private void Charge()
    {
        var now = spent();
        if (now > charged)
        {
            places.Charge(account, now - charged);
            charged = now;
        }
    }
}
