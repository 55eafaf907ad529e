using System.Text.Json.Nodes;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class FewShotTests
{
    private const string Tasks = """{"flip": {"train": [{"input": [[1, 2]], "output": [[2, 1]]}, {"input": [[5, 0]], "output": [[0, 5]]}], "test": [{"input": [[7, 8]]}]}, "two": {"train": [{"input": [[1]], "output": [[2]]}, {"input": [[3]], "output": [[2]]}], "test": [{"input": [[7]]}]}}""";

    private static readonly string[] Quick =
    [
        "--set", "trial.inner.lora.rank=4", "--set", "trial.lockstep=4", "--set", "few_shot.max_answer_tokens=4", "--set", "few_shot.max_steps=2", "--set", "few_shot.max_exercises=3",
        "--set", "policy.lora.rank=4", "--set", "policy.epochs=1", "--set", "candidates=2",
    ];

    private TinyModel _model = null!;
    private WorkFolder _work = null!;

    [SetUp]
    public void Make()
    {
        (_model, _work) = (new TinyModel(), new WorkFolder());
        _work.Write("tasks.json", Tasks);
        _work.Write("solutions.json", """{"flip": [[[8, 7]]], "two": [[[2]]]}""");
    }

    [TearDown]
    public void Remove()
    {
        _model.Dispose();
        _work.Dispose();
    }

    private Ran Run(string command, params string[] rest) => RunSeal(
        [command, "--domain", "few-shot", "--model", _model.Folder, "--tasks", _work["tasks.json"], "--solutions", _work["solutions.json"], .. Quick, .. rest]);

    [Test]
    public void ARunIsTrainedAndItsPolicyEvaluated()
    {
        Ran trained = Run("train", "--rounds", "1", "--set", "selection.at_least=null", "--set", "selection.best=1", "--out", _work["run"]);
        Assert.That(trained.Exit, Is.Zero, trained.Error);
        Assert.That(trained.Out, Does.Contain("means over tasks").And.Contain("fixed configuration").And.Contain("2 of 4"));
        Assert.That(File.ReadAllText(_work["run/report.md"]), Does.Contain("2 tasks, 2 self-edits a task"));

        Ran ran = Run("evaluate", "--adapter", _work["run/policy/round-1"], "--oracle", "--set", "few_shot.oracle=[]", "--out", _work["none"]);
        Assert.That((ran.Exit, ran.Error.Contains("oracle", StringComparison.Ordinal)), Is.EqualTo((1, true)), "an oracle needs configurations");
        ran = Run("evaluate", "--adapter", _work["run/policy/round-1"], "--task", "two", "--oracle", "--out", _work["eval"], "--json");
        Assert.That(ran.Exit, Is.Zero, ran.Error);
        JsonArray methods = ran.Json["methods"]!.AsArray();
        Assert.That(methods.Select(method => ((string)method!["name"]!, (int)method["trials"]!)),
            Is.EqualTo(new[] { ("in-context", 1), ("fixed configuration", 1), ("untrained self-edits", 2), ("trained self-edits", 2), ("oracle over 8", 1) }));
        JsonNode submission = JsonNode.Parse(File.ReadAllText(_work["eval/submission-fixed-configuration.json"]))!;
        Assert.That(submission.AsObject().Select(task => task.Key), Is.EqualTo(new[] { "two" }));
        Assert.That(submission["two"]![0]!["attempt_2"]!.AsArray(), Is.Not.Empty);
        JsonNode verdicts = JsonNode.Parse(File.ReadAllText(_work["eval/verdicts-untrained-self-edits.json"]))!;
        Assert.That(verdicts.AsObject().Select(trial => ((string)trial.Value!["task_id"]!["0"]!, trial.Value["correct"]!.AsObject().Count)), Is.EqualTo(new[] { ("two", 1), ("two", 1) }));
        Assert.That(File.ReadAllText(_work["eval/report.md"]), Does.Contain("| oracle over 8 |").And.Contain("Share of trials that solve a task"));
    }

    [Test]
    public void OptionsOfAnotherDomainAreRefused()
    {
        Ran ran = RunSeal("evaluate", "--model", _model.Folder, "--passages", "p.json", "--tasks", _work["tasks.json"]);
        Assert.That((ran.Exit, ran.Error.Contains("--domain few-shot", StringComparison.Ordinal)), Is.EqualTo((1, true)));
        ran = Run("evaluate", "--passages", "p.json");
        Assert.That((ran.Exit, ran.Error.Contains("--passages", StringComparison.Ordinal)), Is.EqualTo((1, true)));
        Assert.That(RunSeal("train", "--domain", "knowledge", "--tasks", "t", "--out", _work["x"]).Exit, Is.EqualTo(2));
        ran = Run("train", "--task", "nobody", "--out", _work["x"]);
        Assert.That((ran.Exit, ran.Error.Contains("'nobody'", StringComparison.Ordinal)), Is.EqualTo((1, true)));
    }
}
