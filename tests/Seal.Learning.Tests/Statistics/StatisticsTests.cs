using Seal.Kernels;
using Seal.Learning.Knowledge;
using Seal.Learning.Statistics;
using Seal.Tests;

namespace Seal.Learning.Tests.Statistics;

public sealed class StatisticsTests
{
    [Test]
    public void Mean_variance_and_error_have_their_textbook_values()
    {
        double[] values = [2, 4, 4, 4, 5, 5, 7, 9];
        Assert.That(Sample.Mean(values), Is.EqualTo(5));
        Assert.That(Sample.Variance(values), Is.EqualTo(32.0 / 7).Within(1e-15));
        Assert.That(Sample.StandardError(values), Is.EqualTo(Math.Sqrt(32.0 / 7 / 8)).Within(1e-15));
        Assert.That(Sample.Std([3]), Is.Zero, "one value does not spread");
        Assert.That(Sample.Mean([]), Is.NaN, "no values are not an accuracy of zero");
    }

    [Test]
    public void Quantiles_are_linear_between_neighbours()
    {
        double[] ascending = [1, 2, 4, 8];
        Assert.That(Sample.Quantile(ascending, 0), Is.EqualTo(1));
        Assert.That(Sample.Quantile(ascending, 0.5), Is.EqualTo(3));
        Assert.That(Sample.Quantile(ascending, 0.9), Is.EqualTo(6.8).Within(1e-12));
        Assert.That(Sample.Quantile(ascending, 1), Is.EqualTo(8));
    }

    [Test]
    public void Macro_weighs_passages_and_micro_weighs_questions()
    {
        Tally[] passages = [new(1, 1), new(0, 3), new(2, 4)];
        Assert.That(Tally.Macro(passages), Is.EqualTo(0.5));
        Assert.That(Tally.Micro(passages), Is.EqualTo(3.0 / 8));
        Assert.That(Tally.Of([true, false, true]), Is.EqualTo(new Tally(2, 3)));
        Assert.That(new Tally(0, 0).Accuracy, Is.Zero);
    }

    [TestCase(0.66666666, 0.6667)]
    [TestCase(0.03125, 0.0312)]
    [TestCase(0.09375, 0.0938)]
    [TestCase(-0.03125, -0.0312)]
    [TestCase(0.00015, 0.0001)] // the double lies below the tie
    [TestCase(1.00005, 1.0001)] // and this one above
    [TestCase(0.4, 0.4)]
    public void Rounding_is_that_of_the_published_files(double value, double rounded) =>
        Assert.That(Rounded.ToFourDecimals(value), Is.EqualTo(rounded));

    [Test]
    public void Bootstrap_of_a_mean_agrees_with_the_normal_interval()
    {
        double[] values = Enumerable.Range(0, 200).Select(i => CounterRandom.Uniform(7, (ulong)i)).ToArray();
        Interval interval = new Bootstrap { Resamples = 4000 }.Mean(values);
        double half = 1.96 * Sample.StandardError(values);
        Assert.That(interval.Estimate, Is.EqualTo(Sample.Mean(values)).Within(1e-12));
        Assert.That(interval.Low, Is.EqualTo(interval.Estimate - half).Within(0.1 * half));
        Assert.That(interval.High, Is.EqualTo(interval.Estimate + half).Within(0.1 * half));
    }

    [Test]
    public void Bootstrap_is_a_function_of_its_seed()
    {
        double[] values = [0.1, 0.4, 0.9, 0.2, 0.6];
        var one = new Bootstrap { Resamples = 500, Seed = 1 };
        Assert.That(one.Mean(values), Is.EqualTo(new Bootstrap { Resamples = 500, Seed = 1 }.Mean(values)));
        Assert.That(one.Of(5, MeanOfSquares), Is.Not.EqualTo(new Bootstrap { Resamples = 500, Seed = 2 }.Of(5, MeanOfSquares)));

        double MeanOfSquares(ReadOnlySpan<int> drawn)
        {
            double sum = 0;
            foreach (int i in drawn)
                sum += values[i] * values[i];
            return sum / drawn.Length;
        }
    }

    [Test]
    public void Pairing_removes_what_the_passages_have_in_common()
    {
        double[] control = Enumerable.Range(0, 50).Select(i => CounterRandom.Uniform(3, (ulong)i)).ToArray();
        double[] treated = control.Select(c => c + 0.05).ToArray();
        Interval paired = new Bootstrap { Resamples = 500 }.PairedDifference(treated, control);
        Assert.That(paired.Low, Is.EqualTo(0.05).Within(1e-12));
        Assert.That(paired.High, Is.EqualTo(0.05).Within(1e-12));
        Assert.That(paired.ExcludesZero, Is.True);
        Assert.That(new Bootstrap { Resamples = 500 }.Mean(control).High - new Bootstrap { Resamples = 500 }.Mean(control).Low, Is.GreaterThan(0.1));
        Assert.That(() => new Bootstrap().PairedDifference(treated, control[1..]), Throws.TypeOf<SealException>().With.Message.Contains("50 and 49"));
    }

    [Test]
    public void Micro_bootstrap_draws_passages_whole()
    {
        // All questions of a passage agree, so the interval must be as wide as with one question a passage.
        Tally[] whole = Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? new Tally(10, 10) : new Tally(0, 10)).ToArray();
        Tally[] single = whole.Select(t => new Tally(t.Correct / 10, 1)).ToArray();
        var bootstrap = new Bootstrap { Resamples = 1000 };
        Assert.That(bootstrap.Micro(whole), Is.EqualTo(bootstrap.Micro(single)));
        Assert.That(bootstrap.Micro(whole).Estimate, Is.EqualTo(0.5));
        Assert.That(() => bootstrap.Micro([]), Throws.TypeOf<SealException>());
    }

    [Test]
    public void Reliability_is_one_without_noise_and_not_above_zero_without_signal()
    {
        double[][] clear = [[0.2, 0.2], [0.8, 0.8]];
        double[][] noise = [[0, 1], [0.5, 0.5]];
        Assert.That(Reliability.Of([clear, clear]), Is.EqualTo(1));
        Assert.That(Reliability.Of([noise]), Is.LessThanOrEqualTo(0));
    }

    [TestCase("rank_iter0.json", 0.3177)]
    [TestCase("rank_iter0_prompt-rewrite.json", 0.4496)]
    [TestCase("rank_iter0_prompt-self-qa.json", 0.4523)]
    public void Reliability_of_the_published_rankings(string file, double expected)
    {
        RankingFile ranking = RankingFile.Read(SharedFolder.Require("data", "published", file));
        IReadOnlyList<double[]>[] passages = ranking.Articles.Select(IReadOnlyList<double[]> (a) => a.Completions.Select(RewardOfEachRepeat).ToArray()).ToArray();
        Assert.That(Reliability.Of(passages), Is.EqualTo(expected).Within(5e-4));
    }

    private static double[] RewardOfEachRepeat(RankedCompletion completion) =>
        completion.Questions.GroupBy(q => q.Rep).Select(r => Tally.Of(r.Select(q => q.AdapterCorrect)).Accuracy).ToArray();
}
