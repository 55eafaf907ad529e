using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

// One run is c sequences of l rows; per kv head the g = heads / kvHeads query heads that share it are stacked into one matrix of
// g·l rows, so keys and values are never repeated: queries [c·kvHeads, g·l, d], keys and values [c·kvHeads, l, d].
public sealed partial class TorchOperators
{
    public override void CausalAttention(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, AttentionShape shape, BatchPlan plan, DeviceBuffer y, DeviceBuffer logSumExp)
    {
        foreach (SequenceRun run in SequenceRun.Of(plan, shape.Heads))
        {
            using Scope scope = Begin();
            Tensor scores = MaskedScores(Stacked(q, run, shape).mul(Number(shape.Scale)), PerKvHead(k, run, shape), run, shape);
            Tensor normaliser = scores.logsumexp(-1, keepdim: true);
            Tensor mixed = scores.sub_(normaliser).exp_().bmm(PerKvHead(v, run, shape));
            Unstack(mixed, y, run, shape, shape.HeadDim);
            if (!logSumExp.IsNone)
                Unstack(normaliser, logSumExp, run, shape, 1);
        }
    }

    /// <summary>Scores of every query with every key, −∞ where the key comes later.</summary>
    private static Tensor MaskedScores(Tensor queries, Tensor keys, SequenceRun run, AttentionShape shape)
    {
        Tensor scores = queries.bmm(keys.transpose(1, 2));
        Tensor later = torch.ones(run.Length, run.Length, torch.ScalarType.Bool).triu_(1);
        scores.view(-1, shape.Heads / shape.KvHeads, run.Length, run.Length).masked_fill_(later, Number(double.NegativeInfinity));
        return scores;
    }

    private Tensor Stacked(DeviceBuffer x, SequenceRun run, AttentionShape shape)
    {
        int group = shape.Heads / shape.KvHeads;
        int width = x.Columns / shape.Heads;
        return Widen(x.Slice(run.Start, run.Rows))
            .view(run.Count, run.Length, shape.KvHeads, group, width)
            .permute(0, 2, 3, 1, 4)
            .reshape(run.Count * shape.KvHeads, group * run.Length, width);
    }

    private Tensor PerKvHead(DeviceBuffer x, SequenceRun run, AttentionShape shape) =>
        Widen(x.Slice(run.Start, run.Rows))
            .view(run.Count, run.Length, shape.KvHeads, shape.HeadDim)
            .permute(0, 2, 1, 3)
            .reshape(run.Count * shape.KvHeads, run.Length, shape.HeadDim);

    private static void Unstack(Tensor stacked, DeviceBuffer y, SequenceRun run, AttentionShape shape, int width)
    {
        int group = shape.Heads / shape.KvHeads;
        View(y.Slice(run.Start, run.Rows))
            .view(run.Count, run.Length, shape.KvHeads, group, width)
            .copy_(stacked.view(run.Count, shape.KvHeads, group, run.Length, width).permute(0, 3, 1, 2, 4));
    }

    private static void FromKvHeads(Tensor perHead, DeviceBuffer y, SequenceRun run, AttentionShape shape) =>
        View(y.Slice(run.Start, run.Rows))
            .view(run.Count, run.Length, shape.KvHeads, shape.HeadDim)
            .copy_(perHead.view(run.Count, shape.KvHeads, run.Length, shape.HeadDim).permute(0, 2, 1, 3));
}
