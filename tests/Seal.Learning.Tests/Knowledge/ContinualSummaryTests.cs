using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Tests;

namespace Seal.Learning.Tests.Knowledge;

public sealed class ContinualSummaryTests
{
    [Test]
    public void The_published_average_follows_from_its_eight_runs()
    {
        ContinualSummary published = Read("overall_results"), ours = ContinualSummary.Average(Runs(), compat: true);
        Assert.That(ours.NSequences, Is.EqualTo(64));
        for (int r = 0; r <= 8; r++)
        {
            Assert.That(ours.MeanOverSequences[r], Is.EqualTo(published.MeanOverSequences[r]).Within(5e-5));
            Assert.That(ours.StdOverSequences[r], Is.EqualTo(published.StdOverSequences[r]).Within(5e-5));
        }
    }

    [Test]
    public void Forgetting_is_as_reported()
    {
        ContinualSummary all = ContinualSummary.Average(Runs());
        Assert.That(all.JustLearned, Is.EqualTo(0.415).Within(5e-4));
        Assert.That(all.BackwardTransfer, Is.EqualTo(-0.191).Within(5e-4));
        Assert.That(all.FinalGain, Is.EqualTo(-0.060).Within(7e-4));
    }

    [Test]
    public void The_pooled_deviation_is_that_of_all_sequences_together()
    {
        // {1, 2, 3} and {7, 9}: together 1, 2, 3, 7, 9 with mean 4.4 and sample variance 47.2 / 4.
        ContinualSummary first = One(mean: 2, std: 1, sequences: 3), second = One(mean: 8, std: Math.Sqrt(2), sequences: 2);
        ContinualSummary both = ContinualSummary.Average([first, second]);
        Assert.That(both.MeanOverSequences[0][0], Is.EqualTo(4.4).Within(1e-12));
        Assert.That(both.StdOverSequences[0][0], Is.EqualTo(Math.Sqrt(11.8)).Within(1e-12));
        Assert.That(ContinualSummary.Average([first, second], compat: true).StdOverSequences[0][0], Is.EqualTo(1.2071).Within(1e-12), "the published average of deviations is far too small here");
    }

    [Test]
    public void The_published_deviations_differ_from_the_pooled_ones()
    {
        ContinualSummary published = ContinualSummary.Average(Runs(), compat: true), pooled = ContinualSummary.Average(Runs());
        Assert.That(pooled.StdOverSequences[0].Average(), Is.EqualTo(published.StdOverSequences[0].Average()).Within(0.05).And.Not.EqualTo(published.StdOverSequences[0].Average()).Within(1e-3));
    }

    [Test]
    public void Runs_made_differently_are_not_averaged()
    {
        ContinualSummary one = One(1, 1, 1);
        Assert.That(() => ContinualSummary.Average([one, one with { BaseModel = "other" }]), Throws.TypeOf<SealException>().With.Message.Contains("other"));
        Assert.That(() => ContinualSummary.Average([]), Throws.TypeOf<SealException>());
    }

    [Test]
    public void A_summary_is_written_back_byte_for_byte()
    {
        string path = SharedFolder.Require("data", "published", "continual", "run3.json");
        using var temporary = new Temporary();
        string copy = temporary.File("copy.json");
        ContinualSummary.Read(path).Write(copy);
        Assert.That(File.ReadAllText(copy), Is.EqualTo(File.ReadAllText(path)));
    }

    [TestCase("[[1],[1]]", 2)]
    [TestCase("[[1],[1,2]]", 1)]
    [TestCase("[[1],null]", 1)]
    [TestCase("[]", 0)]
    public void A_matrix_of_another_size_is_named(string matrix, int passages)
    {
        using var temporary = new Temporary();
        string path = temporary.File("summary.json",
            $$"""{"mean_over_sequences": {{matrix}}, "std_over_sequences": [[0],[0]], "n_sequences": 1, "n_datapoints": {{passages}}, "dataset": "d", "base_model": "m"}""");
        Assert.That(() => ContinualSummary.Read(path), Throws.TypeOf<SealException>().With.Message.StartsWith(path).And.Message.Contains("mean_over_sequences"));
    }

    private static ContinualSummary One(double mean, double std, int sequences) => new([[mean], [mean]], [[std], [std]], sequences, 1, "d", "m");

    private static ContinualSummary[] Runs() => Enumerable.Range(0, 8).Select(i => Read($"run{i}")).ToArray();

    private static ContinualSummary Read(string name) => ContinualSummary.Read(SharedFolder.Require("data", "published", "continual", $"{name}.json"));
}
