using System.Runtime.CompilerServices;
using Seal.Kernels.Cases;

namespace Seal.Kernels;

public sealed partial class ValidatingOperators
{
    private readonly PinnedList<int> _cacheRows = new(DType.I32);
    private readonly PinnedList<int> _planRows = new(DType.I32);

    public override void CausalAttention(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, AttentionShape shape, BatchPlan plan, DeviceBuffer y, DeviceBuffer logSumExp)
    {
        Begin();
        (DeviceBuffer wantedY, DeviceBuffer wantedSums) = (Like(y), Like(logSumExp));
        _torch.CausalAttention(Copy(q), Copy(k), Copy(v), shape, plan, wantedY, wantedSums);
        _chosen.CausalAttention(q, k, v, shape, plan, y, logSumExp);
        Compare("causal_attention", "y", Tolerances.Attention(shape.HeadDim).OfCancellingTerms(roundedOperands: false), y, wantedY);
        Compare("causal_attention", "log-sum-exp", Tolerances.Statistic(shape.HeadDim), logSumExp, wantedSums);
    }

    public override void CausalAttentionBackward(
        DeviceBuffer dy, DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer y, DeviceBuffer logSumExp,
        AttentionShape shape, BatchPlan plan, DeviceBuffer dq, DeviceBuffer dk, DeviceBuffer dv)
    {
        Begin();
        (DeviceBuffer wantedQ, DeviceBuffer wantedK, DeviceBuffer wantedV) = (Like(dq), Like(dk), Like(dv));
        _torch.CausalAttentionBackward(Copy(dy), Copy(q), Copy(k), Copy(v), Copy(y), Here(logSumExp), shape, plan, wantedQ, wantedK, wantedV);
        _chosen.CausalAttentionBackward(dy, q, k, v, y, logSumExp, shape, plan, dq, dk, dv);
        Tolerance tolerance = Tolerances.AttentionGradient(shape.HeadDim + plan.LongestSequence).OfCancellingTerms(roundedOperands: false);
        Compare("causal_attention", "dq", tolerance, dq, wantedQ);
        Compare("causal_attention", "dk", tolerance, dk, wantedK);
        Compare("causal_attention", "dv", tolerance, dv, wantedV);
    }

    /// <summary>A copy: the cached rows must be the given ones.</summary>
    public override void KvAppend(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan)
    {
        Begin();
        _layer = layer;
        _chosen.KvAppend(k, v, cache, layer, plan);
        CompareAppended(k, v, cache, layer, plan);
    }

    private void CompareAppended(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan)
    {
        _cacheRows.Clear();
        _planRows.Clear();
        foreach (PlannedSequence sequence in plan.Sequences)
            for (int row = 0; row < sequence.Length && sequence.CacheSlot >= 0; row++)
            {
                _cacheRows.Add(cache.Row(sequence.CacheSlot, sequence.FirstPosition + row));
                _planRows.Add(sequence.Start + row);
            }
        Appended("keys", k, cache.Keys(layer));
        Appended("values", v, cache.Values(layer));

        void Appended(string result, DeviceBuffer given, DeviceBuffer cached)
        {
            (cached, given) = (Here(cached), Here(given));
            DeviceBuffer found = _copies.Take(cached.Type, _cacheRows.Count, cached.Columns);
            DeviceBuffer expected = _copies.Take(given.Type, _planRows.Count, given.Columns);
            _torch.GatherRows(cached, _cacheRows.Buffer, found);
            _torch.GatherRows(given, _planRows.Buffer, expected);
            Compare("kv_append", result, Tolerances.Exact, found, expected);
        }
    }

    private readonly ConditionalWeakTable<KvCache, KvCache> _caches = [];

    /// <summary>A cache that libtorch can read: of a device's a mirror with this layer copied.</summary>
    private KvCache Here(KvCache cache, int layer)
    {
        if (cache.Keys(layer).Device == _torch.Device)
            return cache;
        KvCache mirror = _caches.GetValue(cache, of => new KvCache(_torch, of));
        CopyInto(cache.Keys(layer), mirror.Keys(layer));
        CopyInto(cache.Values(layer), mirror.Values(layer));
        return mirror;
    }

    public override void DecodeAttention(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        Begin();
        _layer = layer;
        DeviceBuffer expected = Like(y);
        _torch.DecodeAttention(Copy(q), Here(cache, layer), layer, shape, plan, expected); // widens what it reads of the cache
        _chosen.DecodeAttention(q, cache, layer, shape, plan, y);
        Compare("decode_attention", "y", Tolerances.Attention(shape.HeadDim).OfCancellingTerms(roundedOperands: false), y, expected);
    }

    public override void DecodeStep(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer cosSin, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        Begin();
        _layer = layer;
        (DeviceBuffer wantedQ, DeviceBuffer wantedK, DeviceBuffer expected) = (Copy(q), Copy(k), Like(y));
        _torch.Rope(wantedQ, wantedK, shape.HeadDim, plan.Positions, Here(cosSin), inverse: false);
        _chosen.DecodeStep(q, k, v, cosSin, cache, layer, shape, plan, y);
        Compare("rope", "y", Tolerances.Elementwise, q, wantedQ);
        Compare("rope", "y", Tolerances.Elementwise, k, wantedK);
        CompareAppended(k, v, cache, layer, plan);
        _torch.DecodeAttention(Copy(q), Here(cache, layer), layer, shape, plan, expected);
        Compare("decode_attention", "y", Tolerances.Attention(shape.HeadDim).OfCancellingTerms(roundedOperands: false), y, expected);
    }
}
