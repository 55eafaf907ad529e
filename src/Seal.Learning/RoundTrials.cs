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
        .. passages.Select(passage => new Trial(passage, "", CounterRandom.Derive(seed, $"passage {TrialRunner.DigestOf(passage)}"))),
    ];

    /// <summary>
    /// A self-edit of a passage. An empty one is a candidate like any other: it teaches the passage alone. All of a passage start from the same adapter,
    /// so that what they earn differs by what they say and not by the luck of their first weights.
    /// </summary>
    public static Trial Candidate(Passage passage, string selfEdit, ulong seed) =>
        new(passage, selfEdit, CounterRandom.Derive(seed, $"candidate {TrialRunner.DigestOf(passage)}"));
}
