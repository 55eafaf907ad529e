using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Loop;

public sealed class FailingJudgeTests
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

    [Test]
    public void A_judge_that_fails_stops_the_run_and_costs_no_verdict()
    {
        var counting = new WatchedJudge();
        _run.Run("graded", judge: counting);
        foreach (int fails in (int[])[1, 4, counting.Exams])
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
            Assert.That(_run.Canonical(folder), Is.EqualTo(_run.Canonical("whole")), folder);
            Assert.That(_run.Files(folder), Is.EqualTo(_run.Files("whole")), folder);
        }
    }

    private string[] Lines(string folder) => _run.Canonical(folder).Split('\n');
}
