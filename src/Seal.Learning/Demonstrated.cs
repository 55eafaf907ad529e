namespace Seal.Learning;

/// <summary>A run and what its policies are worth on tasks that it never saw.</summary>
/// <param name="Arms">In the order of a table.</param>
/// <param name="Comparisons">Which arm is compared with which, on the same tasks.</param>
/// <param name="Policies">Of the arms, the self-edits of the base model, then those of the policy after each round.</param>
public sealed record Demonstrated(
    RunReport Run, IReadOnlyList<ITask> Tasks, IReadOnlyList<Arm> Arms, IReadOnlyList<(Arm Treated, Arm Control)> Comparisons, IReadOnlyList<Arm> Policies)
{
    /// <summary>The task that gained most from first to last policy.</summary>
    public int MostGained
    {
        get
        {
            double[] start = Policies[0].Accuracies(Tasks.Count), end = Policies[^1].Accuracies(Tasks.Count);
            return Enumerable.Range(0, start.Length).MaxBy(i => end[i] - start[i]);
        }
    }
}
