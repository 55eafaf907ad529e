using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void LinearCrossEntropy(
        DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh) =>
        LibSeal.seal_linear_cross_entropy(
            _engine, h.NativeType(), h.Pointer, h.Rows, Own(head).Handle, targets.HostPointer, weights.HostPointer, logProbabilities.Pointer, dh.Pointer)
            .ThrowOnFailure();
}
