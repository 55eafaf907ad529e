using Seal.Kernels;
using Seal.Learning.FewShot;
using Seal.Learning.Journal;
using Seal.Learning.Worlds;
using Seal.Learning.Worlds.Grids;
using Seal.Models;

namespace Seal.Learning.Tests.Worlds.Grids;

/// <summary>The embedded model of the grid world does what its demonstration rests on.</summary>
public class GridBottleTests() : EmbeddedModelTests(Bottle.Grids, FewShotSettings.Run(compat: false))
{
    [Test]
    public void ItsSettingsAreForItsOwnDomain()
    {
        Assert.That(Settings.FewShot!.Tasks, Is.EqualTo(GridTasks.Learning));
        Assert.That(ModelSettings.Of(Bottle.Grids.Model, new RunSettings()), Is.EqualTo(new RunSettings()), "a run on passages takes nothing from it");
        Assert.That(ModelSettings.Of(Bottle.Passages.Model, FewShotSettings.Run(compat: false)).Backend, Is.EqualTo(new RunSettings().Backend), "nor does one on puzzles from the other model");
    }

    /// <summary>What it has read in context it can do in context; of what it has not it can do little.</summary>
    [Test]
    public void InContextItSolvesFamiliesThatItHasReadAndFewOthers()
    {
        ArcTask[] read = [.. GridFamily.Simple.Select(family => Task(family, 5)).OfType<ArcTask>()];
        double known = Solved(read), unknown = Solved(GridTasks.Of(Share.Evaluation, 9, 40));
        TestContext.Out.WriteLine($"read {known:P0}, unread {unknown:P0}");
        Assert.That(known, Is.GreaterThan(0.5));
        Assert.That(unknown, Is.LessThan(0.3).And.LessThan(known / 2));
    }

    [Test]
    public void TheBasePolicyProposesGoodAndBadConfigurations()
    {
        IReadOnlyList<ArcTask> tasks = GridTasks.Of(Share.Learning, 3, 8);
        IReadOnlyList<SelfEdit> edits = new FewShotDomain(Settings).Sampler(Model).Write([.. tasks.SelectMany((task, t) => Enumerable.Range(0, 6).Select(k => ((ITask)task, (ulong)(6 * t + k))))]);
        Configuration[] chosen = [.. edits.Select(edit => ConfigurationText.Read(edit.Text).Configuration!)];
        Assert.That(chosen, Is.All.Not.Null);
        double[] rates = [.. chosen.Select(configuration => Math.Log10(configuration.Training.LearningRate))];
        Assert.That(rates.Count(rate => rate < -3), Is.InRange(6, 42), "too small to teach much");
        Assert.That(rates.Count(rate => rate >= -3), Is.InRange(6, 42));
        Assert.That(chosen.Count(configuration => configuration.DataGeneration.UseBasicAugmentations), Is.InRange(10, 38));
        Assert.That(chosen.Count(configuration => configuration.Training.Loss == LossScope.Output), Is.InRange(10, 38));
    }

    [Test]
    public void AGoodConfigurationTeachesWhatABadOneDoesNot()
    {
        Configuration good = Settings.FewShot!.Fixed, bad = good with { Training = good.Training with { LearningRate = 1e-4, Epochs = 1 } };
        Assert.That(LikelierBy(good), Is.GreaterThan(LikelierBy(bad) + 0.1), "nats a token of the solutions, over no update");

        double LikelierBy(Configuration configuration)
        {
            using RunJournal journal = RunJournal.InMemory();
            ArcTask[] tasks = [.. GridTasks.Of(Share.Learning, 11, 6)];
            Trial[] trials = [.. tasks.Select(task => new Trial(task, null, 0)), .. tasks.Select(task => new Trial(task, configuration.Text(), 1))];
            Outcome[] outcomes = [.. new FewShotDomain(Settings).Trials(Model, journal).Run(trials, 1).Select(result => result.Outcome)];
            return Enumerable.Range(0, tasks.Length).Average(i => DenseReward.Gain(outcomes[i].Exam, outcomes[tasks.Length + i].Exam, Settings.Selection.Floor));
        }
    }

    private static ArcTask? Task(GridFamily family, ulong seed) =>
        GridTask.Draw(family, 5, 3, 4, new Dice(CounterRandom.Derive(seed, family.Name))) is { } pairs
            ? new ArcTask(family.Name, pairs[..4], [new TestInput(pairs[4].Input, pairs[4].Output)])
            : null;

    private double Solved(IReadOnlyList<ArcTask> tasks) =>
        new GridExam(Model, Settings.FewShot!).Take([.. tasks.Select(task => new GridSitting(task, -1))], null).Average(exam => exam.Accuracy());
}
