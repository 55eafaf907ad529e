using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void LoraLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
    {
        if (ReadsBlocksOf(group, plan))
        {
            SealQuantizedLinear blocks = _group.FillBlocks(x, group, adapters, plan, z, y);
            LibSeal.seal_quantized_linear(_engine, in blocks).ThrowOnFailure();
        }
        else
        {
            SealLoraLinear panels = _group.Fill(x, group, adapters, plan, z, y);
            LibSeal.seal_lora_linear(_engine, in panels).ThrowOnFailure();
        }
        GC.KeepAlive(group);
        GC.KeepAlive(adapters);
    }

    public override void GatedLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y)
    {
        if (!ReadsBlocksOf(group, plan))
        {
            base.GatedLinear(x, group, adapters, plan, z, gate, up, y);
            return;
        }
        SealQuantizedLinear blocks = _group.FillBlocks(x, group, adapters, plan, z, [gate, up]);
        blocks.Gated = y.Pointer;
        LibSeal.seal_quantized_linear(_engine, in blocks).ThrowOnFailure();
        GC.KeepAlive(group);
        GC.KeepAlive(adapters);
    }
}
