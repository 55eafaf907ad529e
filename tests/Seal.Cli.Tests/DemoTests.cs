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
