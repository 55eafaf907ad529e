using Seal.Learning.Statistics;

namespace Seal.Learning.Knowledge;

/// <summary>One method over all passages. Every score is a mean over passages of the mean over a passage's questions.</summary>
/// <param name="Accuracy">Share of answers that the judge accepts.</param>
/// <param name="F1">Word F1.</param>
/// <param name="Gain">Dense reward: gain in bounded log-likelihood of the gold answers over the first method, nats a token.</param>
/// <param name="Tokens">Tokens trained on a passage, all epochs together.</param>
/// <param name="Steps">Optimizer steps a passage.</param>
public sealed record MethodScore(string Name, Interval Accuracy, Interval F1, Interval Gain, double Tokens, double Steps);

/// <summary>What a method adds to another on the same passages.</summary>
public sealed record MethodDifference(string Name, string Against, Interval Accuracy, Interval F1, Interval Gain);

/// <summary>
/// Methods side by side, with 95 % intervals by resampling passages, and the paired difference of each to the one before it: both were
/// measured on the same passages, so passages that are easy or hard for both cancel.
/// </summary>
public sealed record ComparisonReport(
    int Passages, int Questions, double Floor, IReadOnlyList<MethodScore> Methods, IReadOnlyList<MethodDifference> Differences)
{
    /// <param name="methods">The first is what gains are measured from.</param>
    /// <param name="floor">Of <see cref="DenseReward"/>, nats a token.</param>
    public static ComparisonReport Of(IReadOnlyList<MethodOutcomes> methods, double floor)
    {
        var bootstrap = new Bootstrap();
        Scores[] scores = [.. methods.Select(method => Scores.Of(method, methods[0], floor))];
        return new ComparisonReport(
            methods[0].Outcomes.Count,
            methods[0].Outcomes.Sum(outcome => outcome.Exam.Answers.Count),
            floor,
            [.. methods.Zip(scores, (method, s) => new MethodScore(
                method.Name,
                bootstrap.Mean(s.Accuracy),
                bootstrap.Mean(s.F1),
                bootstrap.Mean(s.Gain),
                method.Outcomes.Average(outcome => (double)outcome.Tokens),
                method.Outcomes.Average(outcome => (double)outcome.Losses.Count)))],
            [.. Enumerable.Range(1, methods.Count - 1).Select(i => new MethodDifference(
                methods[i].Name,
                methods[i - 1].Name,
                bootstrap.PairedDifference(scores[i].Accuracy, scores[i - 1].Accuracy),
                bootstrap.PairedDifference(scores[i].F1, scores[i - 1].F1),
                bootstrap.PairedDifference(scores[i].Gain, scores[i - 1].Gain)))]);
    }

    /// <summary>One value a passage.</summary>
    private sealed record Scores(double[] Accuracy, double[] F1, double[] Gain)
    {
        public static Scores Of(MethodOutcomes method, MethodOutcomes first, double floor) => new(
            [.. method.Outcomes.Select(outcome => outcome.Exam.Accuracy())],
            [.. method.Outcomes.Select(outcome => outcome.Exam.F1())],
            [.. method.Outcomes.Zip(first.Outcomes, (after, before) => DenseReward.Gain(before.Exam, after.Exam, floor))]);
    }
}
