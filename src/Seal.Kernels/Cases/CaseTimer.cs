using System.Diagnostics;

namespace Seal.Kernels.Cases;

/// <summary>What one call of an operator takes at least: a formula of its shape, not a count of what a kernel does.</summary>
/// <param name="Flops">Floating-point operations, a multiply-add being two.</param>
/// <param name="Bytes">Bytes of operands and results, each once.</param>
public readonly record struct Cost(double Flops, double Bytes);

/// <summary>One part of a case as it was timed.</summary>
/// <param name="Part">forward, backward, …</param>
public sealed record CaseTime(string Part, double MedianMs, double Gflops, double GigabytesPerSecond);

/// <summary>Repeats the calls that a case marks and keeps the median of each.</summary>
public sealed class CaseTimer
{
    private const int WarmUps = 2, Fewest = 7;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(200);

    public List<CaseTime> Times { get; } = [];

    public void Measure(string part, Cost cost, Action call)
    {
        for (int i = 0; i < WarmUps; i++)
            call();
        List<double> seconds = [];
        long start = Stopwatch.GetTimestamp();
        while (seconds.Count < Fewest || Stopwatch.GetElapsedTime(start) < Budget)
        {
            long before = Stopwatch.GetTimestamp();
            call();
            seconds.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
        }
        seconds.Sort();
        double median = (seconds[(seconds.Count - 1) / 2] + seconds[seconds.Count / 2]) / 2;
        Times.Add(new CaseTime(part, 1000 * median, cost.Flops / median / 1e9, cost.Bytes / median / 1e9));
    }
}
