using AnkerOrte.Api.Access;

namespace AnkerOrte.Tests.Http;

/// <summary>Who computes first when more requests come than there are cores.</summary>
public sealed class CpuPlacesTests
{
    private readonly Clock clock = new();

    [Fact]
    public void The_address_that_used_the_least_comes_first()
    {
        var places = new CpuPlaces(1, clock);
        var (much, little) = (new CpuAccount(), new CpuAccount());
        places.Charge(much, TimeSpan.FromMilliseconds(300));
        places.Charge(little, TimeSpan.FromMilliseconds(200));
        var first = Enter(places, new());
        var (second, third) = (Enter(places, much), Enter(places, little));

        first.Visit.Leave();
        Assert.Equal((false, true), (second.HasPlace, third.HasPlace));
        third.Visit.Leave();
        Assert.True(second.HasPlace);
    }

    [Fact]
    public void What_an_address_used_is_forgotten_by_and_by()
    {
        var places = new CpuPlaces(1, clock);
        var (longAgo, now) = (new CpuAccount(), new CpuAccount());
        places.Charge(longAgo, TimeSpan.FromSeconds(1));
        // 250 ms are left.
        clock.Pass(TimeSpan.FromSeconds(20));
        places.Charge(now, TimeSpan.FromMilliseconds(300));
        var first = Enter(places, new());
        var (second, third) = (Enter(places, now), Enter(places, longAgo));

        first.Visit.Leave();

        Assert.Equal((false, true), (second.HasPlace, third.HasPlace));
    }

    [Fact]
    public void Of_new_addresses_the_last_comes_first_and_of_one_address_the_first_request()
    {
        var places = new CpuPlaces(1, clock);
        var (early, late) = (new CpuAccount(), new CpuAccount());
        var first = Enter(places, new());
        var waiting = new[] { Enter(places, early), Enter(places, early), Enter(places, late), Enter(places, late) };

        var order = new List<int>();
        for (var running = first.Visit; order.Count < 4; running = waiting[order[^1]].Visit)
        {
            running.Leave();
            order.Add(Array.FindIndex(waiting, one => one.HasPlace));
        }

        Assert.Equal([2, 3, 0, 1], order);
    }

    [Fact]
    public void A_request_that_computes_counts_before_it_has_cost_anything()
    {
        var places = new CpuPlaces(2, clock);
        var (busy, other) = (Light(), Light());
        places.Charge(other, TimeSpan.FromMilliseconds(10));
        busy.Expect(TimeSpan.FromMilliseconds(20));
        var running = new[] { Enter(places, busy), Enter(places, busy) };
        var (more, waiting) = (Enter(places, busy), Enter(places, other));

        running[0].Visit.Leave();

        Assert.Equal((false, true), (more.HasPlace, waiting.HasPlace));
    }

    [Fact]
    public void Expensive_and_unknown_requests_never_take_the_last_place_nor_two_for_one_address()
    {
        var places = new CpuPlaces(4, clock);
        var expensive = Light();
        expensive.Expect(TimeSpan.FromMilliseconds(26));
        var hostile = new[] { Enter(places, expensive), Enter(places, expensive), Enter(places, new()), Enter(places, new()) };

        Assert.Equal([true, false, true, false], hostile.Select(one => one.HasPlace));
        var light = Enter(places, Light());
        Assert.True(light.HasPlace);
        Assert.True(Enter(places, Light()).HasPlace);
        light.Visit.Leave();
        Assert.Equal([true, false, true, false], hostile.Select(one => one.HasPlace));
        hostile[0].Visit.Leave();
        Assert.Equal([false, false, true, true], hostile.Select(one => one.HasPlace));
    }

