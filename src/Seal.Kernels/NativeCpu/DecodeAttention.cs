using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    private readonly PinnedList<int> _queryRows = new(DType.I32);
    private readonly PinnedList<int> _lengths = new(DType.I32);
    private readonly PinnedList<int> _pageStarts = new(DType.I32);
    private readonly PinnedList<int> _pages = new(DType.I32);

    public override void DecodeAttention(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        ListPages(cache, plan);
        DeviceBuffer keys = cache.Keys(layer);
        LibSeal.seal_decode_attention(
            _engine, q.NativeType(), shape.Heads, shape.KvHeads, shape.HeadDim, q.Pointer, q.Rows, keys.Pointer, cache.Values(layer).Pointer,
            KvCache.PageSize, keys.Rows / KvCache.PageSize, _queryRows.Buffer.Pointer, _lengths.Buffer.Pointer, _pageStarts.Buffer.Pointer,
            _pages.Buffer.Pointer, plan.Sequences.Count, y.Pointer).ThrowOnFailure();
    }

    public override void DecodeStep(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer cosSin, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        ListPages(cache, plan);
        ListRows(cache, plan);
        DeviceBuffer keys = cache.Keys(layer);
        LibSeal.seal_decode_step(_engine, new SealDecodeStep
        {
            Type = q.NativeType(),
            Heads = shape.Heads,
            KvHeads = shape.KvHeads,
            HeadDim = shape.HeadDim,
            Sequences = plan.Sequences.Count,
            Q = q.Pointer,
            K = k.Pointer,
            V = v.Pointer,
            Positions = plan.Positions.HostPointer,
            CosSin = cosSin.Pointer,
            TableRows = cosSin.Rows,
            Keys = keys.Pointer,
            Values = cache.Values(layer).Pointer,
            PageSize = KvCache.PageSize,
            CachePages = keys.Rows / KvCache.PageSize,
            Rows = _queryRows.Buffer.Pointer,
            CacheRows = _cacheRows.Buffer.Pointer,
            Lengths = _lengths.Buffer.Pointer,
            PageStarts = _pageStarts.Buffer.Pointer,
            Pages = _pages.Buffer.Pointer,
            Y = y.Pointer,
        }).ThrowOnFailure();
    }

    private void ListPages(KvCache cache, BatchPlan plan)
    {
        _queryRows.Clear();
        _lengths.Clear();
        _pageStarts.Clear();
        _pages.Clear();
        _pageStarts.Add(0);
        for (int i = 0; i < plan.Sequences.Count; i++)
        {
            PlannedSequence sequence = plan.Sequences[i];
            IReadOnlyList<int> pages = cache.Pages(sequence.CacheSlot);
            _queryRows.Add(sequence.Start);
            _lengths.Add(sequence.FirstPosition + sequence.Length);
            for (int page = 0; page < pages.Count; page++)
                _pages.Add(pages[page]);
            _pageStarts.Add(_pages.Count);
        }
    }
}
