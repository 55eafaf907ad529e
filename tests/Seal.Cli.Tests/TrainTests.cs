using System.Text.Json.Nodes;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class TrainTests
{
    private TinyModel _model = null!;
    private WorkFolder _work = null!;

    [SetUp]
    public void Make() => (_model, _work) = (new TinyModel(), new WorkFolder());

    [TearDown]
    public void Remove()
    {
        _model.Dispose();
        _work.Dispose();
    }

    [Test]
    public void TheOuterLoopRunsToItsEndAndAgainFromItsJournal()
    {
        string passages = _work.Write("p.json", Passages.Json);
        string[] line =
        [
            "train", "--model", _model.Folder, "--passages", passages, "--take", "2", "--rounds", "2", "--candidates", "2", "--out", _work["run"], "--json",
            "--set", "trial.inner.lora.rank=4", "--set", "trial.inner.epochs=2", "--set", "trial.exam.answer_tokens=4", "--set", "trial.lockstep=2",
            "--set", "self_edit.max_tokens=12", "--set", "policy.lora.rank=4", "--set", "selection.above_baseline=false",
        ];
        Ran first = RunSeal(line);
        Assert.That(first.Exit, Is.Zero, first.Error);
        Assert.That(first.Json["rounds"]!.AsArray().Select(round => ((int)round!["round"]!, (int)round["kept"]!, (int)round["candidates"]!)),
            Is.EqualTo(new[] { (1, 2, 4), (2, 2, 4) }));
        Assert.That(File.ReadAllText(_work["run/report.md"]), Does.Contain("passage only"));
        string journal = RunSeal("journal", _work["run"], "--canonical").Out;
        Assert.That(RunSeal(line).Out, Is.EqualTo(first.Out));
        Assert.That(RunSeal("journal", _work["run"], "--canonical").Out, Is.EqualTo(journal));

        Ran table = RunSeal("journal", _work["run"]);
        Assert.That(table.Out, Does.Contain("| sample ").And.Contain("| adapt ").And.Contain("| policy ").And.Contain("Apollo"));
        JsonNode jobs = RunSeal("journal", _work["run"], "--json").Json;
        Assert.That(jobs.AsArray().Count, Is.EqualTo(journal.Count(c => c == '\n')));

        Ran other = RunSeal([.. line, "--seed", "2"]);
        Assert.That((other.Exit, other.Out), Is.EqualTo((1, "")));
        Assert.That(other.Error, Does.Contain("other settings"));
    }

    [Test]
    public void AFolderWithoutAJournalIsAnError()
    {
        Ran ran = RunSeal("journal", _work["nothing"]);
        Assert.That(ran.Exit, Is.EqualTo(1));
        Assert.That(ran.Error, Does.Contain("no run.db"));
        Assert.That(Directory.Exists(_work["nothing"]), Is.False);
    }
}
