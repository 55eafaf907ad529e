using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>Decoding over the paged cache against the full forward pass over everything so far.</summary>
public sealed class DecodingTests
{
    private const double StepLogits = 1e-4;

    /// <summary>A page holds 16 tokens: prompts that end before, on and after its border.</summary>
    private static readonly int[] PromptLengths = [1, 15, 16, 17, 33, 2];

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void GreedyTokensAreTheArgmaxOfTheFullForwardPass(TinyWeights model)
    {
        using TinyEngine engine = new(model);
        using AdapterSet set = Adapters(engine);
        GenerationRequest[] requests = [.. PromptLengths.Select((length, i) => Greedy(model.Tokens((ulong)i, length), 20, adapter: i % 3 - 1))];
        Generation[] generations = new Generator(engine.Transformer, tokenizer: null).Run(requests, set);
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.That(generations[i].Tokens, Is.EqualTo(WithoutCache(engine, set, requests[i])), $"prompt of {PromptLengths[i]}");
            Assert.That((generations[i].Finish, generations[i].Text), Is.EqualTo((FinishReason.Length, "")));
        }
        Assert.That(generations.Select(generation => string.Join(' ', generation.Tokens)), Is.Unique);
    }

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void LogitsOfEveryCachedStepAreThoseOfTheFullForwardPass(TinyWeights model)
    {
        using TinyEngine engine = new(model);
        using AdapterSet set = Adapters(engine);
        using KvCache cache = engine.Transformer.CreateCache(16 * 64);
        const int steps = 18;
        int[][] texts = [.. PromptLengths.Select((length, i) => model.Tokens((ulong)i, length + steps))];
        int[] slots = [.. texts.Select(_ => cache.Open())];
        for (int step = 0; step <= steps; step++)
        {
            var cached = new BatchPlan();
            for (int i = 0; i < texts.Length; i++)
            {
                int end = PromptLengths[i] + step, begin = step == 0 ? 0 : end - 1;
                cache.Grow(slots[i], end);
                cached.AddSampled(cached.Add(texts[i].AsSpan(begin..end), i % 3 - 1, begin, slots[i]) + end - begin - 1);
            }
            float[] logits = engine.Logits(cached, set, cache);
            for (int i = 0; i < texts.Length; i++)
            {
                BatchPlan full = LastRow(texts[i][..(PromptLengths[i] + step)], i % 3 - 1);
                float[] wanted = engine.Logits(full, set);
                Assert.That(Distance.Largest(logits.AsSpan(i * model.Vocabulary, model.Vocabulary), wanted), Is.LessThan(StepLogits), $"step {step} of prompt {i}");
            }
        }
    }

    /// <summary>Two places for nine requests of different lengths: they leave and enter at different times, and pages are used again.</summary>
    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void FewPlacesForManyRequestsGiveTheTokensOfEachAlone(TinyWeights model)
    {
        using TinyEngine engine = new(model);
        using AdapterSet set = Adapters(engine);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 9).Select(i => new GenerationRequest(
            model.Tokens((ulong)i, 1 + 7 * i % 23), 1 + 5 * i % 19, new SamplingSettings(i % 2 == 0 ? 0 : 0.7f, TopK: 20, TopP: 0.9f), Seed: (ulong)i, Adapter: i % 3 - 1, IgnoreEnd: true))];
        int drawn = 0;
        Generation[] crowded = new Generator(engine.Transformer, null, maxSequences: 2, maxRows: 8).Run(requests, set, count => drawn += count);
        Generation[] roomy = new Generator(engine.Transformer, null).Run(requests, set);
        for (int i = 0; i < requests.Length; i++)
        {
            Generation alone = new Generator(engine.Transformer, null).Run([requests[i]], set).Single();
            Assert.That(crowded[i].Tokens, Is.EqualTo(alone.Tokens), $"request {i}");
            Assert.That(roomy[i].Tokens, Is.EqualTo(alone.Tokens), $"request {i}");
            Assert.That(alone.Tokens, Has.Length.EqualTo(requests[i].MaxTokens));
        }
        Assert.That(drawn, Is.EqualTo(requests.Sum(request => request.MaxTokens)));
    }

    [Test]
    public void TheSameSeedsGiveTheSameTokensAndOthersDoNot()
    {
        TinyWeights model = TinyWeights.Qwen3;
        using TinyEngine engine = new(model);
        Generator generator = new(engine.Transformer, null);
        GenerationRequest[] Requests(ulong seed) => [.. Enumerable.Range(0, 4).Select(i =>
            new GenerationRequest(model.Tokens(1, 5), 24, new SamplingSettings(Temperature: 1), CounterRandom.Derive(seed, $"text {i}")))];
        string[] first = Texts(Requests(1)), again = Texts(Requests(1)), other = Texts(Requests(2));
        Assert.That(again, Is.EqualTo(first));
        Assert.That(first.Concat(other), Is.Unique);

        string[] Texts(GenerationRequest[] requests) => [.. generator.Run(requests).Select(generation => string.Join(' ', generation.Tokens))];
    }

    [Test]
    public void TheLikeliestOfOneIsGreedyAtAnyTemperature()
    {
        TinyWeights model = TinyWeights.Llama;
        using TinyEngine engine = new(model);
        GenerationRequest greedy = Greedy(model.Tokens(1, 5), 12, -1);
        Generation[] generations = new Generator(engine.Transformer, null).Run([greedy, greedy with { Sampling = new(Temperature: 5, TopK: 1), Seed = 7 }]);
        Assert.That(generations[1].Tokens, Is.EqualTo(generations[0].Tokens));
    }

    [Test]
    public void InBFloat16CachedAndUncachedDecodingAgreeWhereTheChoiceIsClear()
    {
        TinyWeights model = TinyWeights.Llama;
        using TinyEngine engine = new(model, DType.BF16);
        using AdapterSet set = Adapters(engine);
        GenerationRequest[] requests = [.. PromptLengths.Select((length, i) => Greedy(model.Tokens((ulong)i, length), 8, adapter: i % 3 - 1))];
        Generation[] generations = new Generator(engine.Transformer, tokenizer: null).Run(requests, set);
        for (int i = 0; i < requests.Length; i++)
        {
            List<int> text = [.. requests[i].Prompt];
            foreach (int token in generations[i].Tokens)
            {
                float[] logits = engine.Logits(LastRow([.. text], requests[i].Adapter), set);
                // Keys and values are bf16 in both; what is left are the roundings of one row, 2⁻⁸ of logits up to 8.
                Assert.That(logits[token], Is.GreaterThan(logits.Max() - 0.1f));
                text.Add(token);
            }
        }
    }

    [Test]
    public void NoRequestsAreNoWork()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        Assert.That(new Generator(engine.Transformer, null).Run([]), Is.Empty);
    }

    [Test]
    public void ACancelledRunStops()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        using CancellationTokenSource cancel = new();
        int steps = 0;
        Assert.That(() => new Generator(engine.Transformer, null).Run([Greedy([1, 2], 500, -1)], null, _ => { if (++steps == 3) cancel.Cancel(); }, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(steps, Is.EqualTo(3));
    }

    private static AdapterSet Adapters(TinyEngine engine) =>
        engine.Set(engine.Adapter(1, rank: 4, alpha: 8, LoraTargets.All), engine.Adapter(2, rank: 2, alpha: 6, LoraTarget.QProj, LoraTarget.VProj));

    private static GenerationRequest Greedy(int[] prompt, int tokens, int adapter) =>
        new(prompt, tokens, SamplingSettings.Greedy, Adapter: adapter, IgnoreEnd: true);

    private static BatchPlan LastRow(int[] tokens, int adapter)
    {
        var plan = new BatchPlan();
        plan.AddSampled(plan.Add(tokens, adapter) + tokens.Length - 1);
        return plan;
    }

    private static int[] WithoutCache(TinyEngine engine, AdapterSet set, GenerationRequest request)
    {
        List<int> text = [.. request.Prompt];
        for (int i = 0; i < request.MaxTokens; i++)
        {
            float[] logits = engine.Logits(LastRow([.. text], request.Adapter), set);
            text.Add(Array.IndexOf(logits, logits.Max()));
        }
        return [.. text.Skip(request.Prompt.Length)];
    }
}
