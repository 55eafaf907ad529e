using System.Text.Json.Nodes;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class AdaptTests
{
    private static readonly string[] Quick =
        ["--set", "trial.inner.lora.rank=4", "--set", "trial.inner.epochs=2", "--set", "trial.exam.answer_tokens=4", "--set", "self_edit.max_tokens=16"];

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
    public void ADocumentBecomesAnAdapterThatGenerateUses()
    {
        string document = _work.Write("apollo.md", "# Apollo 11\n\nThe eagle landed in the sea of tranquility.\n");
        JsonNode json = Adapt("--document", document, "--set", "trial.inner.optimizer.learning_rate=0.05", "--json").Json;
        Assert.That((string)json["document"]!, Is.EqualTo("Apollo 11"));
        Assert.That((string)json["record"]!["self_edit"]!, Is.Not.Empty);
        Assert.That(json["record"]!["losses"]!.AsArray(), Is.Not.Empty);
        Assert.That((double)json["peak_memory_mb"]!, Is.GreaterThan(10), "the runtime alone takes more");
        Assert.That(File.Exists(_work["adapter/adapter_config.json"]));
        string[] line = ["generate", "--model", _model.Folder, "--prompt", "The eagle", "--temperature", "1", "--max-tokens", "32"];
        Assert.That(RunSeal([.. line, "--adapter", _work["adapter"]]).Out, Is.Not.EqualTo(RunSeal(line).Out), "the adapter changes nothing");
    }

    [Test]
    public void NoneTrainsOnTheDocumentAlone()
    {
        JsonNode json = Adapt("--document", _work.Write("fact.txt", "The sea is wide."), "--self-edit", "none", "--json").Json;
        Assert.That(json["record"]!["sequences"]!.AsArray().Select(text => (string)text!), Is.EqualTo(new[] { "fact\nThe sea is wide." }));
    }

    [Test]
    public void QuestionsAreAskedBeforeAndAfter()
    {
        string passages = _work.Write("p.json", Passages.Json);
        Ran many = Adapt("--document", passages, "--self-edit", _work.Write("edit.txt", "The eagle landed.\nIt was in July."));
        Assert.That((many.Exit, many.Error), Is.EqualTo((1, $"seal: {passages}: holds 3 passages, an adapter learns one; choose it with --passage 0 to 2\n")));
        Ran one = Adapt("--document", passages, "--passage", "1", "--self-edit", _work["edit.txt"]);
        Assert.That(one.Exit, Is.Zero, one.Error);
        Assert.That(one.Out, Does.Contain("The eagle landed.\nIt was in July.").And.Contain("Trained on 3 sequences: 2 steps").And.Contain("Exam, 2 questions, before -> after"));
        Assert.That(one.Out, Does.Match(@"\nPeak memory: \d+ MB\nAdapter: "));
    }

    [Test]
    public void CancelledItWritesNothing()
    {
        Ran ran = RunSeal(null, new CancellationToken(canceled: true), Line("--document", _work.Write("fact.txt", "The sea is wide."), "--self-edit", "none"));
        Assert.That(ran.Exit, Is.EqualTo(130));
        Assert.That(Directory.Exists(_work["adapter"]), Is.False);
    }

    private Ran Adapt(params string[] rest) => RunSeal(Line(rest));

    private string[] Line(params string[] rest) => ["adapt", "--model", _model.Folder, "--out", _work["adapter"], .. Quick, .. rest];
}
