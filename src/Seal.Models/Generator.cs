using System.Text;
using Seal.Kernels;
using Seal.Models.Text;

namespace Seal.Models;

/// <summary>How to draw tokens. Temperature 0 is greedy.</summary>
public sealed record SamplingSettings(float Temperature = 0, int TopK = 0, float TopP = 1)
{
    public static SamplingSettings Greedy { get; } = new();

    /// <exception cref="SealException">A value is out of range.</exception>
    public SamplingSettings Validated()
    {
        if (!(Temperature >= 0) || float.IsInfinity(Temperature))
            throw new SealException($"sampling.temperature is {Temperature}; expected 0 (greedy) or more");
        if (TopK < 0)
            throw new SealException($"sampling.top_k is {TopK}; expected 0 (all) or more");
        if (!(TopP is > 0 and <= 1))
            throw new SealException($"sampling.top_p is {TopP}; expected above 0 and at most 1");
        return this;
    }
}

/// <summary>One text to be continued.</summary>
/// <param name="Prompt">At least one token.</param>
/// <param name="Adapter">Slot of the adapter set, or −1 for the bare model.</param>
/// <param name="Seed">What is drawn depends on this and on the logits alone.</param>
/// <param name="Stop">Generation ends where one of these first appears; the text is cut before it.</param>
/// <param name="IgnoreEnd">Go on past the model's end-of-text tokens.</param>
public sealed record GenerationRequest(
    int[] Prompt, int MaxTokens, SamplingSettings Sampling, ulong Seed = 0, int Adapter = -1, IReadOnlyList<string>? Stop = null, bool IgnoreEnd = false);

public enum FinishReason
{
    EndOfText,
    StopString,
    Length,
}

/// <summary>A continuation: its tokens (an end-of-text token not included), and its text up to a stop string.</summary>
public sealed record Generation(int[] Tokens, string Text, FinishReason Finish);

/// <summary>
/// Continues many texts at once over a paged key/value cache: finished sequences leave the batch and waiting ones enter it, each with
/// its own adapter, settings and seed. The batches follow from the list of requests alone.
/// </summary>
/// <param name="transformer">The model.</param>
/// <param name="tokenizer">For texts and stop strings; without one, only tokens are returned.</param>
/// <param name="maxSequences">Sequences decoded together at most.</param>
/// <param name="maxRows">Prompt tokens of one prefill pass; a single longer prompt still runs.</param>
public sealed class Generator(Transformer transformer, Tokenizer? tokenizer, int maxSequences = 32, int maxRows = 1024)
{
    private readonly BatchPlan _plan = new();

    /// <param name="requests">Texts to continue.</param>
    /// <param name="adapters">The set that the requests' slots refer to.</param>
    /// <param name="progress">Told the number of tokens drawn since the last call.</param>
    /// <returns>One generation a request, in order.</returns>
    /// <exception cref="SealException">
    /// A prompt is empty or, with its continuation, longer than the model's positions, or a request's settings are out of range.
    /// </exception>
    public Generation[] Run(
        IReadOnlyList<GenerationRequest> requests, AdapterSet? adapters = null, Action<int>? progress = null, CancellationToken cancel = default)
    {
        for (int i = 0; i < requests.Count; i++)
            Check(requests[i], i);
        var results = new Generation[requests.Count];
        if (requests.Count == 0)
            return results;
        using KvCache cache = transformer.CreateCache(CacheTokens(requests));
        var running = new List<Running>();
        int next = 0;
        while (next < requests.Count || running.Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            List<Running> entering = Admit(requests, ref next, running.Count, cache);
            List<Running> stepping = entering.Count > 0 ? entering : running;
            // One adapter's rows stay together: fewer, longer segments. The order is part of the plan, so it is stable.
            if (entering.Count > 0)
                entering.Sort((a, b) => (a.Request.Adapter, a.Index).CompareTo((b.Request.Adapter, b.Index)));
            Step(stepping, adapters, cache);
            progress?.Invoke(stepping.Count);
            if (entering.Count > 0)
            {
                running.AddRange(entering);
                running.Sort((a, b) => (a.Request.Adapter, a.Index).CompareTo((b.Request.Adapter, b.Index)));
            }
            for (int i = running.Count - 1; i >= 0; i--)
                if (running[i].Finish is { } finish)
                {
                    results[running[i].Index] = running[i].Result(finish);
                    cache.Close(running[i].CacheSlot);
                    running.RemoveAt(i);
                }
        }
        return results;
    }

