using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void CausalAttention(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, AttentionShape shape, BatchPlan plan, DeviceBuffer y, DeviceBuffer logSumExp) =>
        LibSeal.seal_causal_attention(
            _engine, q.NativeType(), shape.Heads, shape.KvHeads, shape.HeadDim, plan.CuSeqlens.Pointer, plan.Sequences.Count,
            q.Pointer, k.Pointer, v.Pointer, y.Pointer, logSumExp.Pointer).ThrowOnFailure();

    public override void CausalAttentionBackward(
        DeviceBuffer dy, DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer y, DeviceBuffer logSumExp,
        AttentionShape shape, BatchPlan plan, DeviceBuffer dq, DeviceBuffer dk, DeviceBuffer dv) =>
        LibSeal.seal_causal_attention_backward(
            _engine, q.NativeType(), shape.Heads, shape.KvHeads, shape.HeadDim, plan.CuSeqlens.Pointer, plan.Sequences.Count,
            dy.Pointer, q.Pointer, k.Pointer, v.Pointer, y.Pointer, logSumExp.Pointer, dq.Pointer, dk.Pointer, dv.Pointer).ThrowOnFailure();
}
