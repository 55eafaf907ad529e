using Seal.Learning.Journal;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Loop;

/// <summary>Who learns the self-edits: the policy that wrote them, or the base model.</summary>
[TestFixture("knowledge")]
[TestFixture("few-shot")]
public sealed class LearnerTests(string domain)
{
    private TinyRun _run = null!;

    [OneTimeSetUp]
    public void Prepare() => _run = new TinyRun(domain);

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    [TestCase(Learner.Base, true)]
    [TestCase(Learner.Policy, false)]
    public void Before_learning_a_base_model_knows_in_every_round_what_it_knew(Learner learner, bool same)
    {
        RunReport report = _run.Run($"{learner}", With(learner));
        Assert.That(report.Rounds[1].PolicyDigest, Is.Not.EqualTo(report.Rounds[0].PolicyDigest), "the policy has changed");
        float[][] known = [.. report.Rounds.Select(round => round.Tasks.SelectMany(task => task.NoUpdate.Exam.Answers).SelectMany(answer => answer.GoldLogProbabilities).ToArray())];
        Assert.That(known[1], same ? Is.EqualTo(known[0]) : Is.Not.EqualTo(known[0]));
        using RunJournal journal = RunJournal.InMemory();
        ReplayReport replayed = new Replay(RecordedRun.Read(_run.Folder($"{learner}")), _run.Operators, new LocalJudge(), journal) { Limit = 0 }.Run();
        Assert.That((replayed.Rewards, replayed.LargestDifference, replayed.Passed), Is.EqualTo((12, 0.0, true)), "the replay's learner is the run's");
    }

    [Test]
    public void Settings_that_say_nothing_mean_the_policy()
    {
        Assert.That(SettingsText.Write(With(Learner.Policy)), Does.Not.Contain("\"learner\""));
        Assert.That(SettingsText.Set(_run.Settings, "trial.learner=base").Trial.Learner, Is.EqualTo(Learner.Base));
    }

    private RunSettings With(Learner learner) => _run.Settings with { Trial = _run.Settings.Trial with { Learner = learner } };
}
