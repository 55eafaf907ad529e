using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void LoraLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
    {
        SealLoraLinear arguments = _group.Fill(x, group, adapters, plan, z, y);
        LibSeal.seal_lora_linear(_engine, in arguments).ThrowOnFailure();
        GC.KeepAlive(group);
        GC.KeepAlive(adapters);
    }
}
