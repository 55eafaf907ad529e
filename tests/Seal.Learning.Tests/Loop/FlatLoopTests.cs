using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Loop;

public sealed class FlatLoopTests
{
    [Test]
    public void Rewards_are_finite_the_policy_changes_and_the_same_seed_repeats_it()
    {
        using var run = new TinyRun();
        IReadOnlyList<FlatRound> Loop(ulong seed) => FlatLoop.Run(run.Model, TinyRun.Passages, run.Operators, rounds: 2, candidates: 3, selfEditTokens: 12, seed);
        IReadOnlyList<FlatRound> rounds = Loop(1), again = Loop(1), other = Loop(2);
        Assert.That(rounds, Has.Count.EqualTo(2));
        foreach (FlatRound round in rounds)
        {
            Assert.That(round.Rewards.Select(passage => passage.Count), Is.EqualTo(new[] { 3, 3 }));
            Assert.That(round.Rewards.SelectMany(passage => passage), Has.All.Matches<double>(double.IsFinite));
        }
        Assert.That(rounds[0].Rewards.SelectMany(passage => passage).Distinct().Count(), Is.GreaterThan(1), "what was written makes a difference");
        Assert.That(rounds[0].Reinforced, Is.Positive);
        Assert.That(rounds[1].Policy, Is.Not.EqualTo(rounds[0].Policy));
        Assert.That(again.SelectMany(round => round.Rewards), Is.EqualTo(rounds.SelectMany(round => round.Rewards)));
        Assert.That(again.Select(round => round.Policy), Is.EqualTo(rounds.Select(round => round.Policy)));
        Assert.That(other.SelectMany(round => round.Rewards), Is.Not.EqualTo(rounds.SelectMany(round => round.Rewards)));
    }
}
