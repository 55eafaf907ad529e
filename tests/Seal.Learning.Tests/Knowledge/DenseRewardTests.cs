using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Knowledge;

public sealed class DenseRewardTests
{
    private static ExamResult Exam(params float[][] answers) =>
        new([.. answers.Select(tokens => new ScoredAnswer("Q", "A", "", false, 0, 0, tokens))]);

    [Test]
    public void Tokens_are_averaged_first_then_questions() =>
        Assert.That(DenseReward.Score(Exam([-1, -3], [-4]), 5), Is.EqualTo((-2 + -4) / 2.0));

    [Test]
    public void A_token_below_the_floor_counts_as_the_floor()
    {
        Assert.That(DenseReward.Score(Exam([-1, -30]), 5), Is.EqualTo(-3));
        Assert.That(DenseReward.Score(Exam([-1, -5]), 5), Is.EqualTo(-3));
        Assert.That(DenseReward.Score(Exam([-1, -30]), double.PositiveInfinity), Is.EqualTo(-15.5), "without a floor: the plain log-likelihood");
    }

    [Test]
    public void Getting_likelier_is_a_gain_and_less_likely_a_loss()
    {
        ExamResult before = Exam([-2, -4]);
        Assert.That(DenseReward.Gain(before, before, 5), Is.Zero);
        Assert.That(DenseReward.Gain(before, Exam([-1, -4]), 5), Is.EqualTo(0.5));
        Assert.That(DenseReward.Gain(before, Exam([-3, -4]), 5), Is.EqualTo(-0.5));
        Assert.That(DenseReward.Gain(Exam([-8]), Exam([-20]), 5), Is.Zero, "what is hopeless cannot get worse");
        Assert.That(DenseReward.Gain(Exam([-1f, -8]), Exam([-0.5f, -20]), 5), Is.Positive, "so it cannot outweigh what was learned");
    }

    [Test]
    public void Other_questions_cannot_be_compared()
    {
        Assert.That(() => DenseReward.Gain(Exam([-1]), Exam([-1], [-1]), 5), Throws.TypeOf<SealException>().With.Message.Contains("1 and 2"));
        Assert.That(DenseReward.Gain(Exam(), Exam(), 5), Is.Zero);
    }
}
