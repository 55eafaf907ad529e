using Seal.Kernels;
using Seal.Models.Tests.Formats;

namespace Seal.Models.Tests.Engine;

/// <summary>What must hold for an adapter whatever the model.</summary>
public sealed class AdapterLawTests
{
    /// <summary>s·B·A is added to W in f32 and rounded once; unmerged it goes through z: a few roundings of logits up to 10.</summary>
    private const double Merged = 1e-4;

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void AFreshAdapterSaysWhatTheBaseSays(TinyWeights model)
    {
        using TinyEngine engine = new(model);
        using AdapterSet set = engine.Set(engine.Fresh(1, 4, 8), engine.Adapter(2, 4, 8, LoraTargets.All));
        int[] tokens = model.Tokens(1, 20);
        float[] bare = engine.Logits(Plans.Sampled(new Packed(tokens)));
        Assert.That(engine.Logits(Plans.Sampled(new Packed(tokens, 0)), set), Is.EqualTo(bare));
        Assert.That(engine.Logits(Plans.Sampled(new Packed(tokens)), set), Is.EqualTo(bare), "no adapter, in a step that has some");
        Assert.That(Distance.Largest(engine.Logits(Plans.Sampled(new Packed(tokens, 1)), set), bare), Is.GreaterThan(0.01));
    }

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void AfterOneStepItSaysSomethingElseAndTheBaseStays(TinyWeights model)
    {
        using TinyEngine engine = new(model);
        int[] tokens = model.Tokens(1, 20);
        float[] bare = engine.Logits(Plans.Sampled(new Packed(tokens)));
        using AdapterTrainer trainer = new(engine.Transformer, [new TrainingJob(engine.Fresh(1, 4, 8), [[new TrainingSequence(tokens)]], new OptimizerSettings { LearningRate = 1e-2 })]);
        trainer.Run();
        Assert.That(Distance.Largest(engine.Logits(Plans.Sampled(new Packed(tokens, 0)), trainer.Adapters), bare), Is.GreaterThan(1e-3));
        Assert.That(engine.Logits(Plans.Sampled(new Packed(tokens)), trainer.Adapters), Is.EqualTo(bare));
    }

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void MergedEqualsUnmerged(TinyWeights model)
    {
        using TinyEngine engine = new(model);
        LoraAdapter first = engine.Adapter(1, 4, 8, LoraTargets.All), second = engine.Adapter(2, 3, 1, LoraTarget.QProj, LoraTarget.DownProj);
        int[] tokens = model.Tokens(1, 20);
        using AdapterSet set = engine.Set(first, second);
        using Policy once = new(engine, first), twice = new(engine, first, second);
        float[] unmerged = engine.Logits(Plans.Sampled(new Packed(tokens, 0)), set);
        Assert.That(Distance.Largest(once.Logits(tokens), unmerged), Is.LessThan(Merged));
        // The next round: a second adapter on the policy that the first was merged into.
        float[] stacked = once.Logits(tokens, set, slot: 1);
        Assert.That(Distance.Largest(twice.Logits(tokens), stacked), Is.LessThan(Merged));
        Assert.That(Distance.Largest(stacked, unmerged), Is.GreaterThan(0.01));
    }

    [Test]
    public void MergingAFreshAdapterChangesNoWeightButTheDigest()
    {
        using TinyEngine engine = new(TinyWeights.Qwen2);
        using Policy policy = new(engine, engine.Fresh(1, 4, 8));
        int[] tokens = engine.Model.Tokens(1, 20);
        Assert.That(policy.Logits(tokens), Is.EqualTo(engine.Logits(Plans.Sampled(new Packed(tokens)))));
        Assert.That(policy.Weights.Digest, Is.Not.EqualTo(engine.Weights.Digest));
        Assert.That(engine.Weights.Digest, Is.EqualTo(engine.File.Digest));
    }

