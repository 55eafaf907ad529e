using Seal.Kernels;

namespace Seal.Models;

/// <summary>
/// The decoder of the llama family (llama, qwen2, qwen3), written once over the operators: forward passes here, the explicit backward
/// pass in its other half. Sequences are packed end to end; every row runs under its own adapter or none.
/// </summary>
/// <remarks>One transformer is one engine: it owns the arena, so it serves one caller at a time.</remarks>
public sealed partial class Transformer : IDisposable
{
    private readonly Operators _operators;
    private readonly TransformerWeights _weights;
    private readonly ModelConfig _config;
    private readonly AttentionShape _attention;
    private readonly Arena _arena;
    private readonly StepMemory _memory;
    private readonly LayerActivations[] _saved;

    public Transformer(Operators operators, TransformerWeights weights)
    {
        _operators = operators;
        _weights = weights;
        _config = weights.Config;
        _attention = new AttentionShape(_config.Heads, _config.KvHeads, _config.HeadDim);
        _arena = new Arena(operators);
        _memory = new StepMemory(_config, operators.Activation, operators.Wide);
        _saved = new LayerActivations[_config.Layers];
    }

    public Operators Operators => _operators;

    public TransformerWeights Weights => _weights;

    public ModelConfig Config => _config;

    /// <summary>Bytes of scratch memory held: what the largest step so far needed.</summary>
    public long ScratchBytes => _arena.Capacity;

    /// <summary>Bytes of it that the largest step so far used.</summary>
    internal long ScratchUsed => _arena.HighWater;

    /// <summary>A cache for sequences of this model.</summary>
    public KvCache CreateCache(int tokens) => new(_operators, _config.Layers, _attention.KvWidth, tokens);

    /// <summary>A set of adapters for this model, one a slot, not yet filled.</summary>
    public AdapterSet CreateAdapters(IEnumerable<LoraSettings> settings) =>
        new(_operators, _config.Layers, LoraTargets.Shapes(_config), [.. settings.Select(lora => lora.Shape)]);

    /// <summary>Log-probabilities of the plan's targets, in the order of its head rows. Nothing is kept.</summary>
    public void Score(BatchPlan plan, AdapterSet? adapters, Span<float> logProbabilities)
    {
        _arena.Reset(_memory.Scoring(plan.Rows, plan.HeadCount, RanksOf(adapters)));
        DeviceBuffer hidden = HeadHidden(plan, Layers(plan, adapters, keep: false, cache: null), out _, out _);
        DeviceBuffer result = _arena.Wide(1, plan.HeadCount);
        _operators.LinearCrossEntropy(hidden, _weights.Head, plan.Targets, plan.Weights, result, DeviceBuffer.None);
        _operators.Read(result, logProbabilities);
    }

    /// <summary>
    /// Logits <c>[head rows, vocabulary]</c> in f32, valid until the next call. With a cache, the rows' keys and values are appended to it;
    /// sequences whose rows start above position 0 continue what is there, one row each.
    /// </summary>
    public DeviceBuffer Logits(BatchPlan plan, AdapterSet? adapters, KvCache? cache)
    {
        _arena.Reset(_memory.Decoding(plan.Rows, plan.HeadCount, RanksOf(adapters)));
        DeviceBuffer hidden = HeadHidden(plan, Layers(plan, adapters, keep: false, cache), out _, out _);
        DeviceBuffer logits = _arena.Take(DType.F32, plan.HeadCount, _config.Vocabulary);
        _operators.Logits(hidden, _weights.Head, logits);
        return logits;
    }

    public void Dispose() => _arena.Dispose();

