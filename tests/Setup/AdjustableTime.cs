namespace AnkerOrte.Tests.Setup;

/// <summary>A clock that stands still until a test moves it, forwards or back. Timers are those of the system.</summary>
internal sealed class AdjustableTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = System.GetUtcNow();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.UtcTicks;
}
