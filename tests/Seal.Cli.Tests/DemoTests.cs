using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class DemoTests
{
    private WorkFolder _work = null!;

    [SetUp]
    public void Make() => _work = new WorkFolder();

    [TearDown]
    public void Remove() => _work.Dispose();

    [Test]
    public void ItTellsAStoryEndsWithATableAndAPageAndSaysTheSameAgain()
    {
        string[] line = ["demo", "--take", "3", "--candidates", "3", "--rounds", "1", "--evaluate", "3", "--out", _work["demo"]];
        Ran first = RunSeal(line);
        Assert.That(first.Exit, Is.Zero, first.Error);
        Assert.That(first.Out, Does.StartWith("It reads").And.Contain("Before reinforcement it writes").And.Contain("| no update | 0.0 ").And.Contain("| passage in view |"));
        Assert.That(File.ReadAllText(_work["demo/report.html"]), Does.Contain("<svg").And.Contain("passage in view"));
        Assert.That(RunSeal(line).Out, Is.EqualTo(first.Out), "a second time, from the journal");
    }

    [Test]
    public void TheSecondDomainShowsAPuzzleInDigitsWhereThereAreNoColours()
    {
        string[] line = ["demo", "--domain", "few-shot", "--take", "2", "--candidates", "2", "--rounds", "1", "--evaluate", "2", "--set", "few_shot.max_steps=2", "--out", _work["demo"]];
        Ran first = RunSeal(line);
        Assert.That(first.Exit, Is.Zero, first.Error);
        Assert.That(first.Out, Does.StartWith("The puzzle (").And.Contain("Without learning, it answers").And.Contain("\"num_train_epochs\": ").And.Contain(" → ").And.Contain("The solution"));
        Assert.That(first.Out, Does.Contain("| in-context | ").And.Contain("| self-edits after round 1 − self-edits of the base policy | ").And.Not.Contain("\u001b["));
        Assert.That(File.ReadAllText(_work["demo/report.html"]), Does.Contain("#0074d9").And.Contain("id=\"story\"").And.Contain("on grids:learning:1").Or.Contain("2 tasks"));
        Assert.That(RunSeal(line).Out, Is.EqualTo(first.Out), "a second time, from the journal");
    }

    [Test]
    public void OtherPassagesNeedOthersToBeMeasuredOn()
    {
        Ran ran = RunSeal("demo", "--data", "mine.json", "--out", _work["demo"]);
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((1, "")));
        Assert.That(ran.Error, Does.Contain("--evaluation"));
    }

    [Test]
    public void TrainingWithoutAModelTakesTheEmbeddedOneAndSaysSo()
    {
        Ran ran = RunSeal("train", "--take", "2", "--candidates", "2", "--rounds", "1", "--out", _work["run"]);
        Assert.That(ran.Exit, Is.Zero, ran.Error);
        Assert.That(ran.Error, Does.Contain("no --model: the embedded one reads world:learning"));
        Assert.That(File.ReadAllText(_work["run/settings.json"]), Does.Contain("\"model\": \"embedded\"").And.Contain("\"chat\": false"));
    }
}
