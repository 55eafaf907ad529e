using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Learning.Statistics;
using Seal.Tests;

namespace Seal.Learning.Tests.Knowledge;

public sealed class RankingTests
{
    private static readonly string[] Files = ["iter0", "iter0_prompt-rewrite", "iter0_prompt-self-qa"];

    [TestCaseSource(nameof(Files))]
    public void A_published_ranking_is_written_back_byte_for_byte(string name)
    {
        string path = Ranking(name);
        using var temporary = new Temporary();
        string copy = temporary.File("copy.json");
        RankingFile.Read(path).Write(copy);
        Assert.That(File.ReadAllBytes(copy).AsSpan().SequenceEqual(File.ReadAllBytes(path)), Is.True);
    }

    [TestCaseSource(nameof(Files))]
    public void The_best_of_five_are_the_published_rows(string name)
    {
        string published = SharedFolder.Require("data", "published", $"sft_best1of5_{name}.jsonl");
        using var temporary = new Temporary();
        string written = temporary.File("sft.jsonl");
        PublishedSelection.Write(written, PublishedSelection.Rows(RankingFile.Read(Ranking(name))));
        Assert.That(File.ReadAllLines(written), Has.Length.EqualTo(50));
        Assert.That(File.ReadAllText(written), Is.EqualTo(File.ReadAllText(published)));
    }

    [TestCaseSource(nameof(Files))]
    public void Statistics_follow_from_the_verdicts(string name)
    {
        RankingFile published = RankingFile.Read(Ranking(name)), ours = RankingStatistics.Recomputed(published);
        Assert.That(ours.Overall, Is.EqualTo(published.Overall));
        Assert.That(ours.Articles.Select(a => a.Stats), Is.EqualTo(published.Articles.Select(a => a.Stats)));
        foreach ((RankedCompletion our, RankedCompletion their) in ours.Articles.SelectMany(a => a.Completions).Zip(published.Articles.SelectMany(a => a.Completions)))
        {
            Assert.That(our.Stats.BaselineMean, Is.EqualTo(their.Stats.BaselineMean).Within(1e-12));
            Assert.That(our.Stats.AdapterMean, Is.EqualTo(their.Stats.AdapterMean).Within(1e-12));
            Assert.That(our.Stats.AdapterStd, Is.EqualTo(their.Stats.AdapterStd).Within(1e-12));
            Assert.That(our.Stats.GainMean, Is.EqualTo(their.Stats.GainMean).Within(1e-12));
        }
    }

    [Test]
    public void The_published_best_of_five_is_as_reported()
    {
        double best = RankingFile.Read(Ranking("iter0")).Articles.Average(a => a.Completions.Max(c => c.Stats.AdapterMean));
        Assert.That(best, Is.EqualTo(0.543).Within(5e-4));
    }

    [Test]
    public void Ties_go_to_the_evidence_and_then_to_the_first()
    {
        double[] rewards = [0.2, 0.6, 0.6, 0.1];
        Assert.That(BestOfSelection.Indices(rewards), Is.EqualTo(new[] { 1 }));
        Assert.That(BestOfSelection.Indices(rewards, evidence: [0, 1, 2, 9]), Is.EqualTo(new[] { 2 }));
        Assert.That(BestOfSelection.Indices(rewards, keep: 3), Is.EqualTo(new[] { 1, 2, 0 }));
        Assert.That(BestOfSelection.Indices(rewards, keep: 9, above: 0.2), Is.EqualTo(new[] { 1, 2 }), "no better than no update is not kept");
        Assert.That(BestOfSelection.Indices(rewards, above: 0.6), Is.Empty);
    }

    [Test]
    public void Numbers_are_written_as_python_prints_them()
    {
        using var temporary = new Temporary();
        string path = temporary.File("run.json");
        Tiny(lr: 3e-5).Write(path);
        Assert.That(File.ReadAllText(path), Does.Contain("\"lr\": 3e-05,").And.Contain("\"dropout\": 0.0,").And.Contain("\"exp_name\": \"x\"").And.Not.Contain("\"model\""));
        Assert.That(() => Tiny(lr: double.NaN).Write(path), Throws.TypeOf<SealException>().With.Message.Contains("NaN"));
        Assert.That(File.ReadAllText(path), Does.Contain("3e-05"), "a failed write leaves the old file whole");
    }

    [TestCase("""{"overall": {}}""")]
    [TestCase("""null""")]
    [TestCase("""[1""")]
    public void A_bad_ranking_is_named(string json)
    {
        using var temporary = new Temporary();
        string path = temporary.File("rank.json", json);
        Assert.That(() => RankingFile.Read(path), Throws.TypeOf<SealException>().With.Message.StartsWith(path));
    }

    [Test]
    public void An_article_without_prompt_cannot_be_imitated()
    {
        RankingFile run = Tiny(1e-3) with
        {
            Articles = [new RankedArticle(new(0, 0, 0, 0, 0), "Title", "C", [new RankedCompletion("x", new(0, 0, 0, 0, 0), [])])],
        };
        Assert.That(() => PublishedSelection.Rows(run), Throws.TypeOf<SealException>().With.Message.Contains("'Title'"));
    }

    // The published verdicts stand in for training: selection on two repeats must pay in the third, which it has not seen.
    [TestCaseSource(nameof(Files))]
    public void Selection_pays_in_a_repeat_it_has_not_seen(string name)
    {
        double chosen = 0, average = 0;
        foreach (RankedArticle article in RankingFile.Read(Ranking(name)).Articles)
        {
            double[] seen = article.Completions.Select(c => After(c, rep => rep < 2)).ToArray();
            double[] unseen = article.Completions.Select(c => After(c, rep => rep == 2)).ToArray();
            chosen += unseen[BestOfSelection.Indices(seen)[0]];
            average += unseen.Average();
        }
        Assert.That(chosen, Is.GreaterThan(average));
    }

    private static double After(RankedCompletion completion, Func<int, bool> repeat) =>
        Tally.Of(completion.Questions.Where(q => repeat(q.Rep)).Select(q => q.AdapterCorrect)).Accuracy;

    private static RankingFile Tiny(double lr) =>
        new(new(0, 0, 0, 0, 0, 0, 0), "t", "d", true, 1, 1, 1, new(32, 64, 0, 10, lr, 1, 1), [], ExpName: "x");

    private static string Ranking(string name) => SharedFolder.Require("data", "published", $"rank_{name}.json");
}