    /// <summary>The residual stream after the last layer, as x + delta, not yet added.</summary>
    private (DeviceBuffer X, DeviceBuffer Delta) Layers(BatchPlan plan, AdapterSet? adapters, bool keep, KvCache? cache)
    {
        Check(plan, adapters);
        DeviceBuffer cosSin = _weights.Rope.For(LastPosition(plan) + 1);
        DeviceBuffer x = _arena.Activations(plan.Rows, _config.Hidden);
        DeviceBuffer delta = _arena.Activations(plan.Rows, _config.Hidden);
        _operators.Embed(_weights.Embedding, plan.Tokens, x);
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            long mark = _arena.Mark();
            x = Layer(layer, plan, adapters, keep, cache, cosSin, x, delta);
            if (!keep)
                _arena.Release(mark);
        }
        return (x, delta);
    }

    /// <summary>
    /// One layer on the stream x + delta (the first: x alone). Returns the stream after attention; the MLP's share, still to be added, is then in
    /// <paramref name="delta"/>, which holds attention's in between: nobody reads either again once it is added.
    /// </summary>
    private DeviceBuffer Layer(
        int index, BatchPlan plan, AdapterSet? adapters, bool keep, KvCache? cache, DeviceBuffer cosSin, DeviceBuffer x, DeviceBuffer delta)
    {
        bool first = index == 0;
        LayerWeights weights = _weights.Layers[index];
        var a = new LayerActivations();
        int rows = plan.Rows;

        // Attention. Nothing below needs the stream as it was, unless it is kept for the backward pass.
        a.Input = first || !keep ? x : _arena.Activations(rows, _config.Hidden);
        a.InputInverseRms = Statistic(keep, rows);
        a.Normed = _arena.Activations(rows, _config.Hidden);
        _operators.RmsNorm(x, first ? DeviceBuffer.None : delta, a.Input, weights.InputGain, _config.RmsNormEps, a.Normed, a.InputInverseRms);
        a.Queries = _arena.Activations(rows, _attention.QueryWidth);
        a.Keys = _arena.Activations(rows, _attention.KvWidth);
        a.Values = _arena.Activations(rows, _attention.KvWidth);
        a.QkvZ = Z(adapters, weights.Qkv, rows);
        _operators.LoraLinear(a.Normed, weights.Qkv, adapters, plan, a.QkvZ, [a.Queries, a.Keys, a.Values]);
        if (_config.QkNorm)
        {
            (a.RawQueries, a.QueryInverseRms, a.Queries) = NormHeads(a.Queries, weights.QueryGain, _config.Heads, keep);
            (a.RawKeys, a.KeyInverseRms, a.Keys) = NormHeads(a.Keys, weights.KeyGain, _config.KvHeads, keep);
        }
        a.Attended = _arena.Activations(rows, _attention.QueryWidth);
        a.LogSumExp = keep ? _arena.Wide(rows, _config.Heads) : DeviceBuffer.None;
        Attend(index, plan, cache, cosSin, a);
        a.OutputZ = Z(adapters, weights.Output, rows);
        _operators.LoraLinear(a.Attended, weights.Output, adapters, plan, a.OutputZ, [delta]);

        // MLP.
        a.Middle = keep ? _arena.Activations(rows, _config.Hidden) : a.Input;
        a.MiddleInverseRms = Statistic(keep, rows);
        a.MiddleNormed = _arena.Activations(rows, _config.Hidden);
        _operators.RmsNorm(a.Input, delta, a.Middle, weights.PostGain, _config.RmsNormEps, a.MiddleNormed, a.MiddleInverseRms);
        a.Gate = _arena.Activations(rows, _config.Intermediate);
        a.Up = _arena.Activations(rows, _config.Intermediate);
        a.GateUpZ = Z(adapters, weights.GateUp, rows);
        a.Gated = _arena.Activations(rows, _config.Intermediate);
        if (keep)
        {
            _operators.LoraLinear(a.MiddleNormed, weights.GateUp, adapters, plan, a.GateUpZ, [a.Gate, a.Up]);
            _operators.SwiGlu(a.Gate, a.Up, a.Gated);
        }
        else
        {
            _operators.GatedLinear(a.MiddleNormed, weights.GateUp, adapters, plan, a.GateUpZ, a.Gate, a.Up, a.Gated);
        }
        a.DownZ = Z(adapters, weights.Down, rows);
        _operators.LoraLinear(a.Gated, weights.Down, adapters, plan, a.DownZ, [delta]);

        if (keep)
            _saved[index] = a;
        return a.Middle;
    }

    private void Attend(int layer, BatchPlan plan, KvCache? cache, DeviceBuffer cosSin, in LayerActivations a)
    {
        // A plan is either all fresh sequences or all continuations of cached ones.
        if (plan.Sequences[0].FirstPosition > 0)
        {
            _operators.DecodeStep(a.Queries, a.Keys, a.Values, cosSin, cache!, layer, _attention, plan, a.Attended);
            return;
        }
        _operators.Rope(a.Queries, a.Keys, _config.HeadDim, plan.Positions, cosSin, inverse: false);
        if (cache is not null)
            _operators.KvAppend(a.Keys, a.Values, cache, layer, plan);
        _operators.CausalAttention(a.Queries, a.Keys, a.Values, _attention, plan, a.Attended, a.LogSumExp);
    }

    /// <summary>The final norm, on the rows that need the head alone.</summary>
    private DeviceBuffer HeadHidden(BatchPlan plan, (DeviceBuffer X, DeviceBuffer Delta) stream, out DeviceBuffer sum, out DeviceBuffer inverseRms)
    {
        int rows = plan.HeadCount;
        DeviceBuffer x = _arena.Activations(rows, _config.Hidden), delta = _arena.Activations(rows, _config.Hidden);
        _operators.GatherRows(stream.X, plan.HeadRows, x);
        _operators.GatherRows(stream.Delta, plan.HeadRows, delta);
        sum = _arena.Activations(rows, _config.Hidden);
        inverseRms = _arena.Wide(1, rows);
        DeviceBuffer hidden = _arena.Activations(rows, _config.Hidden);
        _operators.RmsNorm(x, delta, sum, _weights.FinalGain, _config.RmsNormEps, hidden, inverseRms);
        return hidden;
    }

    /// <summary>qwen3 normalises every head by itself: the same operator on rows of one head.</summary>
    private (DeviceBuffer Raw, DeviceBuffer InverseRms, DeviceBuffer Normed) NormHeads(DeviceBuffer x, DeviceBuffer gain, int heads, bool keep)
    {
        DeviceBuffer raw = x.Reshape(x.Rows * heads, _config.HeadDim);
        DeviceBuffer inverseRms = Statistic(keep, raw.Rows);
        DeviceBuffer normed = _arena.Activations(raw.Rows, raw.Columns);
        _operators.RmsNorm(raw, DeviceBuffer.None, DeviceBuffer.None, gain, _config.RmsNormEps, normed, inverseRms);
        return (raw, inverseRms, normed.Reshape(x.Rows, x.Columns));
    }

    private GroupRanks RanksOf(AdapterSet? adapters) => GroupRanks.Of(adapters, _weights.Layers[0]);

    private DeviceBuffer Statistic(bool keep, int rows) => keep ? _arena.Wide(1, rows) : DeviceBuffer.None;

    private DeviceBuffer Z(AdapterSet? adapters, LinearGroup group, int rows)
    {
        int rank = adapters?.WidestGroupRank(group) ?? 0;
        return rank == 0 ? DeviceBuffer.None : _arena.Activations(rows, rank);
    }

    /// <summary>A backend may read past the end of a table where it is asked for a row that is not there: so never ask.</summary>
    private void Check(BatchPlan plan, AdapterSet? adapters)
    {
        foreach (int token in plan.Tokens.AsSpan<int>())
            if ((uint)token >= (uint)_config.Vocabulary)
                throw Unknown(token);
        foreach (int target in plan.Targets.AsSpan<int>())
            if (target >= _config.Vocabulary)
                throw Unknown(target);
        for (int i = 0; i < plan.Segments.Count; i++)
            if (plan.Segments[i].Adapter >= (adapters?.Count ?? 0))
                throw new ArgumentException($"the plan has rows under adapter {plan.Segments[i].Adapter}; the set has {adapters?.Count ?? 0}", nameof(plan));

        SealException Unknown(int token) =>
            new($"token {token} is not in the model's vocabulary of {_config.Vocabulary}; the text was cut into tokens for another model");
    }

    private static int LastPosition(BatchPlan plan)
    {
        int last = 0;
        for (int i = 0; i < plan.Sequences.Count; i++)
            last = Math.Max(last, plan.Sequences[i].FirstPosition + plan.Sequences[i].Length - 1);
        return last;
    }
}
