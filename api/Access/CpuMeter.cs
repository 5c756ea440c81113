using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AnkerOrte.Api.Access;

/// <summary>
/// Measures the processor time of one asynchronous flow, on whatever threads it runs and in the loops that it runs in parallel.
/// Elapsed time would charge a slow reader for waiting, and everybody for a busy machine.
/// </summary>
internal sealed class CpuMeter
{
    private const int ThreadCpuTime = 3;

    /// <summary>The runtime calls back whenever a thread begins or stops to work for another flow.</summary>
    private static readonly AsyncLocal<CpuMeter?> Current = new(change => Settle(change.PreviousValue));

    private static readonly Func<long> Now = OperatingSystem.IsLinux() && Environment.Is64BitProcess ? ThreadTime : Stopwatch.GetTimestamp;
    private static readonly double TicksPerUnit = Now == ThreadTime ? 1e-2 : (double)TimeSpan.TicksPerSecond / Stopwatch.Frequency;

    /// <summary>Until when the time of this thread is accounted for.</summary>
    [ThreadStatic]
    private static long settled;

    private long spent;

    /// <summary>Measures everything that the caller, an async method, still does and awaits.</summary>
    public static CpuMeter Start()
    {
        var meter = new CpuMeter();
        Current.Value = meter;
        return meter;
    }

    /// <summary>Until now; of other threads what they did until they last paused.</summary>
    public TimeSpan Spent
    {
        get
        {
            Settle(Current.Value);
            return TimeSpan.FromTicks((long)(Interlocked.Read(ref spent) * TicksPerUnit));
        }
    }

    private static void Settle(CpuMeter? meter)
    {
        var now = Now();
        if (meter is not null)
        {
            Interlocked.Add(ref meter.spent, now - settled);
        }

        settled = now;
    }

    /// <summary>Nanoseconds of processor time of this thread. Elsewhere than on Linux the time that it runs for the flow must do.</summary>
    private static long ThreadTime() => GetTime(ThreadCpuTime, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
