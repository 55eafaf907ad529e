namespace Seal.Learning;

/// <summary>One way to learn the evaluation's tasks.</summary>
/// <param name="SelfEdits">What was learned, as many a task as outcomes; empty where nothing was written.</param>
/// <param name="Outcomes">In the order of the tasks, some for each.</param>
public sealed record Arm(string Name, IReadOnlyList<SelfEdit> SelfEdits, IReadOnlyList<Outcome> Outcomes)
{
    /// <summary>Mean accuracy of every task, over its outcomes.</summary>
    public double[] Accuracies(int tasks) =>
        [.. Outcomes.Chunk(Outcomes.Count / tasks).Select(group => group.Average(outcome => outcome.Exam.Accuracy()))];

    public double Steps => Outcomes.Average(outcome => (double)outcome.Losses.Count);

    /// <summary>Only each task's best outcome: what somebody who knows the answers would choose.</summary>
    public Arm BestOfEach(int tasks) => this with
    {
        Outcomes = [.. Outcomes.Chunk(Outcomes.Count / tasks).Select(group => group.MaxBy(outcome => (outcome.Exam.Accuracy(), outcome.Exam.LogLikelihood()))!)],
    };
}
