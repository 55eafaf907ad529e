using System.Text.Json.Nodes;
using System.Xml.Linq;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class ReportTests
{
    private TinyModel _model = null!;
    private WorkFolder _work = null!;

    [OneTimeSetUp]
    public void Train()
    {
        (_model, _work) = (new TinyModel(), new WorkFolder());
        Ran ran = RunSeal(
            "train", "--model", _model.Folder, "--passages", _work.Write("p.json", Passages.Json), "--take", "2", "--rounds", "1", "--candidates", "2", "--out", _work["run"],
            "--set", "trial.inner.lora.rank=4", "--set", "trial.inner.epochs=2", "--set", "trial.exam.answer_tokens=4",
            "--set", "self_edit.max_tokens=12", "--set", "policy.lora.rank=4", "--set", "selection.above_baseline=false", "--set", "selection.floor=20");
        Assert.That(ran.Exit, Is.Zero, ran.Error);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _model.Dispose();
        _work.Dispose();
    }

    [Test]
    public void ARunBecomesAPage()
    {
        Ran ran = RunSeal("report", _work["run"]);
        Assert.That((ran.Exit, ran.Error), Is.EqualTo((0, "")));
        Assert.That(ran.Out, Does.StartWith("Finished: 1 round, 2 passages.\n").And.Contain("| Round 1 | self-edits, best of 2 |").And.EndWith($"Report: {_work["run/report.html"]}\n"));
        XElement page = XDocument.Load(_work["run/report.html"]).Root!;
        Assert.That(page.Descendants("h1").Single().Value, Is.EqualTo("ReST-EM on p.json"));
        Assert.That(page.Descendants("article").Count(), Is.EqualTo(2));
    }

    [Test]
    public void ThePageCanLieElsewhereAndTheNumbersBeJson()
    {
        Ran ran = RunSeal("report", _work["run"], "--out", _work["page.html"], "--json");
        Assert.That(ran.Exit, Is.Zero, ran.Error);
        Assert.That((bool)ran.Json["finished"]!, Is.True);
        Assert.That(File.Exists((string)ran.Json["report"]!), Is.True);
        JsonNode bar = ran.Json["charts"]![0]!["groups"]![0]!["bars"]![1]!;
        Assert.That(((string)bar["name"]!, (int)bar["passages"]!), Is.EqualTo(("passage only", 2)));
        Assert.That(ran.Json["costs"]!.AsArray().Sum(cost => (int)cost!["jobs"]!), Is.EqualTo(2 + 2 + 4 + 4 + 1));
        Assert.That(ran.Json["costs"]!.AsArray().Sum(cost => (double?)cost!["flops"] ?? 0), Is.GreaterThan(0));
    }

    [Test]
    public void WhatIsNoRunAndWhereNothingCanBeWrittenAreErrors()
    {
        Ran nothing = RunSeal("report", _work["nothing"]);
        Assert.That((nothing.Exit, nothing.Out), Is.EqualTo((1, "")));
        Assert.That(nothing.Error, Does.Contain("no run.db"));
        Ran nowhere = RunSeal("report", _work["run"], "--out", _work["missing/page.html"]);
        Assert.That((nowhere.Exit, nowhere.Out), Is.EqualTo((1, "")));
        Assert.That(nowhere.Error, Does.Contain("cannot be written"));
    }
}
