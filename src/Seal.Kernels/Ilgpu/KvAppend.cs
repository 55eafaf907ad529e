namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    private readonly Table<int> _cacheRows = new();

    public override void KvAppend(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan)
    {
        _cacheRows.Clear();
        for (int i = 0; i < plan.Sequences.Count; i++)
        {
            PlannedSequence sequence = plan.Sequences[i];
            for (int row = 0; row < sequence.Length; row++)
                _cacheRows.Add(sequence.CacheSlot < 0 ? -1 : cache.Row(sequence.CacheSlot, sequence.FirstPosition + row));
        }
        Append(k, cache.Keys(layer));
        Append(v, cache.Values(layer));
    }

    private void Append(DeviceBuffer rows, DeviceBuffer cached) =>
        _launcher.Launch(CopyRowsKernel, GroupsOf(rows.Elements), new()
        {
            X = View<TStored>(rows),
            To = View(_cacheRows),
            Y = View<TStored>(cached),
            Columns = cached.Columns,
        });
}
