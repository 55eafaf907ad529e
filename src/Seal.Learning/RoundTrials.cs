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
        .. tasks.Select(task => new Trial(task, baseline, CounterRandom.Derive(seed, $"passage {task.Digest}"))),
    ];

    /// <summary>Self-edit number <paramref name="k"/> of a task. An empty one is a candidate like any other.</summary>
    public static Trial Candidate(ITask task, string selfEdit, int k, ulong seed) =>
        new(task, selfEdit, CounterRandom.Derive(seed, $"candidate {task.Digest} {k}"));
}
