using System.Diagnostics;
using Seal.Kernels;
using Seal.Learning.Journal;

namespace Seal.Learning;

/// <summary>Lets a policy write self-edits, as journaled jobs in batches that follow from the settings alone. What it is asked, and how, is the domain's.</summary>
public abstract class SelfEditSampling
{
    /// <summary>Sequences that are decoded together. More gain little on a CPU and hold more of the cache.</summary>
    protected const int MaxBatch = 32;

    /// <summary>What the policy is shown for a task: the text that self-edits continue, and that the policy is later tuned on.</summary>
    public abstract string Prompt(ITask task);

    /// <returns>One self-edit a task and seed, in order.</returns>
    /// <param name="progress">Told the number of tokens drawn since the last call.</param>
    public abstract IReadOnlyList<SelfEdit> Write(IReadOnlyList<(ITask Task, ulong Seed)> asked, Action<int>? progress = null, CancellationToken cancel = default);

    /// <summary>The job of sampling one self-edit.</summary>
    public abstract Job JobOf(ITask task, int candidate, int candidates, int round, ulong seed);

    /// <summary>Samples <paramref name="candidates"/> self-edits of every task.</summary>
    /// <param name="seed">The round's seed.</param>
    /// <param name="progress">Told tasks done and in all.</param>
    /// <returns>One list a task, in order.</returns>
    public IReadOnlyList<IReadOnlyList<SelfEdit>> Sample(
        IReadOnlyList<ITask> tasks, int candidates, int round, ulong seed, RunJournal journal, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        var results = new List<IReadOnlyList<SelfEdit>>();
        foreach (ITask[] group in tasks.Chunk(Math.Max(1, MaxBatch / candidates)))
        {
            Job[] jobs = [.. group.SelectMany(task => Enumerable.Range(0, candidates).Select(k => JobOf(task, k, candidates, round, seed)))];
            IReadOnlyList<SelfEdit> edits = journal.FindAll<SelfEdit>(jobs) ?? WriteAndStore();
            results.AddRange(edits.Chunk(candidates));
            progress?.Invoke(results.Count, tasks.Count);

            IReadOnlyList<SelfEdit> WriteAndStore()
            {
                var watch = Stopwatch.StartNew();
                IReadOnlyList<SelfEdit> written = Write(
                    [.. group.SelectMany(task => Enumerable.Range(0, candidates).Select(k => (task, SeedOf(task, k, seed))))], cancel: cancel);
                return journal.Store([.. jobs.Zip(written)], watch.Elapsed);
            }
        }
        return results;
    }

    protected static ulong SeedOf(ITask task, int candidate, ulong seed) => CounterRandom.Derive(seed, $"self-edit {task.Digest} {candidate}");
}
