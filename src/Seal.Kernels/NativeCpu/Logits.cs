using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits)
    {
        NativeWeight weight = Own(head);
        if (weight.Blocks is { } blocks)
            LogitsFromBlocks(h, blocks, logits);
        else
            LibSeal.seal_logits(_engine, h.NativeType(), h.Pointer, h.Rows, weight.Handle, logits.Pointer).ThrowOnFailure();
    }
}
