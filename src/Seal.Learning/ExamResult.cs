namespace Seal.Learning;

/// <summary>One question as it was answered: of a passage, or a task's test input.</summary>
/// <param name="Correct">The judge's verdict; of grids, whether one of two attempts is the solution.</param>
/// <param name="Recall">Share of the gold answer's words in the answer; of grids, of the prompts that were answered with the solution.</param>
/// <param name="F1">Word F1; of grids, the share of right cells of the first attempt.</param>
/// <param name="GoldLogProbabilities">Natural log-probability of each token of the gold answer after the question.</param>
public sealed record ScoredAnswer(
    string Question, string Gold, string Answer, bool Correct, double Recall, double F1, IReadOnlyList<float> GoldLogProbabilities);

/// <summary>One task's questions, answered under one adapter or none.</summary>
public sealed record ExamResult(IReadOnlyList<ScoredAnswer> Answers)
{
    /// <summary>Share of answers that the judge accepts: the published score.</summary>
    public double Accuracy() => Answers.Count == 0 ? 0 : Answers.Average(answer => answer.Correct ? 1.0 : 0.0);

    public double F1() => Answers.Count == 0 ? 0 : Answers.Average(answer => answer.F1);

    /// <summary>Mean over questions of the mean log-likelihood of a gold answer's tokens, in nats.</summary>
    public double LogLikelihood() => Answers.Count == 0 ? 0 : Answers.Average(answer => answer.GoldLogProbabilities.Average(value => (double)value));
}
