using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void LoraLinearBackward(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan, DeviceBuffer dx)
    {
        SealLoraLinear arguments = _group.Fill(x, group, adapters, plan, z, dy);
        arguments.Dx = dx.Pointer;
        arguments.Gradients = arguments.SegmentCount == 0 ? 0 : adapters.Gradients.Pointer;
        LibSeal.seal_lora_linear_backward(_engine, in arguments).ThrowOnFailure();
        GC.KeepAlive(group);
        GC.KeepAlive(adapters);
    }
}
