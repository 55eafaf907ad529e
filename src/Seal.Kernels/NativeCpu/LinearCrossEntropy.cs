using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void LinearCrossEntropy(
        DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh) =>
        LibSeal.seal_linear_cross_entropy(
            _engine, h.NativeType(), h.Pointer, h.Rows, Own(head).Handle, targets.Pointer, weights.Pointer, logProbabilities.Pointer, dh.Pointer)
            .ThrowOnFailure();
}
