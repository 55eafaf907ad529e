using System.Numerics;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void DecodeAttention(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        // Sequences are padded to the longest of their batch, so only those within a factor of two of each other share one.
        IEnumerable<IGrouping<int, PlannedSequence>> batches =
            plan.Sequences.GroupBy(sequence => BitOperations.Log2(2 * (uint)KvCache.PagesFor(CachedRows(sequence)) - 1));
        foreach (IGrouping<int, PlannedSequence> batch in batches)
            DecodeBatch(q, cache, layer, shape, [.. batch], y);
    }

    private static int CachedRows(PlannedSequence sequence) => sequence.FirstPosition + sequence.Length;

    private void DecodeBatch(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, PlannedSequence[] batch, DeviceBuffer y)
    {
        using Scope scope = Begin();
        int pages = batch.Max(sequence => KvCache.PagesFor(CachedRows(sequence)));
        int rows = pages * KvCache.PageSize;
        long[] queryRows = new long[batch.Length];
        long[] lengths = new long[batch.Length];
        long[] table = new long[batch.Length * pages]; // a short sequence's missing pages read page 0, and are masked
        for (int i = 0; i < batch.Length; i++)
        {
            queryRows[i] = batch[i].Start;
            lengths[i] = CachedRows(batch[i]);
            for (int page = 0; page * KvCache.PageSize < lengths[i]; page++)
                table[i * pages + page] = cache.Pages(batch[i].CacheSlot)[page];
        }
        Tensor pageTable = torch.tensor(table);
        Tensor beyond = torch.arange(HeldScalar.Of(rows)).view(1, 1, rows).ge(torch.tensor(lengths).view(-1, 1, 1));
        Tensor queryIndex = torch.tensor(queryRows);
        int group = shape.Heads / shape.KvHeads;
        Tensor queries = View(q).index_select(0, queryIndex).to(_wide).mul_(Number(shape.Scale)).view(batch.Length, shape.KvHeads, group, shape.HeadDim);
        Tensor keys = Paged(cache.Keys(layer));
        Tensor values = Paged(cache.Values(layer));
        // Rows beyond a sequence are weighted 0, which does not undo a NaN that never-written memory may hold.
        values.masked_fill_(beyond.view(batch.Length, rows, 1, 1), Number(0));

        Tensor mixed = torch.empty_like(queries);
        for (int head = 0; head < shape.KvHeads; head++)
        {
            Tensor scores = queries.select(1, head).bmm(keys.select(2, head).transpose(1, 2)).masked_fill_(beyond, Number(double.NegativeInfinity));
            mixed.select(1, head).copy_(scores.softmax(-1).bmm(values.select(2, head)));
        }
        View(y).index_copy_(0, queryIndex, mixed.view(batch.Length, shape.QueryWidth).to(View(y).dtype));

        Tensor Paged(DeviceBuffer cached) =>
            View(cached.Reshape(cached.Rows / KvCache.PageSize, KvCache.PageSize * cached.Columns))
                .index_select(0, pageTable).to(_wide).view(batch.Length, rows, shape.KvHeads, shape.HeadDim);
    }
}