    private void Check(GenerationRequest request, int index)
    {
        request.Sampling.Validated();
        if (request.Stop is { Count: > 0 } && tokenizer is null)
            throw new SealException($"prompt {index} has stop strings, but the model comes without a tokenizer");
        if (request.Stop is { } stops && stops.Contains(""))
            throw new SealException($"prompt {index} has an empty stop string, which is everywhere; leave it out");
        if (request.Prompt.Length == 0)
            throw new SealException($"prompt {index} is empty; give it at least one token");
        if (request.MaxTokens < 1)
            throw new SealException($"prompt {index} asks for {request.MaxTokens} tokens; expected 1 or more");
        int limit = transformer.Config.MaxPositions;
        if ((long)request.Prompt.Length + request.MaxTokens > limit)
            throw new SealException(
                $"prompt {index} has {request.Prompt.Length} tokens and asks for {request.MaxTokens} more; the model has {limit} positions");
    }

    /// <summary>Room for the largest requests that can run together: so an admitted sequence never has to wait for pages.</summary>
    private int CacheTokens(IReadOnlyList<GenerationRequest> requests) => requests
        .Select(Reserve)
        .OrderDescending()
        .Take(maxSequences)
        .Sum();

    private static int Reserve(GenerationRequest request) =>
        KvCache.PagesFor(request.Prompt.Length + request.MaxTokens) * KvCache.PageSize;

    private List<Running> Admit(IReadOnlyList<GenerationRequest> requests, ref int next, int running, KvCache cache)
    {
        var entering = new List<Running>();
        int rows = 0;
        while (next < requests.Count && running + entering.Count < maxSequences)
        {
            GenerationRequest request = requests[next];
            if (entering.Count > 0 && rows + request.Prompt.Length > maxRows)
                break;
            rows += request.Prompt.Length;
            entering.Add(new Running(next, request, cache.Open(), tokenizer));
            next++;
        }
        return entering;
    }

    /// <summary>One pass: whole prompts for sequences that enter, one token for those that run; then one draw each.</summary>
    private void Step(List<Running> sequences, AdapterSet? adapters, KvCache cache)
    {
        _plan.Clear();
        var sampling = new SamplingRow[sequences.Count];
        for (int i = 0; i < sequences.Count; i++)
        {
            Running sequence = sequences[i];
            int cached = cache.Length(sequence.CacheSlot);
            ReadOnlySpan<int> tokens = cached == 0 ? sequence.Request.Prompt : [sequence.Tokens[^1]];
            cache.Grow(sequence.CacheSlot, cached + tokens.Length);
            int start = _plan.Add(tokens, sequence.Request.Adapter, cached, sequence.CacheSlot);
            _plan.AddSampled(start + tokens.Length - 1);
            SamplingSettings s = sequence.Request.Sampling;
            sampling[i] = new SamplingRow(s.Temperature, s.TopK, s.TopP, sequence.Request.Seed, sequence.Tokens.Count);
        }
        var drawn = new int[sequences.Count];
        transformer.Operators.Sample(transformer.Logits(_plan, adapters, cache), sampling, drawn);
        for (int i = 0; i < sequences.Count; i++)
            sequences[i].Take(drawn[i], transformer.Config.EosTokenIds);
    }

    /// <summary>A sequence being continued.</summary>
    private sealed class Running(int index, GenerationRequest request, int cacheSlot, Tokenizer? tokenizer)
    {
        private readonly StreamingDecoder? _decoder = tokenizer is null ? null : new StreamingDecoder(tokenizer, skipSpecial: true);
        private readonly StringBuilder _text = new();
        private int _cut = -1;

        public int Index => index;

        public GenerationRequest Request => request;

        public int CacheSlot => cacheSlot;

        public List<int> Tokens { get; } = [];

        public FinishReason? Finish { get; private set; }

        public void Take(int token, int[] endTokens)
        {
            if (!request.IgnoreEnd && endTokens.Contains(token))
            {
                Finish = FinishReason.EndOfText;
                return;
            }
            Tokens.Add(token);
            if (request.Stop is { Count: > 0 } && Stopped(token))
                Finish = FinishReason.StopString;
            else if (Tokens.Count >= request.MaxTokens)
                Finish = FinishReason.Length;
        }

        public Generation Result(FinishReason finish)
        {
            string text = _cut >= 0 ? _text.ToString(0, _cut) : tokenizer?.Decode(Tokens.ToArray(), skipSpecial: true) ?? "";
            return new Generation([.. Tokens], text, finish);
        }

        private bool Stopped(int token)
        {
            int searched = _text.Length;
            _text.Append(_decoder!.Feed(token));
            string text = _text.ToString();
            foreach (string stop in request.Stop!)
            {
                int at = text.IndexOf(stop, Math.Max(0, searched - stop.Length), StringComparison.Ordinal);
                if (at >= 0 && (_cut < 0 || at < _cut))
                    _cut = at;
            }
            return _cut >= 0;
        }
    }
}
