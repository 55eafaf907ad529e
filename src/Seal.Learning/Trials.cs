using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning;

/// <summary>
/// Runs trials as journaled jobs: groups of them train in lockstep and sit the exam in one batch. A group whose jobs are all in the journal
/// is read, not run; a group that was interrupted is run whole again. What learning and examining are is the domain's.
/// </summary>
/// <param name="lockstep">Trials of a group.</param>
public abstract class Trials(int lockstep, RunJournal journal)
{
    /// <summary>Called with the texts of progress, e.g. for a progress bar: done and total trials, and tokens trained on so far.</summary>
    public Action<int, int, long>? Progress { get; init; }

    /// <summary>Sees the adapters of a group before they are gone: to keep one.</summary>
    public Action<IReadOnlyList<(Job Job, Trial Trial, Outcome Outcome)>, AdapterTrainer>? Finished { get; init; }

    protected RunJournal Journal => journal;

    /// <returns>One outcome a trial, in order.</returns>
    public IReadOnlyList<(Job Job, Outcome Outcome)> Run(IReadOnlyList<Trial> trials, int round, CancellationToken cancel = default)
    {
        var results = new List<(Job, Outcome)>();
        long tokens = 0;
        foreach (Trial[] group in trials.Chunk(lockstep))
        {
            Job[] jobs = [.. group.Select(trial => JobOf(trial, round))];
            IReadOnlyList<Outcome> outcomes = journal.FindAll<Outcome>(jobs) ?? RunGroup(group, jobs, cancel);
            results.AddRange(jobs.Zip(outcomes));
            tokens += outcomes.Sum(outcome => outcome.Tokens);
            Progress?.Invoke(results.Count, trials.Count, tokens);
        }
        return results;
    }

    /// <summary>The job that a trial is on this model.</summary>
    public abstract Job JobOf(Trial trial, int round);

    /// <summary>Trains and examines a group, and stores its results.</summary>
    /// <returns>What the journal now holds for the jobs.</returns>
    protected abstract IReadOnlyList<Outcome> RunGroup(Trial[] group, Job[] jobs, CancellationToken cancel);
}
