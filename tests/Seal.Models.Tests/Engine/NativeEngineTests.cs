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

    /// <summary>Prompts that end before, on and after a page's border, each several times and under two adapters, with few places and with many.</summary>
    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void ASharedPromptGivesTheTextsOfEachAlone(DType type)
    {
        using TinyEngine engine = new(TinyWeights.Qwen3, RequireNative(type));
        using AdapterSet set = engine.Set(engine.Adapter(1, rank: 4, alpha: 8, LoraTargets.All));
        int[] lengths = [15, 16, 33];
        GenerationRequest[] requests = [.. Enumerable.Range(0, 18).Select(i => new GenerationRequest(
            engine.Model.Tokens((ulong)(i / 6), lengths[i / 6]), 3 + i % 4 / 3 * 9, new SamplingSettings(i % 5 == 0 ? 0 : 1), Seed: (ulong)i, Adapter: i % 2 - 1, IgnoreEnd: true))];
        int[][] alone = [.. requests.Select(request => new Generator(engine.Transformer, tokenizer: null).Run([request], set)[0].Tokens)];
        foreach (int places in (int[])[1, 2, 5, 32])
        {
            int drawn = 0;
            Generation[] shared = new Generator(engine.Transformer, tokenizer: null, places, maxRows: 40).Run(requests, set, count => drawn += count);
            Assert.That(shared.Select(generation => generation.Tokens), Is.EqualTo(alone), $"{places} places");
            Assert.That(drawn, Is.EqualTo(requests.Sum(request => request.MaxTokens)));
        }
    }

    [Test]
    public void AStepOfGenerationAllocatesNothing()
    {
        using TinyEngine engine = new(TinyWeights.Llama, RequireNative(DType.F32));
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i =>
            new GenerationRequest(engine.Model.Tokens((ulong)i, 5), 60, SamplingSettings.Greedy, IgnoreEnd: true))];
        long[] allocated = new long[60];
        int step = 0;
        new Generator(engine.Transformer, tokenizer: null).Run(requests, null, _ => allocated[step++] = GC.GetAllocatedBytesForCurrentThread());
        // Lists of tokens and pages double now and then: results, and few of them. Between them a step takes nothing at all.
        Assert.That(allocated.Zip(allocated.Skip(1), (before, after) => after - before).Count(bytes => bytes == 0), Is.GreaterThan(45));
        Assert.That(allocated[^1] - allocated[20], Is.LessThan(4 * 1024));
    }

    /// <summary>The file's blocks and the matrices that they stand for say the same: the chosen token is, by the latter, never far from the likeliest.</summary>
    [TestCase(DType.F32, 1e-3f)]
    [TestCase(DType.BF16, 0.25f)]
    public void BlocksAndUnpackedMatricesAgree(DType type, float logits)
    {
        string file = Seal.Tests.SharedFolder.Require("models", "SmolLM2-135M-Instruct.Q4_1.gguf");
        using NativeOperators operators = RequireNative(type);
        using LanguageModel model = LanguageModel.Open(file, operators);
        int[][] prompts = [model.Tokenizer.Encode("The capital of France is"), model.Tokenizer.Encode("Once upon a time there was a")];
        Generation[] generations = new Generator(model.Transformer, model.Tokenizer).Run(
            [.. prompts.Select(prompt => new GenerationRequest(prompt, 16, SamplingSettings.Greedy, IgnoreEnd: true))]);
        for (int i = 0; i < prompts.Length; i++)
        {
            var plan = new BatchPlan();
            int[] text = [.. prompts[i], .. generations[i].Tokens];
            plan.Add(text);
            for (int row = prompts[i].Length - 1; row + 1 < text.Length; row++)
                plan.AddSampled(row);
            float[] unpacked = TinyEngine.Logits(model.Transformer, plan);
            for (int step = 0; step < 16; step++)
            {
                ReadOnlySpan<float> row = unpacked.AsSpan(step * model.Config.Vocabulary, model.Config.Vocabulary);
                Assert.That(row[generations[i].Tokens[step]], Is.GreaterThan(row[Sampling.Greedy(row)] - logits), $"token {step} of text {i}");
            }
        }
        Assert.That(generations[0].Text, Does.Contain("Paris"));
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
