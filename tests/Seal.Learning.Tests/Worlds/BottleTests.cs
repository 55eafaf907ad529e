using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Learning.Worlds;
using Seal.Models;
using Seal.Tests;

namespace Seal.Learning.Tests.Worlds;

/// <summary>The embedded model does what the demonstration rests on, and the whole outer loop runs on it to results that are known.</summary>
public class BottleTests() : EmbeddedModelTests(Bottle.Passages, new RunSettings())
{
    private const int Passages = 40;

    private static readonly string s_summary = RepositoryRoot.Path("tests", "Seal.Learning.Tests", "Worlds", "bottle-run.json");

    [Test]
    public void WithoutAnUpdateItKnowsNothingAndWithThePassageInViewNearlyAll()
    {
        double blind = Accuracy(Settings.Trial.Exam), seeing = Accuracy(Settings.Trial.Exam with { PassageInView = true });
        // A guess is a name out of 800,000; the local judge takes whole words.
        Assert.That(blind, Is.LessThan(0.01));
        Assert.That(seeing, Is.GreaterThan(0.8));
    }

    [Test]
    public void ItWritesSelfEditsOfManyKinds()
    {
        IReadOnlyList<Passage> passages = PassageSource.Read(WorldPassages.Learning, 16);
        IReadOnlyList<SelfEdit> edits = new SelfEditSampler(Model, Settings.SelfEdit).Write([.. passages.SelectMany(passage => Enumerable.Range(0, 4).Select(k => (passage, (ulong)k)))]);
        int asking = edits.Count(edit => edit.Text.StartsWith("Question:", StringComparison.Ordinal)), numbered = edits.Count(edit => edit.Text.StartsWith("1. ", StringComparison.Ordinal));
        Assert.That(asking, Is.InRange(1, 32));
        Assert.That(numbered, Is.InRange(8, 56));
        Assert.That(edits.Count(edit => edit.Finish == FinishReason.EndOfText), Is.GreaterThan(56), "it knows when to end");
        double[] lines = [.. edits.Select(edit => (double)edit.Text.Split('\n').Length)];
        Assert.That(lines.Max() - lines.Min(), Is.GreaterThanOrEqualTo(5));
    }

    /// <summary>A small run, exactly as it was when its summary was committed, on the kernels that every machine has; SEAL_UPDATE_SNAPSHOTS=1 commits another.</summary>
    [Test]
    public void TheOuterLoopGivesTheCommittedSummary()
    {
        string text = CanonicalJson.Serialize(Summary("portable")) + "\n";
        if (Environment.GetEnvironmentVariable("SEAL_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(s_summary, text);
        Assert.That(text, Is.EqualTo(File.ReadAllText(s_summary)));
    }

    /// <summary>Another instruction set rounds otherwise, so a sampled token may fall otherwise and a self-edit go on another way; the passages alone stay close.</summary>
    [Test]
    public void AnotherInstructionSetStaysWithinBounds()
    {
        RoundSummary[] committed = System.Text.Json.JsonSerializer.Deserialize<RoundSummary[]>(File.ReadAllText(s_summary), CanonicalJson.Options)!;
        RoundSummary[] here = Summary(null);
        Assert.That(here[0].PassageOnly, Is.EqualTo(committed[0].PassageOnly).Within(0.1), "nats a token, after a training that doubles every difference of rounding many times");
        Assert.That(here.Average(round => round.Rewards.Average()), Is.EqualTo(committed.Average(round => round.Rewards.Average())).Within(1));
    }

    private sealed record RoundSummary(double[] PassageOnly, double[] Rewards, string[] SelfEdits);

    private RoundSummary[] Summary(string? isa)
    {
        using var temporary = new Temporary();
        using var operators = new NativeOperators(DType.F32, isa: isa);
        RunSettings settings = Settings with { Take = 2, Candidates = 3, Rounds = 2 };
        RunReport report = new RestEm(settings, temporary.Folder, operators, new LocalJudge()).Run();
        return [.. report.Rounds.Select(round => new RoundSummary(
            [.. round.Tasks.Select(task => task.BaselineReward)],
            [.. round.Tasks.SelectMany(task => task.Candidates.Select(candidate => candidate.Reward))],
            [.. round.Tasks.SelectMany(task => task.Candidates.Select(candidate => candidate.Edit.Text))]))];
    }

    private double Accuracy(ExamSettings settings) =>
        new Exam(Model, settings, new LocalJudge()).Take([.. PassageSource.Read(WorldPassages.Evaluation, Passages).Select(passage => new Sitting(passage, -1))], null)
            .Average(result => result.Accuracy());
}
