using Seal.Kernels;
using Seal.Kernels.Native;

namespace Seal.Models.Tests.Engine;

/// <summary>The engine on the native backend: not close, but the same bits, whatever else is in the batch and however many threads there are.</summary>
public sealed class NativeEngineTests
{
    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void AnAdapterTrainedAmongOthersIsTheSameBitsAsAlone(DType type)
    {
        using TinyEngine engine = new(TinyWeights.Llama, RequireNative(type));
        TrainingJob[] jobs = LockstepTests.Jobs(engine);
        using AdapterTrainer together = new(engine.Transformer, jobs);
        together.Run();
        for (int job = 0; job < jobs.Length; job++)
        {
            using AdapterTrainer alone = new(engine.Transformer, [jobs[job]]);
            alone.Run();
            Assert.That(together.Adapter(job).Parameters, Is.EqualTo(alone.Adapter(0).Parameters), $"job {job}");
            Assert.That(together.Adapter(job).Parameters, Is.Not.EqualTo(jobs[job].Start.Parameters), "it learned");
            Assert.That(together.History(job), Is.EqualTo(alone.History(0)), $"job {job}");
        }
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void ThreadsChangeNoBit(DType type)
    {
        float[] one = Trained(type, threads: 1), three = Trained(type, threads: 3);
        Assert.That(three, Is.EqualTo(one));
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void ATextIsTheSameAloneAndInABatch(DType type)
    {
        using TinyEngine engine = new(TinyWeights.Qwen3, RequireNative(type));
        GenerationRequest[] requests = [.. Enumerable.Range(1, 9).Select(i => new GenerationRequest(
            [.. Enumerable.Range(0, 3 * i).Select(j => (7 * i + j) % engine.Config.Vocabulary)], 20, new SamplingSettings(Temperature: 1), Seed: (ulong)i, IgnoreEnd: true))];
        Generation[] together = new Generator(engine.Transformer, tokenizer: null, maxSequences: 4).Run(requests);
        for (int i = 0; i < requests.Length; i++)
            Assert.That(new Generator(engine.Transformer, tokenizer: null).Run([requests[i]])[0].Tokens, Is.EqualTo(together[i].Tokens), $"text {i}");
    }

    /// <summary>Four engines of two threads each, more than most machines have cores: all finish, and none notices the others.</summary>
    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void EnginesAtOnceLearnTheSameBitsAsAlone(DType type)
    {
        RequireNative(type).Dispose();
        float[] alone = Trained(type, threads: 2);
        var crowded = new float[4][];
        Thread[] threads = [.. Enumerable.Range(0, crowded.Length).Select(i => new Thread(() => crowded[i] = Trained(type, threads: 2)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        for (int i = 0; i < crowded.Length; i++)
            Assert.That(crowded[i], Is.EqualTo(alone), $"engine {i}");
    }

    /// <summary>
    /// The smallest of several steps' allocations, because the test runner's own threads may allocate beside a step; the thread's own must be
    /// nothing in every step. (Native allocations: native/tests/allocations_test.cpp.)
    /// </summary>
    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void AfterWarmUpAStepAllocatesNothing(DType type)
    {
        using TinyEngine engine = new(TinyWeights.Qwen3, RequireNative(type));
        TrainingJob Job(ulong seed, int rank) => new(
            engine.Fresh(seed, rank, 8),
            [.. Enumerable.Range(0, 12).Select(batch => new[]
            {
                new TrainingSequence(engine.Model.Tokens(seed + (ulong)batch, 21), LossFrom: 4), new TrainingSequence(engine.Model.Tokens(~seed - (ulong)batch, 9)),
            })],
            new OptimizerSettings { Accumulate = 2 });
        using AdapterTrainer trainer = new(engine.Transformer, [Job(1, 4), Job(2, 3)]);
        for (int step = 0; step < 4; step++)
            trainer.Advance();
        long least = long.MaxValue;
        for (int step = 4; step < 12; step++)
        {
            long own = GC.GetAllocatedBytesForCurrentThread(), all = GC.GetTotalAllocatedBytes(precise: true);
            trainer.Advance();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - all);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - own, Is.Zero, $"step {step}");
        }
        Assert.That(least, Is.Zero);
        Assert.That(trainer.History(0), Has.Count.EqualTo(6));
    }

    /// <summary>The native backend, or a test ignored by name where no compiler made it.</summary>
    internal static NativeOperators RequireNative(DType type, int threads = 2)
    {
        if (!SealNative.TryLoad(out string trace))
            Assert.Ignore($"needs the native library: {trace}");
        return new NativeOperators(type, threads);
    }

    private static float[] Trained(DType type, int threads)
    {
        using TinyEngine engine = new(TinyWeights.Llama, RequireNative(type, threads));
        using AdapterTrainer trainer = new(engine.Transformer, LockstepTests.Jobs(engine));
        trainer.Run();
        return [.. Enumerable.Range(0, 4).SelectMany(job => trainer.Adapter(job).Parameters)];
    }
}
