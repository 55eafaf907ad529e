using Seal.Kernels;
using Seal.Models.Benchmarks;

namespace Seal.Models.Tests.Engine;

/// <summary>Scratch memory, cache pages and plans: what a step uses and gives back.</summary>
public sealed class MemoryTests
{
    private TorchOperators _operators = null!;

    [OneTimeSetUp]
    public void Open() => _operators = new TorchOperators(Device.Host, DType.F32);

    [OneTimeTearDown]
    public void Close() => _operators.Dispose();

    [Test]
    public void AfterTheFirstStepTheArenaIsOneBlockThatStays()
    {
        using Arena arena = new(_operators);
        long[] capacities = [.. Enumerable.Range(0, 4).Select(_ =>
        {
            arena.Reset();
            arena.Activations(100, 7);
            long mark = arena.Mark();
            arena.Wide(1, 1000);
            arena.Release(mark);
            arena.Take(DType.I32, 3, 3);
            return arena.Capacity;
        })];
        // 2800 bytes and then 4000, each rounded up to 64.
        Assert.That(capacities[1..], Has.All.EqualTo(2816 + 4032));
    }

    [Test]
    public void BuffersOfAStepAreAlignedAndDoNotOverlap()
    {
        using Arena arena = new(_operators);
        for (int step = 0; step < 2; step++)
        {
            arena.Reset();
            DeviceBuffer[] buffers = [arena.Activations(3, 5), arena.Wide(1, 1), arena.Take(DType.BF16, 7, 1), arena.Take(DType.I32, 0, 4), arena.Activations(2, 33)];
            Assert.That(buffers.Select(buffer => (long)buffer.Pointer % 64), Has.All.Zero);
            (nint Start, nint End)[] ranges = [.. buffers.Select(buffer => (buffer.Pointer, buffer.Pointer + (nint)buffer.Bytes)).Order()];
            for (int i = 1; i < ranges.Length; i++)
                Assert.That(ranges[i].Start, Is.GreaterThanOrEqualTo(ranges[i - 1].End));
        }
    }

