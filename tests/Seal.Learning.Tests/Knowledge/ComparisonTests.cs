using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Knowledge;

public class ComparisonTests
{
    private static readonly MethodOutcomes Before = new("no update", [Outcome(0, 0, -3f, -9f), Outcome(0, 0, -4f, -4f)]);
    private static readonly MethodOutcomes Better = new("better", [Outcome(100, 1, -2f, -7f), Outcome(50, 0.5, -1f, -3f)]);

    [Test]
    public void ScoresAreMeansOverPassages()
    {
        ComparisonReport report = ComparisonReport.Of([Before, Better], floor: 5);
        MethodScore score = report.Methods[1];
        Assert.That((report.Passages, report.Questions), Is.EqualTo((2, 4)));
        Assert.That((score.Accuracy.Estimate, score.F1.Estimate, score.Tokens, score.Steps), Is.EqualTo((0.75, 0.75, 75.0, 2.0)));
        // −9 and −7 are both below the floor: no gain there. (−3 → −2)/2 and ((−4 → −1) + (−4 → −3))/2.
        Assert.That(score.Gain.Estimate, Is.EqualTo((0.5 + 2) / 2).Within(1e-12));
        Assert.That(report.Methods[0].Gain.Estimate, Is.Zero);
    }

    [Test]
    public void DifferencesArePairedAndSayWhatExcludesZero()
    {
        ComparisonReport report = ComparisonReport.Of([Before, Better, Better with { Name = "same" }], floor: 5);
        Assert.That((report.Differences[0].Gain.Low, report.Differences[0].Gain.High), Is.EqualTo((0.5, 2.0)));
        Assert.That(report.Differences[0].Gain.ExcludesZero);
        Assert.That((report.Differences[1].Gain.Low, report.Differences[1].Gain.High), Is.EqualTo((0.0, 0.0)));
        string text = ComparisonText.Markdown(report, [("model", "m")], "{}");
        Assert.That(text, Does.Contain("| better − no update | +75.0 [+50.0, +100.0] |").And.Contain("| same − better | 0.0 [0.0, 0.0] |"));
        Assert.That(text.Split('\n').Single(line => line.StartsWith("| same − better", StringComparison.Ordinal)), Does.EndWith("| none |"));
    }

    [Test]
    public void SelfEditsAreFoundByTitleAndContext()
    {
        Passage asked = new("T", "C", []);
        Passage[] written = [new("T", "D", []) { Completions = ["wrong"] }, new("T", "C", []) { Completions = ["right", "second"] }];
        Assert.That(Method.FromFile("m", "f", written, [asked]).SelfEdits, Is.EqualTo(new[] { "right" }));
        Assert.That(() => Method.FromFile("m", "f", written, [asked with { Title = "U" }]), Throws.TypeOf<SealException>().With.Message.Contains("'U'"));
    }

    private static Outcome Outcome(long tokens, double score, params float[] gold) => new(
        [], tokens, tokens == 0 ? [] : [1.0, 0.5], new ExamResult([.. gold.Select((value, i) =>
            new ScoredAnswer($"q{i}", "a", "a", Correct: i < score * gold.Length, Recall: score, F1: score, [value]))]));
}
