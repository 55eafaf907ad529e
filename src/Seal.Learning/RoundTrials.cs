using Seal.Kernels;

namespace Seal.Learning;

/// <summary>The trials of a round with their seeds: the same ones whether the round is run or replayed.</summary>
internal static class RoundTrials
{
    /// <summary>The root of a round's random numbers.</summary>
    public static ulong Seed(RunSettings settings, int round) => CounterRandom.Derive(settings.Seed, $"round {round}");

    /// <summary>Every task without an update, then every task with the domain's baseline.</summary>
    /// <param name="seed">The round's.</param>
    public static Trial[] Baselines(IReadOnlyList<ITask> tasks, string baseline, ulong seed) =>
    [
        .. tasks.Select(task => new Trial(task, null, 0)),
        .. tasks.Select(task => new Trial(task, baseline, BaselineSeed(task.Digest, seed))),
    ];

    /// <summary>
    /// A self-edit of a task; an empty one is a candidate like any other. All of a task start from the same adapter, so that what they earn
    /// differs by what they say and not by the luck of their first weights.
    /// </summary>
    public static Trial Candidate(ITask task, string selfEdit, ulong seed) =>
        new(task, selfEdit, CandidateSeed(task.Digest, seed));

    /// <summary>The inner loop's seed of a task's baseline; it tells this trial from an empty self-edit's.</summary>
    public static ulong BaselineSeed(string task, ulong seed) => CounterRandom.Derive(seed, $"passage {task}");

    /// <summary>The inner loop's seed of a task's candidates.</summary>
    public static ulong CandidateSeed(string task, ulong seed) => CounterRandom.Derive(seed, $"candidate {task}");
}
