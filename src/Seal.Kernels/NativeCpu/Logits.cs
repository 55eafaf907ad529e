using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits) =>
        LibSeal.seal_logits(_engine, h.NativeType(), h.Pointer, h.Rows, Own(head).Handle, logits.Pointer).ThrowOnFailure();
}
