using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// The system clock, but it never runs backwards. While the system clock is behind the latest time that was used or stored, that
/// time is returned again. If the clock could be set back, expired keys and links would work again, and clients that ask for
/// changes since their last visit would miss some.
/// </summary>
internal sealed class SteadyClock(TimeProvider system) : TimeProvider
{
    private long latest;

    public override TimeZoneInfo LocalTimeZone => system.LocalTimeZone;

    public override long TimestampFrequency => system.TimestampFrequency;

    /// <summary>The clock for commands, which share the database with the service.</summary>
    public static SteadyClock Of(Database database)
    {
        var clock = new SteadyClock(System);
        clock.Follow(database, log: null);
        return clock;
    }

    public override DateTimeOffset GetUtcNow()
    {
        var now = system.GetUtcNow().UtcTicks;
        for (var known = Volatile.Read(ref latest); now > known; known = Volatile.Read(ref latest))
        {
            Interlocked.CompareExchange(ref latest, now, known);
        }

        return new DateTimeOffset(Volatile.Read(ref latest), TimeSpan.Zero);
    }

    public override long GetTimestamp() => system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        system.CreateTimer(callback, state, dueTime, period);

    /// <summary>Starts from the latest stored time: that of the last entry of the audit log or of the change feed.</summary>
    public void Follow(Database database, ILogger? log)
    {
        using var connection = database.Open();
        var stored = Last(connection);
        var behind = stored - system.GetUtcNow();
        if (behind > TimeSpan.FromMinutes(1))
        {
            log?.LogWarning(
                "The system clock is {Behind} behind the last stored time {Stored}. The stored time is used until the system clock "
                    + "has caught up.",
                behind.Value, Instant.Write(stored!.Value));
        }

        Interlocked.Exchange(ref latest, Math.Max(Volatile.Read(ref latest), stored?.UtcTicks ?? 0));
    }

    private static DateTimeOffset? Last(SqliteConnection connection) => Instant.ReadOptional(connection.ExecuteScalar<string?>(
        """
        select max(at) from (
            select * from (select at from audit_log order by seq desc limit 1)
            union all select * from (select at from changes order by number desc limit 1)
        )
        """));
}
