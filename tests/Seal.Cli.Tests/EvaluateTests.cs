using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class EvaluateTests
{
    private static readonly string[] Quick =
        ["--set", "trial.inner.lora.rank=4", "--set", "trial.inner.epochs=2", "--set", "trial.exam.answer_tokens=4", "--set", "trial.lockstep=2"];

    private TinyModel _model = null!;
    private WorkFolder _work = null!;

    [SetUp]
    public void Make()
    {
        (_model, _work) = (new TinyModel(), new WorkFolder());
        _work.Write("p.json", Passages.Json);
        _work.Write("e.json", Passages.SelfEdits);
    }

    [TearDown]
    public void Remove()
    {
        _model.Dispose();
        _work.Dispose();
    }

    [Test]
    public void MethodsAreComparedOnTheSamePassages()
    {
        Ran ran = Evaluate("run", "--self-edits", $"gpt={_work["e.json"]}", "--json");
        Assert.That(ran.Exit, Is.Zero, ran.Error);
        JsonNode report = ran.Json["report"]!;
        JsonArray methods = report["methods"]!.AsArray();
        Assert.That(methods.Select(method => (string)method!["name"]!), Is.EqualTo(new[] { "no update", "passage only", "gpt" }));
        Assert.That(((int)report["passages"]!, (int)report["questions"]!), Is.EqualTo((3, 4)));
        Assert.That(methods.Select(method => (double)method!["steps"]!), Is.EqualTo(new[] { 0.0, 2, 2 }));
        Assert.That((double)methods[0]!["gain"]!["estimate"]!, Is.Zero);
        Assert.That((double)methods[1]!["tokens"]!, Is.GreaterThan(0).And.LessThan((double)methods[2]!["tokens"]!));
        Assert.That(report["differences"]!.AsArray().Select(d => ((string)d!["name"]!, (string)d["against"]!)),
            Is.EqualTo(new[] { ("passage only", "no update"), ("gpt", "passage only") }));
        // Of two, the gains' difference is the difference of the gains.
        Assert.That((double)report["differences"]![1]!["gain"]!["estimate"]!,
            Is.EqualTo((double)methods[2]!["gain"]!["estimate"]! - (double)methods[1]!["gain"]!["estimate"]!).Within(1e-12));
        string markdown = File.ReadAllText(_work["run/report.md"]);
        Assert.That(markdown, Does.Contain("| gpt − passage only |").And.Contain("\"epochs\": 2").And.Contain("3 passages, 4 questions"));
    }

    [Test]
    public void ARunThatWasStoppedEndsAsOneThatWasNot()
    {
        string[] methods = ["--self-edits", $"gpt={_work["e.json"]}"];
        Ran whole = Evaluate("whole", methods);
        using var stop = new CancellationTokenSource();
        // Cancelled from outside at the first line of progress: one group is in the journal, the rest is not.
        using var error = new StopAtFirstLine(stop);
        using var output = new StringWriter();
        int exit = CommandLine.Run(Line("stopped", methods), output, error, null, stop.Token);
        Assert.That((exit, output.ToString()), Is.EqualTo((130, "")));
        Assert.That(File.Exists(_work["stopped/report.md"]), Is.False);
        int unfinished = Canonical("stopped").Split('\n').Length;
        Ran resumed = Evaluate("stopped", methods);
        Assert.That(unfinished, Is.GreaterThan(1).And.LessThan(Canonical("whole").Split('\n').Length));
        Assert.That(Canonical("stopped"), Is.EqualTo(Canonical("whole")));
        Assert.That(resumed.Out.Replace("stopped", "whole", StringComparison.Ordinal), Is.EqualTo(whole.Out));
    }

    [Test]
    public void AnAdapterIsExaminedAgainstTheModelWithoutIt()
    {
        string document = _work.Write("d.txt", "The eagle landed in July.");
        RunSeal("adapt", "--model", _model.Folder, "--document", document, "--self-edit", "none", "--out", _work["adapter"], "--set", "trial.inner.optimizer.learning_rate=0.05");
        JsonNode methods = Evaluate("run", "--adapter", _work["adapter"], "--json").Json["report"]!["methods"]!;
        Assert.That(methods.AsArray().Select(method => (string)method!["name"]!), Is.EqualTo(new[] { "no update", "adapter" }));
        Assert.That((double)methods[1]!["gain"]!["estimate"]!, Is.Not.Zero);
    }

    [Test]
    public void TakeAndSkipChoosePassages()
    {
        JsonNode report = Evaluate("run", "--take", "1", "--skip", "1", "--no-baselines", "--json").Json["report"]!;
        Assert.That(((int)report["passages"]!, (int)report["questions"]!, report["methods"]!.AsArray().Count), Is.EqualTo((1, 2, 1)));
    }

    [TestCase("trial.inner.epoch=3", "epoch")]
    [TestCase("trial.inner.epochs=0", "epochs")]
    [TestCase("nonsense", "nonsense")]
    public void AnUnknownOrImpossibleSettingIsNamed(string setting, string named)
    {
        Ran ran = Evaluate("run", "--set", setting);
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((1, "")));
        Assert.That(ran.Error, Does.StartWith("seal: ").And.Contain(named));
        Assert.That(Directory.Exists(_work["run"]), Is.False);
    }

    [Test]
    public void PassagesWithoutQuestionsAndSelfEditsWithoutPassagesAreErrors()
    {
        _work.Write("p.json", """[{"title": "T", "context": "C", "questions": []}]""");
        Assert.That(Evaluate("run").Error, Does.Contain("passage 0 ('T') has no questions"));
        _work.Write("p.json", """[{"title": "T", "context": "C", "questions": [{"question": "q", "answer": " "}]}]""");
        Assert.That(Evaluate("run").Error, Does.Contain("'answer' is blank"));
        _work.Write("p.json", """[{"title": "T", "context": "C", "questions": [{"question": "q", "answer": "a"}]}]""");
        Assert.That(Evaluate("run", "--self-edits", $"gpt={_work["e.json"]}").Error, Does.Contain("no self-edit for the passage 'T'"));
        Assert.That(Evaluate("run", "--self-edits", "gpt").Error, Does.Contain("expected NAME=FILE"));
    }

    [Test]
    public void AJudgeThatDoesNotAnswerIsExitCode3()
    {
        using var refusing = new RefusingServer();
        Ran ran = Evaluate("run", "--judge-endpoint", refusing.Address, "--judge-model", "grader");
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((3, "")), ran.Error);
        Assert.That(ran.Error, Does.Contain("401").And.Contain("run again to continue"));
        Assert.That(File.Exists(_work["run/report.md"]), Is.False);
    }

    private string Canonical(string run) => RunSeal("journal", _work[run], "--canonical").Out;

    private Ran Evaluate(string run, params string[] rest) => RunSeal(Line(run, rest));

    private string[] Line(string run, params string[] rest) =>
        ["evaluate", "--model", _model.Folder, "--passages", _work["p.json"], "--out", _work[run], .. Quick, .. rest];

    private sealed class StopAtFirstLine(CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            stop.Cancel();
        }
    }

    /// <summary>Answers every request with 401.</summary>
    private sealed class RefusingServer : IDisposable
    {
        private readonly HttpListener _listener = new();

        public RefusingServer()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/v1";
            }
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _listener.BeginGetContext(Refuse, null);
        }

        public string Address { get; }

        public void Dispose() => _listener.Close();

        private void Refuse(IAsyncResult result)
        {
            try
            {
                HttpListenerContext context = _listener.EndGetContext(result);
                context.Response.StatusCode = 401;
                context.Response.Close();
                _listener.BeginGetContext(Refuse, null);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Closed while waiting: the test is over.
            }
        }
    }
}
