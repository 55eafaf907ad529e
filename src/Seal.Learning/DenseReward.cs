using Seal.Kernels;

namespace Seal.Learning;

/// <summary>
/// The dense reward: how much more likely an update made the gold answers, in nats a token, averaged over the tokens of an answer and then over questions.
/// </summary>
/// <remarks>
/// A plain log-likelihood has no floor: one rare word that a long training made "impossible" outweighs everything that was learned. So every
/// token's log-probability is bounded below first: <c>max(log p, −floor)</c>. What is already hopeless cannot get worse, and what is
/// learned counts in full.
/// </remarks>
public static class DenseReward
{
    /// <summary>Mean over questions of the bounded log-likelihood of the gold answer, nats a token.</summary>
    public static double Score(ExamResult exam, double floor) => exam.Answers.Count == 0
        ? 0
        : exam.Answers.Average(answer => answer.GoldLogProbabilities.Average(value => Math.Max(value, -floor)));

    /// <summary>The gain of an update over no update on the same questions.</summary>
    public static double Gain(ExamResult before, ExamResult after, double floor)
    {
        if (before.Answers.Count != after.Answers.Count)
            throw new SealException($"a gain needs the same questions before and after; there are {before.Answers.Count} and {after.Answers.Count}");
        return Score(after, floor) - Score(before, floor);
    }
}
