using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    private readonly PinnedList<int> _cacheRows = new(DType.I32);

    public override void KvAppend(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan)
    {
        ListRows(cache, plan);
        DeviceBuffer keys = cache.Keys(layer);
        LibSeal.seal_kv_append(
            _engine, k.NativeType(), k.Pointer, v.Pointer, _cacheRows.Buffer.Pointer, plan.Rows, cache.Width,
            keys.Pointer, cache.Values(layer).Pointer, keys.Rows).ThrowOnFailure();
    }

    private void ListRows(KvCache cache, BatchPlan plan)
    {
        _cacheRows.Clear();
        for (int i = 0; i < plan.Sequences.Count; i++)
        {
            PlannedSequence sequence = plan.Sequences[i];
            for (int row = 0; row < sequence.Length; row++)
                _cacheRows.Add(sequence.CacheSlot < 0 ? -1 : cache.Row(sequence.CacheSlot, sequence.FirstPosition + row));
        }
    }
}
