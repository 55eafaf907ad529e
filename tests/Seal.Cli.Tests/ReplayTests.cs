using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class ReplayTests
{
    private TinyModel _model = null!;
    private WorkFolder _work = null!;

    [OneTimeSetUp]
    public void Train()
    {
        (_model, _work) = (new TinyModel(), new WorkFolder());
        Ran ran = RunSeal(
            "train", "--model", _model.Folder, "--passages", _work.Write("p.json", Passages.Json), "--take", "2", "--rounds", "2", "--candidates", "2", "--out", _work["run"],
            "--set", "trial.inner.lora.rank=4", "--set", "trial.inner.epochs=2", "--set", "trial.exam.answer_tokens=4", "--set", "trial.lockstep=2",
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
    public void ARunRepeatsItselfToTheBit()
    {
        Ran ran = RunSeal("replay", _work["run"], "--limit", "0");
        Assert.That(ran.Exit, Is.Zero, ran.Error);
        Assert.That(ran.Out, Does.Contain("12 rewards (dense) of the journal, computed by torch").And.Contain("| baseline ").And.Contain("| self-edit 2 "));
        Assert.That(ran.Out, Does.EndWith("Passed: the largest difference is 0, within the limit of 0; 4 of 4 winners are the same.\n"));
        Assert.That(ran.Error, Does.Contain("round 2 candidates 4/4"));
    }

    [Test]
    public void TheNativeBackendIsCloseAndNotTheSame()
    {
        string[] line = ["replay", _work["run"], "--backend", "native", "--seeds", "2", "--round", "1", "--out", _work["replayed"]];
        Ran ran = RunSeal([.. line, "--limit", "1e-3", "--json"]);
        JsonNode report = ran.Json;
        Assert.That(((int)report["rewards"]!, (int)report["seeds"]!, (bool)report["passed"]!, ran.Exit), Is.EqualTo((6, 2, true, 0)), ran.Error);
        Assert.That((string)report["replayed_by"]!, Does.StartWith("native"));
        Assert.That((double)report["largest_difference"]!, Is.GreaterThan(0).And.LessThan(1e-3));
        Assert.That(report["passages"]![0]!["self_edits"]![0]!["by_seed"]!.AsArray().Count, Is.EqualTo(2));
        Assert.That(File.ReadAllText(_work["replayed/report.md"]), Does.StartWith("# Replay").And.Contain("Passed: "));
        Ran strict = RunSeal([.. line, "--limit", "0"]);
        Assert.That(strict.Exit, Is.EqualTo(1));
        Assert.That(strict.Out, Does.Contain("FAILED: ").And.EndWith($"Report: {Path.Combine(_work["replayed"], "report.md")}\n"));
    }

    [Test]
    public void ARewardThatWasWrittenByHandIsFound()
    {
        foreach (string path in Directory.EnumerateFiles(_work["run"]))
            File.Copy(path, _work.Write($"tampered/{Path.GetFileName(path)}", ""), overwrite: true);
        using (var connection = new SqliteConnection($"Data Source={_work["tampered/run.db"]};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "UPDATE jobs SET result = json_set(result, '$.rewards[0]', 9) WHERE kind = 'select' AND round = 1";
            command.ExecuteNonQuery();
        }
        Ran ran = RunSeal("replay", _work["tampered"], "--round", "1");
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((1, "")));
        Assert.That(ran.Error, Does.Contain("was changed or damaged").And.Contain("earned 9"));
    }

    [Test]
    public void WhatIsNoRunAndWhereNothingMayBeWrittenAreErrors()
    {
        Ran nothing = RunSeal("replay", _work["nothing"]);
        Assert.That((nothing.Exit, nothing.Out), Is.EqualTo((1, "")));
        Assert.That(nothing.Error, Does.Contain("no run.db"));
        foreach (string inside in (string[])["run", "run/replay"])
        {
            Ran ran = RunSeal("replay", _work["run"], "--out", _work[inside]);
            Assert.That((ran.Exit, ran.Out), Is.EqualTo((1, "")));
            Assert.That(ran.Error, Does.Contain("lies in the run that is replayed"));
        }
        Assert.That(Directory.Exists(_work["run/replay"]), Is.False);
    }
}
