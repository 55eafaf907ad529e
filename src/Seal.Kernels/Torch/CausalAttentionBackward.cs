using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    // P = exp(S − lse), dV = Pᵀ·dY, dS = P ∘ (dY·Vᵀ − rowsum(dY ∘ Y)), dQ = s·dS·K, dK = s·dSᵀ·Q. (Dao et al., arXiv 2205.14135)
    public override void CausalAttentionBackward(
        DeviceBuffer dy, DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer y, DeviceBuffer logSumExp,
        AttentionShape shape, BatchPlan plan, DeviceBuffer dq, DeviceBuffer dk, DeviceBuffer dv)
    {
        foreach (SequenceRun run in SequenceRun.Of(plan, shape.Heads))
        {
            using Scope scope = Begin();
            Tensor queries = Stacked(q, run, shape).mul(Number(shape.Scale));
            Tensor keys = PerKvHead(k, run, shape);
            Tensor dMixed = Stacked(dy, run, shape);
            Tensor along = dMixed.mul(Stacked(y, run, shape)).sum(-1, keepdim: true);
            Tensor p = MaskedScores(queries, keys, run, shape).sub_(Stacked(logSumExp, run, shape)).exp_();
            FromKvHeads(p.transpose(1, 2).bmm(dMixed), dv, run, shape);

            Tensor dScores = dMixed.bmm(PerKvHead(v, run, shape).transpose(1, 2)).sub_(along).mul_(p);
            Unstack(dScores.bmm(keys).mul_(Number(shape.Scale)), dq, run, shape, shape.HeadDim);
            FromKvHeads(dScores.transpose(1, 2).bmm(queries), dk, run, shape);
        }
    }
}