    [Fact]
    public void Who_computed_for_long_lets_others_go_first_between_two_parts()
    {
        var places = new CpuPlaces(2, clock);
        var spent = TimeSpan.Zero;
        var visit = new CpuVisit(places, Light(), () => spent, CancellationToken.None);
        Assert.True(visit.EnterAsync().AsTask().IsCompleted);
        var light = Enter(places, Light());
        var waiting = Enter(places, new());
        Assert.False(waiting.HasPlace);

        spent = TimeSpan.FromMilliseconds(49);
        Assert.True(visit.GiveWayAsync().AsTask().IsCompleted);
        spent = TimeSpan.FromMilliseconds(51);
        var waits = visit.GiveWayAsync().AsTask();

        Assert.Equal((false, true, true), (waits.IsCompleted, waiting.HasPlace, visit.IsExpensive));
        // A free place is not for expensive ones while another of them computes.
        light.Visit.Leave();
        Assert.False(visit.HasPlace);
        waiting.Visit.Leave();
        Assert.True(visit.HasPlace);
    }

    [Fact]
    public void Who_computed_for_long_goes_on_if_nobody_waits()
    {
        var spent = TimeSpan.Zero;
        var visit = new CpuVisit(new CpuPlaces(1, clock), new(), () => spent, CancellationToken.None);
        Assert.True(visit.EnterAsync().AsTask().IsCompleted);
        spent = TimeSpan.FromSeconds(1);

        Assert.True(visit.GiveWayAsync().AsTask().IsCompleted);
        Assert.True(visit.HasPlace);
    }

    [Fact]
    public async Task Fifty_requests_of_an_address_may_wait()
    {
        var places = new CpuPlaces(1, clock);
        var (account, first) = (new CpuAccount(), Enter(places, new()));
        var waiting = Enumerable.Range(0, CpuPlaces.MostWaitingOfOneAddress + 1).Select(_ => Enter(places, account)).ToList();

        Assert.False(await waiting[^1].Entered);
        Assert.DoesNotContain(waiting.SkipLast(1), one => one.Entered.IsCompleted);
        Assert.False(Enter(places, new()).Entered.IsCompleted);
        first.Visit.Leave();
        Assert.Equal(CpuPlaces.MostWaitingOfOneAddress, waiting.Count(one => !one.HasPlace && !one.Entered.IsCompleted));
    }

    [Fact]
    public async Task When_too_many_wait_the_last_in_the_order_is_refused()
    {
        var places = new CpuPlaces(1, clock);
        var hostile = new CpuAccount();
        places.Charge(hostile, TimeSpan.FromSeconds(1));
        Enter(places, new());
        var waiting = Enumerable.Range(0, CpuPlaces.MostWaiting - 1).Select(_ => Enter(places, new())).ToList();
        var refused = Enter(places, hostile);
        Assert.False(refused.Entered.IsCompleted);

        var visitor = Enter(places, new());
        Assert.False(await refused.Entered);
        Assert.False(visitor.Entered.IsCompleted);

        // Among new addresses the one that came first.
        Enter(places, new());
        Assert.False(await waiting[0].Entered);
        Assert.False(visitor.Entered.IsCompleted);
    }

    [Fact]
    public async Task A_cancelled_request_leaves_the_queue()
    {
        var places = new CpuPlaces(1, clock);
        using var cancel = new CancellationTokenSource();
        var first = Enter(places, new());
        var (account, other) = (new CpuAccount(), Enter(places, new()));
        var cancelled = Enter(places, account, cancel.Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Entered);
        first.Visit.Leave();

        Assert.Equal((0, false, true), (account.Waiting, cancelled.HasPlace, other.HasPlace));
    }

    [Fact]
    public void A_place_is_given_back_once()
    {
        var places = new CpuPlaces(1, clock);
        var first = Enter(places, new());
        first.Visit.Leave();
        first.Visit.Leave();

        Assert.True(Enter(places, new()).HasPlace);
        Assert.False(Enter(places, new()).HasPlace);
    }

    private static CpuAccount Light()
    {
        var account = new CpuAccount();
        account.Expect(TimeSpan.FromMilliseconds(1));
        return account;
    }

    private static Waiting Enter(CpuPlaces places, CpuAccount account, CancellationToken cancel = default)
    {
        var visit = new CpuVisit(places, account, () => TimeSpan.Zero, cancel);
        return new(visit, visit.EnterAsync().AsTask());
    }

    private sealed record Waiting(CpuVisit Visit, Task<bool> Entered)
    {
        public bool HasPlace => Visit.HasPlace;
    }

    private sealed class Clock : TimeProvider
    {
        private long now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Pass(TimeSpan time) => now += time.Ticks;
    }
}