    [Test]
    public void ThePolicysDigestDependsOnTheOrderOfItsAdapters()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        LoraAdapter a = engine.Adapter(1, 2, 4), b = engine.Adapter(2, 2, 4);
        using Policy ab = new(engine, a, b), ba = new(engine, b, a), again = new(engine, a, b);
        Assert.That(ab.Weights.Digest, Is.EqualTo(again.Weights.Digest).And.Not.EqualTo(ba.Weights.Digest));
    }

    /// <summary>Alphas for which alpha/rank·rank is not alpha in f64 among them.</summary>
    [TestCase(4, 8.0)]
    [TestCase(49, 5.0)]
    [TestCase(3, 0.1)]
    [TestCase(22, 7.3)]
    public void WhatPeftReadsBackIsTheSameBits(int rank, double alpha)
    {
        using TinyEngine engine = new(TinyWeights.Qwen3);
        LoraAdapter adapter = engine.Adapter(1, rank, alpha, LoraTarget.VProj, LoraTarget.QProj, LoraTarget.DownProj);
        using TemporaryFolder folder = new();
        adapter.Write(folder.File("adapter"), "tiny");
        LoraAdapter read = LoraAdapter.Read(folder.File("adapter"), engine.Config);
        Assert.That(read.Parameters, Is.EqualTo(adapter.Parameters));
        Assert.That((read.Settings.Rank, read.Settings.Alpha), Is.EqualTo((rank, alpha)));
        Assert.That(read.Settings.Targets, Is.EquivalentTo(adapter.Settings.Targets));
        Assert.That(read.Digest, Is.EqualTo(adapter.Digest));
    }

    [Test]
    public void AnAdapterOfAnotherModelIsRefusedEverywhere()
    {
        using TinyEngine engine = new(TinyWeights.Llama), wider = new(TinyWeights.Qwen2), deeper = new(TinyWeights.Llama with { Layers = 3 });
        using TemporaryFolder folder = new();
        foreach (TinyEngine other in (TinyEngine[])[wider, deeper])
        {
            LoraAdapter foreign = other.Adapter(1, 4, 8, LoraTargets.All);
            foreign.Write(folder.File("foreign"));
            Assert.That(() => LoraAdapter.Read(folder.File("foreign"), engine.Config), Refused);
            Assert.That(() => TransformerWeights.Load(engine.Operators, engine.File, foreign), Refused);
            Assert.That(() => engine.Set(foreign), Refused);
            Assert.That(() => new AdapterTrainer(engine.Transformer, [new TrainingJob(foreign, [[new TrainingSequence([1, 2])]], new OptimizerSettings())]), Refused);
        }
    }

    [Test]
    public void ASlotTakesOnlyAnAdapterOfItsShape()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        using AdapterSet set = engine.Set(engine.Fresh(1, 4, 8, LoraTarget.QProj));
        // o has q's inputs and outputs here: only the shape tells.
        Assert.That(() => engine.Fresh(1, 4, 8, LoraTarget.OProj).CopyTo(engine.Operators, set, 0), Throws.ArgumentException);
        Assert.That(() => engine.Fresh(1, 2, 8, LoraTarget.QProj).CopyTo(engine.Operators, set, 0), Throws.ArgumentException);
        Assert.That(() => engine.Fresh(1, 4, 4, LoraTarget.QProj).CopyTo(engine.Operators, set, 0), Throws.ArgumentException);
    }

    [Test]
    public void TheDigestTellsSettingsAndParametersApart()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        LoraAdapter changed = engine.Fresh(1, 4, 8);
        changed.Parameters[^1] = 1e-30f;
        LoraAdapter[] different =
        [
            engine.Fresh(1, 4, 8), engine.Fresh(2, 4, 8), engine.Fresh(1, 4, 16), engine.Fresh(1, 2, 8),
            engine.Fresh(1, 4, 8, LoraTarget.QProj), engine.Fresh(1, 4, 8, LoraTarget.OProj), changed,
        ];
        Assert.That(different.Select(adapter => adapter.Digest), Is.Unique);
        Assert.That(engine.Fresh(1, 4, 8).Digest, Is.EqualTo(different[0].Digest));
        Assert.That(engine.Fresh(1, 4, 8, LoraTarget.VProj, LoraTarget.QProj).Digest, Is.EqualTo(engine.Fresh(1, 4, 8, LoraTarget.QProj, LoraTarget.VProj).Digest));
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void InAndOutOfASetIsTheSameBits(DType type)
    {
        using TinyEngine engine = new(TinyWeights.Qwen3, type);
        LoraAdapter[] adapters = [engine.Adapter(1, 4, 8), engine.Adapter(2, 7, 3, LoraTarget.UpProj), engine.Adapter(3, 1, 1, LoraTarget.KProj, LoraTarget.OProj)];
        using AdapterSet set = engine.Set(adapters);
        for (int slot = 0; slot < adapters.Length; slot++)
            Assert.That(LoraAdapter.FromSet(engine.Operators, set, slot, engine.Config, adapters[slot].Settings).Digest, Is.EqualTo(adapters[slot].Digest));
    }

    [Test]
    public void AFreshAdapterIsKaimingUniformAndZero()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        LoraAdapter adapter = engine.Fresh(1, 16, 16, LoraTarget.QProj);
        double bound = 1 / Math.Sqrt(engine.Config.Hidden);
        float[] a = adapter.Parameters[..(16 * 32)], b = adapter.Parameters[(16 * 32)..(2 * 16 * 32)];
        Assert.That(b, Has.All.Zero);
        Assert.That(a, Has.All.InRange((float)-bound, (float)bound).And.Some.GreaterThan(0.95 * bound).And.Some.LessThan(-0.95 * bound));
        Assert.That(a.Average(value => value * value), Is.EqualTo(bound * bound / 3).Within(15).Percent);
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Refused =>
        Throws.TypeOf<SealException>().With.Message.Contains("made for another model");

    /// <summary>The engine's model with adapters merged in.</summary>
    private sealed class Policy : IDisposable
    {
        private readonly Transformer _transformer;

        public Policy(TinyEngine engine, params IReadOnlyList<LoraAdapter> merged)
        {
            Weights = TransformerWeights.Load(engine.Operators, engine.File, merged);
            _transformer = new Transformer(engine.Operators, Weights);
        }

        public TransformerWeights Weights { get; }

        public float[] Logits(int[] tokens, AdapterSet? set = null, int slot = -1) => TinyEngine.Logits(_transformer, Plans.Sampled(new Packed(tokens, slot)), set);

        public void Dispose()
        {
            _transformer.Dispose();
            Weights.Dispose();
        }
    }
}