    [Test]
    public void ReleasedMemoryIsTakenAgainAndALargerStepGrowsTheBlock()
    {
        using Arena arena = new(_operators);
        arena.Activations(10, 16);
        arena.Reset();
        long mark = arena.Mark();
        DeviceBuffer first = arena.Activations(5, 16);
        arena.Release(mark);
        Assert.That(arena.Activations(5, 16).Pointer, Is.EqualTo(first.Pointer));
        Assert.That(arena.Used, Is.EqualTo(320));
        arena.Activations(50, 16);
        arena.Reset();
        Assert.That(arena.Capacity, Is.EqualTo(320 + 3200));
        Assert.That(() => arena.Activations(-1, 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void RepeatedStepsOfATransformerTakeNoMoreMemory()
    {
        using TinyEngine engine = new(TinyWeights.Qwen3);
        using AdapterSet set = engine.Set(engine.Adapter(1, 4, 8));
        BatchPlan plan = Plans.Scored(new Packed(engine.Model.Tokens(1, 30), 0), new Packed(engine.Model.Tokens(2, 9)));
        engine.Gradients(plan, set);
        engine.Gradients(plan, set);
        long warm = engine.Transformer.ScratchBytes;
        for (int step = 0; step < 3; step++)
        {
            engine.Gradients(plan, set);
            engine.Scores(plan, set);
            engine.Logits(plan, set);
        }
        Assert.That(engine.Transformer.ScratchBytes, Is.EqualTo(warm).And.GreaterThan(0));
    }

    [Test]
    public void WhatIsReservedServesTheFirstStepAndReleasedPiecesAreGivenBack()
    {
        using Arena arena = new(_operators);
        arena.Reset(320);
        nint block = arena.Activations(4, 16).Pointer;
        arena.Activations(1, 16);
        Assert.That(arena.Capacity, Is.EqualTo(320), "what was reserved is enough");
        for (int layer = 0; layer < 10; layer++)
        {
            long mark = arena.Mark();
            arena.Activations(10, 16);
            Assert.That(arena.Capacity, Is.EqualTo(320 + 640));
            arena.Release(mark);
        }
        Assert.That(arena.Capacity, Is.EqualTo(320), "ten layers' temporaries are not held together");
        arena.Reset(64);
        Assert.That(arena.Capacity, Is.EqualTo(960), "the block serves what was taken, however little is asked for");
        arena.Reset(64);
        Assert.That(arena.Capacity, Is.EqualTo(960));
    }

    /// <summary>The plan and the passes must agree to the byte: a buffer more in a pass is a buffer more in the plan.</summary>
    [Test]
    public void AStepTakesWhatWasPlanned(
        [ValueSource(typeof(TinyWeights), nameof(TinyWeights.Families))] TinyWeights model, [Values(1, 3)] int layers, [Values("all", "q v", "o", "up", "down")] string targets)
    {
        IReadOnlyList<LoraTarget> adapted = targets switch
        {
            "all" => LoraTargets.All,
            "q v" => [LoraTarget.QProj, LoraTarget.VProj],
            "o" => [LoraTarget.OProj],
            "up" => [LoraTarget.UpProj],
            _ => [LoraTarget.DownProj],
        };
        using TinyEngine engine = new(model with { Layers = layers });
        using AdapterSet set = engine.Set(engine.Adapter(1, 3, 8, adapted), engine.Adapter(2, 5, 8, adapted));
        BatchPlan plan = Plans.Scored(new Packed(engine.Model.Tokens(1, 33), 0), new Packed(engine.Model.Tokens(2, 9), 1));
        var memory = new StepMemory(engine.Config, DType.F32, DType.F32);
        GroupRanks ranks = GroupRanks.Of(set, engine.Weights.Layers[0]);
        (string, long, Action<Transformer>)[] kinds =
        [
            ("training", memory.Training(42, 42, ranks), transformer => transformer.ForwardBackward(plan, set, new float[42])),
            ("scoring", memory.Scoring(42, 42, ranks), transformer => transformer.Score(plan, set, new float[42])),
            ("decoding", memory.Decoding(42, 42, ranks), transformer => transformer.Logits(plan, set, null)),
        ];
        foreach ((string kind, long planned, Action<Transformer> step) in kinds)
        {
            using var transformer = new Transformer(engine.Operators, engine.Weights);
            step(transformer);
            step(transformer); // what the first took beyond its plan would be in the second's block
            Assert.That(transformer.ScratchBytes, Is.EqualTo(planned), kind);
            Assert.That(transformer.ScratchUsed, Is.EqualTo(planned), $"{kind}: planned and not taken");
        }
    }

    /// <summary>
    /// SmolLM2-135M, rank 32 on all linears, bf16, 512 tokens. Kept a layer and row: 4 · 576 of the stream and its norms, 2 · 576 + 2 · 192 of attention, 3 · 1536 of the MLP,
    /// 224 of Z, 2 bytes each, and 11 statistics of 4.
    /// </summary>
    [Test]
    public void ATrainingStepOf512TokensTakesLessThan290MB()
    {
        var memory = new StepMemory(ModelConfigs.SmolLM2, DType.BF16, DType.F32);
        long layer = 2 * (4 * 576 + 2 * 576 + 2 * 192 + 3 * 1536 + 224) + 4 * 11;
        long bytes = memory.Training(512, 512, new GroupRanks(96, 32, 64, 32));
        Assert.That(bytes, Is.InRange(30 * 512 * layer, 290_000_000));
        Assert.That(memory.Training(1024, 1024, new GroupRanks(96, 32, 64, 32)), Is.InRange(2 * bytes - 1000, 2 * bytes), "nothing grows with the square of the tokens");
    }

    [Test]
    public void PagesOfAClosedSequenceServeOthers()
    {
        using KvCache cache = new(_operators, layers: 2, width: 4, tokens: 3 * KvCache.PageSize - 1);
        int first = cache.Open(), second = cache.Open();
        cache.Grow(first, 16);
        cache.Grow(second, 17);
        Assert.That((cache.Pages(first).Count, cache.Pages(second).Count, cache.FreeTokens), Is.EqualTo((1, 2, 0)));
        Assert.That(cache.Pages(first).Concat(cache.Pages(second)), Is.EquivalentTo((int[])[0, 1, 2]));
        Assert.That(cache.Row(second, 16), Is.EqualTo(cache.Pages(second)[1] * 16));
        Assert.That(cache.Row(second, 15), Is.EqualTo(cache.Pages(second)[0] * 16 + 15));
        int[] freed = [.. cache.Pages(second)];
        cache.Close(second);
        Assert.That(cache.FreeTokens, Is.EqualTo(32));
        int third = cache.Open();
        Assert.That((third, cache.Length(third)), Is.EqualTo((second, 0)));
        cache.Grow(third, 32);
        Assert.That(cache.Pages(third), Is.EquivalentTo(freed));
    }

    [Test]
    public void ASequenceSharesTheWholePagesOfAnotherAndCopiesTheRest()
    {
        using KvCache cache = new(_operators, layers: 2, width: 4, tokens: 6 * KvCache.PageSize);
        int first = cache.Open();
        cache.Grow(first, 40);
        for (int layer = 0; layer < 2; layer++)
            foreach (DeviceBuffer half in (DeviceBuffer[])[cache.Keys(layer), cache.Values(layer)])
                for (int i = 0; i < half.Elements; i++)
                    half.AsSpan<float>()[i] = 1000 * layer + i + (half.Pointer == cache.Values(layer).Pointer ? 0.5f : 0);
        int second = cache.Share(first, 35);
        Assert.That((cache.Length(second), cache.FreeTokens), Is.EqualTo((35, 2 * KvCache.PageSize)));
        Assert.That(cache.Pages(second).Take(2), Is.EqualTo(cache.Pages(first).Take(2)));
        Assert.That(cache.Pages(second)[2], Is.Not.EqualTo(cache.Pages(first)[2]));
        for (int layer = 0; layer < 2; layer++)
            for (int position = 0; position < 35; position++)
                foreach (DeviceBuffer half in (DeviceBuffer[])[cache.Keys(layer), cache.Values(layer)])
                    Assert.That(half.Slice(cache.Row(second, position), 1).AsSpan<float>().ToArray(), Is.EqualTo(half.Slice(cache.Row(first, position), 1).AsSpan<float>().ToArray()));
        Assert.That(() => cache.Share(first, 41), Throws.InstanceOf<ArgumentOutOfRangeException>());

        // What they share stays until the last of them goes.
        int[] pages = [.. cache.Pages(second)];
        cache.Close(first);
        Assert.That(cache.FreeTokens, Is.EqualTo(3 * KvCache.PageSize));
        cache.Grow(second, 49);
        cache.Truncate(second, 20);
        Assert.That((cache.Length(second), cache.FreeTokens), Is.EqualTo((20, 4 * KvCache.PageSize)));
        Assert.That(cache.Pages(second), Is.EqualTo(pages[..2]));
        Assert.That(() => cache.Truncate(second, 21), Throws.InstanceOf<ArgumentOutOfRangeException>());
        cache.Close(second);
        Assert.That(cache.FreeTokens, Is.EqualTo(6 * KvCache.PageSize));
    }

    [Test]
    public void AFullCacheSaysSoAndHoldsWhatItHeld()
    {
        using KvCache cache = new(_operators, layers: 1, width: 4, tokens: 32);
        int slot = cache.Open();
        cache.Grow(slot, 32);
        Assert.That(() => cache.Grow(slot, 33), Throws.InvalidOperationException.With.Message.Contains("cache of 32 tokens is full"));
        Assert.That((cache.Length(slot), cache.Pages(slot).Count), Is.EqualTo((32, 2)));
        cache.Close(slot);
        Assert.That(() => cache.Grow(slot, 1), Throws.InvalidOperationException.With.Message.Contains($"slot {slot} is closed"));
        Assert.That(() => cache.Close(slot), Throws.InvalidOperationException);
    }

    [TestCase(1, 1)]
    [TestCase(15, 1)]
    [TestCase(16, 1)]
    [TestCase(17, 2)]
    [TestCase(33, 3)]
    public void PagesAreWhole(int tokens, int pages) => Assert.That(KvCache.PagesFor(tokens), Is.EqualTo(pages));

    [Test]
    public void KeysAndValuesOfTheLayersDoNotOverlap()
    {
        using KvCache cache = new(_operators, layers: 2, width: 4, tokens: 20);
        DeviceBuffer[] halves = [cache.Keys(0), cache.Values(0), cache.Keys(1), cache.Values(1)];
        Assert.That(halves.Select(half => (half.Rows, half.Columns)), Has.All.EqualTo((32, 4)));
        Assert.That(halves.Skip(1).Zip(halves, (next, half) => next.Pointer - half.Pointer), Has.All.EqualTo((nint)halves[0].Bytes));
    }

    [Test]
    public void APlanPacksSequencesEndToEnd()
    {
        BatchPlan plan = new();
        Assert.That(plan.Add([5, 6, 7], adapter: 0), Is.EqualTo(0));
        Assert.That(plan.Add([8], adapter: 0), Is.EqualTo(3));
        Assert.That(plan.Add([9, 10]), Is.EqualTo(4));
        Assert.That(plan.Add([11], adapter: 1, firstPosition: 20, cacheSlot: 3), Is.EqualTo(6));
        plan.AddTarget(1, 7, 0.5f);
        plan.AddSampled(6);
        Assert.That((plan.Rows, plan.HeadCount, plan.LongestSequence), Is.EqualTo((7, 2, 3)));
        Assert.That(plan.Tokens.AsSpan<int>().ToArray(), Is.EqualTo((int[])[5, 6, 7, 8, 9, 10, 11]));
        Assert.That(plan.Positions.AsSpan<int>().ToArray(), Is.EqualTo((int[])[0, 1, 2, 0, 0, 1, 20]));
        Assert.That(plan.CuSeqlens.AsSpan<int>().ToArray(), Is.EqualTo((int[])[0, 3, 4, 6, 7]));
        Assert.That(plan.HeadRows.AsSpan<int>().ToArray(), Is.EqualTo((int[])[1, 6]));
        Assert.That(plan.Targets.AsSpan<int>().ToArray(), Is.EqualTo((int[])[7, -1]));
        Assert.That(plan.Weights.AsSpan<float>().ToArray(), Is.EqualTo((float[])[0.5f, 0]));
        Assert.That(plan.Segments, Is.EqualTo((AdapterSegment[])[new(0, 0, 4), new(-1, 4, 2), new(1, 6, 1)]));
        Assert.That(plan.Sequences[^1], Is.EqualTo(new PlannedSequence(6, 1, 1, 20, 3)));
        Assert.That(() => plan.Add([]), Throws.ArgumentException);
    }

    [Test]
    public void AClearedPlanStartsAnewAndALargeOneGrows()
    {
        BatchPlan plan = new();
        plan.Add(new int[1000], adapter: 2);
        plan.Clear();
        Assert.That((plan.Rows, plan.HeadCount, plan.LongestSequence, plan.Sequences.Count, plan.Segments.Count), Is.EqualTo((0, 0, 0, 0, 0)));
        Assert.That(plan.CuSeqlens.AsSpan<int>().ToArray(), Is.EqualTo((int[])[0]));
        for (int i = 0; i < 300; i++)
            plan.AddTarget(plan.Add([i]), i, i);
        Assert.That(plan.Tokens.AsSpan<int>().ToArray(), Is.EqualTo(Enumerable.Range(0, 300)));
        Assert.That(plan.Weights.AsSpan<float>().ToArray(), Is.EqualTo(Enumerable.Range(0, 300).Select(i => (float)i)));
        Assert.That(plan.Segments, Is.EqualTo((AdapterSegment[])[new(-1, 0, 300)]));
    }
}
