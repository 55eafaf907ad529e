using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Seal.Cli;

/// <summary>Told how far work has come; shows it with throughput and time left.</summary>
internal abstract class Meter
{
    /// <param name="phase">What is being done; a phase has one bar.</param>
    /// <param name="detail">Throughput, say.</param>
    public abstract void Report(string phase, int done, int total, string detail = "");
}

/// <summary>Bars on a terminal.</summary>
internal sealed class BarMeter(ProgressContext context) : Meter
{
    private readonly Dictionary<string, ProgressTask> _tasks = [];

    public override void Report(string phase, int done, int total, string detail = "")
    {
        if (!_tasks.TryGetValue(phase, out ProgressTask? task))
            _tasks[phase] = task = context.AddTask(Markup.Escape(phase));
        task.MaxValue = Math.Max(1, total);
        task.Value = done;
        task.Description = Markup.Escape($"{phase} {done}/{total}{(detail.Length > 0 ? "  " + detail : "")}");
    }
}

/// <summary>Plain lines where nobody watches: at each tenth of a phase, and now and then between.</summary>
internal sealed class LineMeter(TextWriter error) : Meter
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly Stopwatch _phaseTime = new();
    private string _phase = "";
    private int _firstDone;
    private int _tenth;
    private TimeSpan _lastLine;

    public override void Report(string phase, int done, int total, string detail = "")
    {
        if (phase != _phase)
        {
            (_phase, _firstDone, _tenth, _lastLine) = (phase, done, -1, TimeSpan.Zero);
            _phaseTime.Restart();
        }
        int tenth = (int)(10L * done / Math.Max(1, total));
        if (tenth == _tenth && _phaseTime.Elapsed - _lastLine < Quiet)
            return;
        (_tenth, _lastLine) = (tenth, _phaseTime.Elapsed);
        error.WriteLine($"{phase} {done}/{total}{(detail.Length > 0 ? "  " + detail : "")}{Left(done, total)}");
    }

    private string Left(int done, int total)
    {
        if (done <= _firstDone || done >= total)
            return "";
        TimeSpan left = _phaseTime.Elapsed * ((double)(total - done) / (done - _firstDone));
        return string.Create(CultureInfo.InvariantCulture, $"  {left:hh\\:mm\\:ss} left");
    }
}

/// <summary>Tokens a second since the first report.</summary>
internal sealed class Throughput
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long? _first;

    public string Of(long tokens)
    {
        _first ??= tokens;
        double seconds = _watch.Elapsed.TotalSeconds;
        return tokens > _first && seconds > 0 ? string.Create(CultureInfo.InvariantCulture, $"{(tokens - _first) / seconds:0} tokens/s") : "";
    }
}
