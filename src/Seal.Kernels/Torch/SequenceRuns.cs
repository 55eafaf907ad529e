namespace Seal.Kernels;

/// <summary>Neighbouring sequences of one length: attention takes them as one batch.</summary>
internal readonly record struct SequenceRun(int Start, int Count, int Length)
{
    /// <summary>Scores held at once, in elements: 16 MiB in f32, so that a batch of runs stays near the cache.</summary>
    private const long ScoreBudget = 1 << 22;

    public int Rows => Count * Length;

    public static IEnumerable<SequenceRun> Of(BatchPlan plan, int heads)
    {
        SequenceRun run = default;
        foreach (PlannedSequence sequence in plan.Sequences)
        {
            bool joins = sequence.Length == run.Length && (long)(run.Count + 1) * run.Length * run.Length * heads <= ScoreBudget;
            if (joins)
            {
                run = run with { Count = run.Count + 1 };
                continue;
            }
            if (run.Count > 0)
                yield return run;
            run = new SequenceRun(sequence.Start, 1, sequence.Length);
        }
        if (run.Count > 0)
            yield return run;
    }
}
