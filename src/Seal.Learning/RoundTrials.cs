using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning;

/// <summary>The trials of a round with their seeds: the same ones whether the round is run or replayed.</summary>
internal static class RoundTrials
{
    /// <summary>The root of a round's random numbers.</summary>
    public static ulong Seed(RunSettings settings, int round) => CounterRandom.Derive(settings.Seed, $"round {round}");

    /// <summary>Every passage without an update, then every passage learned by itself.</summary>
    /// <param name="seed">The round's.</param>
    public static Trial[] Baselines(IReadOnlyList<Passage> passages, ulong seed) =>
    [
        .. passages.Select(passage => new Trial(passage, null, 0)),
        .. passages.Select(passage => new Trial(passage, "", PassageOnlySeed(TrialRunner.DigestOf(passage), seed))),
    ];

    /// <summary>Self-edit number <paramref name="k"/> of a passage. An empty one is a candidate like any other: it teaches the passage alone.</summary>
    public static Trial Candidate(Passage passage, string selfEdit, int k, ulong seed) =>
        new(passage, selfEdit, CandidateSeed(TrialRunner.DigestOf(passage), k, seed));

    /// <summary>The inner loop's seed where the passage is learned by itself; it tells this trial from an empty self-edit's.</summary>
    /// <param name="passage">The passage's digest.</param>
    public static ulong PassageOnlySeed(string passage, ulong seed) => CounterRandom.Derive(seed, $"passage {passage}");

    /// <summary>The inner loop's seed for self-edit number <paramref name="k"/> of a passage, named by its digest.</summary>
    public static ulong CandidateSeed(string passage, int k, ulong seed) => CounterRandom.Derive(seed, $"candidate {passage} {k}");
}
