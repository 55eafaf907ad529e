using Seal.Kernels;

namespace Seal.Models;

/// <summary>The backward pass, written out: no tape, nothing computed that no adapter needs.</summary>
public sealed partial class Transformer
{
    // The groups of a layer in forward order; group g of layer l is number 4·l + g of the whole model.
    private const int Groups = 4;

    /// <summary>
    /// Begins a step with a <see cref="ForwardBackward(BatchPlan, AdapterSet)"/> of this plan. What the first of a size needs, memory and
    /// angles, is made before, so that it is the same step as the next.
    /// </summary>
    public OperatorStep Step(BatchPlan plan, AdapterSet adapters)
    {
        ReserveTraining(plan.Rows, plan.HeadCount, adapters);
        _weights.Rope.For(LastPosition(plan) + 1);
        return _operators.Step(plan.Rows);
    }

    /// <summary>A step of its own, done and read.</summary>
    public void ForwardBackward(BatchPlan plan, AdapterSet adapters, Span<float> logProbabilities)
    {
        using OperatorStep step = Step(plan, adapters);
        DeviceBuffer result = ForwardBackward(plan, adapters);
        step.End();
        _operators.Read(result, logProbabilities);
    }

    /// <summary>
    /// Log-probabilities of the plan's targets, wide <c>[1, head rows]</c> and valid until the next call, and the gradients of
    /// −Σ weight·log-probability accumulated into every adapter of the set.
    /// </summary>
    public DeviceBuffer ForwardBackward(BatchPlan plan, AdapterSet adapters)
    {
        _arena.Reset(_memory.Training(plan.Rows, plan.HeadCount, RanksOf(adapters)));
        DeviceBuffer hidden = HeadHidden(plan, Layers(plan, adapters, keep: true, cache: null), out DeviceBuffer sum, out DeviceBuffer inverseRms);
        DeviceBuffer result = _arena.Wide(1, plan.HeadCount);
        DeviceBuffer dHidden = _arena.Activations(plan.HeadCount, _config.Hidden);
        _operators.LinearCrossEntropy(hidden, _weights.Head, plan.Targets, plan.Weights, result, dHidden);

        DeviceBuffer dSum = _arena.Activations(plan.HeadCount, _config.Hidden);
        _operators.Zero(dSum);
        _operators.RmsNormBackward(dHidden, sum, _weights.FinalGain, inverseRms, dSum);
        DeviceBuffer dx = _arena.Activations(plan.Rows, _config.Hidden);
        _operators.ScatterRows(dSum, plan.HeadRows, dx);

        int lowest = LowestAdaptedGroup(adapters);
        for (int layer = _config.Layers - 1; layer >= lowest / Groups; layer--)
        {
            long mark = _arena.Mark();
            LayerBackward(layer, plan, adapters, lowest - Groups * layer, dx);
            _arena.Release(mark);
        }
        return result;
    }

    /// <summary>Makes room for steps of up to so many rows and heads, so that a larger one in the middle of a training allocates nothing either.</summary>
    public void ReserveTraining(int rows, int heads, AdapterSet adapters) => _arena.Reset(_memory.Training(rows, heads, RanksOf(adapters)));

    /// <summary>
    /// dx: gradient of the stream leaving the layer, turned into that of the stream entering it. Work below group
    /// <paramref name="lowest"/> of this layer (negative: all is needed) feeds no adapter and is left out.
    /// </summary>
    private void LayerBackward(int layer, BatchPlan plan, AdapterSet adapters, int lowest, DeviceBuffer dx)
    {
        LayerWeights weights = _weights.Layers[layer];
        ref readonly LayerActivations a = ref _saved[layer];
        int rows = plan.Rows;

        // MLP.
        DeviceBuffer dGated = Below(lowest, 3, rows, _config.Intermediate);
        _operators.LoraLinearBackward([dx], a.Gated, a.DownZ, weights.Down, adapters, plan, dGated);
        if (dGated.IsNone)
            return;
        DeviceBuffer dGate = _arena.Activations(rows, _config.Intermediate), dUp = _arena.Activations(rows, _config.Intermediate);
        _operators.SwiGluBackward(dGated, a.Gate, a.Up, dGate, dUp);
        DeviceBuffer dMiddle = Below(lowest, 2, rows, _config.Hidden);
        _operators.LoraLinearBackward([dGate, dUp], a.MiddleNormed, a.GateUpZ, weights.GateUp, adapters, plan, dMiddle);
        if (dMiddle.IsNone)
            return;
        _operators.RmsNormBackward(dMiddle, a.Middle, weights.PostGain, a.MiddleInverseRms, dx);

        // Attention.
        DeviceBuffer dAttended = Below(lowest, 1, rows, _attention.QueryWidth);
        _operators.LoraLinearBackward([dx], a.Attended, a.OutputZ, weights.Output, adapters, plan, dAttended);
        if (dAttended.IsNone)
            return;
        DeviceBuffer dQueries = _arena.Activations(rows, _attention.QueryWidth);
        DeviceBuffer dKeys = _arena.Activations(rows, _attention.KvWidth), dValues = _arena.Activations(rows, _attention.KvWidth);
        _operators.CausalAttentionBackward(
            dAttended, a.Queries, a.Keys, a.Values, a.Attended, a.LogSumExp, _attention, plan, dQueries, dKeys, dValues);
        DeviceBuffer cosSin = _weights.Rope.For(LastPosition(plan) + 1);
        _operators.Rope(dQueries, dKeys, _config.HeadDim, plan.Positions, cosSin, inverse: true);
        if (_config.QkNorm)
        {
            dQueries = NormHeadsBackward(dQueries, a.RawQueries, weights.QueryGain, a.QueryInverseRms);
            dKeys = NormHeadsBackward(dKeys, a.RawKeys, weights.KeyGain, a.KeyInverseRms);
        }
        DeviceBuffer dInput = Below(lowest, 0, rows, _config.Hidden);
        _operators.LoraLinearBackward([dQueries, dKeys, dValues], a.Normed, a.QkvZ, weights.Qkv, adapters, plan, dInput);
        if (!dInput.IsNone)
            _operators.RmsNormBackward(dInput, a.Input, weights.InputGain, a.InputInverseRms, dx);
    }

    /// <summary>The dX of a group, or none for the lowest group that an adapter sits on.</summary>
    private DeviceBuffer Below(int lowest, int group, int rows, int columns) =>
        group == lowest ? DeviceBuffer.None : _arena.Activations(rows, columns);

    private DeviceBuffer NormHeadsBackward(DeviceBuffer dy, DeviceBuffer raw, DeviceBuffer gain, DeviceBuffer inverseRms)
    {
        DeviceBuffer dx = _arena.Activations(raw.Rows, raw.Columns);
        _operators.Zero(dx);
        _operators.RmsNormBackward(dy.Reshape(raw.Rows, raw.Columns), raw, gain, inverseRms, dx);
        return dx.Reshape(dy.Rows, dy.Columns);
    }

    private int LowestAdaptedGroup(AdapterSet adapters)
    {
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            LayerWeights weights = _weights.Layers[layer];
            ReadOnlySpan<LinearGroup> groups = [weights.Qkv, weights.Output, weights.GateUp, weights.Down];
            for (int group = 0; group < Groups; group++)
                if (adapters.Touches(groups[group]))
                    return Groups * layer + group;
        }
        throw new InvalidOperationException("no adapter sits on any linear of this model");
    }
}
