using System.Runtime.InteropServices;
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
/// <param name="Form">What the continuation must look like: drawn among the tokens that may come next, and ended where nothing more may.</param>
public sealed record GenerationRequest(
    int[] Prompt, int MaxTokens, SamplingSettings Sampling, ulong Seed = 0, int Adapter = -1, IReadOnlyList<string>? Stop = null, bool IgnoreEnd = false,
    TokenForm? Form = null);

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
/// its own adapter, settings and seed. Requests of the same prompt and adapter read the prompt once, and share its pages. The batches
/// follow from the list of requests alone.
/// </summary>
/// <param name="transformer">The model.</param>
/// <param name="tokenizer">For texts and stop strings; without one, only tokens are returned.</param>
/// <param name="maxSequences">Sequences decoded together at most.</param>
/// <param name="maxRows">Prompt tokens of one prefill pass; a single longer prompt still runs.</param>
public sealed class Generator(Transformer transformer, Tokenizer? tokenizer, int maxSequences = 32, int maxRows = 1024)
{
    private readonly BatchPlan _plan = new();
    private readonly List<Running> _running = [];
    private readonly List<Running> _entering = [];
    private readonly List<Running> _reading = []; // those of the entering ones whose prompts are read
    private readonly SamplingRow[] _sampling = new SamplingRow[maxSequences];
    private readonly int[] _drawn = new int[maxSequences];
    private readonly FormedDraw _formed = new(transformer);

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
        Prompt[] prompts = Prompt.Of(requests);
        using KvCache cache = transformer.CreateCache(CacheTokens(requests));
        _running.Clear();
        int next = 0;
        while (next < requests.Count || _running.Count > 0)
        {
            cancel.ThrowIfCancellationRequested();
            Admit(requests, prompts, ref next);
            if (_entering.Count > 0)
                Enter(requests, adapters, cache);
            else
                Continue(adapters, cache);
            progress?.Invoke(_entering.Count > 0 ? _entering.Count : _running.Count);
            if (_entering.Count > 0)
            {
                _running.AddRange(_entering);
                _running.Sort(ByAdapter);
            }
            Leave(results, cache, next < requests.Count ? prompts[next] : null);
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
        if (request.Form is not null && tokenizer is null)
            throw new SealException($"prompt {index} asks for a form, but the model comes without a tokenizer");
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

    private void Admit(IReadOnlyList<GenerationRequest> requests, Prompt[] prompts, ref int next)
    {
        _entering.Clear();
        _reading.Clear();
        int rows = 0;
        while (next < requests.Count && _running.Count + _entering.Count < maxSequences)
        {
            Prompt prompt = prompts[next];
            bool reads = !prompt.IsCached && !_reading.Exists(other => other.Prompt == prompt);
            if (reads && _reading.Count > 0 && rows + prompt.Tokens.Length > maxRows)
                break;
            var entering = new Running(next, requests[next], prompt, tokenizer);
            _entering.Add(entering);
            if (reads)
            {
                rows += prompt.Tokens.Length;
                _reading.Add(entering);
            }
            next++;
        }
        // One adapter's rows stay together: fewer, longer segments. The order is part of the plan, so it is stable.
        _reading.Sort(ByAdapter);
    }

    /// <summary>Prompts that no one has read yet in one pass, and each entering sequence's first token.</summary>
    private void Enter(IReadOnlyList<GenerationRequest> requests, AdapterSet? adapters, KvCache cache)
    {
        if (_reading.Count > 0)
            Read(requests, adapters, cache);
        foreach (Running sequence in _entering)
        {
            sequence.CacheSlot = sequence.Prompt.Join(cache, _reading.Contains(sequence));
            sequence.Take(sequence.Prompt.First[sequence.Index], transformer.Config.EosTokenIds);
        }
    }

    private void Read(IReadOnlyList<GenerationRequest> requests, AdapterSet? adapters, KvCache cache)
    {
        _plan.Clear();
        foreach (Running sequence in _reading)
        {
            Prompt prompt = sequence.Prompt;
            int start = _plan.Add(prompt.Tokens, prompt.Adapter, 0, prompt.Open(cache));
            _plan.AddSampled(start + prompt.Tokens.Length - 1);
        }
        DeviceBuffer logits = transformer.Logits(_plan, adapters, cache);
        // A first token depends on the prompt's logits and the request alone: those of requests that still wait are drawn here too.
        for (int i = 0; i < _reading.Count; i++)
            foreach (int request in _reading[i].Prompt.Requests)
            {
                _sampling[0] = Rule(requests[request], 0);
                if (requests[request].Form is { } form)
                    _drawn[0] = _formed.Draw(logits.Slice(i, 1), form, TokenForm.Start, _sampling[0]);
                else
                    transformer.Operators.Sample(logits.Slice(i, 1), _sampling.AsSpan(0, 1), _drawn);
                _reading[i].Prompt.First[request] = _drawn[0];
            }
    }

    /// <summary>One pass: a token for every running sequence. Allocates nothing.</summary>
    private void Continue(AdapterSet? adapters, KvCache cache)
    {
        _plan.Clear();
        for (int i = 0; i < _running.Count; i++)
        {
            Running sequence = _running[i];
            int cached = cache.Length(sequence.CacheSlot);
            cache.Grow(sequence.CacheSlot, cached + 1);
            _plan.AddSampled(_plan.Add([sequence.Tokens[^1]], sequence.Request.Adapter, cached, sequence.CacheSlot));
            _sampling[i] = Rule(sequence.Request, sequence.Tokens.Count);
        }
        DeviceBuffer logits = transformer.Logits(_plan, adapters, cache);
        transformer.Operators.Sample(logits, _sampling.AsSpan(0, _running.Count), _drawn);
        for (int i = 0; i < _running.Count; i++)
        {
            if (_running[i].Request.Form is { } form)
                _drawn[i] = _formed.Draw(logits.Slice(i, 1), form, _running[i].FormState, _sampling[i]);
            _running[i].Take(_drawn[i], transformer.Config.EosTokenIds);
        }
    }

    private void Leave(Generation[] results, KvCache cache, Prompt? waiting)
    {
        for (int i = _running.Count - 1; i >= 0; i--)
            if (_running[i].Finish is { } finish)
            {
                results[_running[i].Index] = _running[i].Result(finish);
                _running[i].Prompt.Leave(cache, _running[i].CacheSlot, keep: _running[i].Prompt == waiting);
                _running.RemoveAt(i);
            }
    }

    private static SamplingRow Rule(GenerationRequest request, int counter) =>
        new(request.Sampling.Temperature, request.Sampling.TopK, request.Sampling.TopP, request.Seed, counter);

    private static int ByAdapter(Running a, Running b) => (a.Request.Adapter, a.Index).CompareTo((b.Request.Adapter, b.Index));

    /// <summary>A prompt under one adapter, with all the requests that begin with it, and where in the cache it stands while one of them runs.</summary>
    private sealed class Prompt(int[] tokens, int adapter)
    {
        private readonly List<int> _slots = []; // of running sequences; each begins with the prompt

        private int _kept = -1; // holds the prompt and nothing else, for the next request, which enters before anything else happens

        public int[] Tokens => tokens;

        public int Adapter => adapter;

        public List<int> Requests { get; } = [];

        /// <summary>The first token of each request, drawn when the prompt was read.</summary>
        public Dictionary<int, int> First { get; } = [];

        public bool IsCached => _kept >= 0 || _slots.Count > 0;

        /// <returns>The prompt of each request; equal ones are one object.</returns>
        public static Prompt[] Of(IReadOnlyList<GenerationRequest> requests)
        {
            var known = new Dictionary<(int Adapter, int Hash), List<Prompt>>();
            var prompts = new Prompt[requests.Count];
            for (int i = 0; i < prompts.Length; i++)
            {
                var hash = new HashCode();
                hash.AddBytes(MemoryMarshal.AsBytes(requests[i].Prompt.AsSpan()));
                if (!known.TryGetValue((requests[i].Adapter, hash.ToHashCode()), out List<Prompt>? alike))
                    known.Add((requests[i].Adapter, hash.ToHashCode()), alike = []);
                int[] tokens = requests[i].Prompt;
                Prompt? prompt = alike.Find(other => other.Tokens.AsSpan().SequenceEqual(tokens));
                if (prompt is null)
                    alike.Add(prompt = new Prompt(tokens, requests[i].Adapter));
                prompt.Requests.Add(i);
                prompts[i] = prompt;
            }
            return prompts;
        }

        /// <summary>Room for the prompt, for the sequence that reads it.</summary>
        public int Open(KvCache cache)
        {
            int slot = cache.Open();
            cache.Grow(slot, tokens.Length);
            _slots.Add(slot);
            return slot;
        }

        /// <returns>The cache slot of a sequence that enters: that of the prompt's reader, or one that shares its pages.</returns>
        public int Join(KvCache cache, bool reader)
        {
            if (reader)
                return _slots[0];
            if (_kept >= 0)
            {
                _slots.Add(_kept);
                _kept = -1;
                return _slots[^1];
            }
            _slots.Add(cache.Share(_slots[0], tokens.Length));
            return _slots[^1];
        }

        /// <param name="keep">The next request begins with this prompt too: the last one that holds it leaves it behind.</param>
        public void Leave(KvCache cache, int slot, bool keep)
        {
            _slots.Remove(slot);
            if (keep && _slots.Count == 0)
            {
                cache.Truncate(slot, tokens.Length);
                _kept = slot;
            }
            else
                cache.Close(slot);
        }
    }

    /// <summary>A sequence being continued.</summary>
    private sealed class Running(int index, GenerationRequest request, Prompt prompt, Tokenizer? tokenizer)
    {
        private readonly StreamingDecoder? _decoder = tokenizer is null ? null : new StreamingDecoder(tokenizer, skipSpecial: true);
        private readonly StringBuilder _text = new();
        private int _cut = -1;

        public int Index => index;

        public GenerationRequest Request => request;

        public Prompt Prompt => prompt;

        public int CacheSlot { get; set; }

        public List<int> Tokens { get; } = [];

        public FinishReason? Finish { get; private set; }

        /// <summary>How far the text is in the request's form.</summary>
        public int FormState { get; private set; } = TokenForm.Start;

        public void Take(int token, int[] endTokens)
        {
            if (endTokens.Contains(token) && (!request.IgnoreEnd || request.Form is not null))
            {
                Finish = FinishReason.EndOfText;
                return;
            }
            Tokens.Add(token);
            if (request.Form is { } form && form.MustEnd(FormState = form.Next(FormState, token)))
                Finish = FinishReason.EndOfText;
            else if (request.Stop is { Count: > 0 } && Stopped(token))
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
            // A stop string that was not there before ends in what has come now.
            int from = Math.Max(0, searched - request.Stop!.Max(stop => stop.Length));
            string text = _text.ToString(from, _text.Length - from);
            foreach (string stop in request.Stop!)
            {
                int at = text.IndexOf(stop, StringComparison.Ordinal);
                if (at >= 0 && (_cut < 0 || from + at < _cut))
                    _cut = from + at;
            }
            return _cut >= 0;
        }
    }
}
