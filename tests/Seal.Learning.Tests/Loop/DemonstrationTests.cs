using Seal.Learning.Knowledge;
using Seal.Learning.Statistics;

namespace Seal.Learning.Tests.Loop;

public class DemonstrationTests
{
    [Test]
    public void EveryArmLearnsEveryPassageAndAgainFromTheJournal()
    {
        using var run = new TinyRun();
        Demonstrated first = Demonstrate(), again = Demonstrate();
        Assert.That(first.Policies.Select(arm => arm.Name), Is.EqualTo(new[] { "self-edits of the base policy", "self-edits after round 1", "self-edits after round 2" }));
        Assert.That(first.Arms.Select(arm => arm.Name), Is.EqualTo((string[])["no update", "passage only", "passage only, as many steps", .. first.Policies.Select(arm => arm.Name), "passage in view"]));
        (Arm noUpdate, Arm alone, Arm longer, Arm inView) = (first.Arms[0], first.Arms[1], first.Arms[2], first.Arms[^1]);
        Assert.That(noUpdate.Outcomes.Select(outcome => outcome.Tokens), Is.All.Zero);
        Assert.That(first.Policies[0].Outcomes, Has.Count.EqualTo(2 * TinyRun.Passages.Count), "two self-edits a passage");
        Assert.That(longer.Steps, Is.EqualTo(first.Policies[^1].Steps).Within(0.5 * alone.Steps));
        Assert.That(inView.Outcomes.Select(outcome => outcome.Exam.LogLikelihood()), Is.Not.EqualTo(noUpdate.Outcomes.Select(outcome => outcome.Exam.LogLikelihood())));
        Assert.That(DemonstrationTable.Of([again]).Markdown(), Is.EqualTo(DemonstrationTable.Of([first]).Markdown()));
        string[] story = [.. Domains.Of(run.Settings, new LocalJudge()).Tell(first).Cast<StoryText>().Select(part => $"{part.Title}: {part.Text}")];
        Assert.That(story[0], Does.StartWith($"It reads: {((Passage)first.Tasks[first.MostGained]).Title}"));
        Assert.That(story, Has.Some.StartWith("Before reinforcement it writes").And.Some.Contain("wrong"));

        Demonstrated Demonstrate() => new Demonstration(
            run.Settings with { Selection = run.Settings.Selection with { AboveBaseline = false } }, run.Settings.Passages, 2, run.Folder("demo"), run.Operators, new LocalJudge()).Run();
    }

    [Test]
    public void DifferencesArePairedAndNamed()
    {
        Passage[] passages = [.. Enumerable.Range(0, 10).Select(i => new Passage($"p{i}", "c", []))];
        // Passages differ widely; each is right by a fifth more often after round 1 than before.
        Arm Learned(string name, double more) => new(name, [], [.. passages.Select((_, i) => Right((i / 20.0) + more))]);
        Arm before = Learned("self-edits of the base policy", 0.1), after = Learned("self-edits after round 1", 0.3);
        var demonstrated = new Demonstrated(null!, passages, [Learned("no update", 0), before, after], [(after, before)], [before, after]);
        DemonstrationTable table = DemonstrationTable.Of([demonstrated, demonstrated]);
        Assert.That((table.Seeds, table.Tasks), Is.EqualTo((2, 10)));
        DemonstrationDifference gain = table.Differences.Single();
        Assert.That(gain.Accuracy.Estimate, Is.EqualTo(0.2).Within(1e-9));
        Assert.That(gain.Accuracy.High - gain.Accuracy.Low, Is.LessThan(1e-9), "what passages share cancels");
        Assert.That(table.Markdown(), Does.Contain("| self-edits after round 1 − self-edits of the base policy | **+20.0 [+20.0, +20.0]** |"));
    }

    [Test]
    public void TheBestOfATasksOutcomesIsWhatAnOracleWouldChoose()
    {
        var arm = new Arm("several", [], [Right(0.1), Right(0.4), Right(0.2), Right(0.3), Right(0), Right(0.1)]);
        Assert.That(arm.BestOfEach(2).Accuracies(2), Is.EqualTo(new[] { 0.4, 0.3 }).Within(1e-9));
    }

    [Test]
    public void AnIntervalOverSeedsIsWiderThanOneOverTheirPassages()
    {
        double[][] seeds = [.. Enumerable.Range(0, 4).Select(s => Enumerable.Range(0, 50).Select(i => s + 0.01 * (i % 7)).ToArray())];
        Interval nested = new Bootstrap().Nested(seeds), flat = new Bootstrap().Mean(seeds.SelectMany(seed => seed).ToArray());
        Assert.That(nested.Estimate, Is.EqualTo(flat.Estimate).Within(1e-12));
        Assert.That(nested.High - nested.Low, Is.GreaterThan(3 * (flat.High - flat.Low)));
    }

    private static Outcome Right(double share) => new([], 10, [1.0],
        new ExamResult([.. Enumerable.Range(0, 100).Select(i => new ScoredAnswer("q", "g", "a", i < Math.Round(share * 100), 0, 0, [-1f]))]));
}
