using System.Diagnostics;
using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models.Benchmarks;

/// <summary>A Chrome trace (chrome://tracing, ui.perfetto.dev) of one native training step: a row for operators, a row for every thread.</summary>
public static class StepTrace
{
    private const int WarmUps = 3, Capacity = 1 << 16;

    /// <exception cref="SealException">The file cannot be written.</exception>
    public static void Write(string file, ModelConfig config, DType type, StepShape shape) =>
        AtomicFile.WriteText(file, Record(config, type, shape));

    /// <summary>The trace as JSON: complete events, microseconds from the first.</summary>
    public static string Record(ModelConfig config, DType type, StepShape shape)
    {
        var native = new NativeOperators(type);
        var timed = new TimedOperators(native);
        using EngineLane lane = new(config, timed);
        lane.Prepare(shape.Adapters);
        for (int i = 0; i < WarmUps; i++)
            lane.Step(shape.Length, (ulong)i);
        timed.Spans.Clear();
        TraceSpan[] threads = native.Trace(() => lane.Step(shape.Length, WarmUps), Capacity);

        double toMicroseconds = 1e6 / Stopwatch.Frequency;
        double origin = timed.Spans[0].Start * toMicroseconds;
        var events = new List<object>
        {
            new { name = "thread_name", ph = "M", pid = 1, tid = 0, args = new { name = "operators" } },
        };
        foreach (int thread in threads.Select(span => span.Thread).Distinct().Order())
            events.Add(new { name = "thread_name", ph = "M", pid = 1, tid = thread + 1, args = new { name = $"thread {thread}" } });
        foreach (OperatorSpan span in timed.Spans)
            events.Add(new { name = span.Name, ph = "X", pid = 1, tid = 0, ts = span.Start * toMicroseconds - origin, dur = (span.End - span.Start) * toMicroseconds });
        foreach (TraceSpan span in threads)
        {
            int index = timed.Spans.FindLastIndex(s => s.Start * toMicroseconds <= span.Start / 1e3);
            events.Add(new
            {
                name = index < 0 ? "share" : timed.Spans[index].Name,
                ph = "X",
                pid = 1,
                tid = span.Thread + 1,
                ts = span.Start / 1e3 - origin,
                dur = (span.End - span.Start) / 1e3,
            });
        }
        return JsonSerializer.Serialize(new { displayTimeUnit = "ms", traceEvents = events });
    }
}
