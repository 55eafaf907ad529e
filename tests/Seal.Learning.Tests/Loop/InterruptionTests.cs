using System.Diagnostics;
using Seal.Kernels;

namespace Seal.Learning.Tests.Loop;

/// <summary>However a run was stopped, run again it ends as if it had not been; in every domain.</summary>
[TestFixture("knowledge")]
[TestFixture("few-shot")]
public sealed class InterruptionTests(string domain)
{
    // A few-shot run takes longer: fewer of its points are tried.
    private readonly int _every = domain == "few-shot" ? 4 : 1;

    private TinyRun _run = null!;

    [OneTimeSetUp]
    public void Run()
    {
        _run = new TinyRun(domain);
        _run.Run("whole");
    }

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    /// <summary>The folder is copied, the journal's open files with it, whenever the run can be watched and has written something; each copy is then run to its end.</summary>
    [Test]
    public void Killed_after_any_step()
    {
        var states = new List<int>();
        void Kill()
        {
            int state = _run.Entries("watched").Count + _run.Files("watched").Count;
            if (states.LastOrDefault() == state)
                return;
            states.Add(state);
            _run.Snapshot("watched", $"killed {states.Count}");
        }
        _run.Run("watched", judge: new WatchedJudge(_ => Kill()), progress: _ => Kill());
        Assert.That(states, Has.Count.GreaterThanOrEqualTo(8));
        for (int state = 1; state <= states.Count; state += _every)
        {
            _run.Run($"killed {state}");
            AssertWhole($"killed {state}");
        }
    }

    /// <summary>A process of its own, killed (SIGKILL where there is such a thing) over and over in one folder, ever later.</summary>
    [Test]
    public void Killed_at_any_time()
    {
        string settings = _run.Folder("settings.json");
        File.WriteAllText(settings, SettingsText.Write(_run.Settings));
        string program = typeof(InterruptionTests).Assembly.Location;
        int killed = 0;
        foreach (int rows in (int[])[0, 7, 12, 20])
        {
            using Process child = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, _run.Folder("child"), settings]) { RedirectStandardError = true })!;
            while (!child.HasExited && Rows() <= rows)
                Thread.Sleep(1);
            if (!child.HasExited)
                killed++;
            child.Kill();
            child.WaitForExit();
            Assert.That(child.StandardError.ReadToEnd(), Is.Empty);
        }
        Assert.That(killed, Is.Positive);
        _run.Run("child");
        AssertWhole("child");

        int Rows()
        {
            try
            {
                return _run.Entries("child").Count;
            }
            catch (SealException)
            {
                return 0; // no journal yet
            }
        }
    }

    [Test]
    public void Cancelled_at_any_point()
    {
        int points = 0;
        _run.Run("counted", progress: _ => points++);
        for (int stop = 1; stop < points; stop += 2 * _every)
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
        for (int attempt = 0; attempt < 12; attempt += _every)
        {
            // Times, not points: what is hit differs from run to run, what comes of it must not.
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(5 + 20 * attempt));
            RunUntil("timed", cancel.Token);
        }
        _run.Run("timed");
        AssertWhole("timed");
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

    private void AssertWhole(string folder)
    {
        Assert.That(_run.Canonical(folder), Is.EqualTo(_run.Canonical("whole")), folder);
        Assert.That(_run.Files(folder), Is.EqualTo(_run.Files("whole")), folder);
    }
}
