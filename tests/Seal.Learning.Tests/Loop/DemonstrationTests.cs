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
        Assert.That(first.Arms.Select(arm => arm.Name), Is.EqualTo(new[]
        {
            "no update", "passage only", "self-edits of the base policy", "passage only, as many steps", "self-edits after round 1", "self-edits after round 2", "passage in view",
        }));
        Assert.That(first.Arms[0].Outcomes.Select(outcome => outcome.Tokens), Is.All.Zero);
        Assert.That(first.Arms[2].Outcomes, Has.Count.EqualTo(2 * TinyRun.Passages.Count), "two self-edits a passage");
        double Steps(string name) => first.Arms.First(arm => arm.Name == name).Outcomes.Average(outcome => (double)outcome.Losses.Count);
        Assert.That(Steps("passage only, as many steps"), Is.EqualTo(Steps("self-edits of the base policy")).Within(0.5 * Steps("passage only")));
        Assert.That(DemonstrationTable.Of([again]).Markdown(), Is.EqualTo(DemonstrationTable.Of([first]).Markdown()));
        Assert.That(DemonstrationStory.Text(first), Does.Contain("Before reinforcement it writes").And.Contain("wrong"));

        Demonstrated Demonstrate() => new Demonstration(
            run.Settings with { Selection = run.Settings.Selection with { AboveBaseline = false } }, run.Settings.Passages, 2, run.Folder("demo"), run.Operators, new LocalJudge()).Run();
    }

    [Test]
    public void DifferencesArePairedAndNamed()
    {
        Passage[] passages = [.. Enumerable.Range(0, 10).Select(i => new Passage($"p{i}", "c", []))];
        // Passages differ widely; each is right by a fifth more often after round 1 than before.
        Arm Learned(string name, int? policy, double more) => new(name, policy, [], [.. passages.Select((_, i) => Right((i / 20.0) + more))]);
        var demonstrated = new Demonstrated(null!, passages,
            [Learned("no update", null, 0), Learned("passage only", null, 0.1), Learned("self-edits of the base policy", 0, 0.1), Learned("passage in view", null, 0.5), Learned("self-edits after round 1", 1, 0.3)]);
        DemonstrationTable table = DemonstrationTable.Of([demonstrated, demonstrated]);
        Assert.That((table.Seeds, table.Passages), Is.EqualTo((2, 10)));
        DemonstrationDifference gain = table.Differences.Single(difference => difference.Against == "self-edits of the base policy");
        Assert.That(gain.Accuracy.Estimate, Is.EqualTo(0.2).Within(1e-9));
        Assert.That(gain.Accuracy.High - gain.Accuracy.Low, Is.LessThan(1e-9), "what passages share cancels");
        Assert.That(table.Markdown(), Does.Contain("| self-edits after round 1 − self-edits of the base policy | **+20.0 [+20.0, +20.0]** |"));
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
