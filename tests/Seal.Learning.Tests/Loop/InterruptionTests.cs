using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Loop;

/// <summary>However a run was stopped, run again it ends as if it had not been.</summary>
public sealed class InterruptionTests
{
    private TinyRun _run = null!;

    [OneTimeSetUp]
    public void Run()
    {
        _run = new TinyRun();
        _run.Run("whole");
    }

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    /// <summary>The folder is copied as it stands at every point where the run can be watched, the journal's open files with it; each copy is then run to its end.</summary>
    [Test]
    public void Killed_at_any_point()
    {
        int points = 0;
        void Kill() => _run.Snapshot("watched", $"killed {points++}");
        _run.Run("watched", judge: new WatchedJudge(_ => Kill()), progress: _ => Kill());
        Assert.That(points, Is.GreaterThan(20));
        for (int point = 0; point < points; point++)
        {
            _run.Run($"killed {point}");
            AssertWhole($"killed {point}");
        }
    }

    [Test]
    public void Cancelled_at_any_point()
    {
        int points = 0;
        _run.Run("counted", progress: _ => points++);
        for (int stop = 1; stop < points; stop += 2)
        {
            // Stopped again and again, in one folder, ever later.
            using var cancel = new CancellationTokenSource();
            int seen = 0;
            RunUntil("cancelled", cancel.Token, _ =>
            {
                if (++seen == stop)
                    cancel.Cancel();
            });
        }
        _run.Run("cancelled");
        AssertWhole("cancelled");
    }

    [Test]
    public void Cancelled_at_any_time()
    {
        for (int attempt = 0; attempt < 12; attempt++)
        {
            // Times, not points: what is hit differs from run to run, what comes of it must not.
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(5 + 20 * attempt));
            RunUntil("timed", cancel.Token);
        }
        _run.Run("timed");
        AssertWhole("timed");
    }

    [Test]
    public void A_judge_that_fails_stops_the_run_and_costs_no_verdict()
    {
        var counting = new WatchedJudge();
        _run.Run("graded", judge: counting);
        for (int fails = 1; fails <= counting.Exams; fails++)
        {
            string folder = $"ungraded {fails}";
            var judge = new WatchedJudge(exam =>
            {
                if (exam == fails)
                    throw new JudgeUnavailableException("no verdict");
            });
            Assert.That(() => _run.Run(folder, judge: judge), Throws.TypeOf<JudgeUnavailableException>());
            string[] stopped = Lines(folder);
            Assert.That(stopped, Is.SubsetOf(Lines("whole")), "what was graded was graded right");
            Assert.That(stopped, Has.Length.LessThan(Lines("whole").Length));
            _run.Run(folder);
            AssertWhole(folder);
        }
    }

    private void RunUntil(string folder, CancellationToken cancel, Action<TrainingProgress>? progress = null)
    {
        try
        {
            _run.Run(folder, progress: progress, cancel: cancel);
        }
        catch (OperationCanceledException)
        {
            Assert.That(cancel.IsCancellationRequested);
        }
    }

    private string[] Lines(string folder) => _run.Canonical(folder).Split('\n');

    private void AssertWhole(string folder)
    {
        Assert.That(_run.Canonical(folder), Is.EqualTo(_run.Canonical("whole")), folder);
        Assert.That(_run.Files(folder), Is.EqualTo(_run.Files("whole")), folder);
    }
}
